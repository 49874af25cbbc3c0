"""Which definitions are on offer?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gradex_analysis.errors import UnknownNameError
from gradex_analysis.measures import (
    between_sessions,
    expectancy,
    return_of_fear,
    times,
    within_session,
)
from gradex_analysis.measures.rivals import Named, definition_frame

ALL: Mapping[str, Named] = {
    **within_session.DEFINITIONS,
    **times.DEFINITIONS,
    **between_sessions.DEFINITIONS,
    **return_of_fear.DEFINITIONS,
    **expectancy.DEFINITIONS,
}
KINDS = tuple(dict.fromkeys(definition.kind for definition in ALL.values()))


def list_definitions(kind: str | None = None) -> pd.DataFrame:
    """List the definitions: kind, name, version, formula, unit, sign, source, verified.

    Parameters
    ----------
    kind
        ``activation`` (how high), ``within_session`` (how far a rating falls within an exposure),
        ``variability``, ``time`` (when it has fallen), ``between_sessions`` (from exposure to
        exposure with one item), ``return_of_fear`` or ``expectancy``; None: all.

    Returns
    -------
    DataFrame
        One row per definition. ``verified`` says whether its formula was read in the source named.
    """
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind", kind, KINDS)
    table = definition_frame(ALL)
    return table[table["kind"] == (kind or table["kind"])].reset_index(drop=True)

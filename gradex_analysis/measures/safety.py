"""Was any safety behaviour used in an exposure? Not recorded is not none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.measures.carried_out import KEYS, NOT_RECORDED

FULLY = ("none", "some", "full", NOT_RECORDED)
USED, NONE = "used", "none"


def any_safety(exposures: pd.DataFrame, behaviours: pd.DataFrame) -> pd.Series:
    """Return ``used``, ``none`` or ``not_recorded`` for each exposure.

    ``used`` where any behaviour was, in part or in full; ``none`` where all that are listed were
    answered with none; ``not_recorded`` where none is listed or an answer lacks.
    """
    level = behaviours["used"].fillna(NOT_RECORDED)
    own = pd.MultiIndex.from_frame(exposures[KEYS])
    lists, used, unsure = (
        own.isin(pd.MultiIndex.from_frame(behaviours.loc[level.isin(levels), KEYS]))
        for levels in (FULLY, ("some", "full"), (NOT_RECORDED,))
    )
    said = np.select([used, lists & ~unsure], [USED, NONE], NOT_RECORDED)
    return pd.Series(said, index=exposures.index, dtype="str")

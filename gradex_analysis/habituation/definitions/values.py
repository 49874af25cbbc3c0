"""What does each definition of a kind say of each patient?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.between_sessions import measure_between_sessions
from gradex_analysis.habituation.return_of_fear.answer import measure_return_of_fear
from gradex_analysis.habituation.within_session import measure_within_session
from gradex_analysis.measures import between_sessions, return_of_fear
from gradex_analysis.measures.return_of_fear import KEPT, RETURN
from gradex_analysis.measures.within_session import (
    ACTIVATION,
    FALL,
    HALVED,
    PERCENT,
    RISE,
    VARIABILITY,
    WITHIN_SESSION,
    names_of,
)
from gradex_analysis.results.result import Result

RETURN_OF_FEAR = "return_of_fear"


@dataclass(frozen=True)
class Kind:
    """A kind of definition: the question that measures by them, their names, what they define.

    ``classes`` says what patients are classified as; "" where there is no fall to classify.
    """

    measure: Callable[..., Result]
    names: tuple[str, ...]
    in_words: str
    classes: str = "fell or not"


KINDS = {
    ACTIVATION: Kind(measure_within_session, names_of(ACTIVATION), "activation", classes=""),
    WITHIN_SESSION: Kind(
        measure_within_session, names_of(WITHIN_SESSION), "a fall within a session"
    ),
    VARIABILITY: Kind(measure_within_session, names_of(VARIABILITY), "variability", classes=""),
    "between_sessions": Kind(
        measure_between_sessions, tuple(between_sessions.DEFINITIONS), "a fall between sessions"
    ),
    RETURN_OF_FEAR: Kind(
        measure_return_of_fear,
        tuple(return_of_fear.DEFINITIONS),
        "return of fear",
        classes="came back or not",
    ),
}
WHOLE = 100.0


@dataclass(frozen=True)
class Values:
    """One definition's values by unit, turned so that higher always means more of one thing.

    ``frame`` has the unit, ``estimate``, ``turned`` and ``start`` (what half is taken of; NaN where
    the definition has none). ``has_direction``: whether above 0 means that it fell (came back).
    """

    name: str
    result: Result
    frame: pd.DataFrame
    has_direction: bool
    halves: bool


def ask_all(
    cohort: Cohort, of: str, names: list[str], kind: str | None
) -> tuple[list[Values], dict[str, str]]:
    """Measure by every definition; those that cannot be asked are returned with the reason."""
    found, refused = [], {}
    for name in names:
        try:
            result = KINDS[of].measure(cohort, definition=name, kind=kind)
        except CannotAnswerError as problem:
            refused[name] = str(problem)
        else:
            found.append(_turn(name, result, of))
    if not found:
        raise CannotAnswerError(f"No definition can be asked. The first says: {refused[names[0]]}")
    return found, refused


def _turn(name: str, result: Result, of: str) -> Values:
    settings, table = result.settings, result.table
    sign = str(settings["sign"])
    estimate = table["estimate"].astype("float64")
    start, halves = _starts(name, settings, table)
    turned = {RISE: -estimate, KEPT: 1 - estimate}.get(sign, estimate)
    frame = table[list(result.unit)].assign(estimate=estimate, turned=turned, start=start)
    # a decline between the exposures of one sitting is learning, whatever comes back later
    directed = {RETURN, KEPT} if of == RETURN_OF_FEAR else {FALL, RISE}
    has_direction = bool(KINDS[of].classes) and sign in directed
    return Values(name, result, frame, has_direction, halves)


def _starts(
    name: str, settings: Mapping[str, object], table: pd.DataFrame
) -> tuple[pd.Series | float, bool]:
    """Return the level that a fall starts from: ``initial`` of ``initial_to_end``."""
    if settings["unit"] == PERCENT and settings["sign"] == FALL:
        return WHOLE, True
    if settings["sign"] == HALVED:  # in half of the exposures or more
        return 1.0, True
    start = name.partition("_to_")[0]
    if "_to_" in name and start in table and settings["sign"] == FALL:
        return table[start].astype("float64"), True
    return float("nan"), False


def by_patient(values: Values, frame: pd.DataFrame) -> pd.DataFrame:
    """Average a definition's values by patient, and classify: ``fell``, ``halved``.

    ``fell`` where the mean is above 0; ``halved`` where it is half of the mean start or more.
    Missing where the definition has no direction, or no start.
    """
    patients = frame.groupby("patient_id")
    means = patients[["turned", "start"]].mean()
    # means of the same ratings in another order differ in the last digits
    turned = means["turned"].round(9)
    fell = (turned > 0).astype("boolean").where(pd.Series(values.has_direction, means.index))
    halved = (turned >= means["start"].round(9) / 2).astype("boolean")
    halved = halved.where(pd.Series(values.halves, means.index))
    return pd.DataFrame(
        {"estimate": means["turned"], "n": patients.size(), "fell": fell, "halved": halved}
    )

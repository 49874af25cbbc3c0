"""What may go with the fear at the next exposure? Of each exposure, as numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.expectancy import DEFINITIONS
from gradex_analysis.measures.expected import list_expected, refuse_unrecorded, why_no_value
from gradex_analysis.measures.safety import NONE, USED, any_safety

#: words of a log for an exposure without a companion; any other word is one with
ALONE = frozenset({"no", "none", "alone", "nobody", "0"})
NOT_RECORDED = {
    "safety_behaviour": "The table safety_behaviours (exposure_id, code, used) is not there, or "
    "says nothing but not_recorded, which is not none.",
    "companion": "No exposure says who was there (column companion: alone, therapist, ...).",
}

Read = Callable[[Cohort], tuple[pd.Series, pd.Series]]


@dataclass(frozen=True)
class Predictor:
    """What is read of an exposure: its values and, where there is none, the reason.

    ``step`` is what one unit of the model is; ``within`` and ``between`` say the comparison.
    """

    read: Read
    step: float
    within: str
    between: str


def _of_definition(name: str) -> Read:
    definition = replace(DEFINITIONS[name], takes_words=False)  # a word is no number

    def _read(cohort: Cohort) -> tuple[pd.Series, pd.Series]:
        rows = list_expected(cohort, "fear")
        refuse_unrecorded(rows, definition)
        reason = why_no_value(rows, definition)
        return definition.compute(rows).where(reason == ""), reason

    return _read


def _read_safety(cohort: Cohort) -> tuple[pd.Series, pd.Series]:
    said = any_safety(cohort.exposures, cohort.safety_behaviours)
    values = said.map({USED: 1.0, NONE: 0.0}).astype("float64")
    return values, _lacking(values, "safety_behaviour", "safety behaviour not recorded")


def _read_companion(cohort: Cohort) -> tuple[pd.Series, pd.Series]:
    said = cohort.exposures["companion"]
    accompanied = ~said.str.strip().str.lower().isin(ALONE)
    values = accompanied.astype("float64").where(said.notna())
    return values, _lacking(values, "companion", "companion not recorded")


def _lacking(values: pd.Series, name: str, why: str) -> pd.Series:
    if values.isna().all():
        raise CannotAnswerError(f"{NOT_RECORDED[name]} Without it {name} goes with nothing.")
    return pd.Series("", index=values.index, dtype="str").mask(values.isna(), why)


def _points(name: str, words: str) -> Predictor:
    return Predictor(
        _of_definition(name), 10.0,
        f"an exposure with 10 points more {words} than the patient's own mean",
        f"Patients whose mean {words} is 10 points higher",
    )  # fmt: skip


PREDICTORS = {
    "expectancy_violation": _points("expectancy_violation", "expectancy violation"),
    "expectancy_change": _points("expectancy_change", "fall of expectancy"),
    "surprise": _points("surprise", "surprise"),
    "safety_behaviour": Predictor(
        _read_safety, 1.0,
        "an exposure with safety behaviour, against one of the same patient without,",
        "Patients who always used safety behaviour, against those who never did,",
    ),
    "companion": Predictor(
        _read_companion, 1.0,
        "an exposure with a companion, against one of the same patient alone,",
        "Patients who always had a companion, against those who never did,",
    ),
}  # fmt: skip

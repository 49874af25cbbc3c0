"""What was measured at the end, and before? From a questionnaire, or from a frame of one's own."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.occasions import BASELINE, order_occasions
from gradex_analysis.measures.scores import list_scores


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """One value per patient, and the one before treatment where there is any.

    ``values`` is indexed by ``patient_id`` and has ``value``, and ``baseline`` if there is one.
    """

    name: str
    at: str | None
    values: pd.DataFrame
    unit: str = ""
    better: str = ""
    low: float = math.nan
    high: float = math.nan

    @property
    def has_baseline(self) -> bool:
        """Whether anybody was measured before."""
        return "baseline" in self.values


def read_outcome(cohort: Cohort, outcome: str | pd.DataFrame, at: str | None) -> Outcome:
    """Read the outcome of a name (an instrument), or from a frame keyed by ``patient_id``."""
    if isinstance(outcome, pd.DataFrame):
        return _from_frame(cohort, outcome, at)
    return _from_questionnaire(cohort, outcome, at)


def _from_questionnaire(cohort: Cohort, name: str, at: str | None) -> Outcome:
    scores = list_scores(cohort)
    if scores.empty:
        raise CannotAnswerError(
            "The cohort holds no questionnaire scores: a table of assessments would hold them, or "
            "give the outcome as a frame with patient_id and value."
        )
    if (scores["occasion"] == BASELINE).all():
        raise CannotAnswerError(
            "Every questionnaire score is of the baseline: scores after treatment, or a frame with "
            "patient_id and value, would say how the arms came out."
        )
    if name not in (offered := list(scores["instrument"].unique())):
        raise UnknownNameError("outcome", name, offered)
    own = scores[scores["instrument"] == name].rename(columns={"score": "value"})
    at = _choose_occasion([o for o in order_occasions(cohort) if o in set(own["occasion"])], at)
    known = cohort.instrument(name)
    return Outcome(
        name=name,
        at=at,
        values=_beside_baseline(own, at),
        unit="" if math.isnan(known.low) else "points",  # weight has no points
        better=known.better,
        low=known.low,
        high=known.high,
    )


def _from_frame(cohort: Cohort, frame: pd.DataFrame, at: str | None) -> Outcome:
    if "patient_id" not in frame:
        raise CannotAnswerError("The outcome's frame needs a column patient_id.")
    column = _value_column(frame)
    frame = frame.rename(columns={column: "value"})
    for key in [name for name in ("patient_id", "occasion") if name in frame]:
        if frame[key].isna().any():
            raise CannotAnswerError(f"The outcome's frame has a row without {key}.")
        frame[key] = frame[key].astype("str")
    for name in {"value", "baseline"} & set(frame.columns):
        frame[name] = _as_numbers(frame, name, column if name == "value" else name)
    known = set(cohort.participants["patient_id"])
    strangers = frame.loc[~frame["patient_id"].isin(known), "patient_id"]
    _refuse(strangers, "in the outcome's frame, but not in the cohort")
    if "occasion" in frame:
        at = _choose_occasion(frame["occasion"].unique(), at)
    elif at is not None:
        raise CannotAnswerError(
            "The outcome's frame has no column occasion, so that it cannot be told which of its "
            "values were measured then. Say at=None, or add the column."
        )
    return Outcome(
        name="the outcome" if column == "value" else named(column),
        at=at,
        values=_beside_baseline(frame, at),
    )


def _choose_occasion(occasions: Iterable[str], at: str | None) -> str:
    offered = [str(occasion) for occasion in occasions if occasion != BASELINE]
    if at not in offered:
        raise UnknownNameError("at", at, offered)
    return str(at)


def _beside_baseline(rows: pd.DataFrame, at: str | None) -> pd.DataFrame:
    """Return ``value`` at the occasion and ``baseline``, its own column or that occasion's value.

    A column of baselines without a number is none.
    """
    own = rows if at is None else rows[rows["occasion"] == at]
    values = _by_patient(own, "value").to_frame()
    if "baseline" in rows:
        before = _by_patient(own, "baseline")
    elif "occasion" in rows:
        before = _by_patient(rows[rows["occasion"] == BASELINE], "value")
    else:
        return values
    if before.notna().any():
        values = values.join(before.rename("baseline"), how="outer")
    return values


def _by_patient(rows: pd.DataFrame, name: str) -> pd.Series:
    twice = rows.loc[rows["patient_id"].duplicated(), "patient_id"]
    _refuse(twice, "in the outcome's frame more than once at the same time")
    values = rows.set_index("patient_id")[name]
    _refuse(values.index[np.isinf(values)], "with an infinite value")
    return values


def _value_column(frame: pd.DataFrame) -> str:
    if "value" in frame:
        return "value"
    others = frame.drop(columns=["patient_id", "occasion", "baseline"], errors="ignore")
    numbers = list(others.select_dtypes("number").columns)
    if len(numbers) != 1:
        raise CannotAnswerError(
            f"The outcome's frame needs a column value, or one column of numbers; it has "
            f"{len(numbers)}."
        )
    return str(numbers[0])


def _as_numbers(frame: pd.DataFrame, name: str, called: str) -> pd.Series:
    own = frame[name]
    if pd.api.types.is_bool_dtype(own) or not pd.api.types.is_numeric_dtype(own):
        raise CannotAnswerError(
            f"The outcome's column {called} holds {own.dtype}, not numbers: differences of means "
            "need numbers."
        )
    return own.astype("float64")


def _refuse(patients: Iterable[object], why: str) -> None:
    if found := sorted({str(patient) for patient in patients}):
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise CannotAnswerError(f"Patients {why}: {', '.join(found[:5])}{more}.")

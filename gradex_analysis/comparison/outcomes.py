"""What was measured, and before? From a questionnaire, or from a frame of one's own."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.options import Plan
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.occasions import BASELINE, order_occasions
from gradex_analysis.measures.scores import list_scores, score_forms


@dataclass(frozen=True, eq=False, kw_only=True)
class Outcome:
    """The values after the baseline, and the one before treatment where there is any.

    ``rows`` has ``patient_id, occasion, day, value``, one row per patient and occasion with a
    value (``occasion`` is "" in a frame without occasions); ``before`` has ``baseline`` and its
    ``day`` by ``patient_id``, and is None where nobody has one. ``occasions`` are those that the
    model is to hold, in order: all, or the one asked for.
    """

    name: str
    at: str | None
    rows: pd.DataFrame
    before: pd.DataFrame | None
    occasions: tuple[str, ...]
    unit: str = ""
    better: str = ""
    low: float = math.nan
    high: float = math.nan

    @property
    def has_baseline(self) -> bool:
        """Whether anybody was measured before."""
        return self.before is not None


def read_outcome(cohort: Cohort, outcome: str | pd.DataFrame, plan: Plan) -> Outcome:
    """Read the outcome of a name (an instrument), or from a frame keyed by ``patient_id``."""
    if isinstance(outcome, pd.DataFrame):
        return _from_frame(cohort, outcome, plan)
    if not isinstance(outcome, str):
        raise CannotAnswerError(
            f"outcome is a {type(outcome).__name__}: it is a questionnaire's name, or a frame with "
            "patient_id and value."
        )
    return _from_questionnaire(cohort, outcome, plan)


def _from_questionnaire(cohort: Cohort, name: str, plan: Plan) -> Outcome:
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
    forms, _ = score_forms(cohort)
    own = scores[scores["instrument"] == name].rename(columns={"score": "value"})
    asked = set(forms.loc[forms["instrument"] == name, "occasion"])  # also where nobody has a score
    occasions = _choose_occasions([o for o in order_occasions(cohort) if o in asked], plan)
    known = cohort.instrument(name)
    return Outcome(
        name=name,
        at=plan.at,
        rows=_after(own, occasions),
        before=_before(own, occasions),
        occasions=occasions,
        unit="" if math.isnan(known.low) else "points",  # weight has no points
        better=known.better,
        low=known.low,
        high=known.high,
    )


def _from_frame(cohort: Cohort, frame: pd.DataFrame, plan: Plan) -> Outcome:
    if "patient_id" not in frame:
        raise CannotAnswerError("The outcome's frame needs a column patient_id.")
    if frame.empty:
        raise CannotAnswerError("The outcome's frame has no rows.")
    column = _value_column(frame)
    frame = frame.rename(columns={column: "value"})
    for key in [name for name in ("patient_id", "occasion") if name in frame]:
        if frame[key].isna().any():
            raise CannotAnswerError(f"The outcome's frame has a row without {key}.")
        frame[key] = frame[key].astype("str")
    for name in {"value", "baseline", *_days(frame)} & set(frame.columns):
        frame[name] = _as_numbers(frame, name, column if name == "value" else name)
    known = set(cohort.participants["patient_id"])
    strangers = frame.loc[~frame["patient_id"].isin(known), "patient_id"]
    refuse_patients(strangers, "in the outcome's frame, but not in the cohort")
    occasions = _occasions_of_frame(cohort, frame, plan)
    return Outcome(
        name="the outcome" if column == "value" else named(column),
        at=plan.at,
        rows=_after(frame, occasions),
        before=_before(frame, occasions),
        occasions=occasions,
    )


def _occasions_of_frame(cohort: Cohort, frame: pd.DataFrame, plan: Plan) -> tuple[str, ...]:
    if "occasion" in frame:
        met = list(frame["occasion"].unique())
        order = order_occasions(cohort)
        return _choose_occasions(sorted(met, key=order.index) if set(met) <= set(order) else met,
                                 plan)  # fmt: skip
    if plan.is_longitudinal:
        raise CannotAnswerError(
            f"The outcome's frame has no column occasion, so that method {plan.method!r} has no "
            "course to follow: add the column, or take method 'ancova' with at=None."
        )
    if plan.at is not None:
        raise CannotAnswerError(
            "The outcome's frame has no column occasion, so that it cannot be told which of its "
            "values were measured then. Say at=None, or add the column."
        )
    return ("",)


def _choose_occasions(occasions: Iterable[str], plan: Plan) -> tuple[str, ...]:
    offered = [str(occasion) for occasion in occasions if occasion != BASELINE]
    if plan.is_longitudinal and plan.at is None and offered:
        return tuple(offered)
    if plan.at not in offered:
        raise UnknownNameError("at", plan.at, offered)
    return tuple(offered) if plan.is_longitudinal else (str(plan.at),)


def _after(rows: pd.DataFrame, occasions: Sequence[str]) -> pd.DataFrame:
    """Return the values at these occasions; a day nobody noted is NaN."""
    own = _dated(_at(rows, occasions))
    if "occasion" not in own:
        own = own.assign(occasion="")
    _refuse_twice(own)
    kept = own.dropna(subset="value")[["patient_id", "occasion", "day", "value"]]
    return kept.reset_index(drop=True)


def _before(rows: pd.DataFrame, occasions: Sequence[str]) -> pd.DataFrame | None:
    """Return the baseline by patient: its own column, or the values of that occasion.

    A column of baselines without a number is none.
    """
    if "baseline" in rows:
        own = _at(rows, occasions).drop(columns=["value", "day"], errors="ignore")
        own = own.rename(columns={"baseline": "value"}).dropna(subset="value")
        own = _dated(own.drop_duplicates(["patient_id", "value"]))
        twice = own.loc[own["patient_id"].duplicated(), "patient_id"]
        refuse_patients(twice, "with more than one baseline in the outcome's frame")
    elif "occasion" in rows:
        own = _dated(rows[rows["occasion"] == BASELINE])
        _refuse_twice(own)
        own = own.dropna(subset="value")
    else:
        return None
    refuse_patients(own.loc[np.isinf(own["value"]), "patient_id"], "with an infinite value")
    before = own.rename(columns={"value": "baseline"}).set_index("patient_id")[["baseline", "day"]]
    return before if len(before) else None


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    dated = rows.assign(day=rows["day"].astype("float64") if _days(rows) else math.nan)
    refuse_patients(dated.loc[np.isinf(dated["day"]), "patient_id"], "with an infinite day")
    return dated


def _refuse_twice(rows: pd.DataFrame) -> None:
    twice = rows.loc[rows.duplicated(["patient_id", "occasion"]), "patient_id"]
    refuse_patients(twice, "in the outcome's frame more than once at the same time")
    refuse_patients(rows.loc[np.isinf(rows["value"]), "patient_id"], "with an infinite value")


def _at(rows: pd.DataFrame, occasions: Sequence[str]) -> pd.DataFrame:
    return rows[rows["occasion"].isin(occasions)] if "occasion" in rows else rows


def _days(frame: pd.DataFrame) -> list[str]:
    """Name the column that says when each occasion was."""
    return ["day"] if {"day", "occasion"} <= set(frame.columns) else []


def _value_column(frame: pd.DataFrame) -> str:
    if "value" in frame:
        return "value"
    keys = ["patient_id", "occasion", "baseline", *_days(frame)]
    others = frame.drop(columns=keys, errors="ignore")
    numbers = list(others.select_dtypes("number").columns)
    if len(numbers) != 1:
        raise CannotAnswerError(
            f"The outcome's frame needs a column value, or one column of numbers; it has "
            f"{len(numbers)}."
        )
    return str(numbers[0])


def _as_numbers(frame: pd.DataFrame, name: str, called: str) -> pd.Series:
    own = frame[name]
    is_number = pd.api.types.is_numeric_dtype(own) and not pd.api.types.is_complex_dtype(own)
    if pd.api.types.is_bool_dtype(own) or not is_number:
        raise CannotAnswerError(
            f"The outcome's column {called} holds {own.dtype}, not numbers: differences of means "
            "need numbers."
        )
    return own.astype("float64")


def refuse_patients(patients: Iterable[object], why: str) -> None:
    """Refuse what is wrong with some patients, naming the first of them."""
    if found := sorted({str(patient) for patient in patients}):
        more = f" and {len(found) - 5} more" if len(found) > 5 else ""
        raise CannotAnswerError(f"Patients {why}: {', '.join(found[:5])}{more}.")

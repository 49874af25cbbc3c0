"""At which time was each value of an outcome observed, and to which course does it belong?

Every exposure, form or diary entry is one row, with its value or the reason why it has none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.days import Origins, choose_origin, first_meetings, starts
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.measures.outcomes import Outcome
from gradex_analysis.measures.repeated_items import NO_ITEM, number_exposures, series_keys
from gradex_analysis.measures.scores import score_forms

TIMES = ("exposure_number", "session_number", "days")
DAYS_PER_WEEK = 7
#: values by day are averaged over weeks, drawn at their middle day: 3 for the days 0 to 6
MIDDLE = 3


@dataclass(frozen=True, kw_only=True)
class Observations:
    """An outcome's values over time.

    ``frame`` has one row per ``unit``: its keys, the keys of its ``series``, ``time``, ``value``,
    ``way`` (how a peak came about) and ``reason`` ("" where it can be used). ``time_words`` name
    the axis; ``across_items``: the item changes along a course.
    """

    frame: pd.DataFrame
    unit: tuple[str, ...]
    series: tuple[str, ...]
    time_words: str
    across_items: bool = False


def observe(cohort: Cohort, outcome: Outcome, time: str, *, same_context: bool) -> Observations:
    """List the outcome's values over ``exposure_number``, ``session_number`` or ``days``."""
    if time not in TIMES:
        raise UnknownNameError("time", time, TIMES)
    if outcome.source == "exposures":
        return _of_exposures(cohort, outcome, time, same_context=same_context)
    if time != "days":
        raise CannotAnswerError(
            f"{outcome.name} is not rated at exposures and has no {time}: say time='days'."
        )
    return (
        _of_forms(cohort, outcome)
        if outcome.source == "assessments"
        else _of_diary(cohort, outcome)
    )


def _of_exposures(
    cohort: Cohort, outcome: Outcome, time: str, *, same_context: bool
) -> Observations:
    summary = summarise_exposures(cohort, outcome.kind)
    frame = number_exposures(cohort, same_context=same_context)
    frame["value"] = summary[outcome.column]
    frame["way"] = summary["peak_source"] if outcome.column == "peak" else ""
    across = time != "exposure_number"
    if across:
        # an exposure without an item cannot be repeated; across items it counts like the others
        frame["reason"] = frame["reason"].mask(frame["reason"] == NO_ITEM, "")
    words = {"exposure_number": "Exposure number with the same item", "session_number": "Session"}
    if time == "days":
        frame["time"], origin = _weeks(frame, first_meetings(cohort))
        words["days"] = f"Days since {origin}"
        no_time = f"no date, or none of {origin}"
    else:
        column = "number" if time == "exposure_number" else time
        frame["time"] = frame[column].astype("float64")
        no_time = "in no numbered session (such as homework)"
    reasons = ((frame["value"].isna(), f"no {outcome.label}"), (frame["time"].isna(), no_time))
    return Observations(
        frame=_with_reasons(frame, reasons),
        unit=("patient_id", "exposure_id"),
        series=("patient_id",) if across else tuple(series_keys(frame)),
        time_words=words[time],
        across_items=across,
    )


def _of_forms(cohort: Cohort, outcome: Outcome) -> Observations:
    forms, _ = score_forms(cohort)
    own = forms[forms["instrument"] == outcome.name].rename(columns={"score": "value"})
    order = [name for name in order_occasions(cohort) if name in set(own["occasion"])]
    days = own.groupby("occasion")["day"].mean().reindex(order)
    # with one occasion at an unknown day, real distances cannot be drawn at all
    places = days if days.notna().all() else pd.Series(range(len(order)), index=order, dtype=float)
    names = ["patient_id", "occasion", "day", "value", "reason"]
    both = pd.MultiIndex.from_product([cohort.participants["patient_id"], order], names=names[:2])
    # everybody at every occasion, so that nobody who was not assessed goes unsaid
    frame = both.to_frame(index=False).merge(own[names], on=names[:2], how="outer")
    frame["reason"] = frame["reason"].fillna("not assessed")
    return Observations(
        frame=frame.assign(time=frame["occasion"].map(places), way=""),
        unit=("patient_id", "occasion"),
        series=("patient_id",),
        time_words="Days" if days.notna().all() else "Occasions (their days are not recorded)",
    )


def _of_diary(cohort: Cohort, outcome: Outcome) -> Observations:
    frame = cohort.diary[["patient_id", "date", "prompt"]].assign(
        value=cohort.diary[outcome.column], way="", reason=""
    )
    frame["time"], origin = _weeks(frame, starts(cohort))
    reasons = (
        (frame["value"].isna(), f"no {outcome.label}"),
        (frame["time"].isna(), f"no day of {origin}"),
    )
    return Observations(
        frame=_with_reasons(frame, reasons),
        unit=("patient_id", "date", "prompt"),
        series=("patient_id",),
        time_words=f"Days since {origin}",
    )


def _weeks(frame: pd.DataFrame, origins: Origins) -> tuple[pd.Series, str]:
    """Return the middle day of each row's week, and the event from which days are counted."""
    origin, start = choose_origin(origins, frame["patient_id"])
    days = (frame["date"].dt.normalize() - frame["patient_id"].map(start)).dt.days
    return DAYS_PER_WEEK * np.floor(days / DAYS_PER_WEEK) + MIDDLE, origin


def _with_reasons(frame: pd.DataFrame, reasons: tuple[tuple[pd.Series, str], ...]) -> pd.DataFrame:
    for lacks, why in reasons:
        frame["reason"] = frame["reason"].mask((frame["reason"] == "") & lacks, why)
    return frame

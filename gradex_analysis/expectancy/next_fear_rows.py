"""Which exposures are followed by another with the same item, and with what fear?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.expectancy.next_fear_predictors import Predictor
from gradex_analysis.measures.exposures import KEYS, summarise_exposures
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.repeated_items import number_exposures
from gradex_analysis.measures.sittings import name_sittings

ITEM = ["patient_id", "item_id"]
RATINGS = {
    "initial": "at the first rating",
    "before": "before the exercise",
    "peak": "at its peak",
}
LACKING = {
    "initial": "no first rating",
    "before": "no rating before the exercise",
    "peak": "no peak",
}
FOLLOWED_BY = ("exposure", "sitting")
NO_EXPOSURES = "The cohort holds no exposures: nothing follows on anything."


def list_pairs(
    cohort: Cohort, predictor: Predictor, kind: str, *, rating: str, followed_by: str
) -> pd.DataFrame:
    """List every exposure with the next one to the same item, or the reason why there is none.

    Returns
    -------
    DataFrame
        One row per exposure: keys, ``group, item_id, place`` (from 1 within the item),
        ``next_exposure_id``, ``x`` (in steps of the predictor), ``current`` and ``following`` (the
        rating of this exposure and the next), ``recalled`` (whether both peaks are), ``gap_days``,
        ``reason``.
    """
    if cohort.exposures.empty:
        raise CannotAnswerError(NO_EXPOSURES)
    values, lacks = predictor.read(cohort)
    rows = number_exposures(cohort, same_context=False)
    rows["sitting"] = name_sittings(cohort, rows)
    summary = summarise_exposures(cohort, kind)
    rows["current"] = summary[rating]
    rows["source"] = summary["peak_source"] if rating == "peak" else ""
    rows = rows.assign(x=values / predictor.step, lacks=lacks)
    rows["group"] = rows["patient_id"].map(arm_of(cohort))
    rows = _join_next(rows)
    rows["reason"] = _say_why(rows, rating, followed_by)
    rows["recalled"] = (rows["source"] == "recalled").astype("float64")
    shown = ["item_id", "place", "next_exposure_id", "x", "current", "following", "recalled"]
    return rows[[*KEYS, "group", *shown, "gap_days", "reason"]]


def _join_next(rows: pd.DataFrame) -> pd.DataFrame:
    done = rows[rows["number"].notna()].sort_values([*ITEM, "number"])
    later = done.groupby(ITEM, sort=False)[
        ["exposure_id", "current", "source", "sitting", "date"]
    ].shift(-1)
    later.columns = pd.Index(
        ["next_exposure_id", "following", "next_source", "next_sitting", "next_date"]
    )
    rows = rows.join(later).assign(place=rows["number"].astype("Float64").astype("float64"))
    days = rows["next_date"].dt.normalize() - rows["date"].dt.normalize()
    return rows.assign(gap_days=days.dt.days.astype("float64"))


def _say_why(rows: pd.DataFrame, rating: str, followed_by: str) -> pd.Series:
    lacking = LACKING[rating]
    reason = rows["reason"]
    same_sitting = rows["sitting"] == rows["next_sitting"]
    reasons = [
        (rows["next_exposure_id"].isna(), "no later exposure to the item"),
        (same_sitting & (followed_by == "sitting"), "the next exposure is in the same sitting"),
        (rows["current"].isna(), lacking),
        (rows["following"].isna(), f"{lacking} at the next exposure"),
        (rows["source"] != rows["next_source"], "one peak was rated and the next recalled"),
        (rows["gap_days"] < 0, "the next exposure is dated before it"),
    ]
    for where, why in reasons:
        reason = reason.mask((reason == "") & where, why)
    reason = reason.mask((reason == "") & (rows["lacks"] != ""), rows["lacks"])
    undated = rows["gap_days"].isna() & bool(rows["gap_days"].notna().any())
    return reason.mask((reason == "") & undated, "not dated: how long until the next is not known")

"""Which exposures tell how fear changes from session to session across items?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.follow_up import order_rerated
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
RATINGS = {
    "peak": "at its peak",
    "initial": "at the first rating",
    "before": "before the exercise",
    "mean_level": "over the exercise",
}
NO_DIFFICULTY = (
    "No item was rated apart from exposures (item_ratings.expected_fear): without the difficulty "
    "of items, sessions cannot be compared across them. measure_between_sessions compares "
    "exposures to the same item."
)


def list_rows(cohort: Cohort, kind: str, *, rating: str, time: str) -> tuple[pd.DataFrame, str]:
    """List the exposures with their rating, time, and their item's fear expected at first.

    Returns
    -------
    tuple
        One row per exposure: keys, ``group, item_id, value, time`` (sessions, or weeks, since the
        patient's first), ``expected_fear``, ``recalled`` (whether a peak was), ``reason``; and the
        occasion of the expected fear.
    """
    ordered = order_rerated(cohort)
    if not ordered:
        raise CannotAnswerError(NO_DIFFICULTY)
    rows = number_exposures(cohort, same_context=False)
    summary = summarise_exposures(cohort, kind)
    rows["group"] = rows["patient_id"].map(arm_of(cohort))
    rows["value"] = summary[rating]
    rows["recalled"] = (summary["peak_source"] == "recalled") & (rating == "peak")
    own = cohort.item_ratings
    own = own.loc[own["occasion"] == ordered[0], [*ITEM, "expected_fear"]]
    rows = rows.merge(own, on=ITEM, how="left")
    done = rows["reason"] == ""
    rows["time"] = _since_first(rows, done, time)
    lacks = {
        "time": f"no {'day' if time == 'days' else 'session number'}",
        "value": f"no rating {RATINGS[rating]}",
        "expected_fear": "no fear expected of its item",
    }
    reasons = [rows[name].isna() for name in lacks]
    rows["reason"] = rows["reason"].mask(done, np.select(reasons, list(lacks.values()), ""))
    keys = ["patient_id", "exposure_id", "group", "item_id"]
    return rows[[*keys, "time", "value", "expected_fear", "recalled", "reason"]], ordered[0]


def _since_first(rows: pd.DataFrame, done: pd.Series, time: str) -> pd.Series:
    """Return sessions, or weeks, since the patient's first exposure that was carried out."""
    if time == "days":
        days = rows["date"].dt.normalize()
        first = days.where(done).groupby(rows["patient_id"]).transform("min")
        return pd.Series((days - first).dt.days / 7)
    number = rows["session_number"].astype("float64")
    first_number = number.where(done).groupby(rows["patient_id"]).transform("min")
    return pd.Series(number - first_number)

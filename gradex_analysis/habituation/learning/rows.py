"""Which ratings tell of learning within and between exposures to an item, and of its loss?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.courses import list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures
from gradex_analysis.measures.follow_up import order_rerated
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
KEYS = ["patient_id", "exposure_id"]
NO_DIFFICULTY = (
    "Items were not rated apart from exposures (item_ratings.expected_fear): their difficulty is "
    "not in the model."
)
NO_DAYS = (
    "No item was exposed on two known days: days since the last exposure, and with them a return "
    "over a gap, are not in the model."
)
SAME_GAP = (
    "Nearly all exposures to the same item stand equally many days apart: what returns over a gap "
    "cannot be told, and is not in the model."
)
#: share of a group's repeated exposures that stand at another distance than the usual one
VARIED = 0.1
NEGATIVE = "a rating during the exercise has a minute before its onset"


@dataclass(frozen=True)
class LearningRows:
    """The exposures used, their ratings, and who was left out.

    ``exposures`` has one row each: keys, ``group, item_id, item`` (code of what counts as one
    item), ``number, gap_days`` (0 at the first), ``expected_fear, peak, initial, last_time``;
    ``ratings`` has ``exposure`` (its row in ``exposures``), ``time, value``. ``listed`` has every
    exposure with its ``reason``. ``notes`` say what could not be in the model.
    """

    exposures: pd.DataFrame
    ratings: pd.DataFrame
    listed: pd.DataFrame
    time_unit: str
    occasion: str
    has_gap: bool
    is_common: bool
    notes: list[str]


def list_learning(cohort: Cohort, kind: str) -> LearningRows:
    """List the ratings during exercises with the place of each exposure in its item's course."""
    summary = summarise_exposures(cohort, kind)
    rows = number_exposures(cohort, same_context=False)
    series, no_course, time_unit = list_courses(summary, list_series(cohort, kind), kind, minimum=1)
    rows = rows.join(summary[["peak", "initial", "last_time"]])
    rows["group"] = rows["patient_id"].map(arm_of(cohort))
    rows["gap_days"] = _days_since_last(rows)
    rows["expected_fear"], occasion = _expected(cohort, rows)
    rows["reason"] = rows["reason"].mask(rows["reason"] == "", no_course)
    early = rows.index.isin(series.loc[series["time"] < 0, "exposure"])
    rows["reason"] = rows["reason"].mask((rows["reason"] == "") & early, NEGATIVE)
    done = rows["reason"] == ""
    no_gap = _why_no_gap(rows[done & (rows["number"] > 1)])
    has_gap = not no_gap
    has_difficulty = bool(rows.loc[done, "expected_fear"].notna().any())
    rows["reason"] = _why_not(rows, done, has_gap=has_gap, has_difficulty=has_difficulty)
    used = rows[rows["reason"] == ""]
    if used.empty:
        raise CannotAnswerError(_nothing(cohort, kind, rows))
    place = pd.Series(np.arange(len(used)), index=used.index)
    ratings = series.assign(exposure=series["exposure"].map(place)).dropna(subset=["exposure"])
    is_common = _is_common(cohort, used)
    used = used.assign(item=used.groupby(["item_id"] if is_common else ITEM).ngroup())
    noted = [(has_difficulty, NO_DIFFICULTY), (has_gap, no_gap)]
    return LearningRows(
        exposures=_describe(used),
        ratings=ratings.astype({"exposure": "int64"}).reset_index(drop=True),
        listed=rows[[*KEYS, "reason"]],
        time_unit=time_unit,
        occasion=occasion if has_difficulty else "",
        has_gap=has_gap,
        is_common=is_common,
        notes=[note for there, note in noted if not there],
    )


def _why_no_gap(repeated: pd.DataFrame) -> str:
    """Say why a return over a gap cannot be told; "" where it can, in every group."""
    known = repeated[repeated["gap_days"].notna()]
    if not (known["gap_days"] > 0).any():
        return NO_DAYS
    usual = known.groupby("group")["gap_days"].transform(lambda days: days.mode().iloc[0])
    varied = (known["gap_days"] != usual).groupby(known["group"]).mean()
    return SAME_GAP if float(varied.min()) < VARIED else ""


def _days_since_last(rows: pd.DataFrame) -> pd.Series:
    """Return the days since the exposure before to the same item; 0 at the first."""
    done = rows[rows["number"].notna()].sort_values([*ITEM, "number"])
    item = done.groupby(ITEM, sort=False)
    by_date = done["date"].dt.normalize() - item["date"].shift().dt.normalize()
    days = by_date.dt.days.astype("float64").fillna(item["day"].diff())
    days = days.mask(done["number"] == 1, 0.0)
    return pd.Series(days.where(days >= 0).reindex(rows.index))  # a day in the past is none


def _expected(cohort: Cohort, rows: pd.DataFrame) -> tuple[pd.Series, str]:
    """Return the fear expected of each exposure's item at the first occasion, and that."""
    ordered = order_rerated(cohort)
    if not ordered:
        return pd.Series(np.nan, index=rows.index), ""
    own = cohort.item_ratings
    own = own.loc[own["occasion"] == ordered[0], [*ITEM, "expected_fear"]]
    return rows[ITEM].merge(own, on=ITEM, how="left")["expected_fear"], ordered[0]


def _why_not(
    rows: pd.DataFrame, done: pd.Series, *, has_gap: bool, has_difficulty: bool
) -> pd.Series:
    no_day = rows["gap_days"].isna() if has_gap else pd.Series(data=False, index=rows.index)
    no_fear = rows["expected_fear"].isna() & has_difficulty
    reasons = ["no day, of it or of the exposure before", "no fear expected of its item"]
    return rows["reason"].mask(done, np.select([no_day, no_fear], reasons, ""))


def _is_common(cohort: Cohort, used: pd.DataFrame) -> bool:
    """Return whether the items are a list that patients share, rather than each patient's own."""
    items = cohort.items
    shared = used["item_id"].isin(items.loc[items["patient_id"].isna(), "item_id"])
    return bool(shared.all())


def _describe(used: pd.DataFrame) -> pd.DataFrame:
    columns = ["group", "item_id", "item", "number", "gap_days", "expected_fear"]
    table = used[[*KEYS, *columns, "peak", "initial", "last_time"]]
    return table.astype({"number": "float64"}).reset_index(drop=True)


def _nothing(cohort: Cohort, kind: str, rows: pd.DataFrame) -> str:
    counts = rows["reason"].value_counts()
    said = "; ".join(f"{n}: {reason}" for reason, n in counts.items())
    return (
        f"None of {len(rows)} exposures has ratings of {cohort.word(kind)} during the exercise and "
        f"a place in its item's course ({said}). measure_between_sessions compares forms."
    )

"""Which ratings make up each curve, whether of one exposure, of an item, or of a patient?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.units import describe
from gradex_analysis.measures.courses import MINIMUM_RATINGS, list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures
from gradex_analysis.measures.repeated_items import NO_ITEM

#: what identifies a curve, by level
LEVELS = {
    "exposure": ("patient_id", "exposure_id"),
    "item": ("patient_id", "item_id"),
    "patient": ("patient_id",),
}
#: an exposure that shares its curve with others needs one rating beside its own start
MINIMUM_SHARED = 2


@dataclass(frozen=True)
class Courses:
    """The curves to be fitted, the ratings of each, and who has none.

    ``curves`` has keys and description, in the order of ``curve`` in ``series`` (``exposure, time,
    value, curve`` and ``block``, its item) and ``exposures`` (``patient_id, exposure_id, curve,
    reason``; one row each).
    """

    summary: pd.DataFrame
    series: pd.DataFrame
    curves: pd.DataFrame
    exposures: pd.DataFrame
    excluded: pd.DataFrame
    n_considered: int
    time_unit: str


def choose_courses(cohort: Cohort, kind: str, level: str) -> Courses:
    """Choose the exposures' courses and gather them by level."""
    if level not in LEVELS:
        raise UnknownNameError("level", level, LEVELS)
    keys, summary = list(LEVELS[level]), summarise_exposures(cohort, kind)
    series, reason, time_unit = list_courses(
        summary, list_series(cohort, kind), kind, minimum=minimum_ratings(level)
    )
    if reason.eq("").sum() == 0 and summary["n"].sum() == 0:
        raise CannotAnswerError(
            f"Nobody rated {cohort.word(kind)} during an exercise (forms only say before, peak and "
            "after): a course over minutes cannot be drawn."
        )
    if level == "item":
        reason = reason.mask(summary["item_id"].isna(), NO_ITEM)
        series = series[series["exposure"].map(reason) == ""].reset_index(drop=True)
    used = summary[reason == ""]
    curve = used.groupby(keys, sort=False, dropna=False).ngroup()
    first = used.loc[~curve.duplicated()]
    curves = describe(used) if level == "exposure" else _describe(first, keys)
    exposures = summary[["patient_id", "exposure_id"]].assign(curve=curve, reason=reason)
    excluded = _list_excluded(summary, keys, reason)
    return Courses(
        summary,
        series.assign(
            curve=series["exposure"].map(curve).astype("int64"),
            block=series["exposure"].map(_number_items(summary)),
        ),
        curves.reset_index(drop=True),
        exposures.astype({"curve": "Int64"}),
        excluded,
        len(summary[keys].drop_duplicates()),
        time_unit,
    )


def minimum_ratings(level: str) -> int:
    """Return how many ratings an exposure needs to take part in a curve."""
    return MINIMUM_RATINGS if level == "exposure" else MINIMUM_SHARED


def _describe(first: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    described = ["arm"] if first["arm"].notna().any() else []
    return first[[keys[0], *described, *keys[1:]]]


def _list_excluded(summary: pd.DataFrame, keys: list[str], reason: pd.Series) -> pd.DataFrame:
    """List the curves that no exposure takes part in, with the reasons of all their exposures."""
    table = summary[keys].assign(reason=reason)
    has_course = table["reason"].eq("").groupby([table[key] for key in keys], dropna=False)
    left_out = table[~has_course.transform("any")]
    grouped = left_out.groupby(keys, sort=False, dropna=False)["reason"]
    return grouped.agg(_join).reset_index()


def _number_items(summary: pd.DataFrame) -> pd.Series:
    """Return the number of the item of each exposure; one without an item has its own."""
    item = summary.groupby(["patient_id", "item_id"], sort=False, dropna=False).ngroup()
    alone = pd.Series(-1 - np.arange(len(summary)), index=summary.index)
    return item.mask(summary["item_id"].isna(), alone)


def _join(reasons: Iterable[str]) -> str:
    return ", or ".join(dict.fromkeys(reasons))

"""Between which two ratings did each exposure come down, and where does its curve cross?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation.units import describe, list_excluded
from gradex_analysis.measures.courses import MINIMUM_RATINGS, list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.times import NEVER_ABOVE, Definition, find_times
from gradex_analysis.measures.within_session import AT_FLOOR
from gradex_analysis.stats.curves import fit_decays

#: a course whose ratings differ by no more has no rate
FLAT_RANGE = 10.0
ABOVE, BELOW = "levels off above", "begins below"


@dataclass(frozen=True)
class Times:
    """The exposures with their intervals, those left out, and the unit of time."""

    table: pd.DataFrame
    excluded: pd.DataFrame
    n_considered: int
    time_unit: str


def list_times(
    cohort: Cohort, kind: str, chosen: Definition, criterion: float | None, origin: str
) -> Times:
    """List the interval in which every exposure came down; time counts from ``origin``."""
    summary = summarise_exposures(cohort, kind)
    series, reason, time_unit = list_courses(summary, list_series(cohort, kind), kind, minimum=2)
    # of the ratings during the exercise: those before and after it have no time
    peak = series.groupby("exposure")["value"].max().reindex(summary.index)
    threshold = chosen.threshold(peak, np.nan if criterion is None else criterion)
    hidden = (reason == "") & (summary["peak_gap"] != "")
    may_be_higher = "a rating " + summary["peak_gap"] + ": it may have been the highest"
    reason = reason.mask(hidden, may_be_higher)
    no_wait = (reason == "") & ~(peak > threshold)
    reason = reason.mask(no_wait, NEVER_ABOVE if chosen.needs_criterion else AT_FLOOR)
    used = summary[reason == ""]
    found = find_times(summary, series, threshold[used.index])
    zero = used["peak_time"] if origin == "peak" else 0.0
    found = found.assign(left=found["left"] - zero, right=found["right"] - zero)
    curve = _cross(series[series["exposure"].isin(used.index)], used, threshold, zero)
    described = describe(used).assign(
        definition=chosen.name, peak=peak[used.index], threshold=threshold[used.index],
        stopped_by=used["stopped_by"], group=used["patient_id"].map(arm_of(cohort)), n=used["n"],
    )  # fmt: skip
    table = described.join(found).join(curve).reset_index(drop=True)
    return Times(table, list_excluded(summary, reason), len(summary), time_unit)


def _cross(
    series: pd.DataFrame, used: pd.DataFrame, threshold: pd.Series, zero: pd.Series | float
) -> pd.DataFrame:
    """Return when each exposure's fitted exponential crosses its threshold, where it can be told.

    Negative where it crosses before time's origin.
    """
    table = pd.DataFrame({"curve_time": np.nan, "curve_status": "too_few"}, index=used.index)
    enough = series[series["exposure"].map(used["n"]) >= MINIMUM_RATINGS]
    if enough.empty:
        return table
    since = enough["time"] - enough["exposure"].map(used["first_time"])
    fits = fit_decays(enough["exposure"], since, enough["value"], flat_range=FLAT_RANGE)
    fits = fits.set_index("series")
    start, asymptote = fits["start"], fits["asymptote"]
    level = threshold.reindex(fits.index)
    is_ok = fits["status"] == "ok"
    crosses = is_ok & (asymptote < level) & (level < start)
    left_over = ((level - asymptote) / (start - asymptote)).where(crosses)
    time = -np.log(left_over) / fits["rate"] + used["first_time"] - zero
    unmet = [is_ok & (asymptote >= level), is_ok & (start <= level)]
    table.loc[fits.index, "curve_time"] = time[fits.index]
    table.loc[fits.index, "curve_status"] = np.select(unmet, [ABOVE, BELOW], fits["status"])
    return table

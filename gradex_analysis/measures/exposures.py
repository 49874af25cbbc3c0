"""What are initial, peak, end and last rating of every exposure? Once, for all questions.

Eligible for initial, peak, end and last are ratings given during the exercise; those before and
after it are not, unless the user's answer ``peak_includes`` lets them into the peak. A peak
recalled on a form is used only where nobody rated during the exercise. The last rating before an
early stop is ``last`` and not ``end``, unless the user said so. Where the first or last rating was
set aside, waits or is missing, its neighbour does not stand in for it. All values are on 0 to 100.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.gaps import hide_behind_gaps, list_gaps
from gradex_analysis.stats.segments import summarise_runs

KEYS = ["patient_id", "exposure_id"]
DESCRIPTION = ["item_id", "session_id", "exposure_number", "is_homework", "status", "stopped_by"]
EARLY_STOPS = ("patient", "therapist", "other")


def list_series(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the ratings given during exercises, by exposure and time.

    Returns
    -------
    DataFrame
        ``exposure`` (position in ``cohort.exposures``), ``time`` since onset in minutes, or in
        repetitions since the first, ``by_minute`` which of the two, ``value`` on 0 to 100. Coded
        missing ratings are not in it.
    """
    ratings = cohort.ratings
    chosen = (ratings["kind"] == kind) & ratings["value_100"].notna()
    chosen &= ratings["moment"].isin(["start", "during", "end"])
    chosen &= ratings["minute"].notna() | ratings["repetition"].notna()
    own = ratings[chosen]
    by_minute = own["minute"].notna().to_numpy()
    repetition = own["repetition"].to_numpy(dtype="float64", na_value=np.nan)
    series = pd.DataFrame(
        {
            "exposure": own["exposure"].to_numpy(),
            "time": np.where(by_minute, own["minute"].to_numpy(), repetition - 1),
            "by_minute": by_minute,
            "value": own["value_100"].to_numpy(),
        }
    )
    order = np.lexsort((series["time"].to_numpy(), series["exposure"].to_numpy()))
    return series.iloc[order].reset_index(drop=True)


def summarise_exposures(cohort: Cohort, kind: str) -> pd.DataFrame:
    """Summarise every exposure of the cohort, also those without a rating.

    Returns
    -------
    DataFrame
        One row per exposure, in the order of ``cohort.exposures``: its keys and description,
        ``arm``, ``session_number``, ``n`` (ratings during the exercise), ``before, initial, peak,
        peak_source, end, last, after`` (0 to 100), ``duration`` and ``peak_time`` (minutes, or
        repetitions), ``slope`` (per minute or repetition, negative when the rating falls),
        ``mean_level`` (area over duration), ``has_break``, ``time_unit``. NaN where there is none.
        ``initial_gap, peak_gap, last_gap`` say why a rating there cannot be used; "" where it can.
    """
    exposures = cohort.exposures
    if exposures.empty:
        raise CannotAnswerError(
            "The cohort holds no exposures: within-exposure change needs exposure ratings."
        )
    table = exposures[[*KEYS, *DESCRIPTION]].merge(
        cohort.participants[["patient_id", "arm"]], on="patient_id", how="left"
    )
    sessions = cohort.sessions[["patient_id", "session_id", "session_number"]]
    table = table.merge(sessions, on=["patient_id", "session_id"], how="left")
    series = list_series(cohort, kind)
    table = pd.concat([table, summarise_series(series, len(exposures))], axis=1)
    table = hide_behind_gaps(table, list_gaps(cohort, kind))
    points = _points(cohort, kind, len(exposures))
    table["before"], table["after"] = points["before"], points["after"]
    table["initial"] = table["initial"].fillna(points["start"])
    table["last"] = table["last"].fillna(points["end"])
    # a peak that a gap hides stays hidden: a memory does not stand in for ratings
    unrated = (table["n"] == 0) & (table["peak_gap"] == "")
    recalled = unrated & points["peak_recalled"].notna()
    table["peak_source"] = np.select([table["peak"].notna(), recalled], ["ratings", "recalled"], "")
    table["peak"] = table["peak"].fillna(points["peak_recalled"].where(recalled))
    for moment in cohort.answers.get("peak_includes", []):
        has_peak = table["peak"].notna()  # a hidden peak stays hidden
        table["peak"] = np.fmax(table["peak"], table[moment]).where(has_peak)
    table["end"] = _ends(cohort, table, points)
    paused = pd.MultiIndex.from_frame(cohort.exposure_breaks[KEYS])
    table["has_break"] = pd.MultiIndex.from_frame(table[KEYS]).isin(paused)
    return table


def usual_time_unit(table: pd.DataFrame) -> str:
    """Return the unit of time of most exposures, ``"minute"`` or ``"repetition"``.

    Slopes and rates per minute and per repetition are never averaged together.
    """
    units = table.loc[table["time_unit"] != "", "time_unit"]
    return str(units.mode().iloc[0]) if len(units) else "minute"


def summarise_series(series: pd.DataFrame, n_exposures: int) -> pd.DataFrame:
    """Summarise the ratings of ``list_series`` alone, one row per exposure from 0 on.

    Returns ``n, initial, peak, last``, their times, ``duration, slope, mean_level, time_unit``.
    """
    exposure = series["exposure"].to_numpy()
    starts = np.flatnonzero(np.diff(exposure, prepend=-1))
    runs = summarise_runs(starts, series["time"], series["value"])
    columns = pd.DataFrame(
        {
            "n": runs["n"],
            "initial": runs["first"],
            "peak": runs["peak"],
            "last": runs["last"],
            "peak_time": runs["peak_time"],
            "first_time": runs["first_time"],
            "last_time": runs["last_time"],
            "duration": runs["last_time"] - runs["first_time"],
            "slope": runs["slope"],
            "mean_level": runs["mean_level"],
            "time_unit": np.where(series["by_minute"].to_numpy()[starts], "minute", "repetition"),
        }
    )
    columns = columns.set_axis(exposure[starts]).reindex(range(n_exposures))
    return columns.fillna({"n": 0, "time_unit": ""}).astype({"n": "int64"})


def _points(cohort: Cohort, kind: str, n_exposures: int) -> pd.DataFrame:
    """Return the one rating of each moment that is not part of a series."""
    ratings = cohort.ratings
    own = ratings[(ratings["kind"] == kind) & ratings["value_100"].notna()]
    timed = own["minute"].notna() | own["repetition"].notna()
    own = own[~timed | own["moment"].isin(["before", "peak_recalled", "after", "end"])]
    # the anticipatory rating nearest to the onset, the latest end, the first after
    own = own.sort_values("minute", kind="stable", na_position="first")
    by_moment = {
        moment: own[own["moment"] == moment].groupby("exposure")["value_100"]
        for moment in ("before", "start", "peak_recalled", "end", "after")
    }
    points = {
        moment: group.first() if moment == "after" else group.last()
        for moment, group in by_moment.items()
    }
    return pd.DataFrame(points).reindex(range(n_exposures))


def _ends(cohort: Cohort, table: pd.DataFrame, points: pd.DataFrame) -> pd.Series:
    """Return the rating at the end of the exercise; NaN where the exercise has none.

    A rating marked as the end is the end. Otherwise the last rating is, unless the file marks its
    ends and did not here, or the exercise was stopped early.
    """
    marked = cohort.exposures["end_marked"].fillna(value=False).to_numpy(dtype=bool)
    stopped = table["stopped_by"].isin(EARLY_STOPS)
    last_counts = ~marked & ~stopped
    if cohort.answers.get("last_before_stop") == "end":
        last_counts |= stopped
    return points["end"].fillna(table["last"].where(last_counts))

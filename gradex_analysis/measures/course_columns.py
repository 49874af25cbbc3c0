"""What do some definitions read of an exposure that its summary does not hold?

Each function takes the summary of ``summarise_exposures`` and the ratings of ``list_series``, and
returns columns with the summary's index. They are made only for the definitions that read them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.segments import summarise_runs
from gradex_analysis.stats.spread import spread_runs

#: the fits of a decay to 0 that have a rate, whether or not its interval is closed
HAS_RATE = ("ok", "not_identified")


def measure_from_peak(summary: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Return ``slope_from_peak``: of the least-squares line from the first highest rating on.

    The highest rating is highest by chance as well, so that this slope is negative under noise.
    """
    rows = list_from_peak(summary, series)
    runs = summarise_runs(_starts(rows), rows["time"], rows["value"])
    slope = pd.Series(runs["slope"].to_numpy(), index=rows["exposure"].unique())
    return slope.reindex(summary.index).rename("slope_from_peak").to_frame()


def measure_rate(summary: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Return ``rate_from_peak``: of a decay to the floor of the scale, from the peak on.

    0 where nothing changes; missing with fewer than three ratings, and where the best rate lies at
    an end of the range searched (a course that does not fall, or falls between two ratings).
    """
    rows = list_from_peak(summary, series)
    form = FORMS["exponential_to_zero"]
    fits = fit_curves(rows["exposure"], rows["time"], rows["value"], form=form).table
    known = fits["status"].isin(HAS_RATE)
    rate = fits["rate"].astype("float64").where(known).mask(fits["status"] == "flat", 0.0)
    # a decay has two numbers, and goes through any two ratings
    rate = rate.mask(fits["n"] < 3).set_axis(fits["series"])
    return rate.reindex(summary.index).rename("rate_from_peak").to_frame()


def measure_spread(summary: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Return ``sd, successive, detrended, relative`` of each exposure's ratings."""
    spread = spread_runs(_starts(series), series["time"], series["value"])
    return spread.set_axis(series["exposure"].unique()).reindex(summary.index)


def list_from_peak(summary: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
    """Return the ratings of each exposure from its first highest one on."""
    peak_time = series["exposure"].map(summary["peak_time"])
    return series[series["time"] >= peak_time].reset_index(drop=True)


def _starts(rows: pd.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.flatnonzero(np.diff(rows["exposure"].to_numpy(), prepend=-1))

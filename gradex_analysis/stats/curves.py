"""How fast does each of many series of ratings decay, and from where to where?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.decay_estimates import estimate_decays
from gradex_analysis.stats.decay_profile import (
    LOG_RATES,
    ROUNDING,
    Courses,
    Floats,
    find_best,
    find_ends,
    measure_grid,
)
from gradex_analysis.stats.decay_rows import SortedRows, sort_rows

# Bounds the memory of the profiles; results do not depend on it.
BLOCK = 8_192

ESTIMATES = [
    f"{name}{suffix}"
    for name in ("start", "asymptote", "rate", "half_life")
    for suffix in ("", "_std_error")
]


def fit_decays(
    series: npt.ArrayLike | pd.Series[Any],
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    start: npt.ArrayLike | None = None,
    flat_range: float = 0.0,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Fit ``asymptote + (start - asymptote) * exp(-rate * time)`` to every series by least squares.

    One row per series, in order of first appearance. ``start`` is the value at time 0, fitted
    unless given (one number, or one per series in that order). ``rate`` is per unit of time,
    searched from 1/64 to 128 per span of the series; ``half_life = log(2) / rate``. ``rate_low``,
    ``rate_high`` end the profile interval (Bates & Watts 1988, doi:10.1002/9780470316757), the
    rates with ``rss <= least * (1 + F / (n - p))``, ``F`` on 1 and ``n - p`` df; 0 and infinity
    where open. ``identified``: closed at both ends; only there a half-life is given. ``status`` is
    the first that holds; the first two have no estimates:

    - ``too_few``: distinct times are not one more than the free parameters, so that a curve may
      meet every mean and nothing speaks against a rate (time 0 tells nothing of a given start)
    - ``flat``: highest minus lowest value is at most ``flat_range``
    - ``rising``: the asymptote lies above the start
    - ``at_bound``: an end of the search fits best, as for a straight line or a step
    - ``not_identified``: the interval of the rate is open
    - ``ok``

    Standard errors are ``s^2 (J'J)^-1``; missing at a bound, 0 for a given start. Where few series
    are identified, they are those that noise made steep: do not average over them alone.
    """
    _check_options(flat_range, confidence)
    rows = sort_rows(series, time, value, start)
    status = _screen(rows, flat_range)
    columns = _nothing_known(status)
    worth_fitting = np.flatnonzero(status == "ok")
    for place, block in rows.only(status == "ok").blocks(BLOCK):
        for name, numbers in _fit_block(block, confidence).items():
            columns[name][worth_fitting[place]] = numbers
    order = [*ESTIMATES, "rate_low", "rate_high", "rss", "n", "status", "identified"]
    columns["n"] = rows.counts
    return pd.DataFrame({"series": rows.labels} | {name: columns[name] for name in order})


def _check_options(flat_range: float, confidence: float) -> None:
    if not 0.0 < confidence < 1.0:
        raise CannotAnswerError(f"confidence is {confidence}. Pass a share between 0 and 1.")
    if not flat_range >= 0.0:
        raise CannotAnswerError(f"flat_range is {flat_range}. Pass 0 or a positive range.")


def _screen(rows: SortedRows, flat_range: float) -> npt.NDArray[np.object_]:
    """Return the status of series that cannot be fitted, ``ok`` for the others."""
    status = np.full(len(rows.counts), "ok", dtype=object)
    if not len(status):
        return status
    new_time = np.diff(rows.time, prepend=np.nan) != 0.0
    new_time[rows.begins] = True
    if rows.known is not None:
        new_time &= rows.time != 0.0
    distinct = np.add.reduceat(new_time.astype(np.int64), rows.begins)
    highest, lowest = (f.reduceat(rows.value, rows.begins) for f in (np.maximum, np.minimum))
    status[highest - lowest <= flat_range] = "flat"
    status[distinct <= rows.parameters] = "too_few"
    return status


def _nothing_known(status: npt.NDArray[np.object_]) -> dict[str, npt.NDArray[Any]]:
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.full(len(status), np.nan) for name in [*ESTIMATES, "rss"]
    }
    columns["rate_low"], columns["rate_high"] = np.zeros(len(status)), np.full(len(status), np.inf)
    columns["identified"], columns["status"] = np.zeros(len(status), dtype=bool), status
    return columns


def _fit_block(rows: SortedRows, confidence: float) -> dict[str, npt.NDArray[Any]]:
    courses, origin, span, centre = _normalise(rows)
    profile = measure_grid(courses)
    log_rate, least = find_best(courses, profile)
    rounding = ROUNDING * courses.square
    slowest, fastest = (profile[end] <= least + rounding for end in (0, -1))
    at_bound = slowest | fastest
    log_rate = np.select([slowest, fastest], [LOG_RATES[0], LOG_RATES[-1]], log_rate)
    freedom = rows.counts - rows.parameters
    quantile = special.stdtrit(freedom, 0.5 + 0.5 * confidence) ** 2  # F(1, m) is t(m) squared
    threshold = least * (1.0 + quantile / freedom) + rounding
    low, high = find_ends(courses, profile, best=log_rate, least=least, threshold=threshold)
    fit = estimate_decays(courses, log_rate, origin=origin, span=span, centre=centre)
    identified = np.isfinite(low) & np.isfinite(high)
    rising = fit.pop("change") > 0.0  # start and asymptote may agree to the last digit
    return _withhold(fit, at_bound, identified) | {
        "rate_low": np.exp(low) / span,
        "rate_high": np.exp(high) / span,
        "identified": identified,
        "status": np.select(
            [rising, at_bound, ~identified], ["rising", "at_bound", "not_identified"], "ok"
        ),
    }


def _withhold(
    fit: dict[str, Floats], at_bound: npt.NDArray[np.bool_], identified: npt.NDArray[np.bool_]
) -> dict[str, Floats]:
    """Blank what the data do not support: errors at a bound, half-lives without an interval."""
    for name, numbers in fit.items():
        if name.endswith("_std_error"):
            numbers[at_bound] = np.nan
        if name.startswith("half_life"):
            numbers[~identified] = np.nan
    return fit


def _normalise(rows: SortedRows) -> tuple[Courses, Floats, Floats, Floats]:
    """Return time in spans and values about a centre, so that units cannot matter.

    A given start ties the curve to time 0, which then belongs to the span.
    """
    first, last = rows.time[rows.begins], rows.time[rows.begins + rows.counts - 1]
    if rows.known is None:
        origin, span = first, last - first
        centre = np.add.reduceat(rows.value, rows.begins) / rows.counts
    else:
        origin, span = np.zeros_like(first), np.maximum(last, 0.0) - np.minimum(first, 0.0)
        centre = rows.known
    by_row = np.repeat(np.arange(len(span)), rows.counts)
    x = (rows.time - origin[by_row]) / span[by_row]
    courses = Courses(x, rows.value - centre[by_row], rows.counts, rows.known is None)
    return courses, origin, span, centre

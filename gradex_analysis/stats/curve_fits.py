"""Which curve of a given form fits each of many series of ratings, and how sure is it?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.curve_forms import Form
from gradex_analysis.stats.curve_heaped import Heaped
from gradex_analysis.stats.curve_numbers import describe_curves
from gradex_analysis.stats.curve_rows import Pool, pool_rows

# Bounds the memory of the profiles and paces the progress; results do not depend on it.
BLOCK = 2_048

ESTIMATES = [
    f"{name}{suffix}"
    for name in ("start", "asymptote", "slope", "rate", "half_life")
    for suffix in ("", "_std_error")
]
OF_RUN = ESTIMATES[:6]
NUMBERS = ["rate_low", "rate_high", "residual_sd", "log_likelihood", "aicc", "rss"]
COUNTS = ["n", "n_runs", "n_parameters", "grid", "at_least_sd", "identified", "status"]
COLUMNS = ["form", *ESTIMATES, *NUMBERS, *COUNTS]


@dataclass(frozen=True)
class CurveFits:
    """``table`` has one row per series, ``runs`` one per run with its own start."""

    table: pd.DataFrame
    runs: pd.DataFrame


def fit_curves(
    series: npt.ArrayLike | pd.Series[Any],
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    form: Form,
    run: npt.ArrayLike | pd.Series[Any] | None = None,
    block: npt.ArrayLike | pd.Series[Any] | None = None,
    heaped: Heaped | None = None,
    flat_range: float = 0.0,
) -> CurveFits:
    """Fit ``form`` to every series by maximum likelihood; one rate per series.

    Time counts from the first row of each ``run``, which has its own ``start``; each ``block`` of
    runs has its own asymptote or slope (by default a series is one block and one run). ``table``
    has their means, ``runs`` each. Values are normal about the curve; given ``heaped``, a value
    stands for its cell and one at an end of the scale for all beyond it.

    ``rate`` is per unit of time (of log time for ``power``), searched from 1/64 to 128 per span of
    the longest run; ``rate_low``, ``rate_high`` end its 95 % profile interval, ``2 (top - height) =
    n log(1 + F / (n - p))``. ``residual_sd`` and standard errors have ``n / (n - p)`` in the
    variance; ``aicc = -2 l + 2 K + 2 K (K + 1) / (n - K - 1)`` where ``n > K + 1``, with
    ``K = n_parameters``, the spread among them. ``status`` as in ``fit_decays``; forms without a
    rate are never ``flat``. ``at_least_sd``: the curve passes through every cell. A start or an
    asymptote whose standard error exceeds the width of the scale is missing.
    """
    names, rows = pool_rows(series, time, value, run=run, block=block)
    labels = names["series"].drop_duplicates().to_numpy()
    if not len(labels):
        return CurveFits(pd.DataFrame(columns=["series", *COLUMNS]), names.assign(start=[], n=[]))
    pool = rows if heaped is None else heaped.open_cells(rows)
    status = screen(pool, form, flat_range)
    fitted = status == "ok"
    columns = _nothing_known(pool, form, status)
    own = {name: np.full(len(names), np.nan) for name in OF_RUN}
    places, runs = np.flatnonzero(fitted), np.flatnonzero(pool.to_runs(fitted))
    for place, of_runs, part in pool.only(fitted).blocks(BLOCK) if len(places) else ():
        of_series, of_run = describe_curves(part, form, heaped)
        for name, column in of_series.items():
            columns[name][places[place]] = column
        for name, column in of_run.items():
            own[name][runs[of_runs]] = column
    table = pd.DataFrame({"series": labels, "form": form.name} | columns)
    return CurveFits(table, names.assign(**own, n=pool.run_rows))


def screen(pool: Pool, form: Form, flat_range: float) -> npt.NDArray[np.object_]:
    """Return the status of series that cannot be fitted, ``ok`` for the others."""
    if not flat_range >= 0.0:
        raise CannotAnswerError(f"flat_range is {flat_range}. Pass 0 or a positive range.")
    status = np.full(len(pool.grid), "ok", dtype=object)
    new_time = np.diff(pool.x, prepend=np.nan) != 0.0
    new_time[pool.run_begins] = False  # what a run's own start takes up
    ranges = np.maximum.reduceat(pool.value, pool.run_begins)
    ranges -= np.minimum.reduceat(pool.value, pool.run_begins)
    if form.has_rate:
        status[pool.largest(pool.spread_runs(ranges)) <= flat_range] = "flat"
    # of values that are all open at a side any spread is as likely as a larger one
    closed = np.isfinite(pool.lower) & np.isfinite(pool.upper)
    status[(status == "ok") & (pool.total(closed.astype(float)) == 0.0)] = "not_identified"
    # what a block's times tell beyond its own numbers tells of the rate and of the spread
    telling = pool.by_block(pool.by_run(new_time.astype(float)))
    telling = np.maximum(telling - float(form.shared != ""), 0.0)
    status[pool.join(telling) <= float(form.has_rate)] = "too_few"
    return status


def _nothing_known(
    pool: Pool, form: Form, status: npt.NDArray[np.object_]
) -> dict[str, npt.NDArray[Any]]:
    columns: dict[str, npt.NDArray[Any]] = {
        name: np.full(len(status), np.nan) for name in [*ESTIMATES, *NUMBERS]
    }
    if form.has_rate:
        columns["rate_low"][:], columns["rate_high"][:] = 0.0, np.inf
    columns["n"], columns["n_runs"] = pool.counts, pool.series_runs
    columns["n_parameters"] = pool.series_runs + form.count_shape(pool) + 1
    columns["grid"] = pool.grid
    columns["at_least_sd"] = np.zeros(len(status), dtype=bool)
    columns["identified"] = np.zeros(len(status), dtype=bool)
    columns["status"] = status
    return columns

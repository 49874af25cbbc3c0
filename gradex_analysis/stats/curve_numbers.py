"""What is known of each fitted curve: its numbers, their errors, and whether the rate is told?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from gradex_analysis.stats.curve_errors import Errors, measure_errors
from gradex_analysis.stats.curve_forms import Form
from gradex_analysis.stats.curve_heaped import Heaped, at_least_sd, fit_heaped
from gradex_analysis.stats.curve_normal import Fit, fit_normal
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.curve_search import Found, Search, search_rates
from gradex_analysis.stats.decay_profile import ROUNDING, Bools, Floats

CONFIDENCE = 0.95

Columns = dict[str, npt.NDArray[Any]]


def describe_curves(pool: Pool, form: Form, heaped: Heaped | None) -> tuple[Columns, Columns]:
    """Fit and describe; return columns with a number a series, and columns with one a run."""
    pool, span = _count_in_spans(pool, form)
    search = Search(form, fit_normal if heaped is None else fit_heaped)
    freedom = (pool.counts - pool.series_runs - form.count_shape(pool)).astype(float)
    found = _search(search, pool, freedom)
    basis = form.basis(pool, found.log_rate)
    fit = search.measure(pool, found.log_rate)
    errors = measure_errors(form, pool, basis, fit, freedom)
    residual = pool.value - fit.mean(pool, basis)
    columns = _name_numbers(form, pool, fit, errors, found, span=span)
    columns["rss"] = pool.total(residual * residual)
    columns["residual_sd"] = fit.sd * np.sqrt(pool.counts / freedom)
    perfect = heaped is None and _is_perfect(pool, columns["rss"])
    columns |= _judge(form, pool, np.where(perfect, np.inf, fit.log_likelihood))
    columns |= _state(columns, found)
    own = _name_own(form, pool, fit, errors, span=span)
    if heaped is not None:
        columns["at_least_sd"] = at_least_sd(pool, fit.sd)
        _drop_unbounded(columns, heaped.width)
        _drop_unbounded(own, heaped.width)
    edge = found.at_bound | columns.get("at_least_sd", False)
    _drop_errors(columns, edge)
    _drop_errors(own, pool.to_runs(edge))
    _drop_half_life(columns)
    return columns, own


def _drop_half_life(columns: Columns) -> None:
    """Give no half-life where the rate cannot be told."""
    for name in {"half_life", "half_life_std_error"} & set(columns):
        columns[name] = np.where(columns["identified"], columns[name], np.nan)


def _count_in_spans(pool: Pool, form: Form) -> tuple[Pool, Floats]:
    """Return the rows by the form's clock, the longest run of each series 1 long, and its length.

    So that units of time cannot matter.
    """
    on_clock = form.clock(pool.x)
    span = pool.largest(on_clock)
    return pool.at(on_clock / pool.spread(span)), span


def _search(search: Search, pool: Pool, freedom: Floats) -> Found:
    n_series = len(pool.grid)
    if not search.form.has_rate:
        nothing = np.zeros(n_series)
        return Found(nothing, nothing, nothing, np.zeros(n_series, dtype=bool))
    t = special.stdtrit(freedom, 0.5 + 0.5 * CONFIDENCE)  # F(1, m) is t(m) squared
    drop = np.asarray(0.5 * pool.counts * np.log1p(t * t / freedom), dtype=np.float64)
    return search_rates(search, pool, drop)


def _name_numbers(
    form: Form, pool: Pool, fit: Fit, errors: Errors, found: Found, *, span: Floats
) -> Columns:
    columns: Columns = {
        "start": pool.by_series(fit.start) / pool.series_runs,
        "start_std_error": errors.mean_start,
    }
    if form.shared:
        told = pool.told.astype(float)
        unit = span if form.shared == "slope" else 1.0
        columns[form.shared] = pool.join(fit.shared * told) / pool.join(told) / unit
        columns[f"{form.shared}_std_error"] = errors.mean_shared / unit
    if form.has_rate:
        rate = np.exp(found.log_rate) / span
        if not form.shared:
            columns |= dict.fromkeys(("asymptote", "asymptote_std_error"), np.zeros(len(rate)))
        columns |= {
            "rate": rate,
            "rate_std_error": rate * errors.log_rate,
            "rate_low": np.exp(found.low) / span,
            "rate_high": np.exp(found.high) / span,
            "half_life": form.half_life(rate),
            "half_life_std_error": form.half_life_slope(rate) * errors.log_rate,
        }
    return columns


def _name_own(form: Form, pool: Pool, fit: Fit, errors: Errors, *, span: Floats) -> Columns:
    """Return what each run has: its own start, and the number that its block shares."""
    columns: Columns = {"start": fit.start, "start_std_error": errors.start}
    if form.shared:
        told = np.where(pool.told, 1.0, np.nan)
        unit = pool.to_runs(span) if form.shared == "slope" else 1.0
        shared, error = (
            np.repeat(column, pool.block_runs) / unit
            for column in (fit.shared * told, errors.shared)
        )
        columns |= {form.shared: shared, f"{form.shared}_std_error": error}
    return columns


def _is_perfect(pool: Pool, rss: Floats) -> Bools:
    """Return where the curve meets every value: its normal likelihood has no bound."""
    perfect: Bools = rss <= 2.0 * ROUNDING * pool.total(pool.value * pool.value)
    return perfect


def _judge(form: Form, pool: Pool, log_likelihood: Floats) -> Columns:
    parameters = pool.series_runs + form.count_shape(pool) + 1
    return {
        "log_likelihood": log_likelihood,
        "aicc": measure_aicc(log_likelihood, pool.counts, parameters),
    }


def measure_aicc(
    log_likelihood: npt.ArrayLike, n: npt.ArrayLike, n_parameters: npt.ArrayLike
) -> Floats:
    """Measure ``-2 l + 2 K + 2 K (K + 1) / (n - K - 1)``; missing unless ``n > K + 1``.

    Hurvich & Tsai (1989), doi:10.1093/biomet/76.2.297.
    """
    height, parameters = np.asarray(log_likelihood, dtype=float), np.asarray(n_parameters)
    spare = np.asarray(n) - parameters - 1.0
    correction = 2.0 * parameters * (parameters + 1.0) / np.where(spare > 0.0, spare, np.nan)
    aicc: Floats = -2.0 * height + 2.0 * parameters + correction
    return np.where(np.isfinite(height), aicc, np.nan)


def _state(columns: Columns, found: Found) -> Columns:
    rises = columns["asymptote"] > columns["start"] if "asymptote" in columns else False
    if "slope" in columns:
        rises = columns["slope"] > 0.0
    identified = np.isfinite(found.low) & np.isfinite(found.high)
    conditions = [np.broadcast_to(rises, identified.shape), found.at_bound, ~identified]
    names = ["rising", "at_bound", "not_identified"]
    return {"identified": identified, "status": np.select(conditions, names, "ok")}


def _drop_errors(columns: Columns, series: Bools) -> None:
    """Blank the standard errors at an end of what is searched: the top lies beyond it."""
    for name in [name for name in columns if name.endswith("_std_error")]:
        columns[name] = np.where(series, np.nan, columns[name])


def _drop_unbounded(columns: Columns, width: float) -> None:
    """Blank what ratings at an end of the scale leave open: the likelihood has no top there."""
    for name in {"start", "asymptote"} & set(columns):
        bounded = columns[f"{name}_std_error"] <= width
        columns[name] = np.where(bounded, columns[name], np.nan)

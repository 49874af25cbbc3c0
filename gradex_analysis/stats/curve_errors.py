"""How sure is each number of a fitted curve?

Standard errors from the curvature of the log-likelihood at its top, times ``n / (n - p)`` in the
variance as least squares has it: ``s^2 (J'J)^-1`` where values are exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.curve_forms import Basis, Form
from gradex_analysis.stats.curve_mass import measure_mass
from gradex_analysis.stats.curve_normal import Fit
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import Bools, Floats, Ints


@dataclass(frozen=True)
class Errors:
    """Standard errors: of each run's start, each block's shared number, their means, the log rate.

    Missing where the curve does not depend on a number.
    """

    start: Floats
    mean_start: Floats
    shared: Floats
    mean_shared: Floats
    log_rate: Floats


@dataclass(frozen=True)
class _Eliminated:
    """What is left of the curvature once starts, then shared numbers, are eliminated.

    The ``lean`` is how far a start (``run_lean`` on the shared number, ``start_lean`` on the rest)
    or a shared number (``block_lean``) moves with what is left: log rate and precision.
    """

    run_variance: Floats
    run_lean: Floats
    start_lean: Floats
    block_variance: Floats
    block_lean: Floats
    head: Floats


def measure_errors(form: Form, pool: Pool, basis: Basis, fit: Fit, freedom: Floats) -> Errors:
    """Measure all standard errors; ``freedom`` is n - p, where maximum likelihood has n."""
    left = _eliminate(form, pool, basis, fit)
    scale = pool.counts / freedom
    covariance = _invert(left.head) * scale[:, None, None]
    told = pool.told
    of_blocks = np.repeat(scale, pool.series_blocks) * left.block_variance
    of_runs = pool.to_runs(scale) * left.run_variance
    shared = of_blocks + _quadratic(left.block_lean, _repeat(covariance, pool.series_blocks))
    start = of_runs + left.run_lean**2 * np.repeat(of_blocks, pool.block_runs)
    start = start + _quadratic(left.start_lean, _repeat(covariance, pool.series_runs))
    mean_shared = pool.join(of_blocks) + _quadratic(pool.join(left.block_lean), covariance)
    mean_start = pool.by_series(of_runs)
    mean_start = mean_start + pool.join(pool.by_block(left.run_lean) ** 2 * of_blocks)
    mean_start = mean_start + _quadratic(pool.by_series(left.start_lean), covariance)
    missing = np.full(len(scale), np.nan)
    return Errors(
        _root(start),
        _root(mean_start) / pool.series_runs,
        _root(np.where(told, shared, np.nan)),
        _root(mean_shared) / np.maximum(pool.join(told.astype(float)), 1.0),
        _root(covariance[:, 0, 0]) if form.has_rate else missing,
    )


def _eliminate(form: Form, pool: Pool, basis: Basis, fit: Fit) -> _Eliminated:
    weight, tie, spread_bend = _bends(pool, basis, fit)
    columns = [basis.gained, *([fit.rate_slope(pool, basis)] if form.has_rate else [])]
    own = pool.by_run(weight * basis.remaining**2)
    cross = [pool.by_run(weight * basis.remaining * column) for column in columns]
    shaft = np.stack([*cross, pool.by_run(tie * basis.remaining)], axis=-1)
    lean = shaft / own[:, None]
    sums = [[pool.by_run(weight * u * v) for v in columns] for u in columns]
    edge = [pool.by_run(tie * u) for u in columns]
    rows = [[*row, last] for row, last in zip(sums, edge, strict=True)]
    rows.append([*edge, np.zeros_like(own)])
    bends = np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
    left = pool.by_block(bends - lean[:, :, None] * shaft[:, None, :])
    alone = left[:, 0, 0]
    usable = pool.told & (alone > 0.0)
    block_variance = np.divide(1.0, alone, out=np.zeros_like(alone), where=usable)
    edge_left = left[:, 0, 1:]
    block_lean = edge_left * block_variance[:, None]
    head = pool.join(left[:, 1:, 1:] - block_lean[:, :, None] * edge_left[:, None, :])
    head[:, -1, -1] += spread_bend
    start_lean = lean[:, 1:] - lean[:, :1] * _repeat(block_lean, pool.block_runs)
    return _Eliminated(1.0 / own, lean[:, 0], start_lean, block_variance, block_lean, head)


def _repeat(columns: Floats, times: Ints) -> Floats:
    return np.repeat(columns, times, axis=0)


def _quadratic(lean: Floats, covariance: Floats) -> Floats:
    form: Floats = np.einsum("si,sij,sj->s", lean, covariance, lean)
    return form


def _bends(pool: Pool, basis: Basis, fit: Fit) -> tuple[Floats, Floats, Floats]:
    """Return what each row tells of the curve, of curve and spread together, of the spread."""
    precision = pool.spread(1.0 / fit.sd)
    if (pool.grid == 0.0).all():
        return precision**2, np.zeros_like(precision), np.ones(len(fit.sd))
    mean = fit.mean(pool, basis)
    mass = measure_mass(pool, precision * mean, precision)
    # by the mean itself and the precision, which moves the mean in standard deviations too
    tie = mass.mean_mean * mean + mass.mean_precision
    spread_bend = mass.precision_precision + mean * (tie + mass.mean_precision)
    return precision**2 * mass.mean_mean, precision * tie, pool.total(spread_bend)


def _invert(matrices: Floats) -> Floats:
    """Invert, on a scale on which the diagonal is 1; missing where a matrix is singular.

    A number of which nothing is told (the rate of a step) is left out: its variance is given as 0.
    """
    diagonal = np.diagonal(matrices, axis1=1, axis2=2)
    told: Bools = (diagonal > 0.0) & np.asarray(np.isfinite(matrices)).all(axis=2)
    size = np.sqrt(np.where(told, diagonal, 1.0))
    outer = size[:, :, None] * size[:, None, :]
    both = told[:, :, None] & told[:, None, :]
    identity = np.eye(matrices.shape[1])
    scaled = np.where(both, matrices / outer, identity)
    singular = np.linalg.det(scaled) <= 1e-14
    scaled[singular] = identity
    inverse: Floats = np.where(both, np.linalg.inv(scaled) / outer, 0.0)
    inverse[singular] = np.nan
    return inverse


def _root(variance: Floats) -> Floats:
    """Return the root; missing where rounding or the edge of the search leaves no variance."""
    root: Floats = np.sqrt(np.where(variance > 0.0, variance, np.nan))
    return root

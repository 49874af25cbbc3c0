"""Which starts, shared numbers and spread make heaped ratings most likely at a given rate?

A rating of 60 given in tens stands for anything from 55 to 65, one at an end of the scale for
anything beyond. At a given rate the log-likelihood is concave in (start, shared, 1) / sd, so that
Newton's steps with a line search find its only top, for all series at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.curve_arrow import Arrow, Point
from gradex_analysis.stats.curve_forms import Basis
from gradex_analysis.stats.curve_mass import Mass
from gradex_analysis.stats.curve_normal import Fit, fit_normal
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import Bools, Floats

Rows = TypeVar("Rows", Mass, Basis)

# Where a curve passes through all cells the spread has no least value but this share of a cell.
LEAST_SD = 0.1
FIRST_SD = 0.3
MAX_STEPS = 100


@dataclass(frozen=True)
class Heaped:
    """Ratings given in steps of ``grid`` between ``floor`` and ``ceiling``.

    A series with a rating off the grid is taken in the coarsest of ``finer`` steps that holds all
    its ratings, or else in the finest.
    """

    grid: float
    finer: tuple[float, ...] = (5.0, 1.0)
    floor: float = 0.0
    ceiling: float = 100.0

    def __post_init__(self) -> None:
        if not 0.0 < self.grid < self.ceiling - self.floor:
            raise CannotAnswerError(
                f"grid is {self.grid}. Pass the step in which ratings were given, above 0 and "
                f"below {self.ceiling - self.floor:g}: 1, 5 or 10 of 100."
            )

    @property
    def width(self) -> float:
        """Return the width of the scale."""
        return self.ceiling - self.floor

    def open_cells(self, pool: Pool) -> Pool:
        """Return the rows with the ends of what each rating stands for."""
        grid = self._choose_grids(pool)
        half = 0.5 * pool.spread(grid)
        return replace(
            pool,
            lower=np.where(pool.value <= self.floor, -np.inf, pool.value - half),
            upper=np.where(pool.value >= self.ceiling, np.inf, pool.value + half),
            grid=grid,
        )

    def _choose_grids(self, pool: Pool) -> Floats:
        grids = [self.grid, *(step for step in self.finer if step < self.grid)]
        chosen = np.full(len(pool.grid), grids[-1])
        for step in reversed(grids):
            steps = (pool.value - self.floor) / step
            off = np.abs(steps - np.round(steps)) > 1e-6
            chosen[pool.total(off.astype(float)) == 0.0] = step
        return chosen


def fit_heaped(pool: Pool, basis: Basis, begin: Fit | None = None) -> Fit:
    """Find the most likely curve; ``begin`` may be the fit at a rate near by."""
    point = _climb(pool, basis, _begin(pool, basis) if begin is None else _resume(pool, begin))
    mass, _ = point.measure(pool, basis)
    sd = 1.0 / point.precision
    shared = point.shared * np.repeat(sd, pool.series_blocks)
    fit = Fit(point.start * pool.to_runs(sd), shared, sd, pool.total(mass.log), sd)
    slope = pool.total(mass.by_mean * fit.rate_slope(pool, basis)) * point.precision
    return replace(fit, slope=slope)


def at_least_sd(pool: Pool, sd: Floats) -> Bools:
    """Return where the spread is the least that is searched: a curve passes through all cells."""
    return sd <= LEAST_SD * pool.grid * (1.0 + 1e-6)


def _begin(pool: Pool, basis: Basis) -> Point:
    fit = fit_normal(pool, basis)
    # the spread of rounding itself is taken off (Sheppard's correction)
    variance = np.maximum(fit.sd**2 - pool.grid**2 / 12.0, (FIRST_SD * pool.grid) ** 2)
    return _resume(pool, replace(fit, sd=np.sqrt(variance)))


def _resume(pool: Pool, fit: Fit) -> Point:
    precision = 1.0 / fit.sd
    shared = fit.shared * np.repeat(precision, pool.series_blocks)
    return Point(fit.start * pool.to_runs(precision), shared, precision)


def _climb(pool: Pool, basis: Basis, point: Point) -> Point:
    """Walk up by Newton's steps; series that have arrived are dropped on the way."""
    found = Point(point.start.copy(), point.shared.copy(), point.precision.copy())
    at = np.arange(len(pool.grid))
    blocks, runs = np.arange(len(pool.block_runs)), np.arange(len(pool.run_rows))
    mass, height = point.measure(pool, basis)
    for _ in range(MAX_STEPS):
        step, gain, share = _step(pool, basis, point, mass)
        point, mass, height = _walk(pool, basis, point, step, share, height)
        found.start[runs], found.shared[blocks] = point.start, point.shared
        found.precision[at] = point.precision
        moving = gain * share > 1e-7
        if not moving.any():
            break
        if moving.mean() < 0.7:  # to drop a few costs more than to take them along
            kept_blocks = np.repeat(moving, pool.series_blocks)
            kept = np.repeat(kept_blocks, pool.block_runs)
            rows = np.repeat(kept, pool.run_rows)
            at, blocks, runs = at[moving], blocks[kept_blocks], runs[kept]
            point, height = point.only(moving, pool), height[moving]
            mass = _only_rows(mass, rows)
            basis, pool = _only_rows(basis, rows), pool.only(moving)
    return found


def _only_rows(columns: Rows, rows: Bools) -> Rows:
    return type(columns)(*(column[rows] for column in vars(columns).values()))


def _walk(
    pool: Pool, basis: Basis, point: Point, step: Point, share: Floats, height: Floats
) -> tuple[Point, Mass, Floats]:
    """Take the step, or half of it where that would lead down, and again."""
    for _ in range(MAX_STEPS):
        new = point.plus(step, share, pool)
        mass, reached = new.measure(pool, basis)
        lower = reached < height - 1e-10 * (1.0 + np.abs(height))
        if not lower.any():
            break
        share = np.where(lower, 0.5 * share, share)
    return new, mass, reached


def _step(pool: Pool, basis: Basis, point: Point, mass: Mass) -> tuple[Point, Floats, Floats]:
    """Return Newton's step, what it promises to gain, and the share of it that may be taken."""
    most = 1.0 / (LEAST_SD * pool.grid)
    arrow = Arrow.build(pool, basis, point, mass)
    step, gain = arrow.solve(pool, held=np.zeros(len(most), dtype=bool))
    held = (point.precision >= most) & (step.precision > 0.0)
    if held.any():
        step, gain = arrow.solve(pool, held=held)
    room = np.where(step.precision > 0.0, most - point.precision, 0.8 * point.precision)
    asked = np.abs(step.precision)
    share = np.divide(room, asked, out=np.ones_like(room), where=asked > room)
    return step, gain, share

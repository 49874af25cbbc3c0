"""Which step leads from a curve for heaped ratings towards the most likely one?

Every run has its own start and every block its own shared number, so that the matrix of bends is an
arrow within an arrow with the precision at its head: runs are eliminated first, then blocks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.curve_forms import Basis
from gradex_analysis.stats.curve_mass import Mass, measure_mass
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import Bools, Floats

# Keeps starts finite that nothing bounds (all ratings at an end of the scale); moves no others.
RIDGE = 1e-10


@dataclass(frozen=True)
class Point:
    """A curve: starts and shared number over the spread, and one over it."""

    start: Floats
    shared: Floats
    precision: Floats

    def plus(self, step: Point, share: Floats, pool: Pool) -> Point:
        return Point(
            self.start + pool.to_runs(share) * step.start,
            self.shared + np.repeat(share, pool.series_blocks) * step.shared,
            self.precision + share * step.precision,
        )

    def only(self, series: Bools, pool: Pool) -> Point:
        blocks = np.repeat(series, pool.series_blocks)
        runs = np.repeat(blocks, pool.block_runs)
        return Point(self.start[runs], self.shared[blocks], self.precision[series])

    def measure(self, pool: Pool, basis: Basis) -> tuple[Mass, Floats]:
        """Return the mass of each row and each series' height, log-likelihood less ridge."""
        mean = pool.spread_runs(self.start) * basis.remaining
        mean = mean + pool.spread_blocks(self.shared) * basis.gained
        mass = measure_mass(pool, mean, pool.spread(self.precision))
        ridge = pool.by_series(self.start * self.start) + pool.join(self.shared * self.shared)
        return mass, pool.total(mass.log) - 0.5 * RIDGE * ridge


@dataclass(frozen=True)
class Arrow:
    """Slopes and bends of the log-likelihood, one a run, a block or a series as they are named."""

    run_slope: Floats
    run_bend: Floats
    run_shared: Floats
    run_precision: Floats
    block_slope: Floats
    block_bend: Floats
    block_precision: Floats
    slope: Floats
    bend: Floats

    @classmethod
    def build(cls, pool: Pool, basis: Basis, point: Point, mass: Mass) -> Arrow:
        """Add up what the rows tell."""
        remaining, gained = basis.remaining, basis.gained
        told = mass.mean_mean * remaining
        by_run = pool.by_run
        return cls(
            run_slope=by_run(mass.by_mean * remaining) - RIDGE * point.start,
            run_bend=by_run(told * remaining) + RIDGE,
            run_shared=by_run(told * gained),
            run_precision=by_run(mass.mean_precision * remaining),
            block_slope=pool.by_block(by_run(mass.by_mean * gained)) - RIDGE * point.shared,
            block_bend=pool.by_block(by_run(mass.mean_mean * gained * gained)) + RIDGE,
            block_precision=pool.by_block(by_run(mass.mean_precision * gained)),
            slope=pool.total(mass.by_precision),
            bend=pool.total(mass.precision_precision),
        )

    def solve(self, pool: Pool, *, held: Bools) -> tuple[Point, Floats]:
        """Return Newton's step and what it promises to gain; ``held`` keeps the precision."""
        by_shared, by_precision = (
            column / self.run_bend for column in (self.run_shared, self.run_precision)
        )
        block_slope = self.block_slope - pool.by_block(by_shared * self.run_slope)
        block_bend = self.block_bend - pool.by_block(by_shared * self.run_shared)
        tie = self.block_precision - pool.by_block(by_shared * self.run_precision)
        slope = self.slope - pool.by_series(by_precision * self.run_slope)
        slope = slope - pool.join(tie * block_slope / block_bend)
        bend = self.bend - pool.by_series(by_precision * self.run_precision)
        bend = bend - pool.join(tie * tie / block_bend)
        precision = np.where(held, 0.0, slope / np.where(held, 1.0, bend))
        shared = (block_slope - tie * np.repeat(precision, pool.series_blocks)) / block_bend
        start = (
            self.run_slope
            - self.run_shared * np.repeat(shared, pool.block_runs)
            - self.run_precision * pool.to_runs(precision)
        ) / self.run_bend
        gain = (
            pool.by_series(start * self.run_slope)
            + pool.join(shared * self.block_slope)
            + precision * self.slope
        )
        return Point(start, shared, precision), gain

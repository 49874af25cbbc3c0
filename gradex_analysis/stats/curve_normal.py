"""Which starts and shared numbers fit best at a given rate, by least squares?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gradex_analysis.stats.curve_forms import Basis
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import ROUNDING, Bools, Floats

# Where all values are 0 there is not even rounding.
LEAST_RSS = 1e-100


@dataclass(frozen=True)
class Fit:
    """The most likely curve at given rates.

    ``start`` has one number a run, ``shared`` one a block (0 where the form has none), the others
    one a series: ``sd`` (maximum likelihood), the log-likelihood and its ``slope`` by the log rate.
    """

    start: Floats
    shared: Floats
    sd: Floats
    log_likelihood: Floats
    slope: Floats

    def only(self, series: Bools, pool: Pool) -> Fit:
        """Keep some of the series of the pool."""
        if series.all():
            return self
        blocks = np.repeat(series, pool.series_blocks)
        runs = np.repeat(blocks, pool.block_runs)
        rest = (column[series] for column in (self.sd, self.log_likelihood, self.slope))
        return Fit(self.start[runs], self.shared[blocks], *rest)

    def mean(self, pool: Pool, basis: Basis) -> Floats:
        """Return the curve at each row."""
        return (
            pool.spread_runs(self.start) * basis.remaining
            + pool.spread_blocks(self.shared) * basis.gained
        )

    def rate_slope(self, pool: Pool, basis: Basis) -> Floats:
        """Return the slope of the curve by the log rate at each row."""
        own = pool.spread_runs(self.start) * basis.remaining_slope
        return own + pool.spread_blocks(self.shared) * basis.gained_slope


def fit_normal(pool: Pool, basis: Basis, begin: Fit | None = None) -> Fit:
    """Fit by least squares: runs are eliminated one by one, then each shared number is solved.

    A fit to ``begin`` from is of no use here; likelihoods that climb are called alike.
    """
    remaining, gained = basis.remaining, basis.gained
    own = pool.by_run(remaining * remaining)
    tie = pool.by_run(remaining * gained) / own
    along = pool.by_run(remaining * pool.value) / own
    # what the shared number has that no start can imitate
    left = gained - remaining * pool.spread_runs(tie)
    information = pool.by_block(pool.by_run(left * left))
    pull = pool.by_block(pool.by_run(left * pool.value))
    shared = np.divide(pull, information, out=np.zeros_like(pull), where=information > 0.0)
    start = along - tie * np.repeat(shared, pool.block_runs)
    n = pool.counts
    fit = Fit(start, shared, *3 * (np.zeros(len(n)),))
    residual = pool.value - fit.mean(pool, basis)
    # a curve through every value would be infinitely likely: its ties are left to rounding
    rss = pool.total(residual * residual) + ROUNDING * pool.total(pool.value * pool.value)
    rss = np.maximum(rss, LEAST_RSS)
    slope = n / rss * pool.total(residual * fit.rate_slope(pool, basis))
    log_likelihood = -0.5 * n * (np.log(2.0 * np.pi * rss / n) + 1.0)
    return replace(fit, sd=np.sqrt(rss / n), log_likelihood=log_likelihood, slope=slope)

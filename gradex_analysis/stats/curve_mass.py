"""How likely is it that a normal number falls between two ends, and how does that change?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import Floats

# Further out than this many standard deviations the mass is too small to be more than its log.
FAR = -30.0


@dataclass(frozen=True)
class Mass:
    """``log P(lower < y < upper)`` at each row, with slopes and bends.

    By ``mean`` (in standard deviations) and ``precision`` (one over the standard deviation), in
    which it is concave (Burridge 1981, doi:10.1111/j.2517-6161.1981.tb01151.x; Pratt 1981).
    The bends have the opposite sign: they are what each row tells.
    """

    log: Floats
    by_mean: Floats
    by_precision: Floats
    mean_mean: Floats
    mean_precision: Floats
    precision_precision: Floats


def measure_mass(pool: Pool, mean: Floats, precision: Floats) -> Mass:
    """Measure the mass between the ends of each row."""
    low, high = (precision * end - mean for end in (pool.lower, pool.upper))
    log = _log_mass(low, high)
    log_root = log + 0.5 * np.log(2.0 * np.pi)
    at_low, at_high = (np.exp(-0.5 * z * z - log_root) for z in (low, high))
    # an open end has no density; its distance, infinite, must not meet that zero
    low, high, lower, upper = (
        np.where(np.isfinite(end), end, 0.0) for end in (low, high, pool.lower, pool.upper)
    )
    by_mean = at_low - at_high
    by_precision = upper * at_high - lower * at_low
    bend_low, bend_high = low * at_low, high * at_high
    return Mass(
        log,
        by_mean,
        by_precision,
        bend_high - bend_low + by_mean * by_mean,
        lower * bend_low - upper * bend_high + by_precision * by_mean,
        upper * upper * bend_high - lower * lower * bend_low + by_precision * by_precision,
    )


def _log_mass(low: Floats, high: Floats) -> Floats:
    """Return ``log(Phi(high) - Phi(low))``, both taken on the side where it is exact."""
    flip = low + high > 0.0
    left, right = np.where(flip, -high, low), np.where(flip, -low, high)
    far = right < FAR
    mass = special.ndtr(right) - special.ndtr(left)
    log: Floats = np.log(np.where(far, 1.0, mass))
    if far.any():
        log_right = special.log_ndtr(right[far])
        log[far] = log_right + np.log(-np.expm1(special.log_ndtr(left[far]) - log_right))
    return log

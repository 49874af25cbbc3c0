"""Which rates agree with each of many courses, whatever their form and the likelihood?

The log-likelihood at a given rate, with all else at its best, is a function of the rate alone: the
profile. It is searched on the grid of ``decay_profile``, refined by its slope, and its interval
ends where ``2 (highest - height) = n log(1 + F / (n - p))``; with normal errors that is the
interval by sums of squares of Bates & Watts (1988).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.curve_forms import Basis, Form
from gradex_analysis.stats.curve_normal import Fit
from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import LOG_RATES, MAX_STEPS, Bools, Floats, Ints

#: fits all but the rate; the fit at a rate near by may be given to begin from
FitAtRate = Callable[[Pool, Basis, Fit | None], Fit]


@dataclass(frozen=True)
class Search:
    """How the profile of a form is measured."""

    form: Form
    fit: FitAtRate

    def measure(self, pool: Pool, log_rate: Floats, begin: Fit | None = None) -> Fit:
        """Fit everything else at these rates."""
        return self.fit(pool, self.form.basis(pool, log_rate), begin)


@dataclass(frozen=True)
class Found:
    """The best log rate of each series, the ends of its interval, and whether it is a bound."""

    log_rate: Floats
    low: Floats
    high: Floats
    at_bound: Bools


@dataclass(frozen=True)
class _Peak:
    """The top of each profile and how far below it the interval ends."""

    log_rate: Floats
    fit: Fit
    drop: Floats

    def only(self, series: Bools, pool: Pool) -> _Peak:
        return _Peak(self.log_rate[series], self.fit.only(series, pool), self.drop[series])

    def excess(self, height: Floats) -> Floats:
        """Return the root of the fall, less that at the end: nearly straight in the log rate."""
        fall = np.maximum(self.fit.log_likelihood - height, 0.0)
        root: Floats = np.sqrt(fall) - np.sqrt(self.drop)
        return root


def search_rates(search: Search, pool: Pool, drop: Floats) -> Found:
    """Find the best rate and where the profile has fallen by ``drop``; infinite where open."""
    profile, slopes = _measure_grid(search, pool)
    log_rate = _find_top(search, pool, profile, slopes)
    fit = search.measure(pool, log_rate)
    top = fit.log_likelihood
    # rounding decides between a rate at the end of the grid and one next to it
    slowest, fastest = (profile[end] >= top - 1e-9 * (1.0 + np.abs(top)) for end in (0, -1))
    log_rate = np.select([slowest, fastest], [LOG_RATES[0], LOG_RATES[-1]], log_rate)
    peak = _Peak(log_rate, fit, drop)
    low = _find_end(search, pool, profile, peak, rates=LOG_RATES)
    high = _find_end(search, pool, profile[::-1], peak, rates=LOG_RATES[::-1])
    return Found(log_rate, low, high, slowest | fastest)


def _measure_grid(search: Search, pool: Pool) -> tuple[Floats, Floats]:
    """Measure height and slope of the profile: one row per rate, one column per series."""
    shape = (len(LOG_RATES), len(pool.grid))
    profile, slopes = np.empty(shape), np.empty(shape)
    for row, rate in enumerate(LOG_RATES):
        fit = search.measure(pool, np.full(shape[1], rate))
        profile[row], slopes[row] = fit.log_likelihood, fit.slope
    return profile, slopes


def _find_top(search: Search, pool: Pool, profile: Floats, slopes: Floats) -> Floats:
    """Refine the two highest peaks of the grid and keep the better."""
    best = np.full(profile.shape[1], np.nan)
    highest = np.full(profile.shape[1], -np.inf)
    walled = np.pad(profile, ((1, 1), (0, 0)), constant_values=-np.inf)
    peaks = np.where((profile >= walled[:-2]) & (profile > walled[2:]), profile, -np.inf)
    for _ in range(2):
        row = np.argmax(peaks, axis=0)
        # the grid is fine enough that a peak this much lower is not the highest
        here = np.take_along_axis(peaks, row[None], axis=0)[0] > highest - 1.0
        if not here.any():
            break
        refined, height = _ascend(search, pool.only(here), row[here], slopes[:, here])
        better = height > highest[here]
        chosen = np.flatnonzero(here)[better]
        best[chosen], highest[chosen] = refined[better], height[better]
        np.put_along_axis(peaks, row[None], -np.inf, axis=0)
    return best


def _ascend(search: Search, pool: Pool, row: Ints, slopes: Floats) -> tuple[Floats, Floats]:
    """Find where the slope is 0 between a row of the grid and the next one up (safe secants)."""
    slope = np.take_along_axis(slopes, row[None], axis=0)[0]
    beside = np.clip(row + np.where(slope > 0.0, 1, -1), 0, len(LOG_RATES) - 1)
    before, slope_before = LOG_RATES[beside], np.take_along_axis(slopes, beside[None], axis=0)[0]
    guess, fit = LOG_RATES[row], None
    low, high = np.minimum(guess, before), np.maximum(guess, before)
    found, height, at = guess.copy(), np.empty(len(row)), np.arange(len(row))
    for _ in range(MAX_STEPS):
        bend = (slope - slope_before) / np.where(guess == before, np.nan, guess - before)
        new = guess - slope / np.where(bend < 0.0, bend, np.nan)
        new = np.where((low <= new) & (new <= high), new, 0.5 * (low + high))
        fit = search.measure(pool, new, fit)
        found[at], height[at] = new, fit.log_likelihood
        low, high = np.where(fit.slope > 0.0, new, low), np.where(fit.slope < 0.0, new, high)
        moving = (np.abs(new - guess) > 1e-8) & (fit.slope != 0.0)
        before, slope_before, guess, slope = guess, slope, new, fit.slope
        if not moving.any():
            break
        if not moving.all():
            fit, pool, at = fit.only(moving, pool), pool.only(moving), at[moving]
            low, high, before, slope_before, guess, slope = (
                column[moving] for column in (low, high, before, slope_before, guess, slope)
            )
    return found, height


def _find_end(search: Search, pool: Pool, profile: Floats, peak: _Peak, *, rates: Floats) -> Floats:
    """Find the outermost rate at the end's height, on the side where ``rates`` begins."""
    outward = np.sign(rates[0] - rates[-1])
    past_best = outward * rates[:, None] <= outward * peak.log_rate
    within = peak.excess(profile) <= 0.0
    first = np.argmax(within | past_best, axis=0)
    closed = first > 0
    end = np.full(len(first), outward * np.inf)
    if not closed.any():
        return end
    peak, at_best = peak.only(closed, pool), past_best[first, np.arange(len(first))][closed]
    profile, first = profile[:, closed], first[closed]
    series = np.arange(len(first))
    inside = np.where(at_best, peak.log_rate, rates[first])
    excess_in = np.where(at_best, -np.sqrt(peak.drop), peak.excess(profile[first, series]))
    excess_out = peak.excess(profile[first - 1, series])
    bracket = np.stack([inside, rates[first - 1], excess_in, excess_out])
    end[closed] = _cross(search, pool.only(closed), peak, bracket)
    return end


def _cross(search: Search, pool: Pool, peak: _Peak, bracket: Floats) -> Floats:
    """Find where the excess is 0 (Illinois; Dowell & Jarratt 1971).

    ``bracket`` holds the rates inside and outside and the excess there.
    """
    inside, outside, excess_in, excess_out = bracket
    crossing: Floats = outside.copy()
    at, fit = np.arange(len(outside)), peak.fit
    for _ in range(MAX_STEPS):
        new = outside - excess_out * (outside - inside) / (excess_out - excess_in)
        fit = search.measure(pool, new, fit)
        excess = peak.excess(fit.log_likelihood)
        crossing[at] = new
        same = excess * excess_out > 0.0
        inside = np.where(same, inside, outside)
        excess_in = np.where(same, 0.5 * excess_in, excess_out)
        moving = (np.abs(excess) > 1e-7) & (np.abs(new - inside) > 1e-12)
        if not moving.any():
            break
        peak, fit = peak.only(moving, pool), fit.only(moving, pool)
        pool, at = pool.only(moving), at[moving]
        inside, outside = inside[moving], new[moving]
        excess_in, excess_out = excess_in[moving], excess[moving]
    return crossing

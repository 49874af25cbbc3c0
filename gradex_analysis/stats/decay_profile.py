"""Which rates of exponential decay agree with each of many short series?

``y = start + (asymptote - start) * (1 - exp(-rate * t))`` is linear in all but the rate, so the
residual sum of squares is a function of the rate alone (Golub & Pereyra 1973,
doi:10.1137/0710036): the profile. Rates here are per span of the series, as logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Slower than exp(-1/64) over the whole series is a straight line; faster than exp(-128) is a step.
STEPS_PER_OCTAVE = 2
LOG_RATES: Floats = np.log(2.0) * np.arange(-6.0, 7.01, 1.0 / STEPS_PER_OCTAVE)

# Sums of squares closer than this share of the whole cannot be told apart in double precision.
ROUNDING = 1e-12

MAX_STEPS = 60


@dataclass(frozen=True)
class Courses:
    """Many series, one after the other: ``x`` in spans, ``y`` about its mean or known start."""

    x: Floats
    y: Floats
    counts: Ints
    start_is_free: bool

    @cached_property
    def begins(self) -> Ints:
        """Return the first row of each series."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def square(self) -> Floats:
        """Return the sum of squares of ``y`` in each series."""
        return self.total(self.y * self.y)

    def total(self, rows: Floats) -> Floats:
        """Add up the rows of each series."""
        return np.add.reduceat(rows, self.begins)

    def spread(self, per_series: Floats) -> Floats:
        """Repeat one number a series over its rows."""
        return np.repeat(per_series, self.counts)

    def inner(self, left: Floats, right: Floats) -> Floats:
        """Multiply and add up; about the means where the start is free."""
        product = self.total(left * right)
        if self.start_is_free:
            left_total = self.total(left)
            right_total = left_total if right is left else self.total(right)
            product -= left_total * right_total / self.counts
        return product

    def only(self, series: Bools) -> Courses:
        """Keep some of the series."""
        if series.all():
            return self
        rows = np.repeat(series, self.counts)
        return Courses(self.x[rows], self.y[rows], self.counts[series], self.start_is_free)


def measure_rss(courses: Courses, log_rate: Floats) -> Floats:
    """Measure the residual sum of squares of each series at its own rate."""
    return _rss(courses, np.exp(-courses.spread(np.exp(log_rate)) * courses.x))


def _rss(courses: Courses, remaining: Floats) -> Floats:
    gone = 1.0 - remaining
    along = courses.total(gone * courses.y)
    return np.maximum(courses.square - along * along / courses.inner(gone, gone), 0.0)


def measure_grid(courses: Courses) -> Floats:
    """Measure the profile on ``LOG_RATES``: one row per rate, one column per series."""
    profile = np.empty((len(LOG_RATES), len(courses.counts)))
    for first in range(STEPS_PER_OCTAVE):
        remaining = np.exp(-np.exp(LOG_RATES[first]) * courses.x)
        for row in range(first, len(LOG_RATES), STEPS_PER_OCTAVE):
            profile[row] = _rss(courses, remaining)
            remaining *= remaining  # twice the rate, without another exponential
    return profile


def find_best(courses: Courses, profile: Floats) -> tuple[Floats, Floats]:
    """Find the log rate with the least rss, and that rss: the two lowest valleys are searched."""
    best = np.full(len(courses.counts), np.nan)
    least = np.full(len(courses.counts), np.inf)
    walled = np.pad(profile, ((1, 1), (0, 0)), constant_values=np.inf)
    valley = (profile <= walled[:-2]) & (profile < walled[2:])
    depth = np.where(valley, profile, np.inf)
    for _ in range(2):
        lowest = np.argmin(depth, axis=0)
        here = np.take_along_axis(depth, lowest[None], axis=0)[0] < np.inf
        if not here.any():
            break
        some = courses.only(here)
        refined = _descend(some, *_bracket(profile[:, here], lowest[here]))
        rss = measure_rss(some, refined)
        better = rss < least[here]
        chosen = np.flatnonzero(here)[better]
        best[chosen], least[chosen] = refined[better], rss[better]
        np.put_along_axis(depth, lowest[None], np.inf, axis=0)
    return best, least


def _bracket(profile: Floats, lowest: Ints) -> tuple[Floats, Floats, Floats]:
    """Return lower end, first guess (vertex of a parabola, or the end of the grid), upper end."""
    last = len(LOG_RATES) - 1
    below, above = np.maximum(lowest - 1, 0), np.minimum(lowest + 1, last)
    left, middle, right = (
        np.take_along_axis(profile, row[None], axis=0)[0] for row in (below, lowest, above)
    )
    bend = left - 2.0 * middle + right
    inside = (below < lowest) & (lowest < above) & (bend > 0.0)
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros_like(bend), where=inside)
    guess = LOG_RATES[lowest] + shift * (LOG_RATES[1] - LOG_RATES[0])
    return LOG_RATES[below], guess, LOG_RATES[above]


def _descend(courses: Courses, low: Floats, guess: Floats, high: Floats) -> Floats:
    """Walk down the profile by Newton steps, halving the bracket where a step leaves it."""
    found = guess.copy()
    at = np.arange(len(guess))
    for _ in range(MAX_STEPS):
        slope, bend = _slope_and_bend(courses, guess)
        low = np.where(slope < 0.0, guess, low)
        high = np.where(slope > 0.0, guess, high)
        step = np.divide(-slope, bend, out=np.full_like(bend, np.inf), where=bend > 0.0)
        new = guess + step
        new = np.where((low <= new) & (new <= high), new, 0.5 * (low + high))
        found[at] = new
        moving = np.abs(new - guess) > 1e-9
        if not moving.any():
            break
        courses, at = courses.only(moving), at[moving]
        low, guess, high = low[moving], new[moving], high[moving]
    return found


def _slope_and_bend(courses: Courses, log_rate: Floats) -> tuple[Floats, Floats]:
    """Return first and second derivative of the profile by the log rate (both halved)."""
    passed = courses.spread(np.exp(log_rate)) * courses.x
    remaining = np.exp(-passed)
    gone, first = 1.0 - remaining, passed * remaining
    second = first * (1.0 - passed)
    gg, gf = courses.inner(gone, gone), courses.inner(gone, first)
    ff, gs = courses.inner(first, first), courses.inner(gone, second)
    gy, fy, sy = (courses.total(rows * courses.y) for rows in (gone, first, second))
    drop = gy / gg
    pull = fy - drop * gf
    drop_slope = (pull - drop * gf) / gg
    slope = -drop * pull
    bend = -drop_slope * pull - drop * (sy - drop * gs - drop * ff - drop_slope * gf)
    return slope, bend


def find_ends(
    courses: Courses, profile: Floats, *, best: Floats, least: Floats, threshold: Floats
) -> tuple[Floats, Floats]:
    """Find the outermost log rates whose rss is within the threshold; -inf, inf where open.

    Two separate valleys below the threshold make one interval, so that it never claims more
    than the data do.
    """
    low = _find_end(courses, profile, best, least, threshold, rates=LOG_RATES)
    high = _find_end(courses, profile[::-1], best, least, threshold, rates=LOG_RATES[::-1])
    return low, high


def _find_end(
    courses: Courses,
    profile: Floats,
    best: Floats,
    least: Floats,
    threshold: Floats,
    *,
    rates: Floats,
) -> Floats:
    """Find the end on the side where ``rates`` begins."""
    outward = np.sign(rates[0] - rates[-1])
    past_best = outward * rates[:, None] <= outward * best
    first = np.argmax((profile <= threshold) | past_best, axis=0)
    closed = first > 0
    inside = np.where(past_best[first, np.arange(len(best))], best, rates[first])
    end = np.full(len(best), outward * np.inf)
    end[closed] = _cross(
        courses.only(closed),
        inside[closed],
        rates[first[closed] - 1],
        least[closed],
        threshold[closed],
    )
    return end


def _cross(
    courses: Courses, inside: Floats, outside: Floats, least: Floats, threshold: Floats
) -> Floats:
    """Find where the profile crosses the threshold (Illinois; Dowell & Jarratt 1971).

    The root of the rise above the least rss is nearly straight in the log rate.
    """
    target = np.sqrt(threshold - least)
    crossing, at = outside.copy(), np.arange(len(outside))
    height_in, height_out = (_rise(courses, rate, least) - target for rate in (inside, outside))
    for _ in range(MAX_STEPS):
        new = outside - height_out * (outside - inside) / (height_out - height_in)
        height = _rise(courses, new, least) - target
        crossing[at] = new
        same = height * height_out > 0.0
        inside = np.where(same, inside, outside)
        height_in = np.where(same, 0.5 * height_in, height_out)
        moving = (np.abs(height) > 1e-7 * target) & (np.abs(new - inside) > 1e-12)
        if not moving.any():
            break
        courses, at = courses.only(moving), at[moving]
        inside, outside, least, target = (a[moving] for a in (inside, new, least, target))
        height_in, height_out = height_in[moving], height[moving]
    return crossing


def _rise(courses: Courses, log_rate: Floats, least: Floats) -> Floats:
    return np.sqrt(np.maximum(measure_rss(courses, log_rate) - least, 0.0))

"""Which forms may a course over time take?

All are ``start * remaining(time) + shared * gained(time)``: every run has its own start, the value
at its first row; asymptote or slope are shared by the runs of a block, the rate by the series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.curve_rows import Pool
from gradex_analysis.stats.decay_profile import Floats, Ints


@dataclass(frozen=True)
class Basis:
    """What multiplies start and shared number at each row, and its slopes by the log rate."""

    remaining: Floats
    gained: Floats
    remaining_slope: Floats
    gained_slope: Floats


@dataclass(frozen=True)
class Form:
    """A course over time; ``clock_unit`` is the unit of a clock that runs as log(1 + time)."""

    name: str
    formula: str
    has_rate: bool
    shared: str = ""
    clock_unit: float | None = None

    def count_shape(self, pool: Pool) -> Ints:
        """Return how many numbers of each series are not starts: its rate, its shared numbers."""
        shared = pool.join(pool.told.astype(np.int64)) if self.shared else 0
        count: Ints = np.zeros(len(pool.grid), dtype=np.int64) + shared + int(self.has_rate)
        return count

    def clock(self, time: Floats) -> Floats:
        """Return time as the form counts it."""
        return time if self.clock_unit is None else np.log1p(time / self.clock_unit)

    def basis(self, pool: Pool, log_rate: Floats) -> Basis:
        """Return the basis where ``pool.x`` is the form's clock and the rates are per its unit."""
        zero, one = np.zeros_like(pool.x), np.ones_like(pool.x)
        if not self.has_rate:
            return Basis(one, pool.x if self.shared else zero, zero, zero)
        passed = pool.spread(np.exp(log_rate)) * pool.x
        remaining = np.exp(-passed)
        slope = -passed * remaining
        if not self.shared:
            return Basis(remaining, zero, slope, zero)
        return Basis(remaining, 1.0 - remaining, slope, -slope)

    def half_life(self, rate: Floats) -> Floats:
        """Return the time in which half of the change is done."""
        on_clock: Floats = np.log(2.0) / rate
        if self.clock_unit is None:
            return on_clock
        with np.errstate(over="ignore"):  # so slow that it is never done: infinite
            half_life: Floats = self.clock_unit * np.expm1(on_clock)
        return half_life

    def half_life_slope(self, rate: Floats) -> Floats:
        """Return how fast the half-life falls with the log of the rate."""
        on_clock: Floats = np.log(2.0) / rate
        if self.clock_unit is None:
            return on_clock
        with np.errstate(over="ignore"):
            slope: Floats = self.clock_unit * on_clock * np.exp(on_clock)
        return slope


FORMS = {
    form.name: form
    for form in (
        Form("exponential", "A + (S - A) exp(-k t)", has_rate=True, shared="asymptote"),
        Form("exponential_to_zero", "S exp(-k t)", has_rate=True),
        Form("power", "S (1 + t)^-k", has_rate=True, clock_unit=1.0),
        Form("linear", "S + b t", has_rate=False, shared="slope"),
        Form("flat", "S", has_rate=False),
    )
}

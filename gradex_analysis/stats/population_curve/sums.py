"""What does a likelihood need to know of an exposure, when its rate is given?

With ``d = exp(-k t)`` the course is linear, so sums over the ratings of 1, d, d^2, y, y d, y^2
are all; three more, with ``f = k t d``, tell how they move with the log rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.rows import Integers, Ratings


class Sums(NamedTuple):
    """Sums over the ratings of each exposure, per node of its rate."""

    d: Floats
    dd: Floats
    yd: Floats
    f: Floats
    df: Floats
    yf: Floats


@dataclass(frozen=True, eq=False)
class Slots:
    """Ratings as columns: first ratings of all exposures, second ratings ..., the longest first.

    One pass over a slot serves all exposures, and sums are added to in place.
    """

    ratings: Ratings

    @cached_property
    def order(self) -> Integers:
        """Exposures from the longest to the shortest."""
        return np.argsort(-self.ratings.counts, kind="stable").astype(np.intp)

    @cached_property
    def back(self) -> Integers:
        """Where each exposure stands in that order."""
        return np.argsort(self.order).astype(np.intp)

    @cached_property
    def slots(self) -> list[tuple[int, Floats, Floats]]:
        """Number of exposures that have the slot, with their times and values as columns."""
        counts, begins = self.ratings.counts[self.order], self.ratings.begins[self.order]
        found = []
        for slot in range(int(counts[0])):
            n = int(np.searchsorted(-counts, -slot, side="left"))
            rows = begins[:n] + slot
            time, value = self.ratings.time[rows], self.ratings.value[rows]
            found.append((n, time[:, None], value[:, None]))
        return found

    @cached_property
    def y(self) -> Floats:
        """Sums of the values, as a column."""
        return self.ratings.per_exposure(self.ratings.value)[:, None]

    @cached_property
    def yy(self) -> Floats:
        """Sums of their squares, as a column."""
        return self.ratings.per_exposure(self.ratings.value**2)[:, None]

    @cached_property
    def n(self) -> Floats:
        """Numbers of ratings, as a column."""
        return self.ratings.counts[:, None].astype("float64")

    def measure(self, rate: Floats) -> Sums:
        """Add up at the rates of each exposure (row) and node (column)."""
        rate = rate[self.order]
        totals = Sums(*(np.zeros_like(rate) for _ in Sums._fields))
        for n, time, value in self.slots:
            passed = rate[:n] * time
            d = np.exp(-passed)
            f = passed * d
            for total, own in zip(totals, (d, d * d, value * d, f, d * f, value * f), strict=True):
                total[:n] += own
        return Sums(*(total[self.back] for total in totals))

    def measure_ff(self, rate: Floats) -> Floats:
        """Add up squares of f at the rates; only the linearised model needs them."""
        rate = rate[self.order]
        total = np.zeros_like(rate)
        for n, time, _ in self.slots:
            passed = rate[:n] * time
            total[:n] += (passed * np.exp(-passed)) ** 2
        return total[self.back]

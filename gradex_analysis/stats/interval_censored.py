"""How many have not yet got there, when the moment is only known to lie between two looks?

The nonparametric maximum likelihood estimate of a survival curve (Turnbull 1976,
doi:10.1111/j.2517-6161.1976.tb01597.x) by self-consistency; with exact times and right censoring it
is the Kaplan-Meier curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradex_analysis.errors import CannotAnswerError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: how far the log-likelihood per row may be below its maximum
CLOSE, CLOSE_ENOUGH = 1e-10, 1e-4
TINY = 1e-300
MOST_ROUNDS, MOST_ROUNDS_OF_DRAWS = 20_000, 1_000


@dataclass(frozen=True)
class Support:
    """The intervals ``(left, right]`` that can hold mass, and which of them each row covers.

    Row ``i`` covers those from ``first[i]`` to ``last[i]``: its own is a union of neighbours and of
    what lies between them.
    """

    left: Floats
    right: Floats
    first: Ints
    last: Ints


def find_support(left: npt.ArrayLike, right: npt.ArrayLike) -> Support:
    """Find Turnbull's intervals: a row's left end directly followed by a row's right end.

    A row with ``left == right`` is exact; one with an infinite right end has not got there by
    ``left``.
    """
    lefts, rights = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    _check(lefts, rights)
    values, places = np.unique(np.concatenate([lefts, rights]), return_inverse=True)
    opens, closes = np.split(places.astype(np.int64), 2)
    # on one line: before a value (-1), at it (0), after it (+1); an exact row begins before
    begins = 2 * opens + np.where(lefts == rights, -1, 1)
    ends = 2 * closes
    edges = np.unique(np.concatenate([begins, ends]))
    is_end = edges % 2 == 0
    held = np.flatnonzero(~is_end[:-1] & is_end[1:])
    starts, stops = edges[held], edges[held + 1]
    ends_at = values[stops // 2]
    is_exact = np.isin(stops, ends[lefts == rights]) & (starts == stops - 1)
    starts_at = np.where(is_exact, ends_at, values[starts // 2])
    first = np.searchsorted(starts, begins)
    last = np.searchsorted(stops, ends, side="right") - 1
    return Support(starts_at, ends_at, first.astype(np.int64), last.astype(np.int64))


def fit_masses(support: Support, weights: npt.ArrayLike, *, is_draw: bool = False) -> Floats:
    """Return the mass of each interval, for each row of ``weights`` (draws x rows).

    Self-consistency: each row's weight is shared out in proportion to the masses it covers, until
    the log-likelihood per unit of weight is within 1e-10 of its maximum (1e-4 for draws). Two steps
    and a leap along them (Varadhan & Roland 2008, doi:10.1111/j.1467-9469.2007.00585.x), which is
    taken where it does not lower the likelihood.
    """
    weight = np.atleast_2d(np.asarray(weights, dtype=float))
    weight = weight / weight.sum(axis=1, keepdims=True)
    n_held = len(support.left)
    masses = np.full((len(weight), n_held), 1.0 / n_held)
    sums = _Sums(support)
    active = np.arange(len(weight))
    close = CLOSE_ENOUGH if is_draw else CLOSE
    for _ in range(MOST_ROUNDS_OF_DRAWS if is_draw else MOST_ROUNDS):
        start, own = masses[active], weight[active]
        gain, _ = sums.gain(start, own)
        one = start * gain
        gain_of_one, height = sums.gain(one, own)
        two = one * gain_of_one
        leapt = _leap(start, one, two)
        is_higher = sums.height(leapt, own) >= height
        masses[active] = np.where(is_higher[:, None], leapt, two)
        # the log-likelihood is concave: it cannot rise by more than the largest gain less 1
        active = active[gain.max(axis=1) - 1.0 > close]
        if not len(active):
            break
    shares: Floats = masses / masses.sum(axis=1, keepdims=True)
    return shares


def _leap(start: Floats, one: Floats, two: Floats) -> Floats:
    """Extrapolate two steps; a mass that would be negative is a tenth of what it was."""
    step, bend = one - start, two - 2.0 * one + start
    length, turn = np.linalg.norm(step, axis=1), np.linalg.norm(bend, axis=1)
    far = np.divide(length, turn, out=np.ones_like(length), where=turn > 0)
    far = np.maximum(far, 1.0)[:, None]
    leapt = start + 2.0 * far * step + far**2 * bend
    leapt = np.where(leapt > 0.0, leapt, 0.1 * two)
    scaled: Floats = leapt / leapt.sum(axis=1, keepdims=True)
    return scaled


class _Sums:
    """What each row covers, and what each interval gets from the rows that cover it."""

    def __init__(self, support: Support) -> None:
        self._first, self._after = support.first, support.last + 1
        self._opening, self._closing = _Places(self._first), _Places(self._after)
        self._n_held = len(support.left)

    def gain(self, masses: Floats, weight: Floats) -> tuple[Floats, Floats]:
        """Return the sum of weight / (mass covered) for each interval, and the log-likelihood."""
        covered = self._cover(masses)
        ratio = np.divide(weight, covered, out=np.zeros_like(weight), where=weight > 0)
        steps = np.zeros((len(masses), self._n_held + 1))
        steps[:, self._opening.places] += self._opening.add(ratio)
        steps[:, self._closing.places] -= self._closing.add(ratio)
        return np.cumsum(steps[:, :-1], axis=1), _height(covered, weight)

    def height(self, masses: Floats, weight: Floats) -> Floats:
        """Return the log-likelihood per unit of weight."""
        return _height(self._cover(masses), weight)

    def _cover(self, masses: Floats) -> Floats:
        up_to = np.zeros((len(masses), self._n_held + 1))
        np.cumsum(masses, axis=1, out=up_to[:, 1:])
        covered: Floats = up_to[:, self._after] - up_to[:, self._first]
        # masses so small that their sum is lost in rounding
        return np.maximum(covered, TINY)


class _Places:
    """Columns put in order of their place, so that those of one place can be added."""

    def __init__(self, place: Ints) -> None:
        self._order = np.argsort(place, kind="stable")
        self.places, self._begins = np.unique(place[self._order], return_index=True)

    def add(self, numbers: Floats) -> Floats:
        sums: Floats = np.add.reduceat(numbers[:, self._order], self._begins, axis=1)
        return sums


def _height(covered: Floats, weight: Floats) -> Floats:
    height: Floats = (weight * np.log(covered)).sum(axis=1)
    return height


def _check(left: Floats, right: Floats) -> None:
    wrong = ~(np.isfinite(left) & (left <= right))
    if wrong.any() or not len(left):
        raise CannotAnswerError(
            f"{wrong.sum()} of {len(left)} rows have no interval: pass a finite left end and a "
            "right end that is not before it, infinite where it has not happened."
        )

"""Which covariance makes the data likeliest?

Newton's method on the exact second derivatives. Where the surface is not a bowl the step follows
the sizes of the curvatures (saddle-free), and is halved until the deviance falls.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.likelihood import Likelihood, Point

#: what a last step could still take from the deviance
FALL = 1e-16
#: curvatures below this share of the largest are flat
FLAT = 1e-9
#: longest step; parameters are logarithms and the like
LONGEST = 3.0
HALVINGS = 40
#: rounding in a deviance, as a share of it
ROUNDING = 1e-11


@dataclass(frozen=True, eq=False)
class Search:
    """Where the search ended; ``reason`` is "" where it converged."""

    point: Point
    iterations: int
    reason: str


def search(likelihood: Likelihood, start: Floats, *, max_iterations: int) -> Search | None:
    """Search from ``start``; None where that has no likelihood."""
    point = likelihood.at(start)
    if point is None or not np.isfinite(point.deviance):
        return None
    for iteration in range(1, max_iterations + 1):
        bend = Bend.of(point)
        step, fall = bend.step(point.gradient)
        is_fine = fall < ROUNDING * (1 + abs(point.deviance))
        if fall < FALL:
            nearer = None
        elif is_fine:
            nearer = _refine(likelihood, point, step)
        else:
            nearer = _walk(likelihood, point, step, fall)
        if nearer is None and is_fine and bend.is_saddle:
            nearer = _leave(likelihood, point, bend.directions[:, 0])
        if nearer is None:
            reason = "" if is_fine and bend.is_bowl else _why(is_bowl=bend.is_bowl)
            return Search(point, iteration, reason)
        point = nearer
    return Search(point, max_iterations, f"no end after {max_iterations} steps")


def _why(*, is_bowl: bool) -> str:
    if is_bowl:
        return "no step makes the data likelier"
    return "the likelihood is flat: the data do not tell the parameters"


def _refine(likelihood: Likelihood, point: Point, step: Floats) -> Point | None:
    """Take a full step where rounding hides what the deviance gains: the slope judges."""
    found = likelihood.at(point.free + step)
    return None if found is None or _slope(found) >= _slope(point) else found


def _leave(likelihood: Likelihood, point: Point, direction: Floats) -> Point | None:
    """Step off a saddle, such as a standard deviation of 0 where a variance would gain."""
    for size in (1.0, -1.0, 0.3, -0.3, 0.1, -0.1):
        found = likelihood.at(point.free + size * direction)
        if found is not None and found.deviance < point.deviance - ROUNDING * abs(point.deviance):
            return found
    return None


@dataclass(frozen=True, eq=False)
class Bend:
    """How the deviance bends at a point: ``curvatures``, rising, along ``directions``."""

    curvatures: Floats
    directions: Floats

    @classmethod
    def of(cls, point: Point) -> Bend:
        """Take it from the second derivatives."""
        return cls(*np.linalg.eigh((point.hessian + point.hessian.T) / 2))

    @property
    def _floor(self) -> float:
        return FLAT * max(float(np.abs(self.curvatures).max()), FLAT)

    @property
    def is_bowl(self) -> bool:
        """Whether it bends upwards everywhere."""
        return bool(self.curvatures[0] > self._floor)

    @property
    def is_saddle(self) -> bool:
        """Whether it bends downwards somewhere."""
        return bool(self.curvatures[0] < -self._floor)

    def step(self, gradient: Floats) -> tuple[Floats, float]:
        """Return the step, no longer than ``LONGEST``, and the fall that a full one promises."""
        sizes = np.maximum(np.abs(self.curvatures), self._floor)
        slopes = self.directions.T @ gradient
        step = -self.directions @ (slopes / sizes)
        longest = max(float(np.abs(step).max()), LONGEST)
        return step * (LONGEST / longest), float(slopes @ (slopes / sizes)) / 2


def _walk(likelihood: Likelihood, point: Point, step: Floats, fall: float) -> Point | None:
    """Halve the step until the deviance falls by a share of what was promised."""
    share = 1.0
    for _ in range(HALVINGS):
        found = likelihood.at(point.free + share * step)
        if found is not None and found.deviance < point.deviance - 1e-4 * share * fall:
            return found
        share /= 2
    return None


def _slope(point: Point) -> float:
    return float(np.abs(point.gradient).max())

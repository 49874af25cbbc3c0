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
        step, fall, is_bowl = _step(point)
        if fall < FALL:
            return Search(point, iteration, "" if is_bowl else _why(is_bowl=is_bowl))
        is_fine = fall < ROUNDING * (1 + abs(point.deviance))
        nearer = (
            _refine(likelihood, point, step) if is_fine else _walk(likelihood, point, step, fall)
        )
        if nearer is None:
            return Search(point, iteration, "" if is_fine and is_bowl else _why(is_bowl=is_bowl))
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


def _step(point: Point) -> tuple[Floats, float, bool]:
    """Return the step, the fall it promises, and whether the surface is a bowl here."""
    hessian = point.hessian
    curvatures, directions = np.linalg.eigh((hessian + hessian.T) / 2)
    floor = FLAT * max(float(np.abs(curvatures).max()), FLAT)
    sizes = np.maximum(np.abs(curvatures), floor)
    slopes = directions.T @ point.gradient
    step = -directions @ (slopes / sizes)
    fall = float(slopes @ (slopes / sizes)) / 2
    longest = float(np.abs(step).max())
    if longest > LONGEST:
        step = step * (LONGEST / longest)
    return step, fall, bool((curvatures > floor).all())


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

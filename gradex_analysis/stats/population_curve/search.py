"""Which parameters make the ratings likeliest?

Newton-like steps on the scores. Far off, the curvature is that of the patients' scores (Berndt,
Hall, Hall & Hausman 1974) or, with few patients, of differences of the score; near by it is
updated (BFGS). Steps are halved until the likelihood rises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import Layout

Message = TypeVar("Message")

#: what a last step could still add to the log likelihood
RISE = 1e-7
#: rise below which a last Newton step leaves the curvature as it was: some hundredths of an error
NEAR = 1e-3
#: what rounding and nodes leave uncertain in it
ROUNDING = 1e-9
#: gains above which the curvature is taken anew
FAR = 0.5
#: steps in which it may be: where clusters are ignored patients' scores are too large
EARLY = 8
#: patients per parameter from which on their scores tell the curvature
ENOUGH = 8
#: longest step along a logarithm
LONGEST = 1.0
HALVINGS = 25
NO_STEP = "no step within bounds makes the ratings likelier"
#: step of differences, in standard errors: its square and the score's rounding over it are small
DIFFERENCE = 0.02
#: curvature below this share of the largest, parameters in their own scale, is flat
FLAT = 1e-7


@dataclass(frozen=True, eq=False)
class Point(Generic[Message]):
    """Parameters with their surface, and what it should know when they have moved a little.

    ``scores`` has a row of slopes per patient.
    """

    theta: Floats
    log_likelihood: float
    scores: Floats
    message: Message

    @property
    def gradient(self) -> Floats:
        """Slopes of the log surface."""
        return np.asarray(self.scores.sum(axis=0))


class Surface(Protocol[Message]):
    """A log likelihood that can be climbed."""

    @property
    def layout(self) -> Layout:
        """Where the parameters stand."""

    def at(self, theta: Floats, message: Message) -> Point[Message]:
        """Evaluate at parameters near those of the message."""

    def allows(self, theta: Floats) -> bool:
        """Tell whether the search may go there."""

    def with_layout(self, layout: Layout) -> Surface[Message]:
        """Return the surface of a model with fewer parameters."""


@dataclass(frozen=True, eq=False)
class Search(Generic[Message]):
    """Where the search ended; ``reason`` is "" where it converged."""

    point: Point[Message]
    iterations: int
    reason: str


def climb(
    surface: Surface[Message], point: Point[Message], *, max_iterations: int
) -> Search[Message]:
    """Climb from a point to the top."""
    curvature = first_curvature(surface, point)
    fresh = True
    for iteration in range(1, max_iterations + 1):
        if not np.isfinite(curvature).all():
            return Search(point, iteration, "the likelihood has no curvature there")
        step, rise = _step(curvature, point.gradient)
        if rise < RISE:
            return Search(point, iteration, "")
        found = _walk(surface, point, _shorten(surface, step), rise)
        if found is None and fresh:
            return Search(point, iteration, NO_STEP)
        if found is None:
            curvature, fresh = measure_information(surface, point), True
            continue
        fresh = rise > FAR and iteration < EARLY
        if fresh:
            curvature = first_curvature(surface, found)
        else:
            curvature = _update(curvature, found.theta - point.theta, point, found)
        point = found
    return Search(point, max_iterations, f"no end after {max_iterations} steps")


def polish(
    surface: Surface[Message], point: Point[Message], *, rounds: int = 4
) -> tuple[Search[Message], Floats]:
    """Take Newton steps to the top; return it with the information there."""
    for iteration in range(1, rounds + 1):
        information = measure_information(surface, point)
        if not np.isfinite(information).all():
            return Search(point, iteration, "the likelihood has no curvature there"), information
        step, rise = _step(information, point.gradient)
        found = _walk(surface, point, _shorten(surface, step), rise) if rise > RISE else None
        point = found or point
        if rise < NEAR:
            return Search(point, iteration, ""), information
        if found is None:
            return Search(point, iteration, NO_STEP), information
    return Search(point, rounds, f"no end after {rounds} Newton steps"), information


def first_curvature(surface: Surface[Message], point: Point[Message]) -> Floats:
    """Return the information by the patients' scores; by differences where patients are few."""
    scores = point.scores
    if len(scores) < ENOUGH * scores.shape[1]:
        return measure_information(surface, point)
    return np.asarray(scores.T @ scores)


def measure_information(surface: Surface[Message], point: Point[Message]) -> Floats:
    """Measure the observed information, by central differences of the exact score."""
    scores = point.scores
    size = np.sqrt((scores**2).sum(axis=0))
    usual = 1e-3 * np.maximum(np.abs(point.theta), 0.1)
    steps = np.where(size > 0, np.minimum(DIFFERENCE / np.where(size > 0, size, 1), usual), usual)
    rows = []
    for aside in np.diag(steps):
        up = surface.at(point.theta + aside, point.message).gradient
        down = surface.at(point.theta - aside, point.message).gradient
        rows.append((down - up) / (2.0 * aside.sum()))
    information = np.array(rows)
    return np.asarray((information + information.T) / 2.0)


def _step(information: Floats, gradient: Floats) -> tuple[Floats, float]:
    """Return the step up, along the sizes of the curvatures, and the rise that it promises."""
    scale = np.sqrt(np.maximum(np.abs(np.diag(information)), np.finfo(float).tiny))
    sizes, directions = np.linalg.eigh(information / np.outer(scale, scale))
    sizes = np.maximum(np.abs(sizes), FLAT * np.abs(sizes).max())
    slopes = directions.T @ (gradient / scale)
    return directions @ (slopes / sizes) / scale, float(slopes @ (slopes / sizes)) / 2.0


def _shorten(surface: Surface[Message], step: Floats) -> Floats:
    layout = surface.layout
    logs = np.append(step[layout.parts["rate"]], step[layout.residual])
    longest = max(float(np.abs(logs).max()), np.finfo(float).tiny)
    return step * min(1.0, LONGEST / longest)


def _walk(
    surface: Surface[Message], point: Point[Message], step: Floats, rise: float
) -> Point[Message] | None:
    """Halve the step until the likelihood rises by a share of what was promised."""
    share = 1.0
    rounding = ROUNDING * abs(point.log_likelihood)
    for _ in range(HALVINGS):
        theta = point.theta + share * step
        if not surface.allows(theta):
            share /= 2.0
            continue
        found = surface.at(theta, point.message)
        gain = found.log_likelihood - point.log_likelihood
        if np.isfinite(gain) and gain > 1e-4 * share * rise - rounding:
            return found
        share /= 2.0
    return None


def _update(
    curvature: Floats, step: Floats, before: Point[Message], after: Point[Message]
) -> Floats:
    """Update by the change of the score (Broyden, Fletcher, Goldfarb & Shanno)."""
    change = before.gradient - after.gradient
    along, own = float(change @ step), curvature @ step
    size = float(step @ own)
    if not (size > 0 and along > 1e-8 * size):
        return curvature
    return np.asarray(curvature + np.outer(change, change) / along - np.outer(own, own) / size)

"""What is the likeliest population?

By quadrature, nodes are doubled until the log likelihood stays; linearised, courses are followed
until they stay. A variance that goes to 0 is an answer: the effect is left out, and said.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from gradex_analysis.progress import Progress, silent
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.boundary import plainer
from gradex_analysis.stats.population_curve.following import Likelihood
from gradex_analysis.stats.population_curve.following import Message as Messages
from gradex_analysis.stats.population_curve.linearized import Linearized
from gradex_analysis.stats.population_curve.parameters import Layout
from gradex_analysis.stats.population_curve.search import (
    Message,
    Point,
    Surface,
    climb,
    measure_information,
    polish,
)
from gradex_analysis.stats.population_curve.starts import make_start
from gradex_analysis.stats.population_curve.sums import Slots
from gradex_analysis.stats.population_curve.tangent import Tangent, expect, touch

#: a surface that keeps its kind
Climbed = TypeVar("Climbed", bound=Surface[Any])

#: nodes of the first search
NODES = 6
#: what doubling the nodes may still move the log likelihood
MOVES = 1e-3
#: what following may still move a log rate
FOLLOWED = 1e-6
#: longest step of a log rate from one tangent to the next
LONGEST = 1.0
#: steps from tangent to tangent, and how many times the longest search they may take in all
FOLLOWS, FEW_CLIMBS = 200, 20


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Where doubling and search end."""

    max_nodes: int
    max_iterations: int
    progress: Progress = silent


@dataclass(frozen=True, eq=False)
class Estimate(Generic[Climbed, Message]):
    """The likeliest parameters, on the surface that was climbed, with the information there."""

    surface: Climbed
    point: Point[Message]
    information: Floats
    n_nodes: int
    iterations: int
    #: why the search did not end at the top; "" where it did
    reason: str

    @property
    def layout(self) -> Layout:
        """The parameters left in the model."""
        return self.surface.layout


def integrate(slots: Slots, layout: Layout, limits: Limits) -> Estimate[Likelihood, Messages]:
    """Estimate by quadrature."""
    return _simplify(lambda less, theta: _double(slots, less, theta, limits), slots, layout)


def linearize(slots: Slots, layout: Layout, limits: Limits) -> Estimate[Linearized, Tangent]:
    """Estimate by linearisation."""
    return _simplify(lambda less, theta: _follow(slots, less, theta, limits), slots, layout)


def _simplify(
    fit: Callable[[Layout, Floats], Estimate[Climbed, Message]], slots: Slots, layout: Layout
) -> Estimate[Climbed, Message]:
    """Fit, and fit again without what has no variance or goes along with others without fail."""
    theta = make_start(slots, layout)
    while True:
        found = fit(layout, theta)
        less = plainer(found.surface, found.point, found.information)
        if less is None:
            return found
        layout, theta = less


def _double(
    slots: Slots, layout: Layout, theta: Floats, limits: Limits
) -> Estimate[Likelihood, Messages]:
    """Climb over few nodes, then over twice as many, until the log likelihood stays."""
    surface = Likelihood(slots, layout, NODES)
    point, steps = surface.first(theta), 0
    while True:
        search = climb(surface, point, max_iterations=limits.max_iterations)
        steps += search.iterations
        surface = replace(surface, n_nodes=2 * surface.n_nodes)
        point = _settle(surface, search.point)
        moved = abs(point.log_likelihood - search.point.log_likelihood)
        limits.progress(surface.n_nodes, limits.max_nodes, "nodes of the integral")
        settled = moved < MOVES and not search.reason
        if settled or 2 * surface.n_nodes > limits.max_nodes:
            break
    top, information = polish(surface, point)
    n = surface.n_nodes if surface.integrates else 1
    still = f"{n} nodes still move the log likelihood by {moved:.2g}" if moved >= MOVES else ""
    steps += top.iterations
    return Estimate(surface, top.point, information, n, steps, top.reason or still)


def _settle(surface: Likelihood, point: Point[Messages]) -> Point[Messages]:
    """Let the nodes settle about the patients: the first look tells where they are."""
    point = surface.at(point.theta, point.message)
    return surface.at(point.theta, point.message)


def _follow(
    slots: Slots, layout: Layout, theta: Floats, limits: Limits
) -> Estimate[Linearized, Tangent]:
    """Climb the linear model's likelihood and touch the courses that it predicts, until they stay.

    Standard errors are nlme's: those of the linear model with its covariances taken as known,
    times ``sqrt(N / (N - p))``.
    """
    surface = Linearized(slots, layout)
    courses, steps, reason = expect(slots.ratings, layout.unpack(theta)), 0, "courses do not settle"
    for done in range(FOLLOWS):
        limits.progress(done, FOLLOWS, "tangents")
        point = surface.at(theta, touch(slots, courses))
        search = climb(surface, point, max_iterations=limits.max_iterations)
        steps += search.iterations
        theta, (_, nearer) = search.point.theta, surface.predict(search.point)
        move = np.abs(nearer - courses)[:, 0].max()
        if move < FOLLOWED:
            reason = search.reason
            break
        if steps > FEW_CLIMBS * limits.max_iterations or not np.isfinite(nearer).all():
            break
        courses = courses + min(1.0, LONGEST / move) * (nearer - courses)
    information = measure_information(surface, search.point)
    n, p = len(slots.ratings.value), layout.n_fixed
    information[:p, p:] = information[p:, :p] = 0.0
    information[:p, :p] *= (n - p) / n
    return Estimate(surface, search.point, information, 0, steps, reason)

"""Where do the nodes go as the parameters move?

What a patient's ratings say of the log rate hardly depends on the population's parameters, so it
is kept, as a normal message, and joined to the population's distribution wherever that now stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.bounds import is_within
from gradex_analysis.stats.population_curve.parameters import Layout, Values
from gradex_analysis.stats.population_curve.quadrature import (
    WIDEST,
    Nodes,
    Posterior,
    evaluate,
    place,
)
from gradex_analysis.stats.population_curve.search import Point
from gradex_analysis.stats.population_curve.sums import Slots

#: rounds of a first adaptation, and the nodes it needs to find every patient
ROUNDS = 4
FIRST_NODES = 24
#: a posterior is not narrowed by more than this factor at once: nodes might have missed it
NARROWER = 0.3
#: spreads of the log rate that are told from 0
LEAST_SPREAD = 1e-6


class Message(NamedTuple):
    """What ratings say of each patient's log rate: precision, and precision times place."""

    precision: Floats
    weighted: Floats


@dataclass(frozen=True, eq=False)
class Likelihood:
    """The likelihood of some ratings, over ``n_nodes`` per patient."""

    slots: Slots
    layout: Layout
    n_nodes: int

    @property
    def integrates(self) -> bool:
        """Whether the rate varies, so that there is something to integrate."""
        return "rate" in self.layout.random

    def first(self, theta: Floats) -> Point[Message]:
        """Adapt the nodes where nothing is known of the patients yet."""
        n = self.slots.ratings.n_patients
        posterior = Posterior(np.zeros(n), np.ones(n))
        if not self.integrates:
            return self._point(theta, posterior, 1)
        for _ in range(ROUNDS):
            found = self._point(theta, posterior, max(FIRST_NODES, self.n_nodes))
            posterior = self._posterior(theta, found.message)
        return self._point(theta, posterior, self.n_nodes)

    def at(self, theta: Floats, message: Message) -> Point[Message]:
        """Evaluate at other parameters, the nodes following."""
        if not self.integrates:
            return self.first(theta)
        return self._point(theta, self._posterior(theta, message), self.n_nodes)

    def _point(self, theta: Floats, posterior: Posterior, n: int) -> Point[Message]:
        found = evaluate(self.slots, self.layout, theta, place(posterior, n))
        wide = Posterior(
            found.posterior.mean, np.maximum(found.posterior.sd, NARROWER * posterior.sd)
        )
        return Point(theta, found.log_likelihood, found.scores, self._message(theta, wide))

    def allows(self, theta: Floats) -> bool:
        """Tell whether the search may go there."""
        return is_within(self.slots.ratings, self.layout.unpack(theta))

    def with_layout(self, layout: Layout) -> Likelihood:
        """Return that of a model with fewer parameters."""
        return replace(self, layout=layout)

    def nodes(self, point: Point[Message]) -> Nodes:
        """Return the nodes about the patients' posteriors at a point."""
        if self.integrates:
            return place(self._posterior(point.theta, point.message), self.n_nodes)
        n = self.slots.ratings.n_patients
        return place(Posterior(np.zeros(n), np.ones(n)), 1)

    def _place(self, values: Values) -> tuple[Floats, float]:
        """Return each patient's expected log rate, and the spread about it."""
        ratings = self.slots.ratings
        mean = ratings.per_patient(ratings.designs["rate"] @ values.rate) / ratings.n_exposures
        spread = float(values.spread)
        return mean, np.copysign(max(abs(spread), LEAST_SPREAD), spread)

    def _message(self, theta: Floats, posterior: Posterior) -> Message:
        expected, spread = self._place(self.layout.unpack(theta))
        whole = posterior.sd**-2.0
        precision = (whole - 1.0) / spread**2
        return Message(precision, precision * expected + whole * posterior.mean / spread)

    def _posterior(self, theta: Floats, message: Message) -> Posterior:
        expected, spread = self._place(self.layout.unpack(theta))
        own = np.maximum(1.0 + message.precision * spread**2, WIDEST**-2.0)
        mean = spread * (message.weighted - message.precision * expected) / own
        return Posterior(mean, own**-0.5)

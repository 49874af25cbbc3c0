"""What would Lindstrom & Bates' linearisation estimate?

About the present course of every exposure the model is a linear mixed one. Its maximum and its
predictions are the next courses; where they stay, the estimate is that of R's nlme. The likelihood
is the last linear model's: not that of the curved one, and not to be compared with it.

References
----------
Lindstrom & Bates (1990), doi:10.2307/2532087
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.bounds import is_within
from gradex_analysis.stats.population_curve.parameters import Layout, Values
from gradex_analysis.stats.population_curve.search import Point
from gradex_analysis.stats.population_curve.sums import Slots
from gradex_analysis.stats.population_curve.tangent import Tangent, expect


class Products(NamedTuple):
    """Products of columns and residual over an exposure's own covariance."""

    gram: Floats
    pull: Floats
    square: Floats
    #: what the exposure's start leaves of a sum along d
    left: Floats


class Linear(NamedTuple):
    """Patients' deviations of log rate, asymptote, start: means, covariances; and the exposures'.

    ``pull`` and ``inverse`` are Z'V^-1 r and Z'V^-1 Z of a patient; ``own`` the former by exposure.
    """

    effects: Floats
    covariance: Floats
    pull: Floats
    inverse: Floats
    own: Floats
    log_density: Floats
    square: Floats


@dataclass(frozen=True, eq=False)
class Linearized:
    """The likelihood of the linear model; its message is the tangent, which stays."""

    slots: Slots
    layout: Layout

    def at(self, theta: Floats, message: Tangent) -> Point[Tangent]:
        """Evaluate at parameters."""
        values = self.layout.unpack(theta)
        products = self._multiply(values, message)
        linear = self._judge(values, products)
        scores = self._score(values, products, linear)
        return Point(theta, float(linear.log_density.sum()), scores, message)

    def allows(self, theta: Floats) -> bool:
        """Tell whether the search may go there."""
        return is_within(self.slots.ratings, self.layout.unpack(theta))

    def with_layout(self, layout: Layout) -> Linearized:
        """Return that of a model with fewer parameters."""
        return replace(self, layout=layout)

    def predict(self, point: Point[Tangent]) -> tuple[Linear, Floats]:
        """Predict the patients' effects, and the courses of their exposures."""
        values, ratings = self.layout.unpack(point.theta), self.slots.ratings
        linear = self._judge(values, self._multiply(values, point.message))
        courses = expect(ratings, values) + linear.effects[ratings.patient]
        courses[:, 2] += values.exposure_start**2 * linear.own[:, 2]
        return linear, courses

    def _multiply(self, values: Values, tangent: Tangent) -> Products:
        expected = expect(self.slots.ratings, values)
        residual = tangent.outcome - np.einsum("eij,ej->ei", tangent.gram, expected)
        square = tangent.square - ((tangent.outcome + residual) * expected).sum(axis=1)
        variance = values.residual_variance
        ratio = values.exposure_start**2 / variance
        along = tangent.gram[:, 2]
        left = 1.0 / (1.0 + ratio * along[:, 2])
        taken = (ratio * left)[:, None] * along
        gram = (tangent.gram - taken[:, :, None] * along[:, None]) / variance
        pull = (residual - taken * residual[:, 2:]) / variance
        square = (square - ratio * left * residual[:, 2] ** 2) / variance
        return Products(gram, pull, square, left)

    def _judge(self, values: Values, products: Products) -> Linear:
        ratings = self.slots.ratings
        omega = values.triangle @ values.triangle.T
        total, pulls = ratings.per_patient(products.gram), ratings.per_patient(products.pull)
        inner = np.eye(3) + total @ omega
        solved = np.linalg.solve(inner, np.concatenate([pulls[:, :, None], total], axis=2))
        pull, inverse = solved[:, :, 0], solved[:, :, 1:]
        effects, covariance = pull @ omega, omega - omega @ inverse @ omega
        square = ratings.per_patient(products.square) - (pulls * effects).sum(axis=1)
        logs = ratings.per_patient(np.log(products.left)) - np.linalg.slogdet(inner)[1]
        n = ratings.per_patient(self.slots.n[:, 0])
        constant = n * (np.log(2.0 * np.pi) + 2.0 * values.log_residual)
        own = products.pull - np.einsum("eij,ej->ei", products.gram, effects[ratings.patient])
        density = 0.5 * (logs - constant - square)
        return Linear(effects, covariance, pull, inverse, own, density, square)

    def _score(self, values: Values, products: Products, linear: Linear) -> Floats:
        ratings, layout = self.slots.ratings, self.layout
        scores = np.empty((ratings.n_patients, layout.size))
        for place, part in enumerate(("rate", "asymptote", "start")):
            own = linear.own[:, place, None] * ratings.designs[part]
            scores[:, layout.parts[part]] = ratings.per_patient(own)
        by_omega = np.einsum("ni,nj->nij", linear.pull, linear.pull) - linear.inverse
        triangle = by_omega @ values.triangle
        scores[:, layout.triangle] = triangle[:, layout.cells[0], layout.cells[1]]
        along = products.gram[:, 2]
        spread = np.einsum("ei,eij,ej->e", along, linear.covariance[ratings.patient], along)
        by_start = ratings.per_patient(linear.own[:, 2] ** 2 - along[:, 2] + spread)
        omega = values.triangle @ values.triangle.T
        scores[:, layout.residual] = (
            linear.square - ratings.per_patient(self.slots.n[:, 0])
            - np.einsum("nij,ij->n", by_omega, omega) - values.exposure_start**2 * by_start
        )  # fmt: skip
        if layout.varies_by_exposure:
            scores[:, -1] = values.exposure_start * by_start
        return scores

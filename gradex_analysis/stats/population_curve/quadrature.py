"""How likely are all ratings, the rates of the patients integrated out?

Adaptive Gauss-Hermite over each patient's standardised log rate ``z``: nodes lie about the
patient's own posterior, whose mean and SD follow from the nodes before (Naylor & Smith 1982,
doi:10.2307/2347995). Where the rate does not vary one node at 0 is exact.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve import conditional
from gradex_analysis.stats.population_curve.conditional import Means, Patient, Slopes
from gradex_analysis.stats.population_curve.parameters import Layout, Values
from gradex_analysis.stats.population_curve.sums import Slots

#: a posterior is not taken for wider than this many SD of the population
WIDEST = 2.0


class Nodes(NamedTuple):
    """Nodes of each patient (row), and the logarithms of their weights over the density of z."""

    z: Floats
    log_weight: Floats


class Posterior(NamedTuple):
    """Mean and SD of each patient's standardised log rate."""

    mean: Floats
    sd: Floats


def place(posterior: Posterior, n: int) -> Nodes:
    """Place ``n`` nodes about each patient's posterior."""
    x, log_share = _rule(n)
    z = posterior.mean[:, None] + posterior.sd[:, None] * x
    return Nodes(z, log_share + np.log(posterior.sd)[:, None] - z**2 / 2.0)


@functools.cache
def _rule(n: int) -> tuple[Floats, Floats]:
    """Return the nodes, and the logarithms of their weights over the normal density."""
    x, weight = np.polynomial.hermite_e.hermegauss(n)
    return x, np.log(weight / weight.sum()) + x**2 / 2.0


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The likelihood at some nodes; ``scores`` has a row of slopes per patient."""

    log_likelihood: float
    scores: Floats
    posterior: Posterior

    @property
    def gradient(self) -> Floats:
        """Slopes of the log likelihood."""
        return np.asarray(self.scores.sum(axis=0))


class At(NamedTuple):
    """All that the nodes tell, before it is averaged over them."""

    means: Means
    patient: Patient
    slopes: Slopes
    share: Floats
    log_density: Floats


def look(slots: Slots, values: Values, nodes: Nodes) -> At:
    """Look at the ratings from every node."""
    ratings = slots.ratings
    means = conditional.expected(ratings, values, nodes.z)
    sums = slots.measure(conditional.rates(ratings, values, nodes.z))
    inner, left = conditional.multiply(slots, sums, means, values)
    patient = conditional.judge(slots, inner, left, values)
    slopes = conditional.slope(ratings, sums, means, values, inner, patient)
    logs = patient.log_density + nodes.log_weight
    most = logs.max(axis=1, keepdims=True)
    share = np.exp(logs - most)
    whole = share.sum(axis=1, keepdims=True)
    return At(means, patient, slopes, share / whole, (most + np.log(whole))[:, 0])


def evaluate(slots: Slots, layout: Layout, theta: Floats, nodes: Nodes) -> Evaluation:
    """Evaluate the likelihood and every patient's score, the nodes standing where they are."""
    values = layout.unpack(theta)
    at = look(slots, values, nodes)
    return Evaluation(
        log_likelihood=float(at.log_density.sum()),
        scores=_score(slots, layout, values, nodes, at),
        posterior=summarise(nodes, at.share),
    )


def summarise(nodes: Nodes, share: Floats) -> Posterior:
    """Return mean and SD over the nodes; one node has the SD of the population."""
    mean = (share * nodes.z).sum(axis=1)
    if nodes.z.shape[1] == 1:
        return Posterior(mean, np.ones_like(mean))
    sd = np.sqrt((share * (nodes.z - mean[:, None]) ** 2).sum(axis=1))
    return Posterior(mean, np.minimum(sd, WIDEST))


def _score(slots: Slots, layout: Layout, values: Values, nodes: Nodes, at: At) -> Floats:
    ratings, share = slots.ratings, at.share
    by_exposure = share[ratings.patient]
    scores = np.empty((ratings.n_patients, layout.size))
    for part in ("asymptote", "start"):
        mean = (by_exposure * getattr(at.slopes, part)).sum(axis=1)
        scores[:, layout.parts[part]] = _gather(slots, part, mean)
    by_rate = (by_exposure * at.slopes.log_rate).sum(axis=1)
    scores[:, layout.parts["rate"]] = _gather(slots, "rate", by_rate)
    scores[:, layout.triangle] = _by_triangle(slots, layout, values, nodes, at)
    by_start = ratings.per_patient((by_exposure * at.slopes.start_variance).sum(axis=1))
    scores[:, layout.residual] = _by_log_residual(slots, values, at, by_start)
    if layout.varies_by_exposure:
        scores[:, -1] = 2.0 * values.exposure_start * by_start
    return scores


def _gather(slots: Slots, part: str, slope: Floats) -> Floats:
    """Carry slopes of exposures' means to the coefficients, per patient."""
    ratings = slots.ratings
    return ratings.per_patient(slope[:, None] * ratings.designs[part])


def _by_omega(at: At) -> tuple[Floats, Floats, Floats]:
    """Return the slopes by asymptote's and start's covariance, the rate given (twice them)."""
    own = at.patient
    pairs = ((own.g_a**2, own.k_aa), (own.g_a * own.g_r, own.k_ar), (own.g_r**2, own.k_rr))
    aa, ar, rr = ((at.share * (found - expected)).sum(axis=1) for found, expected in pairs)
    return aa, ar, rr


def _by_triangle(slots: Slots, layout: Layout, values: Values, nodes: Nodes, at: At) -> Floats:
    ratings = slots.ratings
    weight = at.share * nodes.z
    along = [
        (weight * ratings.per_patient(getattr(at.slopes, part))).sum(axis=1)
        for part in ("log_rate", "asymptote", "start")
    ]
    aa, ar, rr = _by_omega(at)
    lower = values.lower
    full = np.zeros((ratings.n_patients, 3, 3))
    full[:, :, 0] = np.column_stack(along)
    full[:, 1, 1] = aa * lower[0, 0] + ar * lower[1, 0]
    full[:, 2, 1] = ar * lower[0, 0] + rr * lower[1, 0]
    full[:, 2, 2] = rr * lower[1, 1]
    return full[:, layout.cells[0], layout.cells[1]]


def _by_log_residual(slots: Slots, values: Values, at: At, by_start: Floats) -> Floats:
    """Use that all variances together only scale the square: Euler's rule."""
    ratings = slots.ratings
    aa, ar, rr = _by_omega(at)
    o = values.lower @ values.lower.T
    square = (at.share * at.patient.square).sum(axis=1) - ratings.per_patient(slots.n)[:, 0]
    by_patient = aa * o[0, 0] + 2.0 * ar * o[0, 1] + rr * o[1, 1]
    return np.asarray(square - 2.0 * values.exposure_start**2 * by_start - by_patient)

"""How likely are the data under a covariance, and which way is it more likely?

The deviance is -2 log likelihood without the constant: ``log |V| + r'Wr``, and under REML ``+ log
|X'WX|``; ``r`` are the residuals at the best coefficients of this covariance.

References
----------
Lindstrom & Bates (1988), doi:10.1080/01621459.1988.10478693 (derivatives)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import linalg

from gradex_analysis.stats.mixed_models.clusters import Clusters, Moments
from gradex_analysis.stats.mixed_models.derivatives import (
    Floats,
    Function,
    differentiate,
    differentiate_twice,
)


@dataclass(frozen=True, eq=False)
class Likelihood:
    """A model of covariance, the data's first ``n_coefficients`` columns the design, then y.

    ``to_parameters`` turns what is optimised into the model's parameters; None where they are the
    same.
    """

    model: Clusters
    n_coefficients: int
    restricted: bool
    to_parameters: Function | None = None

    def at(self, free: Floats) -> Point | None:
        """Return all about one covariance; None where it has no inverse."""
        parameters = free if self.to_parameters is None else self.to_parameters(free)
        moments = self.model.evaluate(np.asarray(parameters, dtype="float64"))
        if moments is None or not np.isfinite(moments.log_det):
            return None
        p = self.n_coefficients
        try:
            factor = linalg.cho_factor(moments.inner[:p, :p])
        except linalg.LinAlgError:
            return None
        return Point(self, free, moments, factor)


@dataclass(frozen=True, eq=False)
class Point:
    """The likelihood, its derivatives and the coefficients at one covariance."""

    likelihood: Likelihood
    free: Floats
    moments: Moments
    factor: tuple[Floats, bool]

    @cached_property
    def coefficients(self) -> Floats:
        """Best coefficients of this covariance."""
        p = self.likelihood.n_coefficients
        return np.asarray(linalg.cho_solve(self.factor, self.moments.inner[:p, p]))

    @cached_property
    def covariance(self) -> Floats:
        """``(X'WX)^-1``."""
        return np.asarray(linalg.cho_solve(self.factor, np.eye(self.likelihood.n_coefficients)))

    @cached_property
    def residual(self) -> Floats:
        """What turns ``[X, y]`` into residuals."""
        return np.concatenate([-self.coefficients, [1.0]])

    @cached_property
    def _spread(self) -> Floats:
        """What estimating the coefficients takes from ``V``: ``(X'WX)^-1`` under REML."""
        p = self.likelihood.n_coefficients
        spread = np.zeros((p + 1, p + 1))
        if self.likelihood.restricted:
            spread[:p, :p] = self.covariance
        return spread

    @cached_property
    def deviance(self) -> float:
        """-2 log likelihood, without the constant."""
        p = self.likelihood.n_coefficients
        inner = self.moments.inner
        squares = float(inner[p, p] - inner[:p, p] @ self.coefficients)
        if squares <= 0:
            return float("inf")
        spent = 2 * float(np.log(np.diag(self.factor[0])).sum())
        return self.moments.log_det + squares + (spent if self.likelihood.restricted else 0.0)

    @cached_property
    def _weights(self) -> Floats:
        return self._spread + np.outer(self.residual, self.residual)

    @cached_property
    def inner_gradient(self) -> Floats:
        """Slope of the deviance along the model's parameters."""
        explained = np.einsum("kab,ab->k", self.moments.first, self._weights)
        return np.asarray(self.moments.traces - explained)

    @cached_property
    def gradient(self) -> Floats:
        """Slope of the deviance along what is optimised."""
        return self.jacobian @ self.inner_gradient

    @cached_property
    def jacobian(self) -> Floats:
        """Derivative of the model's parameters, one row per optimised one."""
        to_parameters = self.likelihood.to_parameters
        if to_parameters is None:
            return np.eye(len(self.free))
        return differentiate(to_parameters, self.free)

    @cached_property
    def _coupling(self) -> Floats:
        """``tr((X'WX)^-1 a_k (X'WX)^-1 a_l)`` under REML; 0 otherwise."""
        p = self.likelihood.n_coefficients
        solved = self.moments.first[:, :p, :p] @ self._spread[:p, :p]
        return np.asarray(np.einsum("kab,lba->kl", solved, solved, optimize=True))

    @cached_property
    def observed(self) -> Floats:
        """Second derivative of the deviance along the model's parameters."""
        moments, p = self.moments, self.likelihood.n_coefficients
        pulled = (moments.first @ self.residual)[:, :p]
        return (
            2 * moments.weigh_second(self._weights)
            - moments.pair_traces
            - self._coupling
            - 2 * pulled @ self.covariance @ pulled.T
            + moments.curvature(self._weights)
        )

    @cached_property
    def expected(self) -> Floats:
        """Mean of ``observed`` over data of this covariance."""
        moments = self.moments
        return moments.pair_traces - 2 * moments.weigh_second(self._spread) + self._coupling

    @cached_property
    def hessian(self) -> Floats:
        """Second derivative of the deviance along what is optimised."""
        along = self.jacobian @ self.observed @ self.jacobian.T
        to_parameters = self.likelihood.to_parameters
        if to_parameters is None:
            return along
        bend = differentiate_twice(to_parameters, self.free)
        return along + bend @ self.inner_gradient


def chain(*parts: tuple[int, Function]) -> Function:
    """Return one function of all parameters from ``(how many, function)`` of each part."""
    ends = np.cumsum([n for n, _ in parts])

    def _all(free: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
        pieces = np.split(free, ends[:-1], axis=-1)
        done = [function(piece) for piece, (_, function) in zip(pieces, parts, strict=True)]
        return np.concatenate(done, axis=-1)

    return _all

"""How sure are the coefficients, with so few patients?

Satterthwaite: the degrees of freedom with which a contrast's variance is known. Kenward-Roger: the
same, and the variance enlarged by what the covariance parameters are unsure of; here in its
first-order form, which needs no second derivatives of ``V`` and does not depend on how the
covariance is parametrised.

References
----------
Kenward & Roger (1997), doi:10.2307/2533558
Fai & Cornelius (1996), doi:10.1080/00949659608811740 (joint tests by Satterthwaite)
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import special

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.likelihood import Point

KR, SATTERTHWAITE = "kenward-roger", "satterthwaite"
#: beyond these, t is the normal distribution
MOST_DF = 1e9
#: directions of a joint test with less than this share of the largest variance are none
RANK = 1e-10


class JointTest(NamedTuple):
    """F, the degrees of freedom of numerator and denominator, and whose the latter are."""

    statistic: float
    df_between: int
    df: float
    df_method: str


class Spread(Protocol):
    """How sure coefficients are: their covariance, and the df of sums of them."""

    @property
    def covariance(self) -> Floats:
        """Covariance of the coefficients."""

    def df(self, weights: Floats) -> Floats:
        """Degrees of freedom of each row of weights."""

    def test(self, weights: Floats, coefficients: Floats) -> JointTest:
        """Test jointly that all rows of weights are 0."""


@dataclass(frozen=True, eq=False)
class Residual:
    """As in least squares: every variance is known with n - p degrees of freedom."""

    covariance: Floats
    residual_df: float

    def df(self, weights: Floats) -> Floats:
        """Return n - p."""
        return np.full(len(weights), self.residual_df)

    def test(self, weights: Floats, coefficients: Floats) -> JointTest:
        """Test jointly."""
        statistic, rank = wald(weights, coefficients, self.covariance)
        return JointTest(statistic, rank, self.residual_df, "residual")


@dataclass(frozen=True, eq=False)
class Satterthwaite:
    """Degrees of freedom by matching the variance of each contrast's variance."""

    covariance: Floats
    first: Floats  #: ``X'W V_k W X``
    parameters: Floats  #: covariance of the covariance parameters

    @classmethod
    def of(cls, point: Point, information: str) -> Satterthwaite:
        """Take it from the likelihood's best point."""
        p = point.likelihood.n_coefficients
        first = point.moments.first[:, :p, :p]
        return cls(point.covariance, first, parameter_covariance(point, information))

    def df(self, weights: Floats) -> Floats:
        """Return ``2 v^2 / (g' C g)``, with ``g`` the slope of the variance ``v``."""
        solved = weights @ self.covariance
        variance = np.einsum("ra,ra->r", solved, weights)
        slopes = np.einsum("ra,kab,rb->rk", solved, self.first, solved, optimize=True)
        spread = np.einsum("rk,kl,rl->r", slopes, self.parameters, slopes, optimize=True)
        own = 2 * variance**2 / np.maximum(spread, variance**2 / MOST_DF)
        return np.asarray(np.minimum(own, MOST_DF))

    def test(self, weights: Floats, coefficients: Floats) -> JointTest:
        """Test jointly: the mean of squared t of independent directions."""
        return fai_cornelius(self, weights, coefficients)


@dataclass(frozen=True, eq=False)
class KenwardRoger:
    """Satterthwaite's degrees of freedom, with the covariance of few patients enlarged."""

    plain: Satterthwaite
    covariance: Floats

    @classmethod
    def of(cls, point: Point, information: str) -> KenwardRoger:
        """Take it from the likelihood's best point."""
        plain = Satterthwaite.of(point, information)
        phi, first, w = plain.covariance, plain.first, plain.parameters
        p = point.likelihood.n_coefficients
        second = point.moments.weigh_pairs(w)[:p, :p]
        weighted = np.einsum("kl,lab->kab", w, first)
        between = np.einsum("kab,bc,kcd->ad", first, phi, weighted, optimize=True)
        extra = second - between
        adjusted = phi + 2 * phi @ extra @ phi
        return cls(plain, (adjusted + adjusted.T) / 2)

    def df(self, weights: Floats) -> Floats:
        """Return Satterthwaite's: for a single contrast they are the same."""
        return self.plain.df(weights)

    def test(self, weights: Floats, coefficients: Floats) -> JointTest:
        """Test jointly; F is scaled so that two moments of it are right.

        Where it has none, with next to no degrees of freedom, by independent directions.
        """
        weights = _independent(weights, self.plain.covariance)
        statistic, rank = wald(weights, coefficients, self.covariance)
        if rank == 1:
            return JointTest(statistic, rank, float(self.df(weights)[0]), KR)
        df, scale = _scale(*self._sums(weights), rank)
        if not (df > 2 and scale > 0):  # so few patients that F has no two moments to match
            return fai_cornelius(self, weights, coefficients)
        return JointTest(scale * statistic, rank, df, KR)

    def _sums(self, weights: Floats) -> tuple[float, float]:
        plain = self.plain
        solved = weights @ plain.covariance
        middle = np.linalg.inv(solved @ weights.T)
        slopes = np.einsum("ra,kab,sb->krs", solved, plain.first, solved, optimize=True) @ middle
        traces = np.trace(slopes, axis1=1, axis2=2)
        pairs = np.einsum("krs,lsr->kl", slopes, slopes, optimize=True)
        w = plain.parameters
        return float(traces @ w @ traces), float((w * pairs).sum())


def _scale(a1: float, a2: float, q: int) -> tuple[float, float]:
    """Return the denominator's df and the factor of F (Kenward & Roger 1997, section 3)."""
    b = (a1 + 6 * a2) / (2 * q)
    g = ((q + 1) * a1 - (q + 4) * a2) / ((q + 2) * a2)
    under = 3 * q + 2 * (1 - g)
    c1, c2, c3 = g / under, (q - g) / under, (q + 2 - g) / under
    mean = 1 / (1 - a2 / q)
    variance = (2 / q) * (1 + c1 * b) / ((1 - c2 * b) ** 2 * (1 - c3 * b))
    df = 4 + (q + 2) / (q * variance / (2 * mean**2) - 1)
    return df, df / (mean * (df - 2))


def parameter_covariance(point: Point, information: str) -> Floats:
    """Return the covariance of the model's covariance parameters.

    ``"observed"``: from the likelihood's curvature at these data, along what was optimised, so that
    a variance at its boundary adds nothing. ``"expected"``: from its mean.
    """
    if information == "observed":
        inverse = np.linalg.pinv(point.hessian, hermitian=True)
        return np.asarray(2 * point.jacobian.T @ inverse @ point.jacobian)
    return np.asarray(2 * np.linalg.pinv(point.expected, hermitian=True))


def wald(weights: Floats, coefficients: Floats, covariance: Floats) -> tuple[float, int]:
    """Return the mean squared distance from 0, in its own variance, and the rank."""
    weights = _independent(weights, covariance)
    found = weights @ coefficients
    middle = weights @ covariance @ weights.T
    return float(found @ np.linalg.solve(middle, found)) / len(weights), len(weights)


def _independent(weights: Floats, covariance: Floats) -> Floats:
    """Return as many rows as the weights have directions."""
    values, vectors = np.linalg.eigh(weights @ covariance @ weights.T)
    return np.asarray(vectors[:, values > RANK * values.max()].T @ weights)


def fai_cornelius(spread: Spread, weights: Floats, coefficients: Floats) -> JointTest:
    """Test jointly by independent directions, each with its own degrees of freedom."""
    directions = _independent(weights, spread.covariance)
    variances = np.einsum("ra,ab,rb->r", directions, spread.covariance, directions)
    statistic = float(((directions @ coefficients) ** 2 / variances).mean())
    df, rank = spread.df(directions), len(directions)
    if np.ptp(df) < 1e-8 * df.max():
        return JointTest(statistic, rank, float(df.mean()), SATTERTHWAITE)
    total = float((df / (df - 2))[df > 2].sum())
    own = 2 * total / (total - rank) if total > rank else 2.0
    return JointTest(statistic, rank, own, SATTERTHWAITE)


@dataclass(frozen=True, eq=False)
class Estimates:
    """Coefficients of a design ``X = Q R`` in units of ``scale``, and how sure they are.

    Fitting sees ``Q`` and the outcome over ``scale``, so that neither units nor correlated columns
    cost digits.
    """

    coefficients: Floats
    spread: Spread
    triangle: Floats
    scale: float

    @cached_property
    def values(self) -> Floats:
        """Coefficients of ``X``."""
        return np.asarray(self.scale * np.linalg.solve(self.triangle, self.coefficients))

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the coefficients of ``X``."""
        back = np.linalg.solve(self.triangle, np.eye(len(self.triangle)))
        return np.asarray(self.scale**2 * back @ self.spread.covariance @ back.T)

    def _inside(self, weights: Floats) -> Floats:
        return np.asarray(np.linalg.solve(self.triangle.T, weights.T).T)

    def lines(self, weights: Floats, confidence: float) -> dict[str, Floats]:
        """Estimate each row of weights, with its t interval and test."""
        own = self._inside(weights)
        estimate = self.scale * (own @ self.coefficients)
        variance = np.einsum("ra,ab,rb->r", own, self.spread.covariance, own, optimize=True)
        std_error = self.scale * np.sqrt(variance)
        df = self.spread.df(own)
        half = special.stdtrit(df, (1 + confidence) / 2) * std_error
        statistic = estimate / std_error
        return {
            "estimate": estimate,
            "std_error": std_error,
            "df": df,
            "statistic": statistic,
            "p_value": 2 * special.stdtr(df, -np.abs(statistic)),
            "ci_low": estimate - half,
            "ci_high": estimate + half,
        }

    def test(self, weights: Floats) -> dict[str, Any]:
        """Test jointly that all rows of weights are 0."""
        found = self.spread.test(self._inside(weights), self.coefficients)
        p_value = float(special.fdtrc(found.df_between, found.df, found.statistic))
        return {**found._asdict(), "p_value": p_value}

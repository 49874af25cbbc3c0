"""What if patients of one cluster are more alike than the model says?

Sandwich covariances with the fitted model as the working one: CR0, and CR2, which undoes the bias
of few clusters. Degrees of freedom are Bell and McCaffrey's, for both.

References
----------
Pustejovsky & Tipton (2018), doi:10.1080/07350015.2016.1247004
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.inference import JointTest, fai_cornelius

#: directions of a cluster with less than this share of the largest are used up by the design
USED_UP = 1e-10


@dataclass(frozen=True, eq=False)
class Cluster:
    """One cluster: its rows of the design, residuals and working covariance."""

    design: Floats
    residuals: Floats
    covariance: Floats


@dataclass(frozen=True, eq=False)
class Robust:
    """Coefficients' covariance by clusters.

    For cluster ``i``: ``pulled`` holds ``V^1/2 A W X Phi``, ``hat`` holds ``X'A W X Phi``, of which
    a contrast's own variance has the eigenvalues that its degrees of freedom need.
    """

    covariance: Floats
    phi: Floats
    pulled: list[Floats]
    hat: Floats

    def df(self, weights: Floats) -> Floats:
        """Return Bell and McCaffrey's degrees of freedom of each row of weights."""
        return np.array([self._df(row) for row in weights])

    def _df(self, weights: Floats) -> float:
        own = np.array([float(((p @ weights) ** 2).sum()) for p in self.pulled])
        across = self.hat @ weights
        inner = across @ self.phi
        # trace and squared size of diag(own) - across Phi across', without making it
        trace = own.sum() - float((across * inner).sum())
        squares = float((own**2).sum()) - 2 * float(own @ (across * inner).sum(axis=1))
        gram = across.T @ across @ self.phi
        return float(trace**2 / (squares + float((gram * gram.T).sum())))

    def test(self, weights: Floats, coefficients: Floats) -> JointTest:
        """Test jointly, by independent directions."""
        return fai_cornelius(self, weights, coefficients)


def robustify(phi: Floats, clusters: Iterator[Cluster], *, corrected: bool) -> Robust:
    """Sum up the clusters; ``corrected`` for CR2."""
    pulled, hats = [], []
    meat = np.zeros_like(phi)
    for cluster in clusters:
        solved = np.linalg.solve(cluster.covariance, cluster.design)
        adjusted = _adjust(cluster, phi) @ solved if corrected else solved
        score = adjusted.T @ cluster.residuals
        meat += np.outer(score, score)
        factor = np.linalg.cholesky(cluster.covariance)
        pulled.append(factor.T @ adjusted @ phi)
        hats.append(cluster.design.T @ adjusted @ phi)
    return Robust(phi @ meat @ phi, phi, pulled, np.stack(hats))


def _adjust(cluster: Cluster, phi: Floats) -> Floats:
    """Return ``D'(D B D')^-1/2 D``, transposed; ``B`` is the residuals' covariance, ``V = D'D``."""
    upper = np.linalg.cholesky(cluster.covariance).T
    left = cluster.covariance - cluster.design @ phi @ cluster.design.T
    values, vectors = np.linalg.eigh(upper @ left @ upper.T)
    usable = values > USED_UP * values.max()
    root = (vectors[:, usable] / np.sqrt(values[usable])) @ vectors[:, usable].T
    return np.asarray(upper.T @ root @ upper)

"""What does a covariance model hand to the likelihood?

For ``V`` with inverse ``W`` and derivatives ``V_k``, over rows ``A`` (design, outcome, clusters).
"""

from __future__ import annotations

from typing import Protocol

from gradex_analysis.stats.mixed_models.derivatives import Floats


class Moments(Protocol):
    """All that depends on the covariance parameters, at one value of them."""

    @property
    def log_det(self) -> float:
        """``log |V|``."""

    @property
    def inner(self) -> Floats:
        """``A'WA``, shape ``(p, p)``."""

    @property
    def first(self) -> Floats:
        """``A'W V_k W A``, shape ``(K, p, p)``."""

    @property
    def traces(self) -> Floats:
        """``tr(W V_k)``, shape ``(K,)``."""

    @property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``, shape ``(K, K)``."""

    def weigh_second(self, weights: Floats) -> Floats:
        """``tr(S A'W V_k W V_l W A)`` for a symmetric ``S``, shape ``(K, K)``."""

    def second(self, n_columns: int) -> Floats:
        """``A'W V_k W V_l W A`` of the first columns, shape ``(K, K, n, n)``."""

    def curvature(self, weights: Floats) -> Floats:
        """``tr(W V_kl) - tr(S A'W V_kl W A)``, ``V_kl`` the second derivative; ``(K, K)``."""

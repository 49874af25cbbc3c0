"""What does a covariance hand to the likelihood?

For ``V`` with inverse ``W`` and derivatives ``V_k``, over rows ``A``.
"""

from __future__ import annotations

from typing import Protocol

from gradex_analysis.stats.mixed_models.derivatives import Floats


class BlockMoments(Protocol):
    """All that depends on the parameters of the patients' own covariance, by independent block.

    ``C`` blocks, ``p`` columns of ``A``, ``K`` parameters.
    """

    @property
    def log_det(self) -> float:
        """``log |V|``."""

    @property
    def inner(self) -> Floats:
        """``A'WA``, shape ``(C, p, p)``."""

    @property
    def first(self) -> Floats:
        """``A'W V_k W A``, shape ``(K, C, p, p)``."""

    @property
    def traces(self) -> Floats:
        """``tr(W V_k)``, shape ``(K,)``."""

    @property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``, shape ``(K, K)``."""

    def weigh_second(self, weights: Floats) -> Floats:
        """``sum_c tr(S_c A'W V_k W V_l W A)`` for symmetric ``S``, ``(C, p, p)`` to ``(K, K)``."""

    def weigh_pairs(self, weights: Floats) -> Floats:
        """``sum_kl w_kl A'W V_k W V_l W A`` for symmetric ``w``, shape ``(C, p, p)``."""

    def curvature(self, weights: Floats) -> Floats:
        """``tr(W V_kl) - sum_c tr(S_c A'W V_kl W A)``, ``V_kl`` the second derivative."""

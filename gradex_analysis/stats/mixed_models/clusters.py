"""How do therapists, sites and items, which many patients share, enter the likelihood?

``V = V0 + sum_f t2_f U_f U_f'``: to the patients' own covariance ``V0`` comes a variance ``t2_f``
for each kind of cluster. The indicator columns ``U`` stand behind the design and the outcome in
``A``, so that one Woodbury step gives everything of ``V`` from that of ``V0``, block by independent
block: patients of one therapist, or all of them where items cut across. Parameters are those of
``V0``, then ``t2_f``; nested, crossed and partly nested clusters are alike, and there may be none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.moments import BlockMoments


class Base(Protocol):
    """A model of the patients' own covariance."""

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""

    def evaluate(self, parameters: Floats) -> BlockMoments | None:
        """Return the moments; None where the covariance has no inverse."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters over a base model; ``levels[f]`` are the columns of ``A`` that are ``U_f``."""

    base: Base
    n_columns: int  #: of design and outcome, which stand first in ``A``
    levels: Sequence[slice]

    def evaluate(self, parameters: Floats) -> Moments | None:
        """Return the moments; None where ``V`` has no inverse."""
        n_base = self.base.n_parameters
        base = self.base.evaluate(parameters[:n_base])
        if base is None:
            return None
        n_each = [s.stop - s.start for s in self.levels]
        variances = np.repeat(parameters[n_base:], n_each)
        uwu = base.inner[:, self.n_columns :, self.n_columns :]
        inner = np.eye(len(variances)) + variances[:, None] * uwu
        sign, size = np.linalg.slogdet(inner)
        if (sign <= 0).any():
            return None
        own = np.linalg.solve(inner, np.broadcast_to(np.diag(variances), inner.shape))
        own = (own + np.swapaxes(own, 1, 2)) / 2
        return Moments(self, base, own, base.log_det + float(size.sum()))


@dataclass(frozen=True, eq=False)
class Moments:
    """What the likelihood takes from ``V``, over design and outcome (see ``BlockMoments``)."""

    model: Clusters
    base: BlockMoments
    c: Floats  #: ``(T^-1 + U'W0U)^-1`` by block, with ``T`` the variances
    log_det: float

    @property
    def _u(self) -> slice:
        return slice(self.model.n_columns, None)

    @cached_property
    def _reduce(self) -> Floats:
        """``R`` with ``W A = W0 A R``."""
        inner = self.base.inner
        reduce = np.broadcast_to(np.eye(inner.shape[1]), inner.shape).copy()
        reduce[:, self._u] -= self.c @ inner[:, self._u]
        return reduce

    @cached_property
    def _whole(self) -> Floats:
        """``A'WA`` of all columns, by block."""
        return self.base.inner @ self._reduce

    @cached_property
    def _first_base(self) -> Floats:
        return np.swapaxes(self._reduce, 1, 2) @ self.base.first @ self._reduce

    @cached_property
    def _first_whole(self) -> Floats:
        """``A'W V_k W A`` of all columns, by block."""
        clusters = [self._whole[None, :, :, s] @ self._whole[None, :, s] for s in self.model.levels]
        return np.concatenate([self._first_base, *clusters])

    @cached_property
    def inner(self) -> Floats:
        """``A'WA``, shape ``(n, n)``."""
        n = self.model.n_columns
        return np.asarray(self._whole[:, :n, :n].sum(axis=0))

    @cached_property
    def first(self) -> Floats:
        """``A'W V_k W A``, shape ``(K, n, n)``."""
        n = self.model.n_columns
        return np.asarray(self._first_whole[:, :, :n, :n].sum(axis=1))

    @cached_property
    def traces(self) -> Floats:
        """``tr(W V_k)``, shape ``(K,)``."""
        inside = np.einsum("kcab,cab->k", self.base.first[..., self._u, self._u], self.c)
        own = [np.einsum("caa->", self._whole[:, s, s]) for s in self.model.levels]
        return np.concatenate([self.base.traces - inside, own])

    @cached_property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``, shape ``(K, K)``."""
        base = self.base.pair_traces
        levels = self.model.levels
        if not levels:
            return base
        solved = self.base.first[..., self._u, self._u] @ self.c
        inside = np.zeros_like(self._reduce)
        inside[:, self._u, self._u] = self.c
        base = base - 2 * self.base.weigh_second(inside) + _pair_up(solved, solved)
        across = np.stack([np.einsum("kcaa->k", self._first_base[..., s, s]) for s in levels])
        clusters = [[float((self._whole[:, s, o] ** 2).sum()) for o in levels] for s in levels]
        return np.block([[base, across.T], [across, np.array(clusters)]])

    def weigh_second(self, weights: Floats) -> Floats:
        """Return ``tr(S A'W V_k W V_l W A)`` for a symmetric ``S``, ``(n, n)`` to ``(K, K)``."""
        n, levels = self.model.n_columns, self.model.levels
        reduce = self._reduce[:, :, :n]
        whole = reduce @ weights @ np.swapaxes(reduce, 1, 2)
        base = self.base.weigh_second(whole)
        if not levels:
            return base
        first = self.base.first
        base = base - _pair_up(whole @ first[..., self._u] @ self.c, first[:, :, self._u])
        across = np.stack(
            [
                np.einsum(
                    "kcas,cas->k", self._first_whole[:, :, :n, s], weights @ self._whole[:, :n, s]
                )
                for s in levels
            ]
        )
        return np.block([[base, across[:, : len(base)].T], [across]])

    def weigh_pairs(self, weights: Floats) -> Floats:
        """Return ``sum_kl w_kl A'W V_k W V_l W A`` for symmetric ``w``, shape ``(n, n)``."""
        n, n_base = self.model.n_columns, len(self._first_base)
        own, first = weights[:n_base, :n_base], self.base.first
        right = np.tensordot(own, first[:, :, self._u], axes=1)
        between = (first[..., self._u] @ self.c @ right).sum(axis=0)
        reduce = self._reduce
        base = np.swapaxes(reduce, 1, 2) @ (self.base.weigh_pairs(own) - between) @ reduce
        out = base.sum(axis=0)[:n, :n]
        for f, s in enumerate(self.model.levels):
            along = weights[n_base + f].copy()
            along[:n_base] *= 2  # the pair stands on both sides
            pulled = np.tensordot(along, self._first_whole[:, :, s, :n], axes=1)
            out = out + (self._whole[:, :n, s] @ pulled).sum(axis=0)
        return np.asarray((out + out.T) / 2)

    def curvature(self, weights: Floats) -> Floats:
        """Return what the second derivatives of the base's covariance add, ``(K, K)``."""
        reduce = self._reduce[:, :, : self.model.n_columns]
        whole = reduce @ weights @ np.swapaxes(reduce, 1, 2)
        whole[:, self._u, self._u] += self.c
        n_base = self.model.base.n_parameters
        k = n_base + len(self.model.levels)
        out = np.zeros((k, k))
        out[:n_base, :n_base] = self.base.curvature(whole)
        return out

    def scores(self, residual: Floats) -> Floats:
        """Return ``U'W r`` by block; times the variance it is a cluster's predicted intercept."""
        return np.asarray(self._whole[:, self._u, : self.model.n_columns] @ residual)


def _pair_up(left: Floats, right: Floats) -> Floats:
    """Return ``sum_c tr(left_k right_l)``."""
    return np.asarray(np.einsum("kcab,lcba->kl", left, right, optimize=True))

"""How do therapists, sites and items, which many patients share, enter the likelihood?

``V = V0 + sum_f t2_f U_f U_f'``: to the patients' own covariance ``V0`` comes a variance ``t2_f``
for each kind of cluster. The indicator columns ``U`` stand behind the design and the outcome in
``A``, so that one Woodbury step over all of them gives everything of ``V`` from that of ``V0``.
Parameters are those of ``V0``, then ``t2_f``; nested, crossed and partly nested clusters are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.moments import Moments


class Base(Protocol):
    """A model of the patients' own covariance."""

    @property
    def n_parameters(self) -> int:
        """Number of parameters."""

    def evaluate(self, parameters: Floats) -> Moments | None:
        """Return the moments."""


@dataclass(frozen=True, eq=False)
class Clusters:
    """Clusters over a base model; ``levels[f]`` are the columns of ``A`` that are ``U_f``."""

    base: Base
    n_columns: int  #: of design and outcome, which stand first in ``A``
    levels: Sequence[slice]

    @property
    def n_parameters(self) -> int:
        """Number of parameters of the base, and one variance per kind of cluster."""
        return self.base.n_parameters + len(self.levels)

    def evaluate(self, parameters: Floats) -> ClusterMoments | None:
        """Return the moments; None where ``V`` has no inverse."""
        n_base = self.base.n_parameters
        base = self.base.evaluate(parameters[:n_base])
        if base is None:
            return None
        n_levels = self.levels[-1].stop - self.n_columns
        n_each = [s.stop - s.start for s in self.levels]
        variances = np.repeat(parameters[n_base:], n_each)
        uwu = base.inner[self.n_columns :, self.n_columns :]
        inner = np.eye(n_levels) + variances[:, None] * uwu
        sign, size = np.linalg.slogdet(inner)
        if sign <= 0:
            return None
        own = np.linalg.solve(inner, np.diag(variances))
        return ClusterMoments(self, base, (own + own.T) / 2, base.log_det + float(size))


@dataclass(frozen=True, eq=False)
class ClusterMoments:
    """The moments of clusters over a base (see ``Moments``); ``A`` is design and outcome only."""

    model: Clusters
    base: Moments
    c: Floats  #: ``(T^-1 + U'W0U)^-1`` with ``T`` the variances
    log_det: float

    @property
    def _u(self) -> slice:
        return slice(self.model.n_columns, None)

    @cached_property
    def _reduce(self) -> Floats:
        """``R`` with ``W A = W0 A R``, for all columns of ``A``."""
        reduce = np.eye(len(self.base.inner))
        reduce[self._u] -= self.c @ self.base.inner[self._u]
        return reduce

    @cached_property
    def _whole(self) -> Floats:
        """``A'WA`` of all columns."""
        return self.base.inner @ self._reduce

    @cached_property
    def _first_base(self) -> Floats:
        return np.swapaxes(self._reduce, 0, 1) @ self.base.first @ self._reduce

    @cached_property
    def _second_of_base(self) -> Floats:
        return self.base.second(len(self.base.inner))

    @cached_property
    def _second_base(self) -> Floats:
        """``A'W V_k W V_l W A`` of the base's parameters, all columns."""
        first = self.base.first
        left = first[:, :, self._u] @ self.c
        between = left[:, None] @ first[:, self._u][None]
        middle = self._second_of_base - between
        return np.swapaxes(self._reduce, 0, 1) @ middle @ self._reduce

    @property
    def inner(self) -> Floats:
        """``A'WA``."""
        return self._whole[: self.model.n_columns, : self.model.n_columns]

    def scores(self, residual: Floats) -> Floats:
        """Return ``U'W r``; times the variance it is the clusters' predicted intercept."""
        return self._whole[self._u, : self.model.n_columns] @ residual

    @cached_property
    def _first_whole(self) -> Floats:
        clusters = [self._whole[:, s] @ self._whole[s] for s in self.model.levels]
        return np.concatenate([self._first_base, np.stack(clusters)])

    @property
    def first(self) -> Floats:
        """``A'W V_k W A``."""
        return self._first_whole[:, : self.model.n_columns, : self.model.n_columns]

    @cached_property
    def traces(self) -> Floats:
        """``tr(W V_k)``."""
        inside = np.einsum("kab,ab->k", self.base.first[:, self._u, self._u], self.c)
        own = [np.trace(self._whole[s, s]) for s in self.model.levels]
        return np.concatenate([self.base.traces - inside, own])

    @cached_property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``."""
        first, u = self.base.first[:, self._u, self._u], self._u
        second = self._second_of_base[:, :, u, u]
        solved = first @ self.c
        base = self.base.pair_traces - 2 * np.einsum("klab,ab->kl", second, self.c)
        base = base + np.einsum("kab,lba->kl", solved, solved)
        levels = self.model.levels
        across = [[np.trace(own[s, s]) for s in levels] for own in self._first_base]
        clusters = [[float((self._whole[s, o] ** 2).sum()) for o in levels] for s in levels]
        return np.block([[base, np.array(across)], [np.array(across).T, np.array(clusters)]])

    @cached_property
    def _second_whole(self) -> Floats:
        n_base, levels, whole = len(self._first_base), self.model.levels, self._whole
        n, first = self.model.n_columns, self._first_whole
        k = n_base + len(levels)
        out = np.empty((k, k, n, n))
        out[:n_base, :n_base] = self._second_base[:, :, :n, :n]
        for f, s in enumerate(levels):
            for j in range(k):
                both = whole[:n, s] @ first[j, s, :n]
                out[n_base + f, j] = both
                out[j, n_base + f] = both.T
        return out

    def second(self, n_columns: int) -> Floats:
        """Return ``A'W V_k W V_l W A`` of the first columns."""
        return self._second_whole[:, :, :n_columns, :n_columns]

    def weigh_second(self, weights: Floats) -> Floats:
        """Weigh ``A'W V_k W V_l W A``."""
        return np.asarray(np.einsum("klab,ab->kl", self._second_whole, weights))

    def curvature(self, weights: Floats) -> Floats:
        """Return what the second derivatives of the base's covariance add."""
        n = self.model.n_columns
        reduce = self._reduce[:, :n]
        whole = reduce @ weights @ reduce.T
        whole[self._u, self._u] += self.c
        out = np.zeros((self.model.n_parameters, self.model.n_parameters))
        n_base = self.model.base.n_parameters
        out[:n_base, :n_base] = self.base.curvature(whole)
        return out

"""How do random intercepts and slopes enter the likelihood?

``V_i = Z_i G Z_i' + s2 I``. Everything follows from the small ``Z_i'Z_i`` and ``Z_i'A_i``
(Woodbury), so that a step of the optimiser costs patterns of ``Z_i'Z_i``, not rows. Parameters here
are the elements of ``G`` (below and on the diagonal) and ``s2``: ``V`` is linear in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.sums import Integers, Sums


@dataclass(frozen=True, eq=False)
class RandomEffects:
    """Sums of one grouping factor: ``sums`` holds ``Z_i'A_i``, ``zz`` ``Z_i'Z_i`` by pattern."""

    sums: Sums
    zz: Floats  #: ``(m, q, q)``
    n_rows: Integers  #: rows of a patient of each pattern
    cross: Floats  #: ``A'A`` by block

    @property
    def q(self) -> int:
        """Number of random effects of a patient."""
        return int(self.zz.shape[1])

    @property
    def n_parameters(self) -> int:
        """Number of elements of ``G``, and the residual variance."""
        return self.q * (self.q + 1) // 2 + 1

    def evaluate(self, parameters: Floats) -> RandomEffectsMoments | None:
        """Return the moments; None where ``V`` has no inverse."""
        if parameters[-1] <= 0:
            return None
        g = fill_symmetric(parameters[:-1], self.q)
        inner = parameters[-1] * np.eye(self.q) + self.zz @ g
        sign, size = np.linalg.slogdet(inner)
        if (sign <= 0).any():
            return None
        n = self.sums.n
        log_det = float(n @ ((self.n_rows - self.q) * np.log(parameters[-1]) + size))
        return RandomEffectsMoments(self, parameters, g, np.linalg.inv(inner), log_det)


def fill_symmetric(elements: Floats, q: int) -> Floats:
    """Return the symmetric matrix of its elements, row by row up to the diagonal."""
    out = np.zeros((q, q))
    out[np.tril_indices(q)] = elements
    return out + np.tril(out, -1).T


def _units(q: int) -> Floats:
    rows, columns = np.tril_indices(q)
    out = np.zeros((len(rows), q, q))
    out[range(len(rows)), rows, columns] = 1.0
    out[range(len(rows)), columns, rows] = 1.0
    return out


@dataclass(frozen=True, eq=False)
class RandomEffectsMoments:
    """The moments of random effects (see ``Moments``).

    What belongs to the residual variance follows from ``V`` being the sum of its parts: ``W = W V
    W``, so ``s2 W I W = W - sum_k g_k W V_k W``.
    """

    model: RandomEffects
    parameters: Floats
    g: Floats
    m: Floats  #: ``(s2 I + Z'Z G)^-1``, so that ``Z'W = m Z'``
    log_det: float

    @cached_property
    def _solved(self) -> Floats:
        """``E_k Z'WZ``, ``(K, m, q, q)``."""
        return _units(self.model.q)[:, None] @ (self.m @ self.model.zz)

    @cached_property
    def inner(self) -> Floats:
        """``A'WA``."""
        known = self.model.sums.sandwich((self.g @ self.m)[None])[0]
        return np.asarray(
            (self.model.cross - (known + np.swapaxes(known, 1, 2)) / 2) / self.parameters[-1]
        )

    @cached_property
    def first(self) -> Floats:
        """``A'W V_k W A``."""
        left = np.swapaxes(self.m, 1, 2)
        own = self.model.sums.sandwich(left @ _units(self.model.q)[:, None] @ self.m)
        return self._append(own, self.inner)

    @cached_property
    def traces(self) -> Floats:
        """``tr(W V_k)``."""
        n = self.model.sums.n
        own = np.einsum("kmaa,m->k", self._solved, n)
        return self._append(own, np.asarray(float(n @ self.model.n_rows)))

    @cached_property
    def pair_traces(self) -> Floats:
        """``tr(W V_k W V_l)``."""
        weighted = self._solved * self.model.sums.n[:, None, None]
        own = np.einsum("kmab,lmba->kl", weighted, self._solved, optimize=True)
        return self._append_pairs(own, self.traces)

    def weigh_second(self, weights: Floats) -> Floats:
        """Weigh ``A'W V_k W V_l W A``."""
        spread = self.model.sums.spread(weights)
        middle = self.m @ spread @ np.swapaxes(self.m, 1, 2)
        right = _units(self.model.q)[:, None] @ middle
        own = np.einsum("kmab,lmba->kl", self._solved, right, optimize=True)
        once = np.einsum("kcab,cab->k", self.first, weights)
        return self._append_pairs((own + own.T) / 2, once)

    def weigh_pairs(self, weights: Floats) -> Floats:
        """Weigh the pairs of ``A'W V_k W V_l W A``.

        Pairs with the residual variance are what the whole leaves of the others, as everywhere.
        """
        g, s2 = self.parameters[:-1], self.parameters[-1]
        last, both = weights[:-1, -1] / s2, weights[-1, -1] / s2**2
        own = weights[:-1, :-1] - np.outer(last, g) - np.outer(g, last) + both * np.outer(g, g)
        right = np.tensordot(own, _units(self.model.q), axes=1)[:, None] @ self.m
        middle = (np.swapaxes(self.m, 1, 2) @ self._solved @ right).sum(axis=0)
        pairs = self.model.sums.sandwich(middle[None])[0]
        once = np.tensordot(2 * (last - both * g), self.first[:-1], axes=1)
        return np.asarray(pairs + once + both * self.inner)

    def curvature(self, weights: Floats) -> Floats:
        """Return zeros: ``V`` is linear in its parameters."""
        return np.zeros((self.model.n_parameters, self.model.n_parameters))

    def _append(self, own: Floats, whole: Floats) -> Floats:
        """Append the residual variance's part: the whole less what the others make of it."""
        rest = whole - np.tensordot(self.parameters[:-1], own, axes=1)
        return np.concatenate([own, rest[None] / self.parameters[-1]])

    def _append_pairs(self, own: Floats, once: Floats) -> Floats:
        """Append the pairs with the residual variance; ``once`` is the same with one ``V_k``."""
        rows = np.stack([self._append(own[k], once[k]) for k in range(len(own))])
        return np.vstack([rows, self._append(rows[:, -1], once[-1])])

"""Which sums over patients does a likelihood need, whatever its covariance?

Patients who share a covariance matrix (the same visits, the same arm) share a *pattern*. Of their
rows ``A`` (outcome, design and cluster columns side by side) two sums are wanted over and over:
``sum_i A_i' M A_i`` for a matrix ``M`` per pattern, and ``sum_i A_i S A_i'`` by pattern. Many
patients of few patterns are kept as cross-products, so that a step costs patterns, not patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradex_analysis.stats.mixed_models.derivatives import Floats

Integers = npt.NDArray[np.intp]
#: rows in one product of matrices are worth that many in a batch of small ones
BATCHED = 4


@dataclass(frozen=True, eq=False)
class Sums:
    """Patients with the same number of rows: ``m`` patterns over ``size`` rows, ``p`` columns.

    ``n`` patients of each pattern. ``products`` has shape ``(m * size * size, p * p)``; or, where
    that would be larger than the rows themselves, ``rows`` has shape ``(patients, size, p)`` in
    the order of ``pattern``.
    """

    n: Integers
    size: int
    p: int
    products: Floats | None = None
    rows: Floats | None = None
    pattern: Integers | None = None

    def sandwich(self, matrices: Floats) -> Floats:
        """Return ``sum A' M A``; from ``(k, m, size, size)`` to ``(k, p, p)``."""
        k = len(matrices)
        if self.products is not None:
            return (matrices.reshape(k, -1) @ self.products).reshape(k, self.p, self.p)
        assert self.rows is not None
        assert self.pattern is not None
        flat = self.rows.reshape(-1, self.p)
        shared = len(self.n) < len(self.rows)
        out = np.empty((k, self.p, self.p))
        for j, own in enumerate(matrices):
            each = own[self.pattern] if shared else own
            out[j] = flat.T @ (each @ self.rows).reshape(-1, self.p)
        return out

    def spread(self, weights: Floats) -> Floats:
        """Return ``sum A S A'`` by pattern; from ``(p, p)`` to ``(m, size, size)``."""
        if self.products is not None:
            return (self.products @ weights.reshape(-1)).reshape(-1, self.size, self.size)
        assert self.rows is not None
        assert self.pattern is not None
        each = (self.rows @ weights) @ np.swapaxes(self.rows, 1, 2)
        if len(self.n) == len(each):
            return each
        first = np.concatenate([[0], np.cumsum(self.n)[:-1]])
        return np.add.reduceat(each, first, axis=0)


def sum_up(rows: Floats, pattern: Integers) -> Sums:
    """Sum up patients' rows ``(patients, size, p)``; ``pattern`` counts from 0, sorted."""
    n_patients, size, p = rows.shape
    n = np.bincount(pattern)
    if len(n) * size * p > BATCHED * n_patients * (size + p):
        return Sums(n, size, p, rows=rows, pattern=pattern)
    products = np.empty((len(n), size, size, p, p))
    ends = np.cumsum(n)
    for j, end in enumerate(ends):
        flat = rows[end - n[j] : end].reshape(n[j], size * p)
        product = (flat.T @ flat).reshape(size, p, size, p)
        products[j] = product.transpose(0, 2, 1, 3)
    return Sums(n, size, p, products=products.reshape(-1, p * p))

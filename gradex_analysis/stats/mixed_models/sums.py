"""Which sums over patients does a likelihood need, whatever its covariance?

Patients who share a covariance matrix (the same visits, the same arm) share a *pattern*; patients
whom a therapist or an item ties together share a *block*, and blocks are independent. Of their rows
``A`` (design, outcome and cluster columns side by side) two sums are wanted over and over: ``sum_i
A_i' M A_i`` by block, for a matrix ``M`` per pattern, and ``sum_i A_i S A_i'`` by pattern, for a
matrix ``S`` per block. Many patients of few patterns are kept as cross-products, so that a step of
the optimiser costs patterns, not patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from gradex_analysis.stats.mixed_models.derivatives import Floats

Integers = npt.NDArray[np.intp]
#: a product of large matrices is worth that many small ones
BATCHED = 4
#: patients of a pattern below which a loop over patterns costs more than it spares
FEW = 8
#: numbers that cross-products may take
MOST_PRODUCTS = 2e7


@dataclass(frozen=True, eq=False)
class Sums:
    """Patients with the same number of rows: ``m`` patterns, ``size`` rows, ``p`` columns.

    ``n`` patients of each pattern. Either ``products``, ``(m * size * size, p * p)``, of one block;
    or ``rows``, ``(patients, size, p)``, with each patient's ``pattern`` and ``block``.
    """

    n: Integers
    size: int
    p: int
    n_blocks: int
    products: Floats | None
    rows: Floats
    pattern: Integers
    block: Integers

    def sandwich(self, matrices: Floats) -> Floats:
        """Return ``sum A' M A`` by block; from ``(k, m, size, size)`` to ``(k, blocks, p, p)``."""
        k, p = len(matrices), self.p
        if self.products is not None:
            return (matrices.reshape(k, -1) @ self.products).reshape(k, 1, p, p)
        out = np.empty((k, self.n_blocks, p, p))
        for j, own in enumerate(matrices):
            right = own[self.pattern] @ self.rows
            if self.n_blocks == 1:
                out[j, 0] = self.rows.reshape(-1, p).T @ right.reshape(-1, p)
            else:
                each = np.swapaxes(self.rows, 1, 2) @ right
                out[j] = add_by(each, self.block, self.n_blocks)
        return out

    def spread(self, weights: Floats) -> Floats:
        """Return ``sum A S A'`` by pattern; from ``(blocks, p, p)`` to ``(m, size, size)``."""
        if self.products is not None:
            return (self.products @ weights.reshape(-1)).reshape(-1, self.size, self.size)
        own = weights[0] if self.n_blocks == 1 else weights[self.block]
        each = (self.rows @ own) @ np.swapaxes(self.rows, 1, 2)
        return add_by(each, self.pattern, len(self.n))


def add_by(values: Floats, where: Integers, n: int) -> Floats:
    """Add up the values of each of ``n`` places."""
    gather = sparse.csr_array(
        (np.ones(len(where)), (where, np.arange(len(where)))), shape=(n, len(where))
    )
    return np.asarray(gather @ values.reshape(len(where), -1)).reshape(n, *values.shape[1:])


def sum_up(rows: Floats, pattern: Integers, block: Integers, n_blocks: int) -> Sums:
    """Sum up patients' rows ``(patients, size, p)``; patterns and blocks count from 0."""
    n_patients, size, p = rows.shape
    n = np.bincount(pattern)
    fewer = len(n) * size * p <= BATCHED * n_patients * (size + p)
    small = max(len(n), n_patients / FEW) * float(size * p) ** 2 <= MOST_PRODUCTS
    products = _multiply(rows, pattern, n) if n_blocks == 1 and fewer and small else None
    return Sums(n, size, p, n_blocks, products, rows, pattern, block)


def _multiply(rows: Floats, pattern: Integers, n: Integers) -> Floats:
    """Return ``sum a_i b_i'`` by pattern, of all pairs of rows and columns."""
    _, size, p = rows.shape
    flat = rows.reshape(len(rows), -1)
    if len(n) * FEW > len(rows):
        products = add_by(flat[:, :, None] * flat[:, None, :], pattern, len(n))
    else:
        own = np.split(flat[np.argsort(pattern, kind="stable")], np.cumsum(n)[:-1])
        products = np.stack([patients.T @ patients for patients in own])
    shaped = products.reshape(len(n), size, p, size, p).transpose(0, 1, 3, 2, 4)
    return np.ascontiguousarray(shaped).reshape(-1, p * p)

"""What is summed up for every group, and what do random effects add to its rows' covariance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.linear_model import first_collinear
from gradex_analysis.stats.mixed_models.blocks import classify
from gradex_analysis.stats.mixed_models.derivatives import Floats, Function
from gradex_analysis.stats.mixed_models.design import parse
from gradex_analysis.stats.mixed_models.problem import Problem
from gradex_analysis.stats.mixed_models.random_effects import RandomEffects
from gradex_analysis.stats.mixed_models.sums import Integers, sum_up


@dataclass(frozen=True, eq=False)
class RandomTerms:
    """Random columns ``Z T^-1``, orthogonal and of length 1 a row, with names and ``T``.

    A full covariance of the random effects does not depend on the basis; digits do, where days are
    counted from far away.
    """

    z: Floats
    names: list[str]
    triangle: Floats

    @property
    def squares(self) -> Floats:
        """Mean square of every column of ``Z``."""
        return np.asarray((self.triangle**2).sum(axis=0))

    def back(self, effects: Floats) -> Floats:
        """Return effects of ``Z`` from those of the basis; one row per group."""
        return np.asarray(np.linalg.solve(self.triangle, effects.T).T)


def make_terms(problem: Problem, formula: str) -> RandomTerms:
    """Make the columns of the random part of a formula."""
    matrix = parse(formula).get_model_matrix(problem.used)
    z = np.asarray(matrix, dtype="float64") * problem.columns.root_weights[:, None]
    names = [str(n).replace("Intercept", "(Intercept)") for n in matrix.model_spec.column_names]
    basis, triangle = np.linalg.qr(z)
    size = np.sqrt(len(z))
    if first_collinear(pd.DataFrame(z, columns=names)):
        raise CannotAnswerError(f"A random term of {formula!r} says nothing new in the rows used.")
    return RandomTerms(basis * size, names, triangle / size)


@dataclass(frozen=True, eq=False)
class Grouped:
    """Each group's small sums, in the order of the model's patterns."""

    model: RandomEffects
    order: Integers  #: rows by group
    first: Integers  #: the first of each group's rows in ``order``
    pattern: Integers  #: of each group


def group_rows(columns: Floats, problem: Problem, terms: RandomTerms) -> Grouped:
    """Sum up the rows of every group, and groups by the pattern of their random columns."""
    order = np.argsort(problem.subjects, kind="stable")
    sizes = np.bincount(problem.subjects)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    z, a = np.asfortranarray(terms.z[order]), np.asfortranarray(columns[order])
    q, blocks = z.shape[1], problem.blocks
    zz = np.stack([[sum_rows(z[:, i] * z[:, j], first) for j in range(q)] for i in range(q)])
    za = np.stack([[sum_rows(z[:, i] * own, first) for own in a.T] for i in range(q)])
    zz, za = np.moveaxis(zz, 2, 0), np.moveaxis(za, 2, 0).copy()
    low = np.tril_indices(q)
    # rounding must not tell apart what is the same
    pattern = classify(np.column_stack([np.round(zz[:, low[0], low[1]], 9), sizes]))
    at = np.unique(pattern, return_index=True)[1]
    sums = sum_up(za, pattern, blocks.of_subject, blocks.n)
    model = RandomEffects(sums, zz[at], sizes[at], _cross(columns, problem))
    return Grouped(model, order, first, pattern)


def _cross(columns: Floats, problem: Problem) -> Floats:
    """Return ``A'A`` by block."""
    blocks = problem.blocks
    if blocks.n == 1:
        return (columns.T @ columns)[None]
    order = np.argsort(blocks.of_subject[problem.subjects], kind="stable")
    n_rows = np.bincount(blocks.of_subject[problem.subjects], minlength=blocks.n)
    parts = np.split(columns[order], np.cumsum(n_rows)[:-1])
    return np.stack([own.T @ own for own in parts])


def sum_rows(values: Floats, first: Integers) -> Floats:
    """Sum up the rows of every group; ``first`` is where each begins."""
    return np.asarray(np.add.reduceat(values, first, axis=0))


def to_variances(q: int) -> Function:
    """Return the map from a Cholesky factor and log residual SD to ``G`` and ``s2``."""
    at = np.tril_indices(q)

    def _variances(free: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
        factor = np.zeros((*free.shape[:-1], q, q), dtype=free.dtype)
        factor[..., at[0], at[1]] = free[..., :-1]
        g = factor @ np.swapaxes(factor, -1, -2)
        return np.concatenate([g[..., at[0], at[1]], np.exp(2 * free[..., -1:])], axis=-1)

    return _variances


@dataclass(frozen=True, eq=False)
class RandomCovariance:
    """The fitted covariance of any rows."""

    z: Floats
    g: Floats
    residual: float
    subjects: Integers

    def of(self, rows: Integers) -> Floats:
        """Return it for these rows."""
        same = self.subjects[rows][:, None] == self.subjects[rows]
        z = self.z[rows]
        return np.asarray((z @ self.g @ z.T) * same + self.residual * np.eye(len(rows)))

"""What is summed up for every group, and what do random effects add to its rows' covariance?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.assemble import Problem
from gradex_analysis.stats.mixed_models.derivatives import Floats, Function
from gradex_analysis.stats.mixed_models.design import parse
from gradex_analysis.stats.mixed_models.judge import OwnCovariance
from gradex_analysis.stats.mixed_models.random_effects import RandomEffects
from gradex_analysis.stats.mixed_models.sums import Integers, sum_up


@dataclass(frozen=True, eq=False)
class RandomTerms:
    """Columns ``Z`` brought to length 1 a row, their names and lengths."""

    z: Floats
    names: list[str]
    lengths: Floats


def make_terms(problem: Problem, formula: str) -> RandomTerms:
    """Make the columns of the random part of a formula."""
    matrix = parse(formula).get_model_matrix(problem.used)
    z = np.asarray(matrix, dtype="float64") * problem.columns.root_weights[:, None]
    names = [str(n).replace("Intercept", "(Intercept)") for n in matrix.model_spec.column_names]
    lengths = np.sqrt((z**2).mean(axis=0))
    if not lengths.all():
        raise CannotAnswerError(f"A random term of {formula!r} is 0 in all rows used.")
    return RandomTerms(z / lengths, names, lengths)


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
    z, a = terms.z[order], columns[order]
    q = z.shape[1]
    zz = sum_rows(z[:, :, None] * z[:, None, :], first)
    za = np.stack([sum_rows(z[:, [j]] * a, first) for j in range(q)], axis=1)
    # rounding must not tell apart what is the same
    key = np.column_stack([np.round(zz.reshape(len(zz), -1), 9), sizes])
    codes = pd.MultiIndex.from_arrays(list(key.T)).factorize()[0]
    by_pattern = np.argsort(codes, kind="stable")
    sums = sum_up(za[by_pattern], codes[by_pattern])
    at = by_pattern[np.concatenate([[0], np.cumsum(sums.n)[:-1]])]
    model = RandomEffects(sums, zz[at], sizes[at], columns.T @ columns)
    return Grouped(model, order, first, codes.astype(np.intp))


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
class RandomCovariance(OwnCovariance):
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

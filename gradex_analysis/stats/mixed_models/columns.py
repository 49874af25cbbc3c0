"""How do rows become the columns that fitting sees?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.linear_model import PERFECT
from gradex_analysis.stats.mixed_models.derivatives import Floats


@dataclass(frozen=True, eq=False)
class Columns:
    """Design and outcome in a basis where neither units nor correlation cost digits.

    Design ``X = Q R`` with ``triangle`` R; the outcome over ``scale``, its residual SD in least
    squares. Rows are multiplied by ``root_weights``: a row of weight w has a w-th of the variance.
    """

    basis: Floats
    triangle: Floats
    outcome: Floats
    scale: float
    root_weights: Floats

    @cached_property
    def both(self) -> Floats:
        """Design, then outcome."""
        return np.column_stack([self.basis, self.outcome])

    def constant(self, *, restricted: bool) -> float:
        """Return what the deviance of these columns lacks to that of the data."""
        n, p = self.basis.shape
        free = n - (p if restricted else 0)
        spent = 2 * float(np.log(np.abs(np.diag(self.triangle))).sum()) if restricted else 0.0
        scaled = 2 * free * np.log(self.scale) - 2 * float(np.log(self.root_weights).sum())
        return float(free * np.log(2 * np.pi) + spent + scaled)


def make_columns(weighted: Floats, triangle: Floats, outcome: Floats, root: Floats) -> Columns:
    """Make them of a design and outcome times ``root``, the square roots of the weights.

    ``triangle`` is R of the design. Refuses an outcome that the design tells without error.
    """
    basis = _solve(triangle, weighted)
    again = np.asarray(np.linalg.cholesky(basis.T @ basis).T)  # what rounding left
    basis, triangle = _solve(again, basis), again @ triangle
    left = outcome - basis @ (basis.T @ outcome)
    squares = float(left @ left)
    if squares <= PERFECT * float(((outcome - outcome.mean()) ** 2).sum()):
        raise CannotAnswerError(
            "The model's terms tell the outcome without error: nothing is left to judge them by. "
            "Is the outcome among them?"
        )
    scale = float(np.sqrt(squares / (len(outcome) - basis.shape[1])))
    return Columns(basis, triangle, outcome / scale, scale, root)


def _solve(triangle: Floats, columns: Floats) -> Floats:
    return np.asarray(columns @ np.linalg.inv(triangle))

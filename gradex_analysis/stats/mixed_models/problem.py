"""Which rows, columns and blocks does a model see?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.blocks import (
    Blocks,
    ClusterLevels,
    cluster_pairs,
    find_blocks,
    read_clusters,
    read_slopes,
)
from gradex_analysis.stats.mixed_models.columns import Columns, make_columns
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.design import (
    ROW,
    Design,
    check_outcome,
    is_numbers,
    make_design,
    refuse_dependent,
    split_rows,
    variables_of,
)
from gradex_analysis.stats.mixed_models.options import ClusterColumns, How
from gradex_analysis.stats.mixed_models.sums import Integers


@dataclass(frozen=True, eq=False)
class Problem:
    """The rows used, their columns, and who belongs to whom."""

    used: pd.DataFrame
    excluded: pd.DataFrame
    outcome: str
    fixed: str
    design: Design
    columns: Columns
    subject: str
    subjects: Integers
    labels: pd.Index
    clusters: Sequence[ClusterLevels]
    blocks: Blocks

    @property
    def n_subjects(self) -> int:
        """Number of patients."""
        return len(self.labels)

    @cached_property
    def least_squares_residuals(self) -> Floats:
        """Residuals of least squares, in the units of the fit."""
        columns = self.columns
        return np.asarray(columns.outcome - columns.basis @ (columns.basis.T @ columns.outcome))


def read(
    data: pd.DataFrame,
    outcome: str,
    fixed: str,
    keys: Sequence[str],
    subject: str | None,
    how: How,
    clusters: ClusterColumns,
) -> Problem:
    """Read the rows that can be used and make the columns of the model.

    Without a subject every row is one of its own.
    """
    pairs = cluster_pairs(clusters)
    slopes = {name: list(own) for name, own in (how.slopes or {}).items()}
    covariates = [name for own in slopes.values() for name in own]
    further = [*pairs, *slopes, *filter(None, pairs.values()), *filter(None, [how.clusters])]
    split_rows(data.iloc[:0], further, [])  # a misspelt name is said before any row is looked at
    needed = [outcome, *variables_of(fixed, data), *keys, *covariates, *filter(None, [how.weights])]
    used, excluded = split_rows(data, list(dict.fromkeys(needed)), keys)
    values = check_outcome(used, outcome)
    design = make_design(used, fixed)
    root = _root_weights(used, how.weights)
    weighted = design.matrix if how.weights is None else design.matrix * root[:, None]
    triangle = np.asarray(np.linalg.qr(weighted, mode="r"))
    refuse_dependent(design, used, triangle)
    codes, labels = pd.factorize(used[subject] if subject else pd.Series(used.index))
    subjects = codes.astype(np.intp)
    own = [*read_clusters(used, clusters), *read_slopes(used, slopes)]
    blocks = find_blocks(subjects, own, len(design.names) + 1)
    columns = make_columns(weighted, triangle, values * root, root)
    who = (subject or ROW, subjects, pd.Index(labels), own, blocks)
    return Problem(used, excluded, outcome, fixed, design, columns, *who)


def check_frame(data: object) -> None:
    """Refuse what is no frame."""
    if not isinstance(data, pd.DataFrame):
        raise CannotAnswerError(f"data is a {type(data).__name__}: a pandas DataFrame is needed.")


def _root_weights(used: pd.DataFrame, name: str | None) -> Floats:
    if name is None:
        return np.ones(len(used))
    if not is_numbers(used[name]):
        raise CannotAnswerError(f"The weights {name} hold {used[name].dtype}, not numbers.")
    weights = used[name].to_numpy("float64")
    if not (weights > 0).all():
        rows = ", ".join(map(str, used.index[~(weights > 0)][:5]))
        raise CannotAnswerError(f"{name} holds a weight that is not above 0, in rows {rows}.")
    return np.asarray(np.sqrt(weights))

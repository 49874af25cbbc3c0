"""How do rows become the columns that fitting sees?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.linear_model import PERFECT
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.options import ClusterColumns
from gradex_analysis.stats.mixed_models.repeated import Patterns
from gradex_analysis.stats.mixed_models.sums import Integers, sum_up

#: levels of clusters in a row's stead that is in none
NOWHERE = -1
#: numbers that all pairs of parameters over all columns may take
MOST_NUMBERS = 2e8


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

    @property
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


def make_columns(design: Floats, outcome: Floats, weights: Floats | None) -> Columns:
    """Make them; refuse an outcome that the design tells without error."""
    root = np.ones(len(outcome)) if weights is None else np.sqrt(weights)
    if not (np.isfinite(root).all() and (root > 0).all()):
        raise CannotAnswerError("Every weight must be a number above 0.")
    basis, triangle = np.linalg.qr(design * root[:, None])
    own = outcome * root
    left = own - basis @ (basis.T @ own)
    squares = float(left @ left)
    if squares <= PERFECT * float(((own - own.mean()) ** 2).sum()):
        raise CannotAnswerError(
            "The model's terms tell the outcome without error: nothing is left to judge them by. "
            "Is the outcome among them?"
        )
    scale = float(np.sqrt(squares / (len(own) - basis.shape[1])))
    return Columns(basis, triangle, own / scale, scale, root)


@dataclass(frozen=True, eq=False)
class ClusterLevels:
    """Clusters with one variance: the level of each row (``NOWHERE`` where in none), its name."""

    name: str
    by: str
    codes: Integers
    levels: list[object]

    def indicators(self) -> Floats:
        """Return one column per level."""
        return np.asarray((self.codes[:, None] == np.arange(len(self.levels))) * 1.0)


def read_clusters(used: pd.DataFrame, columns: ClusterColumns) -> list[ClusterLevels]:
    """Read the clusters; with ``by``, one variance for each of its values that has clusters."""
    found = []
    for name, by in cluster_pairs(columns).items():
        inside = used[name].notna()
        groups = [""] if by is None else sorted(used.loc[inside, by].dropna().unique())
        for group in groups:
            here = inside if by is None else inside & (used[by] == group)
            codes, levels = pd.factorize(used[name].where(here), sort=True)
            if len(levels) < 2:
                where = f" where {by} is {group}" if by else ""
                raise CannotAnswerError(
                    f"{name} has {len(levels)} level{where}: a variance between clusters needs at "
                    "least 2."
                )
            found.append(ClusterLevels(name, str(group), codes, list(levels)))
    return found


def cluster_pairs(columns: ClusterColumns) -> dict[str, str | None]:
    """Return each column of clusters with the column that its variance differs by."""
    if columns is None:
        return {}
    if isinstance(columns, str):
        return {columns: None}
    if isinstance(columns, Mapping):
        return dict(columns)
    return dict.fromkeys(columns)


def with_clusters(
    columns: Columns, clusters: Sequence[ClusterLevels]
) -> tuple[Floats, list[slice]]:
    """Return design, outcome and indicator columns, and where each kind of cluster stands."""
    both = columns.both
    start, places = both.shape[1], []
    blocks = [both]
    for cluster in clusters:
        block = cluster.indicators() * columns.root_weights[:, None]
        places.append(slice(start, start + block.shape[1]))
        start += block.shape[1]
        blocks.append(block)
    return np.column_stack(blocks), places


def check_size(n_parameters: int, n_columns: int) -> None:
    """Refuse more clusters than can be held at once."""
    if float(n_parameters) ** 2 * float(n_columns) ** 2 > MOST_NUMBERS:
        raise CannotAnswerError(
            f"{n_columns} columns of clusters and terms with {n_parameters} covariance parameters "
            "are too many at once: name the clusters with the most levels as groups, or leave "
            "one kind of cluster out."
        )


def in_several(inner: Iterable[object], outer: Iterable[object]) -> list[object]:
    """List the inner values that stand beside several outer ones; missing ones count for none."""
    pairs = pd.DataFrame({"inner": list(inner), "outer": list(outer)}).dropna().drop_duplicates()
    return list(pairs.loc[pairs["inner"].duplicated(), "inner"].drop_duplicates())


def largest_block(subjects: Integers, clusters: Sequence[ClusterLevels]) -> int:
    """Return the rows of the largest set that is independent of all others."""
    n_nodes = int(subjects.max()) + 1
    edges = []
    for cluster in clusters:
        inside = cluster.codes != NOWHERE
        edges.append((subjects[inside], n_nodes + cluster.codes[inside]))
        n_nodes += len(cluster.levels)
    if not edges:
        return int(np.bincount(subjects).max())
    ends = [np.concatenate(side) for side in zip(*edges, strict=True)]
    joined = (np.ones(len(ends[0])), (ends[0], ends[1]))
    graph = sparse.coo_matrix(joined, shape=(n_nodes, n_nodes))
    _, block = csgraph.connected_components(graph, directed=False)
    return int(np.bincount(block[subjects]).max())


def arrange(
    columns: Floats, subjects: Integers, places: Floats, groups: Integers
) -> list[Patterns]:
    """Arrange rows by patient, patients by pattern: same places of rows, same group.

    ``places`` has shape ``(rows,)`` or, for distances, ``(rows, dimensions)``.
    """
    by = places if places.ndim == 1 else places[:, 0]
    order = np.lexsort((by, subjects))
    sizes = np.bincount(subjects)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    found = []
    for size in np.unique(sizes[sizes > 0]):
        own = first[sizes == size]
        rows = order[own[:, None] + np.arange(size)]
        where, group = places[rows], groups[rows[:, 0]]
        key = np.column_stack([where.reshape(len(rows), -1), group])
        _, index, pattern = np.unique(key, axis=0, return_index=True, return_inverse=True)
        pattern = pattern.reshape(-1)
        sort = np.argsort(pattern, kind="stable")
        sums = sum_up(columns[rows[sort]], pattern[sort])
        found.append(Patterns(sums, where[index], group[index]))
    return found

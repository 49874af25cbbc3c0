"""Which rows depend on one another, through patients, therapists, sites and items?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse import csgraph

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.columns import Columns
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.options import ClusterColumns
from gradex_analysis.stats.mixed_models.repeated import Patterns
from gradex_analysis.stats.mixed_models.sums import Integers, sum_up

#: levels of clusters in a row's stead that is in none
NOWHERE = -1
#: numbers that the cross-products of all blocks may take
MOST_NUMBERS = 1e7


@dataclass(frozen=True, eq=False)
class ClusterLevels:
    """Clusters with one variance: the level of each row (``NOWHERE`` where in none), its name.

    Those that differ in slope have ``along``, its values per row, and the ``length`` of these.
    """

    name: str
    by: str
    codes: Integers
    levels: list[object]
    along: str = ""
    values: Floats | None = None
    length: float = 1.0

    @property
    def label(self) -> str:
        """Name of the clusters, with the group whose variance they have."""
        name = f"{self.along} of {self.name}" if self.along else self.name
        return f"{name} ({self.by})" if self.by else name

    def weigh(self, root_weights: Floats) -> Floats:
        """Return what each row's entry in the column of its cluster is."""
        if self.values is None:
            return root_weights
        # of length 1 a row, so that a search may start anywhere near
        return root_weights * self.values / self.length


def read_clusters(used: pd.DataFrame, columns: ClusterColumns) -> list[ClusterLevels]:
    """Read the clusters; with ``by``, one variance for each of its values that has clusters."""
    found = []
    for name, by in cluster_pairs(columns).items():
        inside = used[name].notna()
        if by is not None and used.loc[inside, by].isna().any():
            raise CannotAnswerError(f"A row with {name} has no {by}: whose variance is its?")
        groups = [""] if by is None else sorted(used.loc[inside, by].unique())
        for group in groups:
            here = inside if by is None else inside & (used[by] == group)
            codes, levels = pd.factorize(used[name].where(here), sort=True)
            if len(levels) < 2:
                where = f" where {by} is {group}" if by else ""
                raise CannotAnswerError(
                    f"{name} has {len(levels)} level{where}: a variance between clusters needs at "
                    "least 2."
                )
            found.append(ClusterLevels(name, str(group), codes.astype(np.intp), list(levels)))
    return found


def read_slopes(used: pd.DataFrame, slopes: Mapping[str, Sequence[str]]) -> list[ClusterLevels]:
    """Read the clusters that differ in slope, by the covariates of each."""
    found = []
    for name, covariates in slopes.items():
        for cluster in read_clusters(used, name) if covariates else []:
            for along in covariates:
                values = used[along].to_numpy("float64")
                length = float(np.sqrt(np.mean(values[cluster.codes != NOWHERE] ** 2)))
                if length == 0:
                    raise CannotAnswerError(f"{along} is 0 in all rows: no slope along it differs.")
                found.append(replace(cluster, along=along, values=values, length=length))
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


def in_several(inner: pd.Series, outer: pd.Series) -> list[object]:
    """List the inner values that stand beside several outer ones; missing ones count for none."""
    pairs = pd.DataFrame({"inner": inner.array, "outer": outer.array}).dropna().drop_duplicates()
    return list(pairs.loc[pairs["inner"].duplicated(), "inner"].drop_duplicates())


@dataclass(frozen=True, eq=False)
class Blocks:
    """Independent blocks of rows.

    ``of_subject`` is the block of each patient; those in no cluster share one, since nothing ties
    them but a sum. ``places[f]`` are the columns behind design and outcome that a block's own
    levels of the clusters ``f`` take, ``local[f]`` each level's among them.
    """

    of_subject: Integers
    n: int
    largest: int  #: rows of the largest set whose rows depend on one another
    places: list[slice]
    local: list[Integers]


def find_blocks(subjects: Integers, clusters: Sequence[ClusterLevels], n_columns: int) -> Blocks:
    """Find the blocks; ``n_columns`` of design and outcome stand before the clusters' columns."""
    sizes = np.bincount(subjects)
    if not clusters:
        return Blocks(np.zeros(len(sizes), dtype=np.intp), 1, int(sizes.max()), [], [])
    tied = _tie(subjects, clusters)
    largest = int(np.bincount(tied[subjects]).max())
    inside = np.zeros(len(sizes), dtype=bool)
    for cluster in clusters:
        inside[subjects[cluster.codes != NOWHERE]] = True
    of_subject, names = pd.factorize(np.where(inside, tied, NOWHERE))
    start, places, local = n_columns, [], []
    for cluster in clusters:
        own = _number(cluster, of_subject[subjects])
        places.append(slice(start, start + int(own.max()) + 1))
        local.append(own)
        start = places[-1].stop
    return Blocks(of_subject.astype(np.intp), len(names), largest, places, local)


def _tie(subjects: Integers, clusters: Sequence[ClusterLevels]) -> Integers:
    """Return the connected component of each patient."""
    n_nodes = int(subjects.max()) + 1
    ends = []
    for cluster in clusters:
        inside = cluster.codes != NOWHERE
        ends.append(np.stack([subjects[inside], n_nodes + cluster.codes[inside]]))
        n_nodes += len(cluster.levels)
    pairs = np.concatenate(ends, axis=1)
    joined = (np.ones(pairs.shape[1]), (pairs[0], pairs[1]))
    graph = sparse.coo_matrix(joined, shape=(n_nodes, n_nodes))
    _, component = csgraph.connected_components(graph, directed=False)
    return np.asarray(component[: int(subjects.max()) + 1], dtype=np.intp)


def _number(cluster: ClusterLevels, blocks: Integers) -> Integers:
    """Return the number of each level within its block."""
    inside = cluster.codes != NOWHERE
    block = np.zeros(len(cluster.levels), dtype=np.intp)
    block[cluster.codes[inside]] = blocks[inside]
    number = pd.Series(block).groupby(block).cumcount()
    return np.asarray(number, dtype=np.intp)


def with_clusters(columns: Columns, clusters: Sequence[ClusterLevels], blocks: Blocks) -> Floats:
    """Return design, outcome and the indicator columns of each row's own block."""
    if not clusters:
        return columns.both
    width = blocks.places[-1].stop
    if float(width) ** 2 * blocks.n > MOST_NUMBERS:
        raise CannotAnswerError(
            f"Clusters that cut across one another have too many levels at once "
            f"({width - columns.both.shape[1]} of one block): leave one kind of cluster out."
        )
    out = np.zeros((len(columns.outcome), width))
    out[:, : columns.both.shape[1]] = columns.both
    for cluster, place, local in zip(clusters, blocks.places, blocks.local, strict=True):
        rows = np.flatnonzero(cluster.codes != NOWHERE)
        entries = cluster.weigh(columns.root_weights)[rows]
        out[rows, place.start + local[cluster.codes[rows]]] = entries
    return out


def arrange(
    columns: Floats, subjects: Integers, places: Floats, groups: Integers, blocks: Blocks
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
        own = sizes == size
        rows = order[first[own][:, None] + np.arange(size)]
        where, group = places[rows], groups[rows[:, 0]]
        pattern = classify(np.column_stack([where.reshape(len(rows), -1), group]))
        index = np.unique(pattern, return_index=True)[1]
        sums = sum_up(columns[rows], pattern, blocks.of_subject[own], blocks.n)
        found.append(Patterns(sums, where[index], group[index]))
    return found


def classify(rows: npt.NDArray[np.float64]) -> Integers:
    """Return which of the different rows each is, counted in the order of their first."""
    codes = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        own, levels = pd.factorize(column)
        codes = pd.factorize(codes * len(levels) + own)[0]
    return codes.astype(np.intp)

"""How sure are coefficients by the chosen method, and which rows depend on one another?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.columns import NOWHERE, ClusterLevels, Columns, in_several
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.inference import (
    Estimates,
    KenwardRoger,
    Residual,
    Satterthwaite,
    Spread,
)
from gradex_analysis.stats.mixed_models.likelihood import Point
from gradex_analysis.stats.mixed_models.options import How
from gradex_analysis.stats.mixed_models.robust import Cluster, robustify
from gradex_analysis.stats.mixed_models.sums import Integers

#: rows of the largest independent block beyond which Kenward-Roger gives way to Satterthwaite
MOST_ROWS = 2000


class OwnCovariance:
    """The patients' own covariance of any rows, without clusters."""

    def of(self, rows: Integers) -> Floats:
        """Return it for these rows."""
        raise NotImplementedError


@dataclass(frozen=True, eq=False)
class DenseCovariance:
    """``V`` of any rows, in the units of the fit: the patients' own, and what clusters add."""

    own: OwnCovariance
    clusters: Sequence[ClusterLevels]
    variances: Floats
    root_weights: Floats

    def of(self, rows: Integers) -> Floats:
        """Return ``V`` of these rows."""
        out = self.own.of(rows)
        root = self.root_weights[rows]
        for cluster, variance in zip(self.clusters, self.variances, strict=True):
            codes = cluster.codes[rows]
            same = (codes[:, None] == codes) & (codes != NOWHERE)
            out = out + variance * same * root[:, None] * root
        return out


def judge(point: Point, columns: Columns, how: How, clusters: Iterator[Cluster]) -> Estimates:
    """Say how sure the coefficients are, by the chosen method."""
    spread: Spread
    if how.robust is not None:
        spread = robustify(point.covariance, clusters, corrected=how.robust == "CR2")
    elif how.df == "kenward-roger":
        spread = KenwardRoger.of(point, how.information)
    elif how.df == "satterthwaite":
        spread = Satterthwaite.of(point, how.information)
    else:
        n, p = columns.basis.shape
        spread = Residual(point.covariance, float(n - p))
    return Estimates(point.coefficients, spread, columns.triangle, columns.scale)


def list_clusters(
    columns: Columns, dense: DenseCovariance, residuals: Floats, codes: Integers
) -> Iterator[Cluster]:
    """List the rows of each cluster, with their working covariance."""
    order = np.argsort(codes, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(codes))[:-1]):
        yield Cluster(columns.basis[rows], residuals[rows], dense.of(rows))


def cluster_codes(used: pd.DataFrame, name: str, random: Sequence[ClusterLevels]) -> Integers:
    """Return each row's cluster for sandwich covariances.

    A row in no cluster is one of its own. Raises ``CannotAnswerError`` where a random cluster lies
    in several of these, since rows of different ones must be independent.
    """
    codes, levels = pd.factorize(used[name])
    alone = codes == NOWHERE
    codes = codes.astype(np.intp)
    codes[alone] = len(levels) + np.arange(int(alone.sum()))
    if len(np.unique(codes)) < 2:
        raise CannotAnswerError(f"{name} has one value: robust standard errors need clusters.")
    for cluster in random:
        inside = cluster.codes != NOWHERE
        if in_several(cluster.codes[inside], codes[inside]):
            raise CannotAnswerError(
                f"A cluster of {cluster.name} lies in several clusters of {name}: robust standard "
                f"errors need clusters that are independent. Take clusters={cluster.name!r}."
            )
    return codes

"""How sure are coefficients by the chosen method, and which rows depend on one another?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.blocks import NOWHERE, ClusterLevels, in_several
from gradex_analysis.stats.mixed_models.columns import Columns
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

#: clusters below which even corrected robust standard errors are hardly known
FEW_CLUSTERS = 10
#: rows of the largest independent block beyond which Kenward-Roger gives way to Satterthwaite
MOST_ROWS = 2000


class OwnCovariance(Protocol):
    """The patients' own covariance of any rows, without clusters."""

    def of(self, rows: Integers) -> Floats:
        """Return it for these rows."""


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
        for cluster, variance in zip(self.clusters, self.variances, strict=True):
            codes, root = cluster.codes[rows], cluster.weigh(self.root_weights)[rows]
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


def cluster_codes(
    named: pd.Series, subjects: Integers, subject: str, random: Sequence[ClusterLevels]
) -> Integers:
    """Return each row's cluster for sandwich covariances; without one, its patient.

    Raises ``CannotAnswerError`` where rows that the model ties together lie in several clusters.
    """
    codes, levels = pd.factorize(named)
    codes = np.where(codes == NOWHERE, len(levels) + subjects, codes)
    if len(np.unique(codes)) < 2:
        raise CannotAnswerError(
            f"{named.name} has one value: robust standard errors need several clusters."
        )
    tied = {subject: subjects, **{own.label: own.codes for own in random}}
    for what, inner in tied.items():
        inside = inner != NOWHERE
        if in_several(pd.Series(inner[inside]), pd.Series(codes[inside])):
            raise CannotAnswerError(
                f"A level of {what} lies in several clusters of {named.name}: robust standard "
                f"errors need independent ones. Take clusters={what!r}, or larger ones."
            )
    return np.asarray(pd.factorize(codes)[0], dtype=np.intp)

"""What do both kinds of model share, from rows to fit?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.blocks import (
    Blocks,
    ClusterLevels,
    cluster_pairs,
    find_blocks,
    read_clusters,
)
from gradex_analysis.stats.mixed_models.clusters import Base, Clusters
from gradex_analysis.stats.mixed_models.columns import Columns, make_columns
from gradex_analysis.stats.mixed_models.derivatives import Floats, Function
from gradex_analysis.stats.mixed_models.design import (
    ROW,
    Design,
    check_outcome,
    make_design,
    refuse_dependent,
    split_rows,
    variables_of,
)
from gradex_analysis.stats.mixed_models.fit import MixedFit
from gradex_analysis.stats.mixed_models.judge import (
    FEW_CLUSTERS,
    MOST_ROWS,
    DenseCovariance,
    OwnCovariance,
    cluster_codes,
    judge,
    list_clusters,
)
from gradex_analysis.stats.mixed_models.likelihood import Likelihood, Point, chain
from gradex_analysis.stats.mixed_models.newton import Search, search
from gradex_analysis.stats.mixed_models.options import ClusterColumns, How
from gradex_analysis.stats.mixed_models.sums import Integers

COMPONENTS = ["group", "term", "other", "estimate", "at_boundary"]
Component = tuple[str, str, str, float, bool]
#: share of the residual variance below which a variance lies at its boundary, 0
BOUNDARY = 1e-6


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
    further = [*pairs, *filter(None, pairs.values()), *filter(None, [how.clusters])]
    split_rows(data.iloc[:0], further, [])  # a misspelt name is said before any row is looked at
    needed = [outcome, *variables_of(fixed, data), *keys, *filter(None, [how.weights])]
    used, excluded = split_rows(data, list(dict.fromkeys(needed)), keys)
    values = check_outcome(used, outcome)
    design = make_design(used, fixed)
    root = _root_weights(used, how.weights)
    weighted = design.matrix if how.weights is None else design.matrix * root[:, None]
    triangle = np.asarray(np.linalg.qr(weighted, mode="r"))
    refuse_dependent(design, used, triangle)
    codes, labels = pd.factorize(used[subject] if subject else pd.Series(used.index))
    subjects = codes.astype(np.intp)
    own = read_clusters(used, clusters)
    blocks = find_blocks(subjects, own, len(design.names) + 1)
    columns = make_columns(weighted, triangle, values * root, root)
    who = (subject or ROW, subjects, pd.Index(labels), own, blocks)
    return Problem(used, excluded, outcome, fixed, design, columns, *who)


def _root_weights(used: pd.DataFrame, name: str | None) -> Floats:
    if name is None:
        return np.ones(len(used))
    weights = used[name].to_numpy("float64")
    if not (weights > 0).all():
        rows = ", ".join(map(str, used.index[~(weights > 0)][:5]))
        raise CannotAnswerError(f"{name} holds a weight that is not above 0, in rows {rows}.")
    return np.asarray(np.sqrt(weights))


def _same(values: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
    return values


def _square(values: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
    return values**2


def fit_covariance(
    base: Base, problem: Problem, start: Floats, how: How, to_parameters: Function = _same
) -> Search | None:
    """Search for the likeliest covariance.

    Variances between clusters start at a tenth of the residual variance. Where one ends at its
    boundary, the search is made again from large ones, since few clusters can have two maxima.
    """
    p, places = problem.columns.basis.shape[1], problem.blocks.places
    if not places:
        plain = None if to_parameters is _same else to_parameters
        model = Likelihood(Clusters(base, p + 1, []), p, how.method == "reml", plain)
        return search(model, start, max_iterations=how.max_iterations)
    both = chain((len(start), to_parameters), (len(places), _square))
    model = Likelihood(Clusters(base, p + 1, places), p, how.method == "reml", both)
    ends: list[Search] = []
    for own, clusters in ((start, 0.3), (0.1 * start, 1.0)):
        begin = np.append(own, np.full(len(places), clusters))
        found = search(model, begin, max_iterations=how.max_iterations)
        ends.extend([found] if found else [])
        if found and not found.reason and (found.point.free[-len(places) :] ** 2 > BOUNDARY).all():
            break
    return min(ends, key=lambda end: (bool(end.reason), end.point.deviance), default=None)


def settle_df(problem: Problem, how: How) -> tuple[How, list[str]]:
    """Return how to judge: Kenward-Roger gives way where independent blocks are too large."""
    if how.df != "kenward-roger" or how.robust is not None:
        return how, []
    block = problem.blocks.largest
    if block <= MOST_ROWS:
        return how, []
    note = (
        f"Satterthwaite's degrees of freedom instead of Kenward-Roger's: {block:,} rows depend on "
        f"one another, more than {MOST_ROWS:,}."
    )
    return How(**{**how.as_settings(), "df": "satterthwaite"}), [note]


def finish(
    problem: Problem, point: Point, own: OwnCovariance, how: How,
    tried: Sequence[tuple[str, Search | None, str]], *, notes: Sequence[str], **said: Any,
) -> MixedFit:  # fmt: skip
    """Make the fit of the likelihood's best point.

    ``said`` are ``components, settings`` and perhaps ``residual_covariance``, ``random_effects``
    and ``explained``, the random effects' part of each row in the units of the fit.
    """
    columns = problem.columns
    judged, further = settle_df(problem, how)
    variances = cluster_variances(point, problem)
    dense = DenseCovariance(own, problem.clusters, variances, columns.root_weights)
    left = columns.outcome - columns.basis @ point.coefficients
    codes, few = _robust_clusters(problem, how)
    estimates = judge(point, columns, judged, list_clusters(columns, dense, left, codes))
    explained = columns.outcome - left + said.get("explained", 0.0)
    fitted = columns.scale * explained / columns.root_weights
    rows = problem.used.index
    clusters, at_boundary = _cluster_components(problem, variances)
    return MixedFit(
        design=problem.design,
        estimates=estimates,
        deviance=point.deviance + columns.constant(restricted=judged.method == "reml"),
        n_covariance_parameters=len(point.free),
        n_rows=len(rows),
        n_subjects=problem.n_subjects,
        variance_components=pd.DataFrame([*said["components"], *clusters], columns=COMPONENTS),
        residual_covariance=said.get("residual_covariance"),
        random_effects=said.get("random_effects"),
        fitted=pd.Series(fitted, index=rows),
        residuals=pd.Series(problem.used[problem.outcome].to_numpy("float64") - fitted, index=rows),
        excluded=problem.excluded,
        attempts=_list_attempts(tried),
        notes=(*notes, *at_boundary, *further, *few),
        settings=_settings(problem, judged, said["settings"]),
    )


def _robust_clusters(problem: Problem, how: How) -> tuple[Integers, list[str]]:
    """Return each row's cluster for a sandwich covariance, and a note where they are few."""
    if how.robust is None:
        return problem.subjects, []
    named = pd.Series(problem.subjects, name=problem.subject)
    named = problem.used[how.clusters] if how.clusters else named
    codes = cluster_codes(named, problem.subjects, problem.subject, problem.clusters)
    n = int(codes.max()) + 1
    few = (
        f"Robust standard errors rest on {n} clusters of {named.name}: too few to be sure of them."
    )
    return codes, [few] if n < FEW_CLUSTERS else []


def cluster_variances(point: Point, problem: Problem) -> Floats:
    """Return the variances between clusters, in the units of the fit."""
    n = len(problem.clusters)
    return point.free[len(point.free) - n :] ** 2


def _cluster_components(problem: Problem, variances: Floats) -> tuple[list[Component], list[str]]:
    scale = problem.columns.scale**2
    rows, notes = [], []
    for cluster, variance in zip(problem.clusters, variances, strict=True):
        name = cluster.label
        at_boundary = bool(variance < BOUNDARY)
        rows.append((name, "(Intercept)", "", variance * scale, at_boundary))
        if at_boundary:
            notes.append(f"The variance between {name} lies at its boundary, 0.")
    return rows, notes


def _list_attempts(tried: Sequence[tuple[str, Search | None, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, not reason, found.iterations if found else 0, reason)
         for name, found, reason in tried],
        columns=["covariance", "converged", "iterations", "reason"],
    )  # fmt: skip


def _settings(problem: Problem, how: How, more: dict[str, Any]) -> dict[str, Any]:
    names = {"outcome": problem.outcome, "fixed": problem.fixed}
    clusters = {cluster.label: len(cluster.levels) for cluster in problem.clusters}
    return {**names, **more, **how.as_settings(), "cluster_levels": clusters}


def refuse_unconverged(found: Search | None, problem: Problem) -> Search:
    """Return the search, or say why no covariance was found."""
    if found is None or found.reason:
        why = "no likelihood at the start" if found is None else found.reason
        raise CannotAnswerError(
            f"The covariance could not be estimated from {problem.n_subjects} of {problem.subject} "
            f"({why}). More patients, or fewer random terms."
        )
    return found

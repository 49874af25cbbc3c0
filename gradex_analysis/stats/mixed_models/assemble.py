"""How does a problem become a fit, whatever its covariance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.clusters import Base, Clusters
from gradex_analysis.stats.mixed_models.derivatives import Floats, Function
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
from gradex_analysis.stats.mixed_models.options import How
from gradex_analysis.stats.mixed_models.problem import Problem
from gradex_analysis.stats.mixed_models.sums import Integers

COMPONENTS = ["group", "term", "other", "estimate", "at_boundary"]
Component = tuple[str, str, str, float, bool]
#: share of the residual variance below which a variance lies at its boundary, 0
BOUNDARY = 1e-6
#: standard deviations between clusters to start from, with a share of the patients' own start
STARTS = ((0.3, 1.0), (1.0, 0.1))


@dataclass(frozen=True, eq=False, kw_only=True)
class Parts:
    """What one kind of model says of its fit.

    ``own`` is the patients' own covariance; ``tried`` the covariances with what became of them;
    ``explained`` the random effects' part of each row, in the units of the fit.
    """

    own: OwnCovariance
    tried: Sequence[tuple[str, Search | None, str]]
    components: Sequence[Component]
    settings: Mapping[str, Any]
    notes: Sequence[str] = ()
    explained: Floats = field(default_factory=lambda: np.zeros(1))
    residual_covariance: dict[str, pd.DataFrame] | None = None
    random_effects: pd.DataFrame | None = None
    cluster_effects: pd.DataFrame | None = None


def _same(values: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
    return values


def _square(values: npt.NDArray[np.inexact]) -> npt.NDArray[np.inexact]:
    return values**2


def fit_covariance(
    base: Base, problem: Problem, start: Floats, how: How, to_parameters: Function = _same
) -> Search | None:
    """Search for the likeliest covariance.

    Where a variance between clusters ends at its boundary, the search is made again from large
    ones: with few clusters there can be two maxima.
    """
    p, places = problem.columns.basis.shape[1], problem.blocks.places
    if not places:
        plain = None if to_parameters is _same else to_parameters
        model = Likelihood(Clusters(base, p + 1, []), p, how.method == "reml", plain)
        return search(model, start, max_iterations=how.max_iterations)
    both = chain((len(start), to_parameters), (len(places), _square))
    model = Likelihood(Clusters(base, p + 1, places), p, how.method == "reml", both)
    ends: list[Search] = []
    for size, share in STARTS:
        begin = np.append(share * start, np.full(len(places), size))
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
    return replace(how, df="satterthwaite"), [note]


def finish(problem: Problem, point: Point, how: How, parts: Parts) -> MixedFit:
    """Make the fit of the likelihood's best point."""
    columns = problem.columns
    judged, further = settle_df(problem, how)
    variances = cluster_variances(point, problem)
    dense = DenseCovariance(parts.own, problem.clusters, variances, columns.root_weights)
    left = columns.outcome - columns.basis @ point.coefficients
    codes, few = _robust_clusters(problem, how)
    estimates = judge(point, columns, judged, list_clusters(columns, dense, left, codes))
    explained = columns.outcome - left + parts.explained
    fitted = columns.scale * explained / columns.root_weights
    observed = problem.used[problem.outcome]
    clusters, at_boundary = _cluster_components(problem, variances)
    return MixedFit(
        design=problem.design,
        estimates=estimates,
        deviance=point.deviance + columns.constant(restricted=judged.method == "reml"),
        n_covariance_parameters=len(point.free),
        n_rows=len(observed),
        n_subjects=problem.n_subjects,
        variance_components=pd.DataFrame([*parts.components, *clusters], columns=COMPONENTS),
        residual_covariance=parts.residual_covariance,
        random_effects=parts.random_effects,
        cluster_effects=parts.cluster_effects,
        fitted=pd.Series(fitted, index=observed.index),
        residuals=observed.astype("float64") - fitted,
        excluded=problem.excluded,
        attempts=_list_attempts(parts.tried),
        notes=(*parts.notes, *at_boundary, *further, *few),
        settings=_settings(problem, judged, parts.settings),
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
        name, term = cluster.label, cluster.along or "(Intercept)"
        at_boundary = bool(variance < BOUNDARY)
        own = variance * scale / cluster.length**2
        rows.append((cluster.name if cluster.along else name, term, "", own, at_boundary))
        if at_boundary:
            what = (
                f"of {cluster.along} between {cluster.name}" if cluster.along else f"between {name}"
            )
            notes.append(f"The variance {what} lies at its boundary, 0.")
    return rows, notes


def _list_attempts(tried: Sequence[tuple[str, Search | None, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        [(name, not reason, found.iterations if found else 0, reason)
         for name, found, reason in tried],
        columns=["covariance", "converged", "iterations", "reason"],
    )  # fmt: skip


def _settings(problem: Problem, how: How, more: Mapping[str, Any]) -> dict[str, Any]:
    names = {"outcome": problem.outcome, "fixed": problem.fixed}
    clusters = {cluster.label: len(cluster.levels) for cluster in problem.clusters}
    return {**names, **more, **how.as_settings(), "cluster_levels": clusters}


def refuse_unconverged(found: Search | None, problem: Problem) -> Search:
    """Return the search, or say why no covariance was found."""
    if found is None or found.reason:
        why = "no likelihood at the start" if found is None else found.reason
        raise CannotAnswerError(
            f"The covariance could not be estimated from {problem.n_subjects} values of "
            f"{problem.subject} ({why}). More patients, or fewer random terms."
        )
    return found

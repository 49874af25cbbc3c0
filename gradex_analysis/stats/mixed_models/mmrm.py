"""What is the mean of each arm at each visit, where a patient's visits vary together in any way?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import assemble
from gradex_analysis.stats.mixed_models.blocks import arrange, with_clusters
from gradex_analysis.stats.mixed_models.fit import MixedFit
from gradex_analysis.stats.mixed_models.newton import Search
from gradex_analysis.stats.mixed_models.options import ClusterColumns, How, Options
from gradex_analysis.stats.mixed_models.predictions import list_levels, predict_levels
from gradex_analysis.stats.mixed_models.problem import Problem, check_frame, read
from gradex_analysis.stats.mixed_models.repeated import Repeated
from gradex_analysis.stats.mixed_models.structures import LADDER, STRUCTURES
from gradex_analysis.stats.mixed_models.visits import (
    SPATIAL,
    VisitCovariance,
    Visits,
    begin,
    list_components,
    number_within,
    place,
)

#: covariances that do not ask which visit comes first
UNORDERED = ("unstructured", "compound_symmetry", "heterogeneous_compound_symmetry")
#: a correlation of visits this close to singular is none that data can tell
SINGULAR = 1e-8


class MmrmOptions(Options, total=False):
    """Options of ``fit_mmrm``; ``nested`` as in ``fit_mixed_model``."""

    nested: ClusterColumns


def fit_mmrm(
    data: pd.DataFrame,
    *,
    outcome: str,
    fixed: str,
    visit: str | Sequence[str],
    subject: str,
    covariance: str = "unstructured",
    by_group: str | None = None,
    **options: Unpack[MmrmOptions],
) -> MixedFit:
    """Fit a mixed model for repeated measures: ``y_i ~ N(X_i b, V_i)``, one row a visit.

    Parameters
    ----------
    fixed
        Right side of a formula, for example ``"baseline*visit + arm*visit"``.
    visit
        Column of visits, in the order of its categories, or sorted. For ``"spatial_exponential"``
        one or several columns of numbers, such as days.
    covariance
        One of ``COVARIANCES``. One that cannot be estimated gives way to a plainer one, in the
        order of ``LADDER`` (the spatial one to its last); ``notes`` and ``attempts`` say so.
    by_group
        Column whose values have a covariance each, such as the arm.
    options
        See ``How``; ``information`` is ``"observed"``, as in R mmrm and SAS.

    References
    ----------
    Mallinckrodt et al. (2008), doi:10.1177/009286150804200402
    """
    check_frame(data)
    nested = options.pop("nested", None)
    how = How.read("observed", options)
    if covariance not in STRUCTURES:
        raise UnknownNameError("covariance", covariance, list(STRUCTURES))
    names = [visit] if isinstance(visit, str) else list(visit)
    if covariance != SPATIAL and len(names) > 1:
        raise CannotAnswerError(f"{covariance} needs one column of visits, not {len(names)}.")
    keys = [subject, *names, *filter(None, [by_group])]
    problem = read(data, outcome, fixed, keys, subject, how, nested)
    visits = place(problem.used, names, subject, by_group, spatial=covariance == SPATIAL)
    attempts = _climb_down(problem, visits, covariance, how)
    settings = {"visit": visit, "subject": subject, "by_group": by_group}
    return _finish(problem, attempts, how, settings)


@dataclass(frozen=True, eq=False)
class Attempt:
    """One covariance that was tried; ``reason`` is "" where it was found."""

    model: Repeated
    visits: Visits
    found: Search | None
    reason: str


def _climb_down(problem: Problem, visits: Visits, first: str, how: How) -> list[Attempt]:
    """Try the covariance asked for, then plainer ones, until one is found."""
    names = _ladder(first, max(len(visits.names), 1)) if how.fallback else [first]
    attempts = _try_in_turn(problem, visits, names, how)
    if attempts[-1].reason and first == SPATIAL and how.fallback:
        numbered = number_within(visits, problem.subjects)
        attempts += _try_in_turn(problem, numbered, LADDER[-1:], how)
    if not attempts[-1].reason:
        return attempts
    tried = "; ".join(f"{attempt.model.structure.name}: {attempt.reason}" for attempt in attempts)
    raise CannotAnswerError(
        f"No covariance of the visits could be estimated from {problem.n_subjects} values of "
        f"{problem.subject} ({tried}). More patients, fewer visits, or a plainer model."
    )


def _try_in_turn(problem: Problem, visits: Visits, names: Sequence[str], how: How) -> list[Attempt]:
    n_visits, n_groups = max(len(visits.names), 1), len(visits.group_names)
    columns = with_clusters(problem.columns, problem.clusters, problem.blocks)
    patterns = arrange(columns, problem.subjects, visits.places, visits.groups, problem.blocks)
    near = begin(problem, visits)
    attempts: list[Attempt] = []
    for name in names:
        model = Repeated(patterns, STRUCTURES[name], n_visits, n_groups)
        reason, found = _too_few(name, visits, problem), None
        if not reason:
            start = np.concatenate([model.structure.begin(own) for own in near])
            found = assemble.fit_covariance(model, problem, start, how)
            reason = _why_not(model, found)
        attempts.append(Attempt(model, visits, found, reason))
        if not reason:
            break
    return attempts


def _too_few(name: str, visits: Visits, problem: Problem) -> str:
    """Say where an unstructured covariance has no most likely value, before searching for it."""
    n_visits = len(visits.names)
    if name != "unstructured" or n_visits == 1:
        return ""
    of_group = pd.Series(visits.groups).groupby(problem.subjects).first().value_counts()
    fewest = int(of_group.min())
    return f"{fewest} patients for {n_visits} visits" if fewest <= n_visits else ""


def _ladder(first: str, n_visits: int) -> list[str]:
    size = STRUCTURES[first].n_parameters(n_visits)
    plainer = [name for name in LADDER if STRUCTURES[name].n_parameters(n_visits) < size]
    return [first, *([] if first == SPATIAL else plainer)]


def _why_not(model: Repeated, found: Search | None) -> str:
    if found is None:
        return "no likelihood at the start"
    if model.is_spatial:
        return found.reason and (_say_range(model, found) or found.reason)
    if found.reason:
        return found.reason
    for matrix in model.covariances(found.point.free[: model.n_parameters]):
        sd = np.sqrt(np.diag(matrix))
        if np.linalg.eigvalsh(matrix / sd[:, None] / sd)[0] < SINGULAR:
            return "the covariance of the visits is singular"
    return ""


def _say_range(model: Repeated, found: Search) -> str:
    """Say where correlation is gone over the usual distance of visits: nothing else ends there."""
    own = found.point.free[: model.n_parameters].reshape(model.n_groups, -1)
    gone = np.exp(-np.exp(own[:, 1])) < SINGULAR
    return "the range of the correlation lies at its boundary, 0" if gone.any() else ""


def _finish(
    problem: Problem,
    attempts: list[Attempt],
    how: How,
    settings: dict[str, Any],
) -> MixedFit:
    last = attempts[-1]
    assert last.found is not None
    point, model, visits = last.found.point, last.model, last.visits
    parameters = point.free[: model.n_parameters]
    tried = [(attempt.model.structure.name, attempt.found, attempt.reason) for attempt in attempts]
    components, frames = list_components(model, parameters, visits, problem.columns.scale)
    chosen = {"covariance": model.structure.name, "covariance_asked": tried[0][0]}
    parts = assemble.Parts(
        own=VisitCovariance(model, parameters, visits, problem.subjects),
        tried=tried,
        components=components,
        settings={**settings, **chosen},
        notes=[*visits.notes, *_say_order(problem, visits, model), *_say_ladder(attempts)],
        residual_covariance=frames,
        cluster_effects=list_levels(problem, predict_levels(problem, point)),
    )
    return assemble.finish(problem, point, how, parts)


def _say_order(problem: Problem, visits: Visits, model: Repeated) -> list[str]:
    """Say the order of visits where it matters and nobody gave it: words are sorted as words."""
    is_given = visits.is_ordered or not any(isinstance(name, str) for name in visits.names)
    if is_given or model.structure.name in UNORDERED or len(visits.names) < 3:
        return []
    order = ", ".join(map(str, visits.names))
    return [f"Visits are taken in the order {order}: a Categorical would say another."]


def _say_ladder(attempts: list[Attempt]) -> list[str]:
    if len(attempts) == 1:
        return []
    failed = "; ".join(f"{_named(attempt)}, {attempt.reason}" for attempt in attempts[:-1])
    return [f"The covariance is {_named(attempts[-1])}; not estimable were {failed}."]


def _named(attempt: Attempt) -> str:
    """Return the covariance's name in words."""
    return attempt.model.structure.name.replace("_", " ")

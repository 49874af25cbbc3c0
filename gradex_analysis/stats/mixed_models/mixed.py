"""How do patients differ in level and slope, and therapists, sites and items in level?"""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import assemble
from gradex_analysis.stats.mixed_models.blocks import (
    arrange,
    cluster_pairs,
    in_several,
    with_clusters,
)
from gradex_analysis.stats.mixed_models.design import variables_of
from gradex_analysis.stats.mixed_models.fit import MixedFit
from gradex_analysis.stats.mixed_models.groups import (
    RandomCovariance,
    group_rows,
    make_terms,
    to_variances,
)
from gradex_analysis.stats.mixed_models.options import ClusterColumns, How, Options
from gradex_analysis.stats.mixed_models.predictions import (
    RESIDUAL,
    list_levels,
    list_random,
    predict,
    predict_clusters,
    predict_levels,
)
from gradex_analysis.stats.mixed_models.problem import Problem, check_frame, read
from gradex_analysis.stats.mixed_models.random_effects import fill_symmetric
from gradex_analysis.stats.mixed_models.repeated import Repeated
from gradex_analysis.stats.mixed_models.structures import STRUCTURES

#: shares of the residual variance that the search starts from
RESIDUAL_START, RANDOM_START = 0.6, 0.3


def fit_mixed_model(
    data: pd.DataFrame,
    *,
    outcome: str,
    fixed: str,
    random: str | None = "week",
    groups: str | None = "patient_id",
    nested: ClusterColumns = None,
    crossed: ClusterColumns = None,
    **options: Unpack[Options],
) -> MixedFit:
    """Fit random intercepts and slopes: ``y_i = X_i b + Z_i u_i + clusters + e``.

    Parameters
    ----------
    fixed
        Right side of a formula, for example ``"week*arm"``.
    random
        What varies between ``groups``: ``"week"`` is intercept and slope, correlated; None is the
        intercept alone; ``"0 + week"`` the slope alone.
    groups
        Column of the patients; None where only clusters vary.
    nested, crossed
        Columns of clusters, each with a random intercept: those that hold patients whole
        (therapist, site) and those that cut across them (item). ``{"therapist_id": "arm"}`` has a
        variance per arm; a row without a cluster has none.
    options
        See ``How``; ``information`` is ``"expected"``, as in pbkrtest. lmerTest's Satterthwaite is
        ``df="satterthwaite", information="observed"``.

    References
    ----------
    Laird & Ware (1982), doi:10.2307/2529876
    """
    check_frame(data)
    how = How.read("expected", options)
    clusters = {**cluster_pairs(nested), **cluster_pairs(crossed)}
    if groups is None and not clusters:
        raise CannotAnswerError("A mixed model needs groups, nested or crossed clusters.")
    _refuse_cut(data, groups, cluster_pairs(nested))
    terms = [] if groups is None else variables_of(random or "1", data)
    keys = [*filter(None, [groups]), *terms]
    problem = read(data, outcome, fixed, keys, groups, how, clusters)
    settings = {"random": random, "groups": groups, "nested": cluster_pairs(nested),
                "crossed": cluster_pairs(crossed)}  # fmt: skip
    if groups is None:
        return _fit_clusters_only(problem, how, settings)
    # without a time, equal values of a patient are no copies
    copies = _say_copies(problem) if terms else []
    return _fit_random(problem, random or "1", how, settings, copies)


def _say_copies(problem: Problem) -> list[str]:
    """Say which rows are copies of another in every column of the data, the outcome among them."""
    used = problem.used
    values = pd.DataFrame({0: problem.subjects, 1: used[problem.outcome].to_numpy()})
    alike = used[values.duplicated(keep=False).to_numpy()]  # few, if any, are left to compare
    as_text = {name: "str" for name, dtype in alike.dtypes.items() if dtype == "object"}
    copies = alike.index[alike.astype(as_text).duplicated()]
    if copies.empty:
        return []
    first = ", ".join(map(str, copies[:5])) + (" ..." if len(copies) > 5 else "")
    return [
        f"{len(copies):,} of {len(used):,} rows are copies of an earlier one in every column (rows "
        f"{first}): each counts as a value of its own."
    ]


def _refuse_cut(data: pd.DataFrame, groups: str | None, nested: dict[str, str | None]) -> None:
    """Refuse a nested cluster that does not hold its patients whole."""
    for name in nested:
        if groups is None or name not in data or groups not in data:
            continue
        if cut := in_several(data[groups], data[name]):
            first = ", ".join(map(str, cut[:5]))
            raise CannotAnswerError(
                f"{name} changes within {groups} {first}: it does not hold them whole. Say "
                f"crossed={name!r} instead of nested."
            )


def _fit_random(
    problem: Problem, formula: str, how: How, settings: dict[str, Any], said: list[str]
) -> MixedFit:
    terms = make_terms(problem, formula)
    columns = with_clusters(problem.columns, problem.clusters, problem.blocks)
    grouped = group_rows(columns, problem, terms)
    q = grouped.model.q
    begin = np.sqrt(RANDOM_START / q) * np.eye(q)[np.tril_indices(q)]
    start = np.append(begin, np.log(RESIDUAL_START) / 2)
    found = assemble.fit_covariance(grouped.model, problem, start, how, to_variances(q))
    point = assemble.refuse_unconverged(found, problem).point
    n = grouped.model.n_parameters
    parameters = np.asarray(to_variances(q)(point.free[:n]), dtype="float64")
    g = fill_symmetric(parameters[:-1], q)
    components, notes = list_random(problem, terms, g, float(parameters[-1]))
    levels = predict_levels(problem, point)
    effects, explained = predict(problem, grouped, terms, point, parameters, levels)
    parts = assemble.Parts(
        own=RandomCovariance(terms.z, g, float(parameters[-1]), problem.subjects),
        tried=[("random effects", found, "")],
        components=components,
        settings=settings,
        notes=[*said, *notes],
        explained=explained,
        random_effects=effects,
        cluster_effects=list_levels(problem, levels),
    )
    return assemble.finish(problem, point, how, parts)


def _fit_clusters_only(problem: Problem, how: How, settings: dict[str, Any]) -> MixedFit:
    """Fit clusters over independent rows: each row is its own subject with one visit."""
    columns = with_clusters(problem.columns, problem.clusters, problem.blocks)
    n = len(problem.subjects)
    nobody = np.zeros(n, dtype=np.intp)
    patterns = arrange(columns, problem.subjects, np.zeros(n), nobody, problem.blocks)
    model = Repeated(patterns, STRUCTURES["compound_symmetry"], 1, 1)
    found = assemble.fit_covariance(model, problem, np.zeros(1), how)
    point = assemble.refuse_unconverged(found, problem).point
    residual = float(np.exp(2 * point.free[0]))
    levels = predict_levels(problem, point)
    row = (RESIDUAL, "", "", residual * problem.columns.scale**2, False)
    parts = assemble.Parts(
        own=RandomCovariance(np.zeros((n, 1)), np.zeros((1, 1)), residual, np.arange(n)),
        tried=[("clusters", found, "")],
        components=[row],
        settings=settings,
        explained=predict_clusters(problem, levels),
        cluster_effects=list_levels(problem, levels),
    )
    return assemble.finish(problem, point, how, parts)

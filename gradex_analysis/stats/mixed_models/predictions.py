"""How much do patients and clusters vary, and what is predicted of each?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gradex_analysis.stats.mixed_models.assemble import (
    BOUNDARY,
    Component,
    cluster_variances,
)
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.groups import Grouped, RandomTerms, sum_rows
from gradex_analysis.stats.mixed_models.likelihood import Point
from gradex_analysis.stats.mixed_models.problem import Problem
from gradex_analysis.stats.mixed_models.random_effects import fill_symmetric

RESIDUAL = "Residual"


def list_random(
    problem: Problem, terms: RandomTerms, g: Floats, residual: float
) -> tuple[list[Component], list[str]]:
    """List variances and covariances of the random terms, and what lies at its boundary."""
    scale = problem.columns.scale**2
    back = terms.back(np.eye(len(g))).T
    own = back @ g @ back.T * scale
    is_flat = np.linalg.eigvalsh(g)[0] < BOUNDARY * residual
    zero = np.diag(own) * terms.squares < BOUNDARY * residual * scale
    rows: list[Component] = []
    for i, late in enumerate(terms.names):
        for j, early in enumerate(terms.names[: i + 1]):
            other = "" if i == j else early
            rows.append((problem.subject, late, other, own[i, j], bool(zero[i] or zero[j])))
    rows.append((RESIDUAL, "", "", residual * scale, False))
    notes = [
        f"The variance of {name} between {problem.subject} lies at its boundary, 0."
        for name, at_zero in zip(terms.names, zero, strict=True)
        if at_zero
    ]
    if is_flat and not zero.any():
        notes.append(
            f"The random effects of {problem.subject} lie at their boundary: their correlation is "
            "1 or -1."
        )
        rows = [(*row[:4], row[0] != RESIDUAL) for row in rows]
    return rows, notes


def predict(
    problem: Problem,
    grouped: Grouped,
    terms: RandomTerms,
    point: Point,
    parameters: Floats,
    levels: Sequence[Floats],
) -> tuple[pd.DataFrame, Floats]:
    """Predict the patients' random effects (BLUP), and what all add to each row in the fit's units.

    ``levels`` are the effects of clusters.
    """
    columns, q = problem.columns, grouped.model.q
    left = columns.outcome - columns.basis @ point.coefficients
    added = predict_clusters(problem, levels)
    g = fill_symmetric(parameters[:-1], q)
    z = terms.z[grouped.order]
    ze = sum_rows(z * (left - added)[grouped.order][:, None], grouped.first)
    inner = parameters[-1] * np.eye(q) + grouped.model.zz[grouped.pattern] @ g
    u = np.linalg.solve(inner, ze[:, :, None])[:, :, 0] @ g
    frame = pd.DataFrame(terms.back(u) * columns.scale, columns=terms.names)
    frame.insert(0, problem.subject, problem.labels)
    return frame, added + (terms.z * u[problem.subjects]).sum(axis=1)


def predict_levels(problem: Problem, point: Point) -> list[Floats]:
    """Predict the effect of each level of each kind of cluster (BLUP), in the units of the fit."""
    if not problem.clusters:
        return []
    scores = point.moments.scores(point.residual)
    n = problem.columns.both.shape[1]
    variances = cluster_variances(point, problem)
    block = problem.blocks.of_subject[problem.subjects]
    found = []
    for f, (cluster, variance) in enumerate(zip(problem.clusters, variances, strict=True)):
        rows = np.flatnonzero(cluster.codes >= 0)
        own = np.zeros(len(cluster.levels), dtype=np.intp)
        own[cluster.codes[rows]] = block[rows]
        at = problem.blocks.places[f].start - n + problem.blocks.local[f]
        found.append(variance * scores[own, at])
    return found


def predict_clusters(problem: Problem, levels: Sequence[Floats]) -> Floats:
    """Return what the effects of the clusters' levels add to each row."""
    out = np.zeros(len(problem.subjects))
    for cluster, own in zip(problem.clusters, levels, strict=True):
        rows = np.flatnonzero(cluster.codes >= 0)
        entries = cluster.weigh(problem.columns.root_weights)[rows]
        out[rows] += own[cluster.codes[rows]] * entries
    return out


def list_levels(problem: Problem, levels: Sequence[Floats]) -> pd.DataFrame | None:
    """List the predicted effects of the clusters: ``cluster, level, estimate``, in the unit."""
    rows = [
        (cluster.label, level, effect * problem.columns.scale / cluster.length)
        for cluster, own in zip(problem.clusters, levels, strict=True)
        for level, effect in zip(cluster.levels, own, strict=True)
    ]
    return pd.DataFrame(rows, columns=["cluster", "level", "estimate"]) if rows else None

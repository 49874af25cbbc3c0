"""How much do patients and clusters vary, and what is predicted of each?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.stats.mixed_models.assemble import (
    BOUNDARY,
    COMPONENTS,
    Problem,
    cluster_variances,
)
from gradex_analysis.stats.mixed_models.clusters import ClusterMoments
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.groups import Grouped, RandomTerms, sum_rows
from gradex_analysis.stats.mixed_models.likelihood import Point
from gradex_analysis.stats.mixed_models.random_effects import fill_symmetric

RESIDUAL = "Residual"


def list_random(
    problem: Problem, terms: RandomTerms, g: Floats, residual: float
) -> tuple[pd.DataFrame, list[str]]:
    """List variances and covariances of the random terms, and what lies at its boundary."""
    scale = problem.columns.scale**2
    own = g / np.outer(terms.lengths, terms.lengths) * scale
    is_flat = np.linalg.eigvalsh(g)[0] < BOUNDARY * residual
    zero = np.diag(g) < BOUNDARY * residual
    rows: list[tuple[str, str, str, float, bool]] = []
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
    return pd.DataFrame(rows, columns=COMPONENTS), notes


def predict(
    problem: Problem, grouped: Grouped, terms: RandomTerms, point: Point, parameters: Floats
) -> tuple[pd.DataFrame, Floats]:
    """Predict the random effects (BLUP), and what they add to each row in the units of the fit."""
    columns, q = problem.columns, grouped.model.q
    left = columns.outcome - columns.basis @ point.coefficients
    added = predict_clusters(problem, point)
    g = fill_symmetric(parameters[:-1], q)
    z = terms.z[grouped.order]
    ze = sum_rows(z * (left - added)[grouped.order][:, None], grouped.first)
    inner = parameters[-1] * np.eye(q) + grouped.model.zz[grouped.pattern] @ g
    u = np.linalg.solve(inner, ze[:, :, None])[:, :, 0] @ g
    frame = pd.DataFrame(u / terms.lengths * columns.scale, columns=terms.names)
    frame.insert(0, problem.subject, problem.labels)
    return frame, added + (terms.z * u[problem.subjects]).sum(axis=1)


def predict_clusters(problem: Problem, point: Point) -> Floats:
    """Return what the clusters' predicted intercepts add to each row."""
    out = np.zeros(len(problem.subjects))
    if not problem.clusters:
        return out
    moments = point.moments
    assert isinstance(moments, ClusterMoments)
    pulled = moments.scores(point.residual)
    start = 0
    variances = cluster_variances(point, problem)
    for cluster, variance in zip(problem.clusters, variances, strict=True):
        own = variance * pulled[start : start + len(cluster.levels)]
        start += len(cluster.levels)
        inside = cluster.codes >= 0
        out[inside] += own[cluster.codes[inside]]
    return out * problem.columns.root_weights

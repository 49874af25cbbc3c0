"""How much do patients and clusters vary, and what is predicted of each?"""

from __future__ import annotations

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
    frame = pd.DataFrame(terms.back(u) * columns.scale, columns=terms.names)
    frame.insert(0, problem.subject, problem.labels)
    return frame, added + (terms.z * u[problem.subjects]).sum(axis=1)


def predict_clusters(problem: Problem, point: Point) -> Floats:
    """Return what the clusters' predicted intercepts add to each row."""
    out = np.zeros(len(problem.subjects))
    if not problem.clusters:
        return out
    scores = point.moments.scores(point.residual)
    n = problem.columns.both.shape[1]
    variances = cluster_variances(point, problem)
    block = problem.blocks.of_subject[problem.subjects]
    for f, (cluster, variance) in enumerate(zip(problem.clusters, variances, strict=True)):
        rows = np.flatnonzero(cluster.codes >= 0)
        at = problem.blocks.places[f].start - n + problem.blocks.local[f][cluster.codes[rows]]
        out[rows] += variance * scores[block[rows], at]
    return out * problem.columns.root_weights

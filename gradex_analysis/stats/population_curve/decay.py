"""How does one fit a population of decays?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict, Unpack

import numpy as np
import pandas as pd
from scipy import special

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.progress import Progress, silent
from gradex_analysis.stats.population_curve.components import list_components
from gradex_analysis.stats.population_curve.estimation import (
    Estimate,
    Limits,
    integrate,
    linearize,
)
from gradex_analysis.stats.population_curve.fit import PopulationFit
from gradex_analysis.stats.population_curve.judge import judge
from gradex_analysis.stats.population_curve.parameters import PARTS, RANDOM, Layout, Parts
from gradex_analysis.stats.population_curve.patients import describe_linear, describe_patients
from gradex_analysis.stats.population_curve.rows import Problem, read
from gradex_analysis.stats.population_curve.sums import Slots

METHODS = ("quadrature", "linearized")
DEFAULT_PARTS = Parts()


class Options(TypedDict, total=False):
    """Options of a fit; see ``How``."""

    confidence: float
    max_nodes: int
    max_iterations: int
    progress: Progress


@dataclass(frozen=True, kw_only=True)
class How:
    """How a population is fitted: ``max_nodes`` ends the doubling, ``progress`` is told of it."""

    confidence: float = 0.95
    max_nodes: int = 96
    max_iterations: int = 100
    progress: Progress = silent

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> How:
        """Read options over their defaults; refuse names and values nobody knows."""
        known = [own.name for own in fields(cls)]
        for name in options:
            if name not in known:
                raise UnknownNameError("option", name, known)
        how = cls(**options)
        if not 0.0 < how.confidence < 1.0:
            raise CannotAnswerError(f"confidence is {how.confidence}: a share between 0 and 1.")
        if how.max_nodes < 1 or how.max_iterations < 1:
            raise CannotAnswerError("max_nodes and max_iterations are 1 or more.")
        return how


def fit_population_decay(
    data: pd.DataFrame,
    *,
    value: str,
    time: str,
    exposure: str,
    patient: str,
    parts: Parts = DEFAULT_PARTS,
    random: Sequence[str] = ("asymptote", "rate"),
    method: str = "quadrature",
    **options: Unpack[Options],
) -> PopulationFit:
    """Fit ``y = A + (R - A) exp(-k t) + e`` to all patients together, by maximum likelihood.

    ``log k``, ``A`` and ``R`` are linear in the covariates of ``parts`` plus what patients differ
    in; ``random`` names it: ``asymptote``, ``rate``, ``start`` (jointly normal between patients)
    and ``exposure_start`` (between exposures of a patient). ``e`` is normal and independent.

    Parameters
    ----------
    value, time, exposure, patient
        Columns; ``time`` from the start of the exposure. Rows that lack something, or stand before
        time 0, are listed in ``excluded``.
    parts
        Right sides of formulas; a covariate is one value per exposure.
    method
        ``quadrature`` integrates ``A`` and ``R`` exactly and ``log k`` by adaptive Gauss-Hermite,
        nodes doubled until the log likelihood moves < 1e-3. ``linearized`` is Lindstrom & Bates'
        approximation, as R's nlme has it; it is biased where patients have few ratings.
    options
        See ``How``.

    References
    ----------
    Pinheiro & Bates (1995), doi:10.1080/10618600.1995.10474663; Naylor & Smith (1982),
    doi:10.2307/2347995; Lindstrom & Bates (1990), doi:10.2307/2532087
    """
    how = How.read(options)
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    if unknown := set(random) - set(RANDOM):
        raise UnknownNameError("random", sorted(unknown)[0], RANDOM)
    columns = {"value": value, "time": time, "exposure": exposure, "patient": patient}
    problem = read(data, columns, parts)
    settings = columns | {
        "parts": asdict(parts), "random": sorted(set(random)), "method": method,
        "confidence": how.confidence, "max_nodes": how.max_nodes,
        "max_iterations": how.max_iterations,
    }  # fmt: skip
    return _fit(problem, frozenset(random), how, settings)


# a step that goes too far overflows; it is not taken, because its likelihood is no number
@np.errstate(over="ignore", invalid="ignore", divide="ignore")
def _fit(
    problem: Problem, random: frozenset[str], how: How, settings: dict[str, Any]
) -> PopulationFit:
    ratings, slots = problem.ratings, Slots(problem.ratings)
    start, asymptote, rate = (ratings.designs[part].shape[1] for part in PARTS)
    layout = Layout((start, asymptote, rate), random)
    limits = Limits(
        max_nodes=how.max_nodes, max_iterations=how.max_iterations, progress=how.progress
    )
    found: Estimate[Any, Any]
    if settings["method"] == "quadrature":
        found = by_nodes = integrate(slots, layout, limits)
        patients = describe_patients(problem, by_nodes.surface, by_nodes.point)
    else:
        found = by_tangents = linearize(slots, layout, limits)
        patients = describe_linear(problem, by_tangents.surface, by_tangents.point)
    theta = found.point.theta
    verdict = judge(ratings, found.layout, random, theta, found.information)
    failed = [f"The search did not end: {found.reason}."] if found.reason else []
    quantile = float(special.ndtri((1.0 + how.confidence) / 2.0))
    components = list_components(found.layout, random, theta, verdict.covariance, quantile)
    return PopulationFit(
        designs=problem.designs,
        layout=found.layout,
        theta=theta,
        covariance=verdict.covariance,
        variance_components=components,
        log_likelihood=found.point.log_likelihood,
        n_nodes=found.n_nodes,
        converged=not found.reason and verdict.is_identified,
        patients=patients,
        excluded=problem.excluded,
        statuses=verdict.statuses,
        notes=(*verdict.notes, *failed),
        n_ratings=len(ratings.value),
        n_exposures=len(ratings.patient),
        n_patients=ratings.n_patients,
        settings=settings | {"iterations": found.iterations},
    )

"""What does the model say of each patient?

Posterior means and SDs: with few ratings, or of one kind, they shrink to what the patient's
covariates let expect.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.following import Likelihood, Message
from gradex_analysis.stats.population_curve.linearized import Linearized
from gradex_analysis.stats.population_curve.parameters import Values
from gradex_analysis.stats.population_curve.quadrature import look
from gradex_analysis.stats.population_curve.rows import Problem, Ratings
from gradex_analysis.stats.population_curve.search import Point
from gradex_analysis.stats.population_curve.tangent import Tangent, expect


def describe_patients(problem: Problem, surface: Likelihood, point: Point[Message]) -> pd.DataFrame:
    """Return one row per patient: asymptote, rate, start and half-life with posterior SDs.

    ``rate`` is ``exp`` of the mean log rate (the posterior median, nearly); ``half_life = log(2) /
    rate``. ``*_kept`` is the posterior's share of the population's variance, 1 where the ratings
    say nothing; missing where the part does not vary. Covariates of exposures stand at their mean
    over the patient's exposures, and the start is that of a usual exposure.
    """
    values = surface.layout.unpack(point.theta)
    nodes = surface.nodes(point)
    at = look(surface.slots, values, nodes)
    expected = _expected(problem.ratings, values)
    log_rate = expected[:, :1] + values.spread * nodes.z
    a = expected[:, 1:2] + values.lean[0] * nodes.z + at.patient.u_a
    r = expected[:, 2:] + values.lean[1] * nodes.z + at.patient.u_r
    own = {
        "log_rate": _moments(at.share, log_rate),
        "asymptote": _moments(at.share, a, at.patient.c_aa),
        "start": _moments(at.share, r, at.patient.c_rr),
    }
    spreads = {
        "rate": _moments(at.share, np.exp(log_rate))[1],
        "half_life": _moments(at.share, np.log(2.0) * np.exp(-log_rate))[1],
    }
    return _arrange(problem, values, own, spreads)


def describe_linear(problem: Problem, surface: Linearized, point: Point[Tangent]) -> pd.DataFrame:
    """Return the same of the linearised model; SDs of rate and half-life by the delta method."""
    values = surface.layout.unpack(point.theta)
    linear, _ = surface.predict(point)
    means = _expected(problem.ratings, values) + linear.effects
    sds = np.sqrt(np.maximum(np.diagonal(linear.covariance, axis1=1, axis2=2), 0.0))
    names = ("log_rate", "asymptote", "start")
    own = {name: (means[:, i], sds[:, i]) for i, name in enumerate(names)}
    rate = np.exp(means[:, 0])
    spreads = {"rate": rate * sds[:, 0], "half_life": np.log(2.0) / rate * sds[:, 0]}
    return _arrange(problem, values, own, spreads)


def _expected(ratings: Ratings, values: Values) -> Floats:
    """Return log rate, asymptote and start that covariates let expect, a row per patient."""
    whole = expect(ratings, values) + np.array([0.0, ratings.centre, ratings.centre])
    return np.asarray(ratings.per_patient(whole) / ratings.n_exposures[:, None])


def _moments(share: Floats, numbers: Floats, within: Floats | float = 0.0) -> tuple[Floats, Floats]:
    """Return mean and SD over the nodes, whose own variance is ``within``."""
    mean = (share * numbers).sum(axis=1)
    variance = (share * (within + (numbers - mean[:, None]) ** 2)).sum(axis=1)
    return mean, np.sqrt(np.maximum(variance, 0.0))


def _arrange(
    problem: Problem,
    values: Values,
    own: Mapping[str, tuple[Floats, Floats]],
    spreads: Mapping[str, Floats],
) -> pd.DataFrame:
    log_rate = own["log_rate"][0]
    columns: dict[str, Any] = {problem.columns["patient"]: problem.patients}
    variances = (values.triangle**2).sum(axis=1)
    for name, variance in zip(("log_rate", "asymptote", "start"), variances, strict=True):
        columns[name], columns[f"{name}_sd"] = own[name]
        kept = own[name][1] ** 2 / variance if variance > 0 else np.full(len(log_rate), np.nan)
        columns[f"{name.removeprefix('log_')}_kept"] = kept
    columns |= {"rate": np.exp(log_rate), "rate_sd": spreads["rate"]}
    columns |= {"half_life": np.log(2.0) * np.exp(-log_rate), "half_life_sd": spreads["half_life"]}
    ratings = problem.ratings
    columns["n_exposures"] = ratings.n_exposures
    columns["n_ratings"] = np.add.reduceat(ratings.counts, ratings.first_exposures)
    return pd.DataFrame(columns)

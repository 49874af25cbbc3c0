"""Does the linearised fit say what R's nlme says?"""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.stats.population_curve import fit_population_decay

TERMS = {"start": "R0", "asymptote": "Asym", "rate": "lrc"}


@pytest.fixture
def nlme(reference):
    table = pd.read_csv(reference("simulated/oracles.csv"))
    return table[table["case"] == "nlme"].set_index("term")


@pytest.fixture
def decay(reference):
    return pd.read_csv(reference("simulated/decay.csv"))


def fit(frame, method):
    return fit_population_decay(
        frame, value="fear", time="minute", exposure="exposure_id", patient="patient_id",
        random=("asymptote", "rate"), method=method,
    )  # fmt: skip


def test_linearised_estimates_and_errors_are_those_of_nlme(decay, nlme):
    found = fit(decay, "linearized")
    for _, row in found.coefficients.iterrows():
        theirs = nlme.loc[TERMS[row["part"]]]
        # nlme stops where coefficients move by less than 1e-5 of themselves
        assert row["estimate"] == pytest.approx(theirs["estimate"], rel=1e-5)
        assert row["std_error"] == pytest.approx(theirs["std_error"], rel=1e-4)
    # theirs is not quite at the top
    assert found.log_likelihood == pytest.approx(nlme.loc["loglik", "estimate"], abs=1e-3)
    assert found.log_likelihood >= nlme.loc["loglik", "estimate"]


def test_quadrature_differs_from_it_as_the_curve_differs_from_its_tangent(decay):
    straight, curved = fit(decay, "linearized"), fit(decay, "quadrature")
    apart = curved.coefficients["estimate"] - straight.coefficients["estimate"]
    apart /= straight.coefficients["std_error"]
    assert apart.abs().max() < 0.5
    assert apart.abs().max() > 0.01

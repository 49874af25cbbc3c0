"""Is a planted learning rate found, and what does noise of report do to it?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.expectancy import fit_learning_rate
from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.assumptions import DEFAULT

COHORTS = 12


def true_rate():
    """Return the mean of logistic(N(mean, sd^2)), by Gauss-Hermite quadrature."""
    mean, sd = DEFAULT.people.logit_learning
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float((weights / weights.sum() / (1 + np.exp(-(mean + sd * nodes)))).sum())


def rates(*mechanisms):
    """Return estimates with their ends, as reported and with the report error taken out.

    A row per cohort and group: two groups of 15 that both expose, with the same truth.
    """
    found = []
    for seed in range(COHORTS):
        simulation = simulate_cohort(
            30, seed=700 + seed, design="two_exposures", mechanisms=("heaping", *mechanisms),
            missing="none",
        )  # fmt: skip
        report_sd = DEFAULT.expectancy.report_sd
        found.append(fit_learning_rate(simulation.cohort, report_sd=report_sd).sensitivity)
    table = pd.concat(found)
    is_reported = table["how"] == "as reported"
    return table[is_reported], table[table["report_sd"].notna()]


def n_covered(found, truth):
    return int(((found["ci_low"] < truth) & (truth < found["ci_high"])).sum())


@pytest.mark.slow
def test_a_planted_learning_rate_is_covered_and_noise_draws_it_towards_1():
    truth = true_rate()
    (exact, _), (noisy, taken_out) = rates(), rates("noisy_report")
    n = len(exact)
    se = exact["estimate"].std() / np.sqrt(n)
    assert n == 2 * COHORTS
    # of 24 at .95: 19 or fewer happens once in 170
    assert n_covered(exact, truth) >= 20
    assert abs(exact["estimate"].mean() - truth) < 3.5 * se
    # the same patients and exposures in both: what differs is the noise, an SD of 9 against errors
    # of some 35 points, so that about 9^2 / 35^2 of the way to 1 is expected
    drawn = noisy["estimate"].to_numpy() - exact["estimate"].to_numpy()
    assert 0.01 < drawn.mean() < 0.06
    assert (drawn > 0).mean() > 0.7
    assert n_covered(taken_out, truth) >= 20
    # reports are cut at 0 and 100, and slow learners err more: about .01 is left
    assert abs(taken_out["estimate"].mean() - truth) < 0.012 + 3.5 * se

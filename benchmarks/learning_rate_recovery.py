"""Does fit_learning_rate find a planted learning rate, and what does noise of report do to it?

Run: python benchmarks/learning_rate_recovery.py
500 cohorts of 60 patients in two groups that both expose, about 30 exposures a patient. Every
patient has a learning rate of their own, logistic(N(-0.2, 0.9^2)), mean 0.457; both groups have the
same. Expectancies are within 0 to 100. The only mechanism is rounding of fear ratings, then noise
of report as well: a normal error of SD 9 in expectancy before and after. Rates as reported, beside
an intercept, and with that error taken out.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.expectancy import fit_learning_rate
from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.assumptions import DEFAULT

SEED = 20241128
COHORTS = 500
PATIENTS = 60


def true_rate() -> float:
    """Return the mean of logistic(N(mean, sd^2)), by Gauss-Hermite quadrature."""
    mean, sd = DEFAULT.people.logit_learning
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    return float((weights / weights.sum() / (1 + np.exp(-(mean + sd * nodes)))).sum())


def fit_one(seed: int, *, noisy: bool) -> pd.DataFrame:
    """Return the rates of one cohort, a row per group and assumption, and the groups' contrast."""
    mechanisms = ("heaping", "noisy_report") if noisy else ("heaping",)
    simulation = simulate_cohort(
        PATIENTS, seed=seed, design="two_exposures", mechanisms=mechanisms, missing="none"
    )
    result = fit_learning_rate(simulation.cohort, report_sd=DEFAULT.expectancy.report_sd)
    rates = result.sensitivity[["how", "estimate", "ci_low", "ci_high"]]
    contrast = result.contrasts[["estimate", "ci_low", "ci_high"]].assign(how="groups' difference")
    return pd.concat([rates, contrast], ignore_index=True)


def describe(rows: pd.DataFrame, truth: float) -> None:
    for how, own in rows.groupby("how", sort=False):
        true = 0.0 if "difference" in str(how) else truth
        covered = float(((own["ci_low"] < true) & (true < own["ci_high"])).mean())
        bias, sd = own["estimate"].mean() - true, own["estimate"].std()
        print(
            f"  {how!s:26} | mean {own['estimate'].mean():7.4f} | bias {bias:7.4f} "
            f"({bias / sd:5.2f} SD of the estimator) | coverage {100 * covered:5.1f} %"
        )


def main() -> None:
    truth = true_rate()
    seeds = np.random.SeedSequence(SEED).generate_state(COHORTS)
    print(f"{COHORTS} cohorts of {PATIENTS} patients in two groups, true rate {truth:.4f}")
    for noisy in (False, True):
        print("reports with an error of SD 9" if noisy else "exact reports")
        rows = [fit_one(int(seed), noisy=noisy) for seed in seeds]
        describe(pd.concat(rows, ignore_index=True), truth)


if __name__ == "__main__":
    main()

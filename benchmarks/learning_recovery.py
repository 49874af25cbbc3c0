"""Do the intervals of the model of learning hold, in cohorts that follow no linear model?

Run: python benchmarks/learning_recovery.py
Cohorts of 50 patients from ``simulate_cohort``, two groups that expose, as one group. What is true
is the mean, over the cohorts, of what the model says of their latent courses, without noise and
rounding; its Monte Carlo standard error is beside it. Minute 8 is the end; the rate of the decay is
that of each cohort's ratings, pooled. Coverage is that of nominal 95 % intervals; bias is in units
of the estimates' own SD.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from gradex_analysis.habituation.learning.basis import add_columns, choose_bases
from gradex_analysis.habituation.learning.fit import Asked, learn
from gradex_analysis.habituation.learning.rows import LearningRows, list_learning
from gradex_analysis.simulation import Simulation, simulate_cohort
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS

SEED = 20241128
COHORTS = 100
PATIENTS = 50
#: latent courses that are flat or rise have no asymptote to be followed to
MECHANISMS = {
    "no return of fear": ("heaping", "noisy_report"),
    "return of fear": ("heaping", "noisy_report", "return_of_fear"),
    "return of fear, early stops": ("heaping", "noisy_report", "return_of_fear", "early_stops"),
    "all but odd courses": tuple(sorted(ALL_MECHANISMS - {"odd_courses"})),
}
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
ASKED = Asked(8.0, has_gap=True, is_common=False, interaction=True)


def simulate(seed: int, mechanisms: tuple[str, ...]) -> tuple[Simulation, LearningRows]:
    """Simulate a cohort and list its ratings, both groups as one."""
    simulation = simulate_cohort(
        PATIENTS, seed=seed, design="two_exposures", missing="none", mechanisms=mechanisms
    )
    rows = list_learning(simulation.cohort, "fear")
    return simulation, replace(rows, exposures=rows.exposures.assign(group="all"))


def follow(simulation: Simulation, rows: LearningRows) -> LearningRows:
    """Put the latent course in the place of the ratings."""
    latent = simulation.truth.exposures.set_index("exposure_id")
    own = latent.loc[rows.exposures["exposure_id"].to_numpy()[rows.ratings["exposure"]]]
    gone = np.exp(-own["rate"].to_numpy() * rows.ratings["time"])
    start, end = own["start"].to_numpy(), own["asymptote"].to_numpy()
    return replace(rows, ratings=rows.ratings.assign(value=end + (start - end) * gone))


def estimate(rows: LearningRows, rate: float | None) -> tuple[pd.DataFrame, float]:
    """Return the quantities, and the rate they were found with."""
    bases = choose_bases(rows, minute="decay", number="log", gap="log", rate=rate)
    learned = learn(*add_columns(rows, bases), bases, ASKED)
    return learned.table.set_index("quantity"), bases.rate or np.nan


def run(name: str, mechanisms: tuple[str, ...]) -> None:
    """Print bias and coverage of each quantity under these mechanisms."""
    found, true, rates = [], [], []
    for seed in np.random.SeedSequence(SEED).generate_state(COHORTS):
        simulation, rows = simulate(int(seed), mechanisms)
        table, rate = estimate(rows, None)
        found.append(table)
        rates.append(rate)
        true.append(estimate(follow(simulation, rows), rate)[0]["estimate"])
    print(f"{name}: pooled rate {np.nanmean(rates):.3f} per minute", flush=True)
    for quantity, row in pd.DataFrame(true).agg(["mean", "sem"]).T.iterrows():
        own = pd.DataFrame([table.loc[quantity, NUMBERS] for table in found]).astype("float64")
        covered = own["ci_low"].lt(row["mean"]).mul(own["ci_high"].gt(row["mean"])).mean()
        mean, sd = own["estimate"].mean(), own["estimate"].std()
        print(
            f"  {quantity:36s} true {row['mean']:7.2f} (MC SE {row['sem']:.2f})  "
            f"mean {mean:7.2f}  bias/SD {(mean - row['mean']) / sd:5.2f}"
            f"  SE/SD {own['std_error'].mean() / sd:4.2f}  coverage {100 * covered:5.1f}"
        )  # fmt: skip


if __name__ == "__main__":
    for name, mechanisms in MECHANISMS.items():
        run(name, mechanisms)

"""Is a return of fear that was planted found?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.habituation.return_of_fear.answer import measure_return_of_fear
from gradex_analysis.habituation.return_of_fear.gap import fit_gap, set_beside
from gradex_analysis.measures.sittings import pair_sittings
from gradex_analysis.simulation import simulate_cohort

MECHANISMS = ("heaping", "noisy_report")


def simulated(seed, *more):
    return simulate_cohort(
        60, seed=seed, design="two_exposures", mechanisms=(*MECHANISMS, *more), missing="none"
    )


def true_recovery(simulation, table):
    """The latent start of each sitting minus where the latent course of the one before ended."""
    latent = simulation.truth.exposures.set_index("exposure_id")
    pairs = pair_sittings(simulation.cohort, "fear")
    keys = ["patient_id", "item_id", "sitting"]
    before = pairs.groupby(["patient_id", "item_id"])["last_exposure_id"].shift()
    start = latent["start"].reindex(pairs["first_exposure_id"]).to_numpy()
    end = latent["last_latent"].reindex(before).to_numpy()
    return table.merge(pairs[keys].assign(true=start - end), on=keys)["true"]


def test_a_planted_return_of_fear_grows_with_the_gap():
    slopes = {}
    for more in (("return_of_fear",), ()):
        simulation = simulated(4, *more)
        result = measure_return_of_fear(simulation.cohort, definition="spontaneous_recovery_before")
        true = true_recovery(simulation, result.table)
        latent, _, _ = fit_gap(result.table.assign(estimate=true))
        row, known = result.gap.iloc[0], latent.iloc[0]
        # the ratings' noise is one part of the slope's error
        assert abs(row["estimate"] - known["estimate"]) < 2 * row["std_error"]
        assert abs((result.table["estimate"] - true).mean()) < 1.0
        slopes[bool(more)] = row
    assert slopes[True]["ci_low"] > 0
    # without it a little remains: expectancy recovers over a pause and raises the start; the same
    # patients and draws in both, so that the difference is the planted return (1.5 on average)
    assert slopes[True]["estimate"] - slopes[False]["estimate"] > 0.5


def test_the_mean_recovery_is_the_true_one_within_what_noise_allows():
    simulation = simulated(5, "return_of_fear")
    result = measure_return_of_fear(simulation.cohort, definition="rof_abs")
    truth = simulation.truth.items.set_index(["patient_id", "item_id"])
    table = result.table.set_index(["patient_id", "item_id"])
    true = (truth["fear_followup"] - truth["fear_post"]).reindex(table.index)
    error = table["estimate"] - true
    # ratings of items err independently, and are rounded; bounded ones are few
    assert abs(error.mean()) < 3.5 * error.std() / len(error) ** 0.5
    assert true.mean() > 1.0


def test_a_planted_context_is_found_at_the_same_place_of_the_course():
    # the simulator adds 5 points in the context "new", whether or not it is the item's first
    cohort = simulated(6, "new_context").cohort
    table = measure_return_of_fear(cohort, definition="renewal_like_before").table
    alone = measure_return_of_fear(cohort, definition="spontaneous_recovery_before").table
    into_new = table[table["context"] == "new"]
    row = set_beside(pd.concat([into_new, alone], ignore_index=True), "new_context").iloc[0]
    assert row["ci_low"] < 5.0 < row["ci_high"]
    assert row["ci_low"] > 0

"""Do exposures run, stop and follow each other by the rules that are stated?"""

from __future__ import annotations

import numpy as np
import pytest

from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS, DEFAULT
from gradex_analysis.simulation.draws import poisson_of_mean_one


@pytest.fixture(scope="module")
def simulation():
    return simulate_cohort(
        250,
        seed=31,
        design="two_exposures",
        mechanisms=ALL_MECHANISMS - {"missing_ratings", "early_stops"},
    )


@pytest.fixture(scope="module")
def with_stops():
    return simulate_cohort(
        250, seed=31, design="two_exposures", mechanisms=ALL_MECHANISMS - {"missing_ratings"}
    )


def during(simulation):
    rows = simulation.tables["ratings"].query("kind == 'fear' and moment == 'during'")
    return rows.merge(simulation.tables["exposures"], on=["exposure_id", "patient_id"])


def test_an_exposure_has_three_to_nine_ratings_from_onset_to_its_planned_end(simulation):
    ratings = during(simulation).groupby("exposure_id")
    count = ratings.size()
    assert count.between(3, 9).all()
    assert count.median() == 5
    assert (ratings["minute"].min() == 0).all()
    assert (ratings["minute"].max() == ratings["planned_minutes"].first()).all()


def test_ratings_within_an_exposure_move_forward_in_time(simulation):
    steps = during(simulation).groupby("exposure_id")["minute"].diff().dropna()
    assert (steps > 0).all()


def test_an_exposure_stopped_at_the_criterion_has_two_ratings_at_half_of_its_peak(with_stops):
    rows = during(with_stops)
    stopped = rows[rows["stop_cause"] == "criterion"].groupby("exposure_id")["value"]
    assert stopped.ngroups > 20
    for _, values in stopped:
        assert (values.iloc[-2:] <= 0.5 * values.max()).all()


def test_a_stop_by_anyone_but_the_plan_makes_an_exposure_partial(with_stops):
    done = with_stops.tables["exposures"].dropna(subset=["stopped_by"])
    is_partial = done["status"] == "partial"
    assert (done.loc[is_partial, "stopped_by"] != "plan").all()
    assert (done.loc[~is_partial, "stopped_by"] == "plan").all()
    assert (done.loc[is_partial, "done_minutes"] < done.loc[is_partial, "planned_minutes"]).all()


def test_what_is_learned_is_the_retained_share_of_the_fall_and_lowers_the_item(simulation):
    rows = simulation.truth.exposures
    retained = simulation.truth.patients.set_index("patient_id")["retained"]
    unsafe = 1 - DEFAULT.fear.safety_loss * rows["safety"]
    by_rule = rows["patient_id"].map(retained) * unsafe * (rows["start"] - rows["last_latent"])
    assert rows["gained"].to_numpy() == pytest.approx(by_rule.to_numpy())
    items = simulation.truth.items.set_index("item_id")
    change = items["fear_intake"] - items["fear_post"]
    practised = change[items.index.isin(rows["item_id"])]
    assert practised.mean() > change[items["is_held_out"]].mean() > 0


def test_items_stand_in_the_order_of_fear_expected_at_intake_which_is_not_that_of_difficulty(
    simulation,
):
    rated = simulation.tables["item_ratings"].query("occasion == 'baseline'")
    steps = rated.groupby("patient_id")["expected_fear"].diff().dropna()
    assert (steps >= 0).all()
    true_steps = simulation.truth.items.groupby("patient_id")["difficulty"].diff().dropna()
    assert 0.02 < (true_steps < 0).mean() < 0.3


def test_a_companion_makes_no_difference_to_fear(simulation):
    rows = simulation.truth.exposures.merge(simulation.tables["exposures"], on="exposure_id")
    first = rows[rows["exposure_number"] == 1].groupby("companion")["start"]
    # Assumed a true null; 4 SE.
    assert abs(first.mean().diff().iloc[-1]) < 4 * np.hypot(*first.sem())


def test_homework_has_fear_before_at_its_peak_and_after_and_no_minutes(simulation):
    tables = simulation.tables
    home = tables["exposures"].query("is_homework == 'yes'")["exposure_id"]
    rows = tables["ratings"][tables["ratings"]["exposure_id"].isin(home)]
    fear = rows[rows["kind"] == "fear"]
    assert (fear.groupby("exposure_id")["moment"].nunique() == 3).all()
    assert set(fear["moment"]) == {"before", "peak_recalled", "after"}
    assert rows["minute"].isna().all()


def test_uniforms_become_poisson_numbers_of_mean_one():
    # P(0) = P(1) = 1/e = .368, P(2) = .184: by hand at the edges.
    uniforms = np.array([0.0, 0.36, 0.37, 0.73, 0.74, 0.91, 0.93])
    assert poisson_of_mean_one(uniforms).tolist() == [0, 0, 1, 1, 2, 2, 3]
    even = (np.arange(100_000) + 0.5) / 100_000
    assert poisson_of_mean_one(even).mean() == pytest.approx(1.0, abs=0.001)

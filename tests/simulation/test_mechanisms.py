"""Does each mechanism do what it says, and nothing when it is off?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS, DEFAULT

N, SEED = 250, 11


def simulated(*, without=(), only=None, **asked):
    mechanisms = ALL_MECHANISMS - set(without) if only is None else set(only)
    asked = {"n": N, "design": "two_exposures", "missing": "none"} | asked
    return simulate_cohort(seed=SEED, mechanisms=mechanisms, **asked)


def with_truth(simulation):
    """Join ratings during sessions with the latent course of their exposure."""
    fear = simulation.tables["ratings"].query("kind == 'fear' and moment == 'during'")
    people = simulation.truth.patients[["patient_id", "noise_sd"]]
    rows = fear.merge(simulation.truth.exposures.drop(columns="patient_id"), on="exposure_id")
    rows = rows.merge(people, on="patient_id")
    fall = np.exp(-rows["rate"] * rows["minute"])
    rows["mu"] = rows["asymptote"] + (rows["start"] - rows["asymptote"]) * fall
    rows["z"] = (rows["value"] - rows["mu"]) / rows["noise_sd"]
    return rows


@pytest.fixture(scope="module")
def complete():
    return simulated()


def test_with_all_mechanisms_off_ratings_are_the_curve_plus_independent_normal_noise_of_one_sd():
    rows = with_truth(simulated(only=()))
    n = len(rows)
    assert rows["noise_sd"].unique() == pytest.approx([np.exp(DEFAULT.people.log_noise_sd[0])])
    # Standard errors of mean, SD and lag correlation under the model; 4 of each.
    assert abs(rows["z"].mean()) < 4 / np.sqrt(n)
    assert abs(rows["z"].std() - 1) < 4 / np.sqrt(2 * n)
    lagged = rows.groupby("exposure_id")["z"].shift()
    assert abs(rows["z"].corr(lagged)) < 4 / np.sqrt(lagged.notna().sum())
    assert (rows["course"] == "falling").all()


def test_with_all_mechanisms_off_noise_does_not_depend_on_time_or_on_the_curve():
    rows = with_truth(simulated(only=()))
    limit = 4 / np.sqrt(len(rows))
    assert abs(rows["z"].corr(rows["minute"])) < limit
    assert abs(rows["z"].corr(rows["mu"])) < limit


def test_without_early_stops_every_exposure_runs_to_its_planned_end(complete):
    done = simulated(without=["early_stops"]).tables["exposures"].query("status == 'done'")
    assert (done["done_minutes"] == done["planned_minutes"]).all()
    assert (done["stopped_by"] == "plan").all()
    some = complete.tables["exposures"].dropna(subset=["done_minutes"])
    assert (some["done_minutes"] < some["planned_minutes"]).any()


def test_without_heaping_ratings_are_neither_rounded_nor_bounded(complete):
    value = simulated(without=["heaping"]).tables["ratings"].query("kind == 'fear'")["value"]
    assert (value % 1 != 0).all()
    assert value.min() < 0
    heaped = complete.tables["ratings"].query("kind == 'fear'")["value"]
    assert (heaped % 1 == 0).all()
    assert heaped.between(0, 100).all()


def test_every_patient_rounds_to_one_step():
    simulation = simulated()
    rows = simulation.tables["ratings"].query("kind == 'fear'")
    step = rows["patient_id"].map(simulation.truth.patients.set_index("patient_id")["step"])
    assert (rows["value"] % step == 0).all()


def test_without_missing_ratings_every_exposure_has_its_anticipation(complete):
    def share_with_anticipation(simulation):
        exposures = simulation.tables["exposures"]
        done = exposures[exposures["done_minutes"].notna() & (exposures["is_homework"] == "no")]
        before = simulation.tables["ratings"].query("kind == 'fear' and moment == 'before'")
        return done["exposure_id"].isin(before["exposure_id"]).mean()

    assert share_with_anticipation(simulated(without=["missing_ratings"])) == 1
    # 4 SE of a share of .04 in some 3,500 exposures.
    assert share_with_anticipation(complete) == pytest.approx(1 - 0.04, abs=0.014)


def test_without_odd_courses_all_fall(complete):
    assert set(simulated(without=["odd_courses"]).truth.exposures["course"]) == {"falling"}
    assert set(complete.truth.exposures["course"]) == {"falling", "flat", "rising"}


def test_without_personal_noise_all_patients_share_one_residual_sd(complete):
    alone = simulated(without=["personal_noise"]).truth.patients["noise_sd"]
    assert alone.unique() == pytest.approx([np.exp(DEFAULT.people.log_noise_sd[0])])
    assert len(complete.truth.patients["noise_sd"].unique()) == N


def test_without_autocorrelation_neighbouring_deviations_are_unrelated():
    off = {"heaping", "odd_courses", "missing_ratings", "early_stops"}

    def lag_correlation(without):
        rows = with_truth(simulated(without=without))
        return rows["z"].corr(rows.groupby("exposure_id")["z"].shift())

    # Ratings are about 2 minutes apart: exp(-2 / 2) = .37 and less where they are further.
    assert lag_correlation(off) == pytest.approx(0.33, abs=0.06)
    assert abs(lag_correlation(off | {"autocorrelation"})) < 0.03


def test_without_generalisation_items_never_exposed_keep_their_fear():
    off = {"generalisation", "noisy_report"}
    items = simulated(without=off).truth.items.query("is_held_out")
    assert (items["fear_post"] == items["fear_intake"]).all()
    spread = simulated().truth.items.query("is_held_out")
    assert (spread["fear_intake"] - spread["fear_post"]).mean() > 5


def test_without_return_of_fear_it_is_the_same_at_follow_up_but_for_expectancy():
    kept = simulated(without=["return_of_fear"])
    items = kept.truth.items
    back = items["fear_followup"] - items["fear_post"]
    # What comes back is .10 points of fear per point of expectancy, and expectancy is within 100.
    assert back.max() <= 100 * DEFAULT.fear.per_expectancy
    assert (kept.truth.patients["relapse"] == 0).all()
    with_return = simulated().truth.items
    assert (with_return["fear_followup"] - with_return["fear_post"]).mean() > back.mean()


def test_without_a_new_contexts_share_fear_starts_as_in_the_usual_one():
    def difference(without):
        simulation = simulated(without=without)
        rows = simulation.truth.exposures.merge(simulation.tables["exposures"], on="exposure_id")
        first = rows[rows["exposure_number"] == 1]
        mean = first.groupby("context")["start"].mean()
        return mean["new"] - mean["usual"]

    # First exposures of 250 patients: SE of the difference about 1.1.
    assert difference(["new_context"]) == pytest.approx(0, abs=4.4)
    assert difference([]) == pytest.approx(DEFAULT.fear.new_context, abs=4.4)


def test_without_adverse_events_share_the_next_start_is_lower_by_eight():
    starts = [
        simulated(without=without).truth.exposures.set_index("exposure_id")["start"]
        for without in ([], ["adverse_event"])
    ]
    change = (starts[0] - starts[1]).dropna()
    first = change[change.abs() > 1e-9].groupby(lambda one: one.split("-")[0]).first()
    # The first exposure that differs is the one after the event: by 8, whatever else follows.
    assert len(first) > 10
    assert first.to_numpy() == pytest.approx(DEFAULT.fear.adverse_event)


def test_without_safety_behaviours_share_learning_does_not_depend_on_them():
    def gains(without):
        rows = simulated(without=without).truth.exposures
        moved = rows[rows["fall"].abs() > 1e-9]
        kept = simulated(without=without).truth.patients.set_index("patient_id")["retained"]
        share = moved["gained"] / moved["fall"] / moved["patient_id"].map(kept).to_numpy()
        return share[moved["safety"] == 1].to_numpy()

    assert gains(["safety_behaviour"]) == pytest.approx(1.0)
    assert gains([]) == pytest.approx(1 - DEFAULT.fear.safety_loss)


def test_without_noisy_report_expectancy_is_recorded_exactly(complete):
    exact = simulated(without=["noisy_report"])
    rows = exact.tables["exposures"].merge(exact.truth.exposures, on="exposure_id")
    assert (rows["expectancy_before"] == rows["expectancy"]).all()
    assert (rows["expectancy_after_x"] == rows["expectancy_after_y"]).all()
    noisy = complete.tables["exposures"].merge(complete.truth.exposures, on="exposure_id")
    error = noisy["expectancy_before"] - noisy["expectancy"]
    inner = error[noisy["expectancy"].between(35, 65)]
    # Bounds are 4 SD away there; rounding adds a variance of 1/12.
    assert inner.std() == pytest.approx(DEFAULT.expectancy.report_sd, rel=0.06)


def test_without_late_homework_it_is_entered_on_its_day(complete):
    def delays(simulation):
        rows = simulation.tables["ratings"].merge(simulation.tables["exposures"], on="exposure_id")
        rows = rows.drop_duplicates("exposure_id")
        days = (pd.to_datetime(rows["recorded_at"]) - pd.to_datetime(rows["started_at"])).dt.days
        return days, rows["is_homework"] == "yes"

    days, _ = delays(simulated(without=["late_homework"]))
    assert (days == 0).all()
    days, is_homework = delays(complete)
    assert (days[~is_homework] == 0).all()
    assert set(days[is_homework]) == {0, *range(3, 11)}
    # 4 SE of a share of .20 in some 2,900 pieces of homework.
    assert (days[is_homework] > 0).mean() == pytest.approx(0.20, abs=0.03)

"""Is the cohort that is simulated the one that was asked for?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import UnknownNameError
from gradex_analysis.simulation import engine, simulate_cohort
from gradex_analysis.simulation.assumptions import ALL_MECHANISMS, MECHANISMS


def rows_of(simulation, table, patients):
    rows = simulation.tables[table]
    return rows[rows["patient_id"].isin(patients)].reset_index(drop=True)


@pytest.mark.parametrize("design", ["trial", "two_exposures", "clinic"])
def test_the_same_seed_gives_the_same_tables_and_another_seed_others(design):
    one, again, other = (simulate_cohort(12, seed=seed, design=design) for seed in (3, 3, 4))
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, again.tables[name])
    assert not one.tables["assessments"].equals(other.tables["assessments"])


@pytest.mark.parametrize("design", ["trial", "two_exposures", "clinic"])
def test_the_first_patients_are_the_same_however_many_follow(design):
    few, many = (simulate_cohort(n, seed=5, design=design) for n in (10, 500))
    first = few.tables["participants"]["patient_id"]
    for name in few.tables:
        pd.testing.assert_frame_equal(
            few.tables[name].reset_index(drop=True), rows_of(many, name, first)
        )


def test_batches_in_which_patients_are_worked_on_do_not_show(monkeypatch):
    whole = simulate_cohort(30, seed=6)
    monkeypatch.setattr(engine, "PATIENTS_AT_ONCE", 7)
    for name, table in simulate_cohort(30, seed=6).tables.items():
        pd.testing.assert_frame_equal(table, whole.tables[name])


@pytest.mark.parametrize("design", ["trial", "two_exposures", "clinic"])
def test_the_checked_cohort_keeps_every_row(design):
    simulation = simulate_cohort(30, seed=2, design=design)
    cohort = simulation.cohort
    assert cohort.simulated
    assert len(cohort.ratings) == len(simulation.tables["ratings"])
    assert len(cohort.exposures) == len(simulation.tables["exposures"])


def test_a_trial_has_three_arms_in_blocks_of_six_within_sites():
    people = simulate_cohort(300, seed=1).tables["participants"]
    for _, site in people.groupby("site_id"):
        whole = len(site) // 6 * 6
        blocks = np.arange(whole) // 6
        counts = site["arm"].iloc[:whole].groupby(blocks).value_counts()
        assert (counts == 2).all()
        assert len(counts) == 3 * whole / 6


def test_usual_care_has_no_therapist_and_no_sessions():
    tables = simulate_cohort(60, seed=1).tables
    untreated = tables["participants"].query("arm == 'usual_care'")
    assert untreated["therapist_id"].isna().all()
    assert not tables["sessions"]["patient_id"].isin(untreated["patient_id"]).any()


def test_only_the_exposure_arm_has_ratings_and_activity_has_quotas():
    tables = simulate_cohort(60, seed=1).tables
    arm = tables["participants"].set_index("patient_id")["arm"]
    assert set(tables["ratings"]["patient_id"].map(arm)) == {"graded_exposure"}
    quotas = tables["exposures"][tables["exposures"]["quantity_unit"].notna()]
    assert set(quotas["patient_id"].map(arm)) == {"graded_activity"}
    assert quotas["planned_quantity"].notna().all()


def test_one_therapist_leaves_and_a_colleague_takes_over():
    tables = simulate_cohort(120, seed=1, sites=1, therapists_per_site=2).tables
    people, sessions = tables["participants"], tables["sessions"]
    left = sessions.loc[sessions["therapist_id"] == "T02", "date"].max()
    own = people.loc[people["therapist_id"] == "T02", "patient_id"]
    after = sessions[(sessions["date"] > left) & sessions["patient_id"].isin(own)]
    assert set(after["therapist_id"]) == {"T01"}


def test_every_planned_exposure_has_a_status_and_every_id_is_its_own():
    exposures = simulate_cohort(200, seed=3).tables["exposures"]
    assert exposures["status"].isin(["done", "partial", "refused", "not_done"]).all()
    assert exposures["exposure_id"].is_unique


def test_ratings_belong_to_exposures_that_were_carried_out_and_lie_within_them():
    tables = simulate_cohort(200, seed=3).tables
    rows = tables["ratings"].merge(tables["exposures"], on="exposure_id", validate="many_to_one")
    assert set(rows["status"]) == {"done", "partial"}
    during = rows[rows["moment"] == "during"]
    assert (during["minute"] <= during["done_minutes"]).all()
    assert (rows.loc[rows["minute"] < 0, "moment"] == "before").all()


def test_exposures_of_a_patient_are_numbered_in_order_of_time():
    exposures = simulate_cohort(100, seed=3).tables["exposures"]
    dates = exposures.groupby("patient_id")["started_at"]
    assert dates.apply(lambda days: days.is_monotonic_increasing).all()


def test_sessions_and_homework_point_to_sessions_that_were_attended():
    tables = simulate_cohort(100, seed=3).tables
    attended = tables["sessions"].query("attended == 'yes'")["session_id"]
    exposures = tables["exposures"]
    is_homework = exposures["is_homework"] == "yes"
    assert exposures.loc[is_homework, "session_id"].isna().all()
    assert exposures.loc[is_homework, "assigned_in"].isin(attended).all()
    assert exposures.loc[~is_homework, "session_id"].isin(attended).all()


def test_two_items_of_every_patient_are_never_exposed():
    simulation = simulate_cohort(60, seed=3)
    items = simulation.truth.items
    assert (items.groupby("patient_id")["is_held_out"].sum() == 2).all()
    held_out = items.loc[items["is_held_out"], "item_id"]
    assert not simulation.tables["exposures"]["item_id"].isin(held_out).any()


def test_truth_has_every_assessment_and_the_tables_a_part_of_it():
    simulation = simulate_cohort(100, seed=3)
    complete = simulation.truth.assessments
    assert len(complete) == 100 * 5 * 3
    keys = ["patient_id", "instrument", "occasion", "score"]
    seen = simulation.tables["assessments"].merge(complete[keys], on=keys, validate="one_to_one")
    assert len(seen) == len(simulation.tables["assessments"]) < len(complete)


def test_nobody_leaves_and_nothing_is_missing_when_so_asked():
    simulation = simulate_cohort(100, seed=3, missing="none")
    assert len(simulation.tables["assessments"]) == len(simulation.truth.assessments)
    assert set(simulation.tables["episodes"]["treatment_end_reason"]) == {"completed"}


def test_estimands_are_given_for_the_default_trial_only():
    assert simulate_cohort(6, seed=1).truth.estimands is not None
    assert simulate_cohort(6, seed=1, effects="null").truth.estimands is None
    assert simulate_cohort(6, seed=1, mechanisms=()).truth.estimands is None


def test_words_that_are_not_on_offer_are_refused_with_those_that_are():
    with pytest.raises(UnknownNameError, match="'trial'"):
        simulate_cohort(6, seed=1, design="crossover")
    with pytest.raises(UnknownNameError, match="'heaping'"):
        simulate_cohort(6, seed=1, mechanisms=["rounding"])
    with pytest.raises(UnknownNameError, match="'mnar'"):
        simulate_cohort(6, seed=1, missing="mcar")
    with pytest.raises(UnknownNameError, match="'null'"):
        simulate_cohort(6, seed=1, effects="none")


@pytest.mark.parametrize("wrong", [{"n": 0}, {"sites": 0}, {"therapists_per_site": 0}])
def test_numbers_below_one_are_refused(wrong):
    with pytest.raises(ValueError, match="at least 1"):
        simulate_cohort(**({"n": 6, "seed": 1} | wrong))


def test_every_mechanism_is_documented_by_what_holds_without_it():
    assert set(MECHANISMS) == ALL_MECHANISMS
    assert all(MECHANISMS.values())


def test_saved_tables_read_back_as_written(tmp_path):
    simulation = simulate_cohort(30, seed=1)
    paths = simulation.save(tmp_path)
    assert {path.name for path in paths} == {
        "mapping.toml", *(f"{name}.csv" for name in simulation.tables)
    }  # fmt: skip
    back = pd.read_csv(tmp_path / "ratings.csv")
    assert len(back) == len(simulation.tables["ratings"])
    assert back["value"].sum() == pytest.approx(simulation.tables["ratings"]["value"].sum())

"""Are the example cohorts what their README says?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.simulation.examples import save_example, simulate_example
from gradex_analysis.simulation.simulated import simulate


@pytest.fixture(scope="module")
def example():
    return simulate_example()


@pytest.fixture(scope="module")
def tables(example):
    return example.simulation.tables


def named(example, words):
    """The patient named in the line of the README that has some words."""
    (line,) = [line for line in example.planted if words in line]
    return next(word for word in line.split() if word.startswith("P") and word[1:].isdigit())


def test_one_site_has_four_patients(tables):
    assert tables["participants"]["site_id"].value_counts()["S3"] == 4


def test_one_therapist_rates_from_zero_to_ten(tables):
    fear = tables["ratings"].query("kind == 'fear'").merge(tables["participants"])
    scales = fear.groupby("therapist_id")["scale_id"].unique().str.join(",")
    assert (scales == "0-10").sum() == 1
    assert scales["T03"] == "0-10"
    assert fear.query("therapist_id == 'T03'")["value"].max() <= 10


def test_the_fear_of_one_patient_rises_in_every_exposure(example):
    patient = named(example, "rises")
    exposures = example.simulation.truth.exposures
    assert set(exposures.loc[exposures["patient_id"] == patient, "course"]) == {"rising"}


def test_one_patient_has_one_rating_of_fear_during_exposures(example, tables):
    patient = named(example, "one rating")
    own = tables["ratings"].query("patient_id == @patient and kind == 'fear'")
    assert own["moment"].tolist().count("during") == 1
    reasons = tables["episodes"].set_index("patient_id")["treatment_end_reason"]
    assert reasons[patient] == "stopped"


def test_one_six_month_form_came_after_eight_and_a_half_months(example, tables):
    patient = named(example, "8.5 months")
    late = tables["assessments"].query("occasion == 'followup_26w' and day > 200")
    assert set(late["patient_id"]) == {patient}
    assert set(late["day"]) == {259}


def test_catastrophizing_is_higher_at_baseline_where_it_was_planted(example, tables):
    # Against the same draw without the planting: 4 points, but for rounding and clipping.
    setting = example.simulation.setting
    plain = simulate(replace(setting, planted=replace(setting.planted, pcs_imbalance=0.0)))

    def mean(some):
        rows = some["assessments"].query("instrument == 'PCS' and occasion == 'baseline'")
        return rows.merge(some["participants"]).groupby("arm")["score"].mean()

    difference = mean(tables) - mean(plain.tables)
    assert difference["graded_exposure"] == pytest.approx(4, abs=0.5)
    assert difference["usual_care"] == 0


def test_the_checked_examples_load(example):
    assert len(example.simulation.cohort.participants) == 90
    assert len(simulate_example("clinic").simulation.cohort.participants) == 25


@pytest.mark.parametrize("design", ["trial", "clinic"])
def test_saved_examples_name_what_was_planted_and_stay_below_three_megabytes(tmp_path, design):
    paths = save_example(tmp_path, design)
    readme = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert all(line in readme for line in simulate_example(design).planted)
    assert sum(path.stat().st_size for path in paths) < 3_000_000


def test_clinic_forms_have_one_row_per_exposure_and_none_lost(tmp_path):
    save_example(tmp_path, "clinic")
    tables = simulate_example("clinic").simulation.tables
    forms = pd.read_csv(tmp_path / "exposure_forms.csv", sep=";", decimal=",")
    assert forms["item"].notna().sum() == len(tables["exposures"])
    held = tables["exposures"]["session_id"].fillna(tables["exposures"]["assigned_in"])
    without = ~tables["sessions"]["session_id"].isin(held)
    assert forms["item"].isna().sum() == without.sum()
    values = [name for name in forms if name.split()[0] in ("fear", "pain")]
    assert forms[values].notna().sum().sum() == len(tables["ratings"])


def test_clinic_forms_are_on_two_scales_by_therapist_and_have_no_series(tmp_path):
    save_example(tmp_path, "clinic")
    forms = pd.read_csv(tmp_path / "exposure_forms.csv", sep=";", decimal=",")
    highest = forms.groupby("therapist")["fear max"].max()
    assert highest["T01"] <= 10
    assert (highest.drop("T01") > 10).all()
    ratings = simulate_example("clinic").simulation.tables["ratings"]
    assert set(ratings["moment"]) == {"before", "peak_recalled", "after"}
    assert ratings["minute"].isna().all()


def test_a_third_of_the_clinics_later_questionnaires_is_missing():
    tables = simulate_example("clinic").simulation.tables
    forms = tables["assessments"].groupby("occasion")["patient_id"].nunique()
    assert forms["baseline"] == 25
    # 25 patients, each with probability 1/3 or a little more (leavers): 4 SE are 9.
    assert forms["post"] == pytest.approx(16, abs=9)


def test_no_number_is_minus_zero(example, tables):
    frames = {**tables, "true assessments": example.simulation.truth.assessments}
    for name, table in frames.items():
        numbers = table.select_dtypes("float64").to_numpy()
        assert not (np.signbit(numbers) & (numbers == 0)).any(), name

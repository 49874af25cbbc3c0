"""Patients of one therapist are alike: who treated whom, and what the model makes of it."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms
from gradex_analysis.comparison.therapists import therapist_of
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import fit_mmrm


def compare(cohort, method="mmrm", at="week_16", **more):
    return compare_arms(cohort, "fear scale", method=method, at=at, reference="usual_care", **more)


def with_therapists(cohort, own):
    """Return the cohort with a therapist for each patient: a function of arm and number."""
    people = cohort.participants
    named = [own(arm, i) for i, arm in enumerate(people["arm"])]
    people = people.assign(therapist_id=named)
    return Cohort.from_tables({"participants": people, "assessments": cohort.assessments})


@pytest.fixture
def partly(simulated_trial):
    """Six therapists in graded exposure, none in usual care."""
    return with_therapists(
        simulated_trial, lambda arm, i: f"T{i % 6}" if arm == "graded_exposure" else None
    )


@pytest.mark.parametrize("method", ["mmrm", "growth", "ancova", "change_score"])
def test_an_arm_without_therapists_has_no_variance_of_them(partly, method):
    checks = compare(partly, method, therapist="random").assumptions
    among = checks[checks["check"] == "variance of level among therapists"]
    assert among["arm"].tolist() == ["graded_exposure"]


def test_the_model_is_that_of_the_engine_with_a_variance_per_treated_arm(partly):
    row = compare(partly, therapist="random").table.iloc[0]
    scores = partly.assessments.query("occasion != 'baseline'")
    before = partly.assessments.query("occasion == 'baseline'").set_index("patient_id")["score"]
    people = partly.participants.set_index("patient_id")
    data = scores.join(people[["arm", "therapist_id"]], on="patient_id")
    data["baseline"] = data["patient_id"].map(before)
    data["arm"] = pd.Categorical(data["arm"], ["usual_care", "graded_exposure"])
    order = ["week_2", "week_4", "week_8", "week_16"]
    data["visit"] = pd.Categorical(data["occasion"], order)
    fit = fit_mmrm(
        data, outcome="score", fixed="baseline*visit + arm*visit", visit="visit",
        subject="patient_id", nested={"therapist_id": "arm"},
    )  # fmt: skip
    theirs = fit.contrasts("arm", by="visit", reference="usual_care").iloc[3]
    for name in ("estimate", "std_error", "df"):
        assert row[name] == pytest.approx(theirs[name], rel=1e-6)


def test_nobody_had_a_therapist_yet_at_the_baseline_of_the_constrained_model(partly):
    row = compare(partly, therapist="random", baseline="constrained").table.iloc[0]
    people = partly.participants.set_index("patient_id")
    data = partly.assessments.join(people[["arm", "therapist_id"]], on="patient_id")
    data["therapist_id"] = data["therapist_id"].mask(data["occasion"] == "baseline")
    order = ["baseline", "week_2", "week_4", "week_8", "week_16"]
    data["visit"] = pd.Categorical(data["occasion"], order)
    for week in order[1:]:
        data[week] = 1.0 * ((data["arm"] == "graded_exposure") & (data["occasion"] == week))
    fit = fit_mmrm(
        data, outcome="score", fixed=" + ".join(["visit", *order[1:]]), visit="visit",
        subject="patient_id", nested={"therapist_id": "arm"},
    )  # fmt: skip
    theirs = fit.coefficients.set_index("term").loc["week_16"]
    for name in ("estimate", "std_error", "df"):
        assert row[name] == pytest.approx(theirs[name], rel=1e-6)


def test_therapists_of_both_arms_are_counted_and_said(simulated_trial):
    said = compare(simulated_trial, therapist="random").sentence()
    assert (
        "Therapists are random, with a variance for each arm (9 in usual care, 9 in graded "
        "exposure)." in said
    )


def test_few_therapists_are_said_to_tell_little(simulated_trial):
    cohort = with_therapists(simulated_trial, lambda arm, i: f"{arm[0]}{i % 3}")
    said = compare(cohort, therapist="random").sentence()
    assert "with fewer than 5, in usual care and graded exposure, it is hardly known" in said
    assert (
        "clusters of therapists: too few to be sure of them"
        in compare(cohort, therapist="CR2").sentence()
    )


def test_an_arm_with_one_therapist_has_no_variance_of_them(simulated_trial):
    cohort = with_therapists(
        simulated_trial, lambda arm, i: f"T{i % 6}" if arm == "graded_exposure" else "T9"
    )
    result = compare(cohort, therapist="random")
    assert "none in usual care, where there is one therapist" in result.sentence()


def test_few_therapists_are_said_also_where_patients_without_one_are_clusters(simulated_trial):
    cohort = with_therapists(
        simulated_trial, lambda arm, i: f"T{i % 3}" if arm == "graded_exposure" else None
    )
    said = compare(cohort, therapist="CR2").sentence()
    assert (
        "clusters by therapist (CR2; 3 in graded exposure); with fewer than 5, in graded exposure, "
        "they are hardly known." in said
    )


def test_of_one_therapist_in_an_arm_cr2_cannot_tell_differences_and_it_is_said(simulated_trial):
    cohort = with_therapists(
        simulated_trial, lambda arm, i: f"T{i % 6}" if arm == "graded_exposure" else "T9"
    )
    said = compare(cohort, therapist="CR2").sentence()
    assert "; in usual care, where there is one therapist, nothing tells how they differ." in said


@pytest.mark.parametrize("therapist", ["random", "CR2"])
def test_what_becomes_of_the_sites_is_said_beside_the_therapists(simulated_trial, therapist):
    said = compare(simulated_trial, therapist=therapist).sentence()
    assert "Clusters are therapists; the 3 sites are not allowed for: site_id among" in said
    fixed = compare(simulated_trial, therapist=therapist, covariates=["site_id"]).sentence()
    assert "Clusters are therapists; the 3 sites are fixed terms of the model." in fixed
    without = with_therapists(simulated_trial, lambda arm, i: f"T{i % 9}")
    people = without.participants.drop(columns="site_id")
    alone = Cohort.from_tables({"participants": people, "assessments": without.assessments})
    assert "sites" not in compare(alone, therapist=therapist).sentence()


def test_a_therapist_of_two_arms_has_unrelated_effects_and_it_is_said(simulated_trial):
    apart = with_therapists(simulated_trial, lambda arm, i: f"{arm[0]}{i % 6}")
    shared = with_therapists(simulated_trial, lambda arm, i: f"T{i // 2 % 6}")
    said = "a therapist's effects in two arms are taken as unrelated."
    assert (
        f"6 therapists treated patients of several arms: {said}"
        in compare(shared, therapist="random").sentence()
    )
    assert said not in compare(apart, therapist="random").sentence()
    assert said not in compare(shared, therapist="CR2").sentence()  # one cluster holds both


def test_cr2_leaves_the_estimate_and_changes_its_error(simulated_trial):
    plain = compare(simulated_trial, "ancova").table.iloc[0]
    robust = compare(simulated_trial, "ancova", therapist="CR2").table.iloc[0]
    assert robust["estimate"] == pytest.approx(plain["estimate"], rel=1e-8)
    assert robust["std_error"] != pytest.approx(plain["std_error"], rel=0.01)
    assert robust["df"] < 18  # of 9 clusters


def test_a_cohort_without_therapists_cannot_allow_for_them(simulated_trial):
    cohort = with_therapists(simulated_trial, lambda arm, i: None)
    with pytest.raises(CannotAnswerError, match="Therapists cannot be told apart"):
        compare(cohort, therapist="random")


def test_the_sessions_tell_the_therapist_where_participants_do_not():
    people = pd.DataFrame({"patient_id": ["P1", "P2", "P3", "P4"], "arm": ["A", "A", "B", "B"],
                           "therapist_id": ["T9", None, None, None]})  # fmt: skip
    sessions = pd.DataFrame(
        {
            "patient_id": ["P1", "P2", "P2", "P2", "P3", "P3"],
            "session_id": ["S1", "S2", "S3", "S4", "S5", "S6"],
            "session_number": [1, 1, 2, 3, 1, 2],
            "therapist_id": ["T1", "T1", "T2", "T2", "T4", "T3"],
        }
    )
    own = therapist_of(Cohort.from_tables({"participants": people, "sessions": sessions}))
    assert own.fillna("").to_dict() == {"P1": "T9", "P2": "T2", "P3": "T4", "P4": ""}


def test_a_variance_per_arm_is_the_test_of_welch(simulated_trial):
    # REML with a variance per arm and no covariate: Welch's statistic
    frame = simulated_trial.assessments.query("occasion == 'week_16'")
    frame = frame[["patient_id", "score"]].rename(columns={"score": "value"})
    row = compare_arms(
        simulated_trial, frame, method="ancova", at=None, reference="usual_care",
        variances_by_arm=True,
    ).table.iloc[0]  # fmt: skip
    arm = simulated_trial.participants.set_index("patient_id")["arm"]
    own = frame.groupby(frame["patient_id"].map(arm))["value"]
    expected = np.sqrt((own.var() / own.size()).sum())
    assert row["std_error"] == pytest.approx(expected, rel=1e-6)

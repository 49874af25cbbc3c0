"""Who is in an MMRM, which occasions are declared, and what is said of it."""

import re

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms
from gradex_analysis.errors import CannotAnswerError

OCCASIONS = ["week_2", "week_4", "week_8", "week_16"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df", "statistic", "p_value"]


def compare(cohort, outcome="fear scale", reference="usual_care", **more):
    return compare_arms(cohort, outcome, method="mmrm", reference=reference, **more)


def cohort_of(people):
    return Cohort.from_tables({"participants": people})


def test_the_occasion_asked_for_is_the_family_and_the_model_stays(simulated_trial):
    every, one = compare(simulated_trial), compare(simulated_trial, at="week_16")
    assert one.table["occasion"].tolist() == ["week_16"]
    np.testing.assert_array_equal(one.table[NUMBERS], every.table[NUMBERS].tail(1))
    pd.testing.assert_frame_equal(one.means, every.means)


def test_whoever_has_any_value_after_the_baseline_is_in_the_model(a_course):
    people, frame = a_course(4)
    early = frame[(frame["patient_id"] == "P0") & (frame["occasion"] != "mid")].index
    never = frame[frame["patient_id"] == "P1"].index
    result = compare(cohort_of(people), frame.drop(index=[*early, *never]))
    assert result.excluded.to_dict("records") == [
        {"patient_id": "P1", "reason": "no value of the outcome after baseline"}
    ]
    assert (result.n_used, result.n_considered) == (35, 36)
    seen = result.table.set_index("occasion")
    assert seen["n"].to_dict() == {"mid": 35, "post": 34, "later": 34}
    assert (seen["n_in_model"] == 35).all()
    means = result.means.set_index(["arm", "occasion"])
    assert means.loc[("exposure", "post"), ["n", "n_missing"]].tolist() == [17, 1]
    assert result.missing.groupby("occasion")["n"].sum().to_dict() == {
        "mid": 1, "post": 2, "later": 2
    }  # fmt: skip


def test_a_missing_baseline_is_a_reason_unless_it_is_one_of_the_outcomes(a_course):
    people, frame = a_course(5)
    frame.loc[frame["patient_id"] == "P2", "baseline"] = np.nan
    left_out = compare(cohort_of(people), frame).excluded
    assert left_out["reason"].tolist() == ["no value of the outcome at baseline"]
    assert compare(cohort_of(people), frame, baseline="constrained").excluded.empty


def test_p_values_are_adjusted_over_the_declared_family(simulated_trial):
    table = compare(simulated_trial, multiplicity="holm").table
    smallest = table["p_value"].idxmin()
    assert table.loc[smallest, "p_adjusted"] == pytest.approx(4 * table.loc[smallest, "p_value"])
    one = compare(simulated_trial, multiplicity="holm", at="week_16").table.iloc[0]
    assert one["p_adjusted"] == one["p_value"]


def test_stratification_factors_are_main_terms(simulated_trial):
    result = compare(simulated_trial, covariates=["site_id"])
    sites = [term for term in result.coefficients["term"] if "site_id" in term]
    assert len(sites) == 2
    assert "adjusted for baseline and site id" in result.sentence()


def test_the_order_of_occasions_is_that_of_their_days(simulated_trial):
    frame = simulated_trial.assessments.rename(columns={"score": "value"})
    frame = frame[["patient_id", "occasion", "value"]].sort_values("occasion")
    ours = compare(simulated_trial, frame).table
    assert ours["occasion"].tolist() == OCCASIONS
    theirs = compare(simulated_trial).table
    np.testing.assert_allclose(ours[NUMBERS], theirs[NUMBERS], rtol=1e-8)


def test_the_sentence_of_one_occasion_is_that_of_a_paper(simulated_trial):
    said = compare(simulated_trial, at="week_16").sentence().replace("\u00a0", " ")
    assert said.startswith(
        "At week 16, fear scale was lower in graded exposure than in usual care (adjusted "
        "difference \u22123.7, 95 % CI \u22127.0 to \u22120.3, t(73.8) = \u22122.15, p = .034; "
        "Hedges' g = \u22120.52, 95 % CI "
    )
    assert (
        "; MMRM, unstructured covariance, Kenward-Roger, adjusted for baseline; 75 of 96 "
        "randomised patients analysed at week 16, 96 in the model)." in said
    )
    assert "effect" not in said


def test_several_occasions_are_said_in_one_sentence_per_arm(simulated_trial):
    said = compare(simulated_trial).sentence().replace("\u00a0", " ")
    assert said.startswith("Fear scale in graded exposure compared with usual care (adjusted")
    assert len(re.findall(r"at week \d+ (?:lower|higher|the data do not tell) \(", said)) == 4
    assert said.count("Kenward-Roger") == 1
    assert "The p values are not adjusted for the number of contrasts." in said


def test_groups_that_were_not_randomised_have_no_effect_and_no_arms(a_course):
    people, frame = a_course(6)
    result = compare(cohort_of(people), frame)
    said = result.sentence() + result.alt_text()
    assert "Groups were not randomised" in said
    assert "effect" not in said
    assert "randomised patients" not in said


def test_a_covariance_that_cannot_be_estimated_gives_way_and_it_is_said(a_course):
    people, frame = a_course(1)
    few = people.head(4)  # six parameters from four patients
    result = compare(cohort_of(few), frame[frame["patient_id"].isin(few["patient_id"])])
    given_way = result.settings["covariance"]
    assert given_way != "unstructured"
    said = result.sentence()
    assert f"MMRM, {given_way.replace('_', ' ')} covariance" in said
    assert (
        f"The covariance is {given_way.replace('_', ' ')}; not estimable were unstructured" in said
    )


def test_an_occasion_at_which_an_arm_was_not_assessed_is_not_in_the_model(a_course):
    people, frame = a_course(8)
    arm = frame["patient_id"].map(people.set_index("patient_id")["arm"])
    gone = frame[(frame["occasion"] == "later") & (arm == "exposure")].index
    result = compare(cohort_of(people), frame.drop(index=gone))
    assert result.settings["occasions"] == ["mid", "post"]
    assert "Later is not in the model: fewer than 2 patients of exposure" in result.sentence()
    with pytest.raises(CannotAnswerError, match="cannot be compared at later: fewer than 2"):
        compare(cohort_of(people), frame.drop(index=gone), at="later")


def test_an_occasion_of_forms_without_a_score_is_said_and_counted_as_missing(simulated_trial):
    forms = simulated_trial.assessments
    silent = forms.assign(score=forms["score"].mask(forms["occasion"] == "week_8"))
    cohort = Cohort.from_tables(
        {"participants": simulated_trial.participants, "assessments": silent}
    )
    result = compare(cohort)
    assert result.settings["occasions"] == ["week_2", "week_4", "week_16"]
    assert "Week 8 is not in the model: nobody has a value of fear scale then." in result.sentence()
    missing = result.missing[result.missing["occasion"] == "week_8"]
    assert missing["n"].sum() == len(simulated_trial.participants)
    with pytest.raises(CannotAnswerError, match="cannot be compared at week 8: nobody has a value"):
        compare(cohort, at="week_8")


def test_completers_are_named_and_counted(simulated_trial):
    result = compare(simulated_trial, analysis_set="completers")
    assert result.n_used == 75
    assert "completers" in result.sentence()
    assert result.sets.query("in_set")["n"].sum() == 75


def test_what_is_missing_can_be_made_worse_until_the_answer_turns(simulated_trial):
    result = compare(simulated_trial, at="week_16", delta=[0, 5, 20])
    tipping = result.tipping.query("added_to == 'other arms'").set_index("delta")
    assert tipping.loc[0, "estimate"] == pytest.approx(result.table["estimate"].iloc[0])
    assert not tipping.loc[0, "overturned"]
    assert tipping.loc[20, "overturned"]
    # 12 of 48 are missing in exposure: about a quarter of delta is added
    assert tipping.loc[5, "estimate"] - tipping.loc[0, "estimate"] == pytest.approx(1.25, abs=0.1)


def test_frames_that_hold_nothing_are_not_saved(simulated_trial, tmp_path):
    result = compare(simulated_trial, at="week_16")
    assert result.slopes.empty
    names = {path.name for path in result.save(tmp_path / "fear")}
    assert {"fear.csv", "fear_means.csv", "fear_courses.csv", "fear_tipping.csv"} <= names
    assert "fear_slopes.csv" not in names


def test_the_page_holds_what_a_referee_asks_for(simulated_trial):
    result = compare(simulated_trial, at="week_16")
    page = result._repr_html_()
    for title in ("What is estimated (ICH E9(R1))", "Values that are missing, and why",
                  "If what is missing were worse", "The analysis set", "Assumptions"):  # fmt: skip
        assert f"<summary>{title}</summary>" in page
    assert "Slopes per week" not in page
    assert "without a form, study end not recorded" in page
    assert result.say_missing() in page


def test_courses_hold_the_baseline_and_every_value_analysed(simulated_trial):
    courses = compare(simulated_trial).courses
    n = courses["occasion"].value_counts()
    assert n.to_dict() == {"baseline": 96, "week_2": 91, "week_4": 89, "week_8": 83, "week_16": 75}
    assert not courses.isna().any(axis=None)


def test_the_figure_draws_every_adjusted_mean(simulated_trial):
    result = compare(simulated_trial)
    ax = result.plot()
    others = [axes for axes in ax.figure.axes if axes is not ax]
    drawn = {round(float(y), 6) for axes in others for line in axes.lines for y in line.get_ydata()}
    assert {round(mean, 6) for mean in result.means["estimate"]} <= drawn
    # several of different occasions are drawn by their days
    assert {round(mean, 6) for mean in result.table["estimate"]} <= {
        round(float(x), 6) for line in ax.lines for x in line.get_xdata()
    }


def test_an_arm_with_baselines_only_cannot_be_compared(a_course):
    people, frame = a_course(9)
    arm = frame["patient_id"].map(people.set_index("patient_id")["arm"])
    first = frame[frame["occasion"] == "mid"].assign(occasion="baseline", value=frame["baseline"])
    rows = pd.concat([first, frame[arm == "usual_care"]]).drop(columns="baseline")
    with pytest.raises(CannotAnswerError, match="fewer than 2 patients of exposure"):
        compare(cohort_of(people), rows, baseline="constrained")

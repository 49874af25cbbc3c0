"""What cannot be compared, and what the error says of it."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.comparison import compare_arms
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

EIGHT = {
    "A": [(30, 20), (28, 22), (26, 18), (24, 19)],
    "B": [(30, 27), (27, 26), (25, 21), (23, 24)],
}
IDS = [f"P0{i}" for i in range(1, 9)]


def compare(cohort, outcome="TSK-11", *, method="ancova", at="post", reference="B", covariates=()):
    return compare_arms(
        cohort, outcome, method=method, at=at, reference=reference, covariates=covariates
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"method": "anova"}, r"method must be one of 'mmrm', 'ancova', 'growth', .*; not 'anova'"),
        ({"reference": "C"}, r"reference must be one of 'A', 'B'; not 'C'"),
        ({"at": "baseline"}, r"at must be one of 'post'; not 'baseline'"),
        ({"at": "followup"}, r"at must be one of 'post'; not 'followup'"),
        ({"at": None}, r"at must be one of 'post'; not None"),
        ({"outcome": "PCS"}, r"outcome must be one of 'TSK-11'; not 'PCS'"),
        ({"covariates": ["arm"]}, r"covariates must be one of .*'birth_year'.*; not 'arm'"),
    ],
)
def test_an_unknown_name_lists_those_on_offer(make_trial, wrong, message):
    with pytest.raises(UnknownNameError, match=message):
        compare(make_trial(**EIGHT), **wrong)


def test_a_cohort_without_arms_cannot_answer_whatever_the_reference(make_trial):
    cohort = make_trial(people={"arm": [None] * 8}, **EIGHT)
    with pytest.raises(CannotAnswerError, match=r"no arms.*a column arm"):
        compare(cohort, reference="usual_care")


def test_one_arm_cannot_be_compared(make_trial):
    with pytest.raises(CannotAnswerError, match="Every patient belongs to one arm, B"):
        compare(make_trial(B=EIGHT["B"]))


def test_a_cohort_without_scores_cannot_answer(make_trial):
    cohort = make_trial(A=[(None, None)] * 2, B=[(None, None)] * 2)
    with pytest.raises(CannotAnswerError, match="holds no questionnaire scores"):
        compare(cohort)


def test_scores_of_the_baseline_alone_cannot_answer(make_trial):
    cohort = make_trial(A=[(30, None)] * 3, B=[(28, None)] * 3)
    with pytest.raises(CannotAnswerError, match="Every questionnaire score is of the baseline"):
        compare(cohort)


@pytest.mark.parametrize("reference", ["A", "B"])
def test_an_arm_nobody_of_which_was_assessed_cannot_be_compared(make_trial, reference):
    cohort = make_trial(A=[(30, None), (28, None)], B=EIGHT["B"])
    with pytest.raises(CannotAnswerError, match=r"Too few patients can be analysed in A.*\d+: "):
        compare(cohort, reference=reference)


def test_four_patients_are_too_few_for_four_coefficients(make_trial):
    cohort = make_trial(people={"height": [1, 2, 3, 5]}, A=EIGHT["A"][:2], B=EIGHT["B"][:2])
    with pytest.raises(CannotAnswerError, match=r"4 patients can be analysed, .* 4 coefficients"):
        compare(cohort, covariates=["height"])


def test_three_patients_are_too_few(make_trial):
    with pytest.raises(CannotAnswerError, match=r"Too few patients can be analysed in A.*\d+: "):
        compare(make_trial(A=EIGHT["A"][:1], B=EIGHT["B"][:2]))


def test_an_outcome_that_is_the_same_in_all_cannot_be_compared(make_trial):
    cohort = make_trial(A=[(30, 20), (28, 20), (26, 20)], B=[(22, 20), (21, 20), (27, 20)])
    with pytest.raises(CannotAnswerError, match="TSK-11 is the same in all 6 patients"):
        compare(cohort)


def test_the_baseline_given_as_outcome_is_found_out(make_trial):
    cohort = make_trial(**{arm: [(b, b) for b, _ in both] for arm, both in EIGHT.items()})
    with pytest.raises(CannotAnswerError, match="Was the baseline given as the outcome"):
        compare(cohort)


def test_a_covariate_that_repeats_the_arm_is_named(make_trial):
    cohort = make_trial(people={"site_id": ["S1"] * 4 + ["S2"] * 4}, **EIGHT)
    with pytest.raises(CannotAnswerError, match=r"'site_id = S2' says nothing that \(Intercept\)"):
        compare(cohort, covariates=["site_id"])


def test_an_infinite_covariate_is_refused(make_trial):
    cohort = make_trial(people={"height": [1, 2, 3, 5, 1, 2, 3, np.inf]}, **EIGHT)
    for method in ("ancova", "mmrm"):
        with pytest.raises(CannotAnswerError, match="with an infinite value of height: P08"):
            compare(cohort, method=method, covariates=["height"])


@pytest.mark.parametrize("outcome", [pd.Series([1.0, 2.0]), ["TSK-11"], None])
def test_what_is_neither_a_name_nor_a_frame_is_no_outcome(make_trial, outcome):
    with pytest.raises(CannotAnswerError, match="a questionnaire's name, or a frame with"):
        compare(make_trial(**EIGHT), outcome)


def test_an_infinite_day_is_told_by_patient(make_trial):
    frame = pd.DataFrame(
        {"patient_id": IDS, "occasion": "post", "day": [84.0] * 7 + [np.inf], "value": range(8)}
    )
    for method in ("growth", "ancova"):
        with pytest.raises(CannotAnswerError, match="Patients with an infinite day: P08"):
            compare(make_trial(**EIGHT), frame, method=method)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"value": range(8)}, "needs a column patient_id"),
        ({"patient_id": [], "value": []}, "The outcome's frame has no rows"),
        ({"patient_id": IDS, "value": [1j] * 8}, "value holds complex128, not numbers"),
        ({"patient_id": IDS}, "or one column of numbers; it has 0"),
        ({"patient_id": IDS, "a": range(8), "b": range(8)}, "or one column of numbers; it has 2"),
        ({"patient_id": IDS, "value": list("abcdefgh")}, "value holds str, not numbers"),
        ({"patient_id": IDS, "value": [True] * 8}, "value holds bool, not numbers"),
        ({"patient_id": IDS, "value": [*range(7), np.inf]}, "with an infinite value: P08"),
        ({"patient_id": [*IDS[:7], "P01"], "value": range(8)}, "more than once .*: P01"),
        ({"patient_id": [*IDS[:7], "X9"], "value": range(8)}, "not in the cohort: X9"),
        ({"patient_id": [*IDS[:7], None], "value": range(8)}, "row without patient_id"),
        ({"patient_id": IDS, "occasion": [None] * 8, "value": range(8)}, "row without occasion"),
    ],
)
def test_a_frame_that_is_no_outcome_is_refused(make_trial, frame, message):
    with pytest.raises(CannotAnswerError, match=message):
        compare(make_trial(**EIGHT), pd.DataFrame(frame), at=None)


def test_an_occasion_of_a_frame_without_occasions_is_refused(make_trial):
    frame = pd.DataFrame({"patient_id": IDS, "value": range(8)})
    with pytest.raises(CannotAnswerError, match="Say at=None, or add the column"):
        compare(make_trial(**EIGHT), frame)


def test_a_column_of_another_name_is_the_outcome_if_it_is_the_only_number(make_trial):
    frame = pd.DataFrame({"patient_id": IDS, "walking_minutes": [3, 4, 5, 9, 12, 14, 13, 18]})
    said = compare(make_trial(**EIGHT), frame, at=None).sentence()
    assert said.startswith("Walking minutes was lower in A than in B (difference ")
    assert "analysis of variance: no baseline was given" in said

"""The four outcomes on one page: by hand, and equal to the questions they are made of."""

from __future__ import annotations

import matplotlib as mpl
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation import measure_return_of_fear, measure_within_session
from gradex_analysis.results import wording
from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.therapy_outcomes import describe_outcomes
from gradex_analysis.therapy_outcomes.components import COMPONENTS, NUMBERS


@pytest.fixture(scope="module")
def trial():
    return simulate_cohort(24, seed=5, design="trial").cohort


def of(result, component, group="all"):
    table = result.table
    rows = table[(table["component"] == component) & (table["group"] == group)]
    return rows.iloc[0]


def cohort_of(exposures, assessments=(), ratings=()):
    """Make a cohort without arms: exposures, ``(patient, instrument, occasion, score)``."""
    rows = pd.DataFrame(exposures, columns=["patient_id", "exposure_id", *EXTRA])
    forms = pd.DataFrame(assessments, columns=["patient_id", "instrument", "occasion", "score"])
    people = sorted({*rows["patient_id"], *forms["patient_id"]})
    days = {"baseline": 0, "post": 84, "followup_26w": 182}
    rated = pd.DataFrame(ratings, columns=["patient_id", "exposure_id", "minute", "value"])
    return Cohort.from_tables(
        {
            "participants": pd.DataFrame({"patient_id": people}),
            "exposures": rows.assign(status="done"),
            "assessments": forms.assign(day=forms["occasion"].map(days)),
            "ratings": rated.assign(kind="fear", moment="during", scale_id="0-100"),
        }
    )


EXTRA = ["item_id", "exposure_number", "confidence_before", "confidence_after"]
SURE = [
    # P1 gains 20, 10 within (mean 15) and 40 from the first to the last; P2 gains 5, and 10
    ("P1", "A", "I1", 1, 20.0, 40.0),
    ("P1", "B", "I1", 2, 60.0, 70.0),
    ("P2", "C", "I1", 1, 50.0, 55.0),
    ("P2", "D", "I1", 2, 60.0, None),
]


def test_gains_of_confidence_by_hand():
    result = describe_outcomes(cohort_of(SURE))
    within, by_item = of(result, "confidence_gain"), of(result, "confidence_gain_by_item")
    assert (within["estimate"], within["n"], within["n_patients"]) == (10.0, 3, 2)
    assert (by_item["estimate"], by_item["n"], by_item["n_patients"]) == (25.0, 2, 2)
    # the mean of 15 and 5 has the standard error 10 / sqrt(2) / sqrt(2)
    assert within["std_error"] == pytest.approx(5.0)
    assert "higher is better" in result.sentence()


def test_an_exposure_that_was_not_done_gives_no_confidence():
    tables = cohort_of(SURE)
    exposures = tables.exposures.assign(status=["done", "refused", "done", "not_done"])
    cohort = Cohort.from_tables({"participants": tables.participants, "exposures": exposures})
    result = describe_outcomes(cohort)
    assert of(result, "confidence_gain")["n"] == 2
    assert set(result.unanswered["component"]) == set(NUMBERS) - {"confidence_gain"}


FORMS = [
    ("P1", "PSEQ", "baseline", 20.0), ("P1", "PSEQ", "post", 32.0),
    ("P2", "PSEQ", "baseline", 30.0), ("P2", "PSEQ", "post", 34.0),
    ("P3", "PSEQ", "baseline", 10.0), ("P1", "PCS", "baseline", 30.0), ("P1", "PCS", "post", 24.0),
]  # fmt: skip


def test_changes_of_questionnaires_by_hand_and_who_has_none():
    result = describe_outcomes(cohort_of([], FORMS))
    assert of(result, "PSEQ")["estimate"] == 8.0
    assert of(result, "PSEQ")["better"] == "higher"
    assert (of(result, "PCS")["estimate"], of(result, "PCS")["better"]) == (-6.0, "lower")
    assert result.excluded["patient_id"].tolist() == ["P3"]
    assert result.settings["components"]["PSEQ"]["per_100"] == pytest.approx(100 / 60)
    assert f"{wording.number(-6.0)} points (1 patient, no interval)" in result.sentence()


def test_an_occasion_that_nobody_was_asked_at_is_refused():
    with pytest.raises(UnknownNameError, match="post"):
        describe_outcomes(cohort_of([], FORMS), at="followup_52w")


def test_a_questionnaire_that_was_not_given_at_the_occasion_is_unanswered():
    forms = [*FORMS, ("P1", "PSEQ", "followup_26w", 40.0)]
    result = describe_outcomes(cohort_of([], forms), at="followup_26w")
    assert of(result, "PSEQ")["estimate"] == 20.0
    reasons = result.unanswered.set_index("component")["reason"]
    assert reasons["PCS"] == "PCS was not given at followup_26w; it was at post."


def test_every_component_equals_its_own_question(trial):
    result = describe_outcomes(trial)
    fall = measure_within_session(trial, definition="initial_to_end").average
    back = measure_return_of_fear(trial, definition="rof_abs").average
    for component, own in (("fall_within_exposures", fall), ("return_at_follow_up", back)):
        expected = own.set_index("group").loc["graded_exposure", ["estimate", "ci_low", "ci_high"]]
        found = of(result, component, "graded_exposure")[["estimate", "ci_low", "ci_high"]]
        assert found.tolist() == pytest.approx(expected.tolist(), abs=1e-12)


def test_numbers_that_two_theories_point_to_stand_under_both_alike_and_are_named(trial):
    result = describe_outcomes(trial)
    table = result.table
    twice = table[table["also_in"] != ""]
    assert set(twice["component"]) == {"fall_within_exposures", "fall_between_exposures"}
    for _, rows in twice.groupby("component"):
        assert set(rows["outcome"]) == {"habituation", "emotional_processing"}
        assert rows["estimate"].iloc[0] == rows["estimate"].iloc[1]
    assert "The same numbers stand for habituation and emotional processing" in result.sentence()


def test_every_component_is_in_the_table_or_unanswered_and_every_patient_counted(trial):
    result = describe_outcomes(trial)
    assert set(NUMBERS) == {name for names in COMPONENTS.values() for name in names}
    answered = set(result.table["component"])
    assert answered | set(result.unanswered["component"]) == set(NUMBERS)
    assert not answered & set(result.unanswered["component"])
    numbers = result.table[["estimate", "n", "n_patients"]]
    assert numbers.notna().all().all()
    assert len(result.excluded) + result.n_used == len(trial.participants)


def test_forms_without_minutes_have_the_fall_from_before_to_after():
    clinic = simulate_cohort(12, seed=3, design="clinic").cohort
    result = describe_outcomes(clinic)
    expected = measure_within_session(clinic, definition="before_to_after").average["estimate"]
    assert of(result, "fall_within_exposures")["estimate"] == pytest.approx(expected.iloc[0])
    assert "(before to after)" in result.sentence()


def test_a_cohort_in_which_nothing_was_recorded_is_refused_with_the_first_reason():
    with pytest.raises(CannotAnswerError, match="No component of any outcome"):
        describe_outcomes(cohort_of([("P1", "A", "I1", 1, None, None)]))


def test_the_figure_has_a_heading_per_outcome_and_every_number(trial):
    result = describe_outcomes(trial)
    with mpl.rc_context():
        texts = [text.get_text().replace("\n", " ") for text in result.plot().texts]
    for heading in ("Habituation", "Extinction", "Self-efficacy", "Emotional processing"):
        assert texts.count(heading) == 1
    number = wording.number(of(result, "fall_within_exposures", "graded_exposure")["estimate"])
    assert sum(number in text for text in texts) >= 2  # under both headings
    assert "Four blocks" in result.alt_text()

"""Was what was expected violated? Cases that can be counted by hand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.expectancy import measure_expectancy
from gradex_analysis.measures.expectancy import DEFINITIONS

#: expected, occurred, expected afterwards
LOG = (("P1", 80, 20, 50), ("P1", 60, 60, 40), ("P2", 40, 50, 45))


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("expectancy_violation", [60, 0, -10]),
        ("expectancy_change", [30, 20, -5]),
        # log(.8/.2) - log(.5/.5), log(.6/.4) - log(.4/.6), log(.4/.6) - log(.45/.55)
        (
            "belief_change_logit",
            [math.log(4), 2 * math.log(1.5), math.log(0.4 * 0.55 / 0.6 / 0.45)],
        ),
        ("learning_ratio", [0.5, 0.5]),  # 30 of 60; none of 0; -5 of -10
    ],
)
def test_each_definition_is_the_difference_it_names(make_log, definition, expected):
    result = measure_expectancy(make_log(*LOG), definition=definition)
    assert result.table["estimate"].tolist() == pytest.approx(expected)


def test_over_prediction_is_expected_minus_felt_and_pain_is_brought_to_100(make_log):
    cohort = make_log(
        ("P1", 80, 20, 50), ("P2", 60, 60, 40),
        more={"E1": {"expected_peak_fear": 70, "expected_pain": 8, "surprise": 30},
              "E2": {"expected_peak_fear": 50, "expected_pain": 2, "surprise": 0}},
        ratings=[("E1", "fear", "during", 0, 55), ("E1", "fear", "during", 2, 60),
                 ("E2", "fear", "peak_recalled", None, 65),
                 ("E1", "pain", "during", 0, 50), ("E2", "pain", "during", 0, 40)],
    )  # fmt: skip
    fear = measure_expectancy(cohort, definition="overprediction_fear")
    assert fear.table["estimate"].tolist() == [10, -15]
    assert fear.average["share_positive"].tolist() == [0.5]
    assert "The peak of 1 exposure is as recalled on a form." in fear.sentence()
    pain = measure_expectancy(cohort, definition="overprediction_pain")
    assert pain.table["estimate"].tolist() == [30, -20]
    surprise = measure_expectancy(cohort, definition="surprise")
    assert surprise.table["estimate"].tolist() == [30, 0]
    assert "surprise was on average 15.0" in surprise.sentence()


def test_patients_count_alike_however_many_exposures_they_have(make_log):
    row = measure_expectancy(make_log(*LOG), definition="expectancy_violation").average.iloc[0]
    # means 30 and -10; their SD is 40/sqrt(2), t(1) = 12.706
    assert row["estimate"] == pytest.approx(10)
    assert row["ci_high"] - row["estimate"] == pytest.approx(12.7062 * 20, rel=1e-5)
    assert row[["n", "n_patients", "df"]].tolist() == [3, 2, 1]


def test_more_than_expected_is_said_as_more(make_log):
    said = measure_expectancy(make_log(("P1", 20, 50, 40)), definition="expectancy_violation")
    assert "more occurred than was expected, on average by 30.0 points" in said.sentence()
    assert "no interval: a single patient" in said.sentence()


def test_a_ratio_has_a_median_and_its_undefined_share_and_no_mean(make_log):
    result = measure_expectancy(make_log(*LOG), definition="learning_ratio")
    row = result.average.iloc[0]
    assert row["median"] == pytest.approx(0.5)
    assert row[["n", "n_undefined"]].tolist() == [2, 1]
    assert row["share_undefined"] == pytest.approx(1 / 3)
    assert not {"estimate", "ci_low", "mean"} & set(result.average)
    assert "undefined in 1 (33 %) of 3" in result.sentence().replace("\u00a0", " ")
    assert result.excluded["reason"].tolist() == ["what occurred was what was expected: no ratio"]


def test_a_ratio_that_is_undefined_everywhere_is_said_and_not_computed(make_log):
    log = make_log(("P1", 50, 50, 40), ("P2", 30, 30, 30))
    result = measure_expectancy(log, definition="learning_ratio")
    assert result.n_used == 0
    assert result.average["share_undefined"].tolist() == [1]
    assert "None of 2 exposures can be measured by learning_ratio" in result.sentence()
    assert result.plot().texts


def test_the_logit_of_certainty_is_taken_half_a_percent_from_the_end_and_said(make_log):
    result = measure_expectancy(make_log(("P1", 100, 0, 0)), definition="belief_change_logit")
    assert result.table["estimate"].tolist() == pytest.approx([2 * math.log(0.995 / 0.005)])
    assert "In 1 exposure an expectancy of 0 or 100 was taken for 0.5 or 99.5" in result.sentence()
    assert result.settings["clamp_percent"] == 0.5


WORDS = (("P1", 90, "no", None), ("P1", 85, "yes", None), ("P2", 70, "no", None),
         ("P2", 10, "partly", None), ("P2", 20, "not_testable", None))  # fmt: skip


def test_words_are_counted_and_never_become_numbers(make_log):
    result = measure_expectancy(make_log(*WORDS), definition="expectancy_violation")
    assert result.n_used == 5
    assert result.table["estimate"].isna().all()
    assert result.average.empty
    cells = result.counts.set_index(["expected", "occurrence"])["n"]
    assert cells[cells > 0].to_dict() == {
        ("80 to 100", "no"): 1, ("80 to 100", "yes"): 1, ("60 to 79", "no"): 1,
        ("0 to 19", "partly"): 1, ("20 to 39", "not_testable"): 1,
    }  # fmt: skip
    assert len(cells) == 5 * 4
    said = result.sentence().replace("\u00a0", " ")
    assert "no in 2 (40 %), partly in 1 (20 %), yes in 1 (20 %), not testable in 1 (20 %)" in said
    assert "Of 3 exposures in which 60 or more of 100 was expected, it did not occur in 2" in said
    assert result.summary.equals(result.counts)


def test_what_needs_a_number_refuses_words_and_says_what_counts_them(make_log):
    with pytest.raises(CannotAnswerError, match=r"in words.*counts them"):
        measure_expectancy(make_log(("P1", 90, "no", 50)), definition="learning_ratio")


def test_numbers_and_words_stand_side_by_side(make_log):
    log = make_log(("P1", 90, "no", 50), ("P1", 70, 10, 50), ("P2", 70, None, 50))
    result = measure_expectancy(log, definition="expectancy_violation")
    assert result.table["estimate"].tolist()[1] == 60
    assert np.isnan(result.table["estimate"].tolist()[0])
    assert result.average["n"].tolist() == [1]
    assert result.counts["n"].sum() == 1
    assert result.excluded["reason"].tolist() == ["not recorded what occurred"]
    ratio = measure_expectancy(log, definition="learning_ratio")
    assert ratio.excluded["reason"].tolist() == [
        "what occurred is said in words, which are no numbers", "not recorded what occurred"
    ]  # fmt: skip
    assert "1 in words are not drawn" in result.alt_text()


def test_every_exposure_left_out_has_its_reason(make_log):
    log = make_log(
        ("P1", 90, 10, 50), ("P1", 70, None, None), ("P1", None, 10, 20), ("P1", 70, None, None),
        ("P1", 70, 20, None), ("P2", 70, None, None),
        more={"E2": {"status": "refused"}, "E4": {"status": "not_done"},
              "E6": {"status": None, "item_id": "I2"}},
    )  # fmt: skip
    result = measure_expectancy(log, definition="expectancy_change")
    assert result.excluded.set_index("exposure_id")["reason"].to_dict() == {
        "E2": "refused", "E3": "no expectancy before the exercise", "E4": "planned and not done",
        "E5": "no expectancy after the exercise",
        "E6": "neither a status nor a rating: not known to be carried out",
    }  # fmt: skip
    assert (result.n_considered, result.n_used) == (6, 1)


def test_a_peak_that_a_rating_set_aside_may_hide_is_not_guessed(make_log):
    felt = {"expected_peak_fear": 70}
    log = make_log(
        ("P1", 80, 20, 50), ("P1", 80, 20, 50), ("P1", 80, 20, 50),
        more={"E1": felt, "E2": felt, "E3": felt},
        ratings=[("E1", "fear", "during", 0, 55), ("E3", "fear", "during", 0, 60)],
    )  # fmt: skip
    gap = {"patient_id": "P1", "exposure_id": "E3", "kind": "fear", "minute": 2.0,
           "repetition": None, "reason": "waits for an answer"}  # fmt: skip
    gaps = pd.DataFrame([gap]).astype({"repetition": "Int64"})
    result = measure_expectancy(replace(log, gaps=gaps), definition="overprediction_fear")
    assert result.excluded["reason"].tolist() == [
        "no peak of fear", "a rating waits for an answer: it may have been the highest"
    ]  # fmt: skip
    assert result.table["estimate"].tolist() == [15]


@pytest.mark.parametrize("definition", DEFINITIONS)
def test_a_cohort_that_records_no_expectancy_says_what_is_needed(make_log, definition):
    log = make_log(("P1", None, None, None), ratings=[("E1", "fear", "during", 0, 55)])
    with pytest.raises(CannotAnswerError, match=f"{definition} needs .*which no exposure has"):
        measure_expectancy(log, definition=definition)


def test_a_cohort_without_exposures_and_an_unknown_definition_are_refused(make_log):
    people = make_log(("P1", 1, 1, 1)).participants
    nobody = Cohort.from_tables({"participants": people})
    with pytest.raises(CannotAnswerError, match="no exposures"):
        measure_expectancy(nobody, definition="surprise")
    with pytest.raises(UnknownNameError, match="'expectancy_violation'"):
        measure_expectancy(nobody, definition="violation")


def test_groups_that_were_not_randomised_are_said_to_be_so(make_log):
    log = make_log(*LOG, arms={"P1": "a", "P2": "b"})
    result = measure_expectancy(log, definition="expectancy_violation")
    assert result.average["group"].tolist() == ["a", "b"]
    assert "Groups were not randomised." in result.sentence()

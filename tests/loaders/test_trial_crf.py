"""A REDCap export with what was planned and done, refusals and boxes; counts as in EXPECTED.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradex_analysis.habituation import measure_within_session
from gradex_analysis.loaders import load_cohort

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
LOG = LOGS / "c_trial_crf_redcap.csv"


@pytest.fixture(scope="module")
def answered():
    return load_cohort(LOG, mapping=LOGS / "c_answers.toml", strict=False)


@pytest.fixture(scope="module")
def asked():
    return load_cohort(LOG, mapping=LOGS / "c_mapping.toml", strict=False)


def test_planned_carried_out_not_done_and_refused(answered):
    assert answered.exposures["status"].value_counts().to_dict() == {
        "done": 8, "partial": 1, "not_done": 1, "refused": 1
    }  # fmt: skip
    early = answered.exposures.query("status == 'partial'").iloc[0]
    assert (early["stopped_by"], early["stop_cause"]) == ("patient", "pain")


def test_one_session_without_an_exposure(answered):
    held = set(answered.exposures["session_id"]) | set(answered.exposures["assigned_in"])
    without = answered.sessions[~answered.sessions["session_id"].isin(held)]
    assert without["session_id"].tolist() == ["0102-S1"]


def test_a_value_outside_its_scale_takes_nothing_with_it(answered):
    aside = answered.rejected
    assert aside[["row", "column", "raw"]].to_numpy().tolist() == [[9, "fear_peak", "850"]]
    same = answered.ratings[answered.ratings["exposure_id"] == "0102-E2"]
    assert sorted(zip(same["kind"], same["value"], strict=True)) == [
        ("fear", 40.0), ("fear", 50.0), ("pain", 4.0)
    ]  # fmt: skip


def test_not_asked_and_refused_are_kept_apart(answered):
    coded = answered.coded_missing.set_index(["exposure_id", "column"])["code"]
    assert coded.to_dict() == {
        ("0101-E4", "occurrence"): "not_asked",
        ("0101-E5", "companion"): "not_asked",
        ("0102-E4", "expectancy_after"): "refused",
    }


def test_safety_behaviours_are_none_only_where_the_form_says_none(answered):
    by_exposure = answered.safety_behaviours.groupby("exposure_id")["used"].agg(set)
    assert by_exposure[by_exposure == {"none"}].index.tolist() == ["0101-E2", "0102-E2", "0102-E3"]
    carried_out = answered.exposures.query("status in ['done', 'partial']")["exposure_id"]
    assert set(by_exposure.index) == set(carried_out)


def test_all_boxes_empty_is_not_recorded(tmp_path):
    text = LOG.read_text().replace(",1,0,0,0,1,1,2\n", ",0,0,0,0,1,1,2\n", 1)
    (tmp_path / "log.csv").write_text(text)
    cohort = load_cohort(tmp_path / "log.csv", mapping=LOGS / "c_answers.toml", strict=False)
    first = cohort.safety_behaviours.query("exposure_id == '0101-E1'")
    assert first["used"].tolist() == ["not_recorded"] * 3


def test_a_behaviour_ticked_beside_none_is_set_aside(tmp_path):
    text = LOG.read_text().replace(",1,0,0,0,1,1,2\n", ",1,0,0,1,1,1,2\n", 1)
    (tmp_path / "log.csv").write_text(text)
    cohort = load_cohort(tmp_path / "log.csv", mapping=LOGS / "c_answers.toml", strict=False)
    assert "box_and_none" in set(cohort.problems["rule"])
    first = cohort.safety_behaviours.query("exposure_id == '0101-E1'")
    assert first["used"].tolist() == ["not_recorded"] * 3


def test_seven_pairs_of_expectancy_before_and_after(answered):
    change = answered.exposures["expectancy_before"] - answered.exposures["expectancy_after"]
    assert change.dropna().tolist() == [35, 25, 15, 5, 40, -5, 0]


def test_what_occurred_in_words_never_becomes_a_number(answered):
    assert answered.exposures["occurrence_100"].isna().all()
    assert answered.exposures["occurrence"].value_counts().to_dict() == {
        "no": 6, "partly": 1, "yes": 1
    }  # fmt: skip


def test_numbers_that_stand_for_words_are_asked_about(tmp_path):
    mapping = (LOGS / "c_answers.toml").read_text()
    without = "".join(line for line in mapping.splitlines(True) if "values.occurred" not in line)
    (tmp_path / "mapping.toml").write_text(without)
    cohort = load_cohort(LOG, mapping=tmp_path / "mapping.toml", strict=False)
    (question,) = cohort.questions.itertuples()
    assert (question.kind, question.column, question.n_waiting) == ("scale", "occurred", 8)
    assert cohort.exposures["occurrence_100"].isna().all()


def test_the_fall_from_peak_to_end(answered):
    fall = measure_within_session(answered, definition="peak_to_end").table["estimate"]
    assert fall.tolist() == [25, 25, 20, 5, 0, 15, 0]


def test_planned_against_done(answered):
    done = answered.exposures.set_index("exposure_id")
    columns = ["planned_repetitions", "done_repetitions"]
    assert done.loc["0101-E4", columns].tolist() == [8, 3]
    assert done.loc["0101-E3", columns].tolist() == [5, 6]
    assert done.loc["0103-E1", columns].tolist() == [1, 0]


def test_free_text_is_left_at_the_door_and_said(answered):
    assert "belief" in set(answered.dropped_columns["column"])


def test_a_foreign_date_and_a_prediction_are_asked_about(asked):
    said = asked.questions.set_index(["kind", "column"])["question"]
    assert "how are the 1 dates in 'crf_date' written" in said["date_format", "crf_date"]
    assert "'fear_exp' (11 values) the expected peak" in said["prediction_meaning", "fear_exp"]
    assert not said.index.duplicated().any()


def test_no_question_is_left_once_all_are_answered(answered):
    assert answered.questions.empty
    assert answered.exposures.set_index("exposure_id").loc["0102-E4", "started_at"].day == 2

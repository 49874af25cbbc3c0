"""The app export of the reference logs loads by description to every count of its EXPECTED.md."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation import measure_within_session
from gradex_analysis.loaders import load_cohort

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
APP = LOGS / "b_app_export_2min.csv"


@pytest.fixture(scope="module")
def described() -> Cohort:
    return load_cohort(APP, mapping=LOGS / "b_mapping.toml")


@pytest.fixture(scope="module")
def answered() -> Cohort:
    return load_cohort(APP, mapping=LOGS / "b_answers.toml")


def changes(cohort: Cohort, definition: str) -> dict[str, float]:
    table = measure_within_session(cohort, definition=definition).table
    return dict(zip(table["exposure_id"], table["estimate"], strict=True))


def test_three_exposures_of_two_patients_whose_ids_stay_text(described):
    assert list(described.exposures["exposure_id"]) == ["a31f", "b77c", "c901"]
    assert sorted(described.participants["patient_id"]) == ["0042", "4e10"]


def test_twelve_fear_ratings_one_before_and_one_waiting(described):
    fear = described.ratings.query("kind == 'fear'")
    waiting = described.questions.set_index("kind").loc["scale", "n_waiting"]
    assert len(fear) + waiting == 12
    assert waiting == 1
    assert list(fear.loc[fear["minute"] < 0, "minute"]) == [-1.0]


def test_the_duplicate_the_missed_prompt_and_the_pause_are_accounted_for(described):
    assert set(described.rejected["rule"]) == {"duplicate"}
    assert described.rejected["row"].unique().tolist() == [10]
    notes = described.problems.query("rule == 'no_rating'")
    assert notes["row"].tolist() == [6]
    assert described.exposure_breaks[["start_minute", "end_minute"]].to_numpy().tolist() == [
        [2.5, 7.0]
    ]
    rows = described.accounting.set_index("unit").loc["rows"]
    assert (rows["raw"], rows["kept"], rows["rejected"], rows["waiting"]) == (15, 14, 1, 0)


def test_the_first_exposure_falls_by_20_and_from_its_peak_by_30(described):
    assert changes(described, "initial_to_end") == {"a31f": 20.0}
    assert changes(described, "peak_to_end") == {"a31f": 30.0}


def test_the_last_rating_before_the_hard_stop_is_an_end_once_that_is_said(answered):
    assert changes(answered, "initial_to_end") == {"a31f": 20.0, "b77c": -20.0}
    assert changes(answered, "peak_to_end") == {"a31f": 30.0, "b77c": 0.0}
    left_out = measure_within_session(answered, definition="initial_to_end").excluded
    assert left_out.to_dict("records") == [
        {
            "patient_id": "0042",
            "exposure_id": "c901",
            "reason": "no rating at the end of the exercise",
        }
    ]


def test_the_exposure_belongs_to_the_day_it_began(described):
    began = described.exposures.set_index("exposure_id").loc["b77c", "started_at"]
    assert began == pd.Timestamp("2026-02-05 23:56:40")
    assert described.exposures["utc_offset"].tolist() == ["+01:00", "+01:00", "Z"]


def test_what_only_the_team_knows_is_asked(described):
    assert sorted(described.questions["kind"]) == [
        "last_before_stop",
        "prediction_meaning",
        "scale",
        "time_zone",
    ]
    scale = described.questions.set_index("kind").loc["scale", "question"]
    assert "1 with '3.0.0'" in scale


def test_every_question_is_gone_once_answered(answered):
    assert answered.questions.empty
    fear = answered.ratings.query("kind == 'fear'")
    assert len(fear) == 12
    assert fear.loc[fear["exposure_id"] == "c901", "value_100"].tolist() == [70.0, 50.0, 100.0]


def test_without_a_mapping_both_rating_columns_wait_and_nothing_is_guessed():
    bare = load_cohort(APP)
    meanings = bare.questions.query("kind == 'column_meaning'")
    assert meanings["column"].tolist() == ["suds", "pain_0_10"]
    assert bare.ratings.empty
    values = bare.accounting.set_index("unit").loc["values"]
    assert (values["raw"], values["waiting"]) == (26, 26)


def test_free_text_is_dropped_and_its_loss_is_said(described):
    assert described.dropped_columns["column"].tolist() == ["item_title", "note"]
    text = " ".join(frame.to_string() for frame in described.unread.values())
    assert "Emma" not in text
    assert "Emma" not in described.draft_mapping()


def test_the_draft_mapping_can_be_read_and_holds_every_question(described, tmp_path):
    draft = tmp_path / "mapping.toml"
    draft.write_text(described.draft_mapping(), encoding="utf-8")
    again = load_cohort(APP, mapping=draft)
    assert again.questions["kind"].tolist() == described.questions["kind"].tolist()
    for question in described.questions["question"]:
        assert question in draft.read_text(encoding="utf-8")


def test_the_draft_answer_completes_the_scale_that_was_said(described, tmp_path):
    answer = described.questions.set_index("kind").loc["scale", "answer"]
    mapping = tmp_path / "mapping.toml"
    said = (LOGS / "b_mapping.toml").read_text(encoding="utf-8")
    mapping.write_text(f"{said}\n{answer}\n", encoding="utf-8")
    again = load_cohort(APP, mapping=mapping)
    assert "scale" not in again.questions["kind"].tolist()
    assert len(again.ratings.query("kind == 'fear'")) == 12

"""Paper forms in cp1252 with two scales and merged cells; counts as in EXPECTED.md beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradex_analysis.habituation import measure_within_session
from gradex_analysis.loaders import load_cohort

LOGS = Path(__file__).parents[1] / "fixtures" / "logs"
LOG = LOGS / "a_clinic_paper_forms.csv"


@pytest.fixture(scope="module")
def answered():
    return load_cohort(LOG, mapping=LOGS / "a_answers.toml", strict=False)


@pytest.fixture(scope="module")
def asked():
    return load_cohort(LOG, mapping=LOGS / "a_mapping.toml", strict=False)


def test_twelve_exposures_of_which_two_are_homework(answered):
    done = answered.exposures
    assert len(done) == 12
    assert done["is_homework"].sum() == 2
    assert done.loc[done["is_homework"], "session_id"].isna().all()
    assert done.loc[done["is_homework"], "assigned_in"].fillna("").tolist() == ["", "P15-S2"]


def test_education_and_a_cancelled_session_are_sessions_without_an_exposure(answered):
    with_one = set(answered.exposures["session_id"])
    without = answered.sessions[~answered.sessions["session_id"].isin(with_one)]
    assert without["session_id"].tolist() == ["P15-S1", "P15-S3"]


def test_every_fear_value_is_kept_set_aside_or_missing_by_its_code(answered):
    fear = answered.ratings[answered.ratings["kind"] == "fear"]
    assert fear["value"].notna().sum() == 32
    assert fear.loc[fear["value"].isna(), "code"].tolist() == ["missing"]
    aside = answered.rejected.query("rule == 'not_a_number'")
    assert aside[["row", "column", "raw"]].to_numpy().tolist() == [[11, "Angst max.", "70-80"]]


def test_one_cell_with_two_pain_ratings_gives_two(answered):
    pain = answered.ratings[answered.ratings["kind"] == "pain"]
    assert len(pain) == 20
    assert pain["scale_id"].unique().tolist() == ["0-10"]


def test_the_scale_is_the_therapists(answered):
    fear = answered.ratings[answered.ratings["kind"] == "fear"]
    by_scale = fear.groupby("scale_id")["exposure_id"].nunique()
    assert by_scale.to_dict() == {"0-10": 7, "0-100": 5}


def test_the_summary_row_is_set_aside_and_counted(answered):
    dropped = answered.rejected.query("rule == 'dropped_by_mapping'")
    assert dropped["row"].tolist() == [19]
    assert "Mittelwert" not in set(answered.participants["patient_id"])


def test_the_control_numbers_after_harmonising(answered):
    falls = {
        name: measure_within_session(answered, definition=name).table["estimate"]
        for name in ("peak_to_after", "before_to_after")
    }
    assert len(falls["peak_to_after"]) == 8
    assert falls["peak_to_after"].mean() == pytest.approx(35.0)
    assert len(falls["before_to_after"]) == 11
    assert falls["before_to_after"].mean() == pytest.approx(22.27, abs=0.01)


def test_what_a_form_without_ratings_during_the_exercise_cannot_say(answered):
    for name in ("initial_to_end", "slope"):
        result = measure_within_session(answered, definition=name)
        assert result.excluded["reason"].tolist() == ["form: no rating during the exercise"] * 12


def test_findings_reject_nothing(answered):
    recalled = answered.problems.query("rule == 'recalled_peak_below'")
    assert recalled[["row", "fate"]].to_numpy().tolist() == [[7, "kept"]]
    done = answered.exposures.set_index("exposure_id")
    assert done["stop_cause"].dropna().to_dict() == {"007-E3": "pain"}
    assert done["stopped_by"].dropna().to_dict() == {"P12-E4": "patient"}


def test_no_question_is_left_once_all_are_answered(answered):
    assert answered.questions.empty


def test_item_names_that_are_free_text_become_codes(answered):
    assert answered.exposures["item_id"].str.fullmatch(r"I\d\d").all()
    assert answered.item_labels["I01"] == "Kiste heben 5 kg"
    assert answered.dropped_columns["column"].tolist() == ["Übung"]


def test_without_answers_each_column_is_asked_about_once(asked):
    questions = asked.questions.set_index(["kind", "column"])
    assert set(questions.index) == {
        ("column_meaning", "Angst vorher"),
        ("column_meaning", "Angst max."),
        ("column_meaning", "Angst nachher"),
        ("column_meaning", "Schmerz v/n"),
        ("blank_cells", "Pat.-Nr."),
        ("same_id", "patient_id"),
        ("homework_session", "Sitzg."),
        ("empty_boxes", "HA"),
        ("date_range", "Datum"),
        ("impossible_date", "Datum"),
        ("date_format", "Datum"),
        ("same_item", "Übung"),
    }
    assert not questions.index.duplicated().any()


def test_questions_carry_counts_and_what_the_values_tell(asked):
    said = asked.questions.set_index(["kind", "column"])["question"]
    after = said["column_meaning", "Angst nachher"]
    assert "Those of Th. MK never exceed 10, others do." in after
    assert "the end of the exercise, or after recovery?" in after
    assert "Its 11 values wait" in after
    assert (
        "in 'Pat.-Nr.' (2), 'Datum' (3), 'Sitzg.' (3), 'Th.' (3)?"
        in said["blank_cells", "Pat.-Nr."]
    )
    assert "8 have years of two digits" in said["date_format", "Datum"]
    assert "30.02.26" in said["impossible_date", "Datum"]


def test_rows_that_wait_are_neither_kept_nor_lost(asked):
    lines = asked.accounting.set_index("unit")
    assert lines.loc["rows", "raw"] == 15
    assert (lines["raw"] == lines[["kept", "rejected", "waiting"]].sum(axis=1)).all()
    assert lines.loc["values", "kept"] == 0


def test_questions_hold_no_free_text(asked):
    text = " ".join(asked.questions["question"] + asked.questions["answer"])
    for words in ("Kiste", "Treppe", "Grippe", "Pat. wollte"):
        assert words not in text

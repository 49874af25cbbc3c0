"""One log, a folder of tables, forms without minutes, a trial with questionnaires only."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.errors import MappingError, UnreadableFileError
from gradex_analysis.habituation import measure_within_session
from gradex_analysis.loaders import load_cohort

TABLES = {
    "participants.csv": "patient_id,arm,sex\nP1,exposure,f\nP2,usual_care,m\n",
    "exposures.csv": (
        "patient_id,exposure_id,session_id,item_id,context,setting\nP1,E1,S1,I1,home,clinic\n"
    ),
    "ratings.csv": (
        "exposure_id,kind,minute,value,scale_id\nE1,fear,0,8,0-10\nE1,fear,2,4,0-10\n"
        "E1,pain,0,5,0-10\n"
    ),
    "assessments.csv": "patient_id,instrument,occasion,day,score\nP1,TSK-11,baseline,-2,30\n",
    "diary.csv": "patient_id,date,pain\nP1,2026-01-01,5\n",
}


def test_a_folder_of_tables_is_one_cohort(load):
    cohort = load(files=TABLES)
    assert cohort.ratings["patient_id"].tolist() == ["P1"] * 3
    assert cohort.ratings["value_100"].tolist() == [80.0, 40.0, 50.0]
    assert cohort.participants["arm"].tolist() == ["exposure", "usual_care"]
    assert cohort.assessments["score"].tolist() == [30.0]
    assert cohort.has_arms


def test_tables_and_columns_that_nobody_reads_stay_as_text(load):
    goals = {"goals.csv": "patient_id,goal_id,target\nP1,G1,8\n"}
    unread = load(files={**TABLES, **goals}).unread
    assert unread["goals.csv"]["target"].tolist() == ["8"]
    assert unread["exposures.csv"]["setting"].tolist() == ["clinic"]


def test_tables_beside_the_log_are_read(load):
    cohort = load(files=TABLES)
    assert cohort.diary["pain"].tolist() == [5.0]
    assert cohort.participants["sex"].tolist() == ["f", "m"]
    assert cohort.exposures["context"].tolist() == ["home"]
    assert cohort.has_table("diary")
    assert not cohort.has_table("adverse_events")


def test_a_rating_of_an_unknown_exposure_is_set_aside(load):
    files = {**TABLES, "ratings.csv": TABLES["ratings.csv"] + "E9,fear,0,7,0-10\n"}
    cohort = load(files=files, strict=False)
    assert cohort.rejected[["row", "rule"]].to_numpy().tolist() == [[5, "unknown_exposure"]]


def test_the_same_tables_as_parquet_are_the_same_cohort(tmp_path):
    folders = [tmp_path / "csv", tmp_path / "parquet"]
    for folder in folders:
        folder.mkdir()
    for name, text in TABLES.items():
        (folders[0] / name).write_text(text)
        frame = pd.read_csv(folders[0] / name)
        frame.to_parquet(folders[1] / name.replace(".csv", ".parquet"))
    of_csv, of_parquet = map(load_cohort, folders)
    for name, table in of_csv.tables.items():
        pd.testing.assert_frame_equal(table, of_parquet.tables[name])


def test_a_trial_with_questionnaires_only_is_enough(load):
    cohort = load(
        "patient_id,arm,bdi_pre,bdi_post\nP1,a,20,10\nP2,b,25,\n",
        mapping="[[file]]\nscores = ["
        '{ column = "bdi_pre", instrument = "BDI-II", occasion = "baseline" },'
        '{ column = "bdi_post", instrument = "BDI-II", occasion = "post" }]\n',
    )
    assert len(cohort.assessments) == 3
    assert cohort.exposures.empty
    values = cohort.accounting.set_index("unit").loc["values"]
    assert (values["raw"], values["kept"]) == (3, 3)


def test_a_form_is_one_exposure_a_row_and_its_minutes_are_a_duration(load):
    cohort = load(
        "patient_id,date,item_id,fear_before,fear_peak,fear_after,minutes\n"
        "P1,2026-01-01,I1,60,80,30,12\nP1,2026-01-01,I1,50,70,20,9\nP1,2026-01-08,,,,,\n"
    )
    assert len(cohort.exposures) == 2
    assert len(cohort.sessions) == 2
    assert cohort.ratings["moment"].value_counts().to_dict() == {
        "before": 2, "peak_recalled": 2, "after": 2
    }  # fmt: skip
    assert cohort.unread["log.csv"]["minutes"].tolist() == ["12", "9", ""]


def test_a_bad_value_in_a_form_leaves_its_neighbours(load):
    cohort = load(
        "patient_id,date,item_id,fear_before,fear_peak,fear_after\nP1,2026-01-01,I1,60,70-80,30\n",
        strict=False,
    )
    assert cohort.ratings["value"].tolist() == [60.0, 30.0]
    accounting = cohort.accounting.set_index("unit")[["raw", "kept", "rejected"]]
    assert accounting.loc["values"].tolist() == [3, 2, 1]
    assert accounting.loc["rows"].tolist() == [1, 1, 0]


def test_a_recalled_peak_below_another_rating_is_a_note_and_nothing_is_set_aside(load):
    cohort = load(
        "patient_id,date,item_id,fear_before,fear_peak,fear_after\nP1,2026-01-01,I1,60,70,75\n"
    )
    assert cohort.problems["rule"].tolist() == ["recalled_peak_below"]
    assert len(cohort.ratings) == 3


def test_every_rating_knows_its_file_row_and_column_in_eight_bytes(load):
    cohort = load(files=TABLES)
    places = cohort.origin.provenance["ratings"]
    assert places.memory_usage(index=False).sum() == 8 * len(cohort.ratings)
    third = places.iloc[2]
    assert cohort.sources["file"].iloc[third["source"]] == "ratings.csv"
    assert cohort.origin.columns[third["column"]] == "value"
    assert third["row"] == 4


def test_a_file_called_ratings_without_a_value_column_is_a_log(load):
    text = "patient_id,session_number,item_id,minute,fear\nP1,1,I1,0,80\n"
    assert len(load(files={"ratings.csv": text}).ratings) == 1


def test_a_file_can_be_ignored(load):
    files = {**TABLES, "codebook.csv": "name,meaning\nfear,SUDS\n"}
    with pytest.raises(MappingError, match=r"codebook\.csv: no column for patient_id"):
        load(files=files)
    cohort = load(files=files, mapping='[[file]]\npath = "codebook.csv"\nignore = true\n')
    assert "codebook.csv" not in cohort.sources["file"].tolist()


def test_a_workbook_beside_the_tables_is_not_passed_over_in_silence(load, tmp_path):
    (tmp_path / "more.xlsx").write_bytes(b"PK")
    with pytest.raises(UnreadableFileError, match=r"more\.xlsx is not read"):
        load(files=TABLES)
    ignored = load(files=TABLES, mapping='[[file]]\npath = "more.xlsx"\nignore = true\n')
    assert len(ignored.ratings) == 3


def test_planned_exposures_of_a_form_are_exposures_without_a_rating(load):
    cohort = load(
        "patient_id,date,item_id,status,fear_before,fear_after\n"
        "P1,2026-01-01,I1,done,60,30\nP1,2026-01-08,I2,not_done,,\nP1,2026-01-15,I2,refused,80,\n"
    )
    result = measure_within_session(cohort, definition="before_to_after")
    assert result.n_considered == 3
    assert sorted(result.excluded["reason"]) == ["planned and not done", "refused"]


def test_ratings_without_a_table_of_exposures_make_their_exposures(load):
    files = {
        "participants.csv": "patient_id\nP1\n",
        "ratings.csv": "exposure_id,kind,minute,value,patient_id\n"
        "E1,fear,0,80,P1\nE1,fear,2,60,P1\n",
    }
    cohort = load(files=files)
    assert cohort.exposures["exposure_id"].tolist() == ["E1"]
    fall = measure_within_session(cohort, definition="initial_to_end")
    assert fall.table["estimate"].tolist() == [20.0]


def test_a_rating_of_another_patients_exposure_is_set_aside(load):
    files = {
        **TABLES,
        "ratings.csv": "patient_id,exposure_id,kind,minute,value,scale_id\nP2,E1,fear,0,8,0-10\n"
        "P1,E1,fear,0,7,0-10\n",
    }
    cohort = load(files=files, strict=False)
    assert cohort.rejected[["row", "rule"]].to_numpy().tolist() == [[2, "unknown_exposure"]]
    assert len(cohort.ratings) == 1


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        (
            "assessments.csv",
            "patient_id,instrument,occasion,day,score\nP1,TSK-11,post,soon,30\n",
            "not_a_number_cell",
        ),
        (
            "assessments.csv",
            "patient_id,instrument,occasion,day,score\nP1,,post,3,30\n",
            "missing_id",
        ),
        (
            "exposure_breaks.csv",
            "exposure_id,start_minute,end_minute\nE1,one,2\n",
            "not_a_number_cell",
        ),
        ("sessions.csv", "patient_id,session_number,date\nP1,,\n", "missing_place"),
    ],
)
def test_no_cell_or_row_of_a_table_is_passed_over(load, name, text, rule):
    cohort = load(files={**TABLES, name: text}, strict=False)
    assert cohort.rejected["rule"].tolist() == [rule]


def test_a_questionnaire_without_a_score_is_noted(load):
    text = "patient_id,instrument,occasion,score\nP1,TSK-11,post,\nP1,PCS,post,20\n"
    cohort = load(files={**TABLES, "assessments.csv": text})
    assert cohort.problems[["row", "rule"]].to_numpy().tolist() == [[2, "no_rating"]]
    assert len(cohort.assessments) == 1

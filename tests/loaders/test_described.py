"""What stands beside the ratings: items of questionnaires, covariates, numbers on scales, days."""

from __future__ import annotations

import pytest

from gradex_analysis.errors import InvalidCohortError, MappingError

LOG = "patient_id,session_number,item_id,minute,fear"
ANSWERS = "patient_id,instrument,occasion,item,response\nP1,PCS,baseline,1,3\n"


def test_the_items_of_a_questionnaire_come_from_columns_of_their_own(load):
    mapping = """
    [[file]]
    path = "log.csv"
    missing = { x = "not_asked" }
    questionnaires = [ { instrument = "PCS", items = ["q1", "q2"], occasion = "baseline" } ]
    """
    cohort = load("patient_id,q1,q2\nP1,3,x\nP2,,4\n", mapping=mapping)
    answers = cohort.assessment_items.fillna({"response": -1})
    columns = ["patient_id", "instrument", "occasion", "item", "response"]
    assert answers[columns].to_numpy().tolist() == [
        ["P1", "PCS", "baseline", 1, 3.0],
        ["P1", "PCS", "baseline", 2, -1.0],
        ["P2", "PCS", "baseline", 2, 4.0],
    ]  # fmt: skip
    assert cohort.accounting.query("unit == 'values'")["kept"].tolist() == [3]


def test_a_long_file_of_answers_is_a_table(load):
    text = (
        "patient_id,instrument,occasion,item,response\nP1,PCS,baseline,1,3\nP1,PCS,baseline,2,0\n"
    )
    cohort = load(files={"assessment_items.csv": text})
    assert cohort.assessment_items["response"].tolist() == [3.0, 0.0]
    assert cohort.assessments.empty


def test_an_answer_that_stands_twice_with_two_values_is_set_aside(load):
    text = (
        "patient_id,instrument,occasion,item,response\nP1,PCS,baseline,1,3\nP1,PCS,baseline,1,0\n"
    )
    cohort = load(files={"assessment_items.csv": text}, strict=False)
    assert cohort.rejected["rule"].tolist() == ["conflicting_values"] * 2
    assert cohort.assessment_items.empty


def test_covariates_are_numbers_or_categories_as_said(load):
    mapping = """
    [[file]]
    decimal = ","
    delimiter = ";"
    covariates = { BMI = "number", smoker = "category" }
    scores = [ { column = "PCS", instrument = "PCS", occasion = "baseline" } ]
    """
    cohort = load("patient_id;BMI;smoker;PCS\nP1;24,5;no;20\nP2;;yes;30\n", mapping=mapping)
    people = cohort.participants.set_index("patient_id")
    assert people.loc["P1", ["BMI", "smoker"]].tolist() == [24.5, "no"]
    assert people["BMI"].isna().tolist() == [False, True]


def test_a_covariate_that_is_said_twice_differently_is_set_aside(load):
    mapping = '[[file]]\npath = "log.csv"\ncovariates = { sport = "category" }'
    text = f"{LOG},sport\nP1,1,I1,0,80,yes\nP1,1,I1,2,70,no\n"
    cohort = load(text, mapping=mapping, strict=False)
    assert cohort.rejected["rule"].tolist() == ["two_covariates"] * 2
    assert cohort.participants["sport"].isna().all()
    assert len(cohort.ratings) == 2


def test_a_number_on_another_scale_is_brought_to_ours(load):
    mapping = """
    [[file]]
    path = "log.csv"
    columns.expectancy_before = "belief"
    scales.belief = { by = "clinic", A = "0-10", B = "0-100" }
    """
    text = f"{LOG},clinic,belief\nP1,1,I1,0,80,A,7\nP2,1,I1,0,80,B,45\n"
    done = load(text, mapping=mapping).exposures
    assert done["expectancy_before"].tolist() == [70.0, 45.0]


def test_a_foreign_number_without_a_scale_waits_and_is_asked_about(load):
    mapping = '[[file]]\npath = "log.csv"\ncolumns.expectancy_before = "belief"'
    cohort = load(f"{LOG},belief\nP1,1,I1,0,80,7\n", mapping=mapping)
    assert cohort.questions[["kind", "column", "n_waiting"]].to_numpy().tolist() == [
        ["scale", "belief", 1]
    ]
    assert cohort.exposures["expectancy_before"].isna().all()


def test_our_own_name_has_our_scale_and_what_is_outside_it_is_set_aside(load):
    text = f"{LOG},expectancy_before\nP1,1,I1,0,80,120\nP2,1,I1,0,70,60\n"
    cohort = load(text, strict=False)
    assert cohort.rejected[["row", "rule", "fate"]].to_numpy().tolist() == [
        [2, "outside_scale_cell", "cell"]
    ]
    assert cohort.exposures["expectancy_before"].fillna(-1).tolist() == [-1, 60]
    with pytest.raises(InvalidCohortError, match="outside its scale"):
        load(text)


def test_what_occurred_stands_in_words_or_as_a_number(load):
    text = f"{LOG},occurrence\nP1,1,I1,0,80,partly\nP2,1,I1,0,70,60\nP3,1,I1,0,70,\n"
    done = load(text).exposures
    assert done["occurrence"].fillna("").tolist() == ["partly", "", ""]
    assert done["occurrence_100"].fillna(-1).tolist() == [-1, 60, -1]


def test_a_negative_amount_is_set_aside(load):
    cohort = load(f"{LOG},done_minutes\nP1,1,I1,0,80,-5\n", strict=False)
    assert cohort.rejected["rule"].tolist() == ["below_zero"]
    assert cohort.exposures["done_minutes"].isna().all()


def test_days_of_every_table_are_read_as_said(load):
    files = {
        "participants.csv": "patient_id,arm,randomised_on\nP1,a,05.01.2026\n",
        "episodes.csv": "patient_id,episode,treatment_end\nP1,1,2026-03-01\n",
    }
    mapping = '[[file]]\npath = "participants.csv"\ndates.randomised_on = "%d.%m.%Y"'
    cohort = load(f"{LOG}\nP1,1,I1,0,80\n", files=files, mapping=mapping)
    assert cohort.participants["randomised_on"].dt.month.tolist() == [1]
    assert cohort.episodes["treatment_end"].dt.month.tolist() == [3]
    assert cohort.is_randomised


def test_arms_without_a_date_of_randomisation_are_asked_about(load):
    text = f"{LOG},arm\nP1,1,I1,0,80,a\nP2,1,I1,0,80,b\n"
    cohort = load(text)
    assert cohort.questions["kind"].tolist() == ["arms"]
    assert not cohort.is_randomised
    assert load(text, mapping='[answers]\narms = "randomised"').is_randomised


def test_a_day_of_homework_makes_no_session(load):
    text = (
        "patient_id,date,session_number,item_id,is_homework,fear_before\n"
        "P1,2026-01-05,1,I1,no,80\nP1,2026-01-07,,I1,yes,60\n"
    )
    cohort = load(text)
    assert cohort.sessions["session_id"].tolist() == ["P1-S1"]
    assert cohort.exposures["session_id"].isna().tolist() == [False, True]
    assert cohort.questions.empty


def test_ticks_alone_leave_open_what_an_empty_box_means(load):
    text = "patient_id,session_number,item_id,is_homework,fear_before\nP1,1,I1,x,80\nP1,1,I2,,60\n"
    answer = '[answers]\nhomework_session = "held_in"\n'
    asked = load(text, mapping=answer)
    assert asked.questions["kind"].tolist() == ["empty_boxes"]
    assert asked.exposures["is_homework"].isna().tolist() == [False, True]
    said = load(text, mapping=f'[[file]]\nvalues.is_homework = {{ "" = "no" }}\n{answer}')
    assert said.questions.empty
    assert said.exposures["is_homework"].tolist() == [True, False]


def test_a_table_that_nobody_sent_is_not_an_empty_one(load):
    without = load(f"{LOG}\nP1,1,I1,0,80\n")
    assert not without.has_table("adverse_events")
    header = {"adverse_events.csv": "patient_id,event_id,onset,severity,serious,related\n"}
    with_one = {
        "adverse_events.csv": header["adverse_events.csv"] + "P1,A1,2026-01-02,mild,no,no\n"
    }
    cohort = load(f"{LOG}\nP1,1,I1,0,80\n", files=with_one)
    assert cohort.has_table("adverse_events")
    assert cohort.adverse_events["serious"].tolist() == [False]


def test_safety_behaviours_of_an_unknown_exposure_are_set_aside(load):
    files = {"safety_behaviours.csv": "exposure_id,code,used\nE9,bracing,some\n"}
    cohort = load("patient_id,session_number,exposure_id,item_id,minute,fear\nP1,1,E1,I1,0,80\n",
                  files=files, strict=False)  # fmt: skip
    assert cohort.rejected["rule"].tolist() == ["unknown_exposure"]
    assert cohort.exposures["exposure_id"].tolist() == ["E1"]


def test_ratings_of_an_exposure_that_contradicts_itself_go_with_it(load):
    files = {
        "exposures.csv": "patient_id,exposure_id,item_id,context\nP1,E1,I1,home\nP1,E1,I1,gym\n",
        "ratings.csv": "exposure_id,kind,minute,value,scale_id\nE1,fear,0,8,0-10\n",
    }
    cohort = load(files=files, strict=False)
    assert sorted(cohort.rejected["rule"]) == ["contradiction", "contradiction", "unknown_exposure"]


def test_a_scale_that_is_none_is_a_clear_error(load):
    with pytest.raises(MappingError, match="A scale is written as its two ends"):
        load(f"{LOG}\nP1,1,I1,0,80\n", mapping='[[file]]\nscales.fear = "ten"')


def test_episodes_without_a_number_are_the_one_treatment(load):
    log = f"{LOG}\nP1,1,I1,0,80\n"
    once = "patient_id,treatment_end,treatment_end_reason\nP1,2026-03-01,stopped\n"
    cohort = load(log, files={"episodes.csv": once})
    assert cohort.episodes[["episode", "treatment_end_reason"]].to_numpy().tolist() == [
        ["1", "stopped"]
    ]
    twice = load(log, files={"episodes.csv": once + "P1,2026-04-01,completed\n"}, strict=False)
    assert set(twice.rejected["rule"]) == {"contradiction"}


def test_a_missing_code_is_the_same_number_however_it_is_written(load):
    mapping = """
    [[file]]
    delimiter = ";"
    decimal = ","
    missing = { "-88" = "refused", "-99" = "not_asked" }
    scores = [ { column = "PCS", instrument = "PCS", occasion = "post" } ]
    """
    cohort = load("patient_id;PCS\nP1;-88,0\nP2;-99\nP3;12,0\n", mapping=mapping)
    assert cohort.assessments["score"].fillna(-1).tolist() == [-1, -1, 12]
    assert cohort.coded_missing["code"].tolist() == ["refused", "not_asked"]


def test_an_id_is_never_taken_for_a_missing_code(load):
    mapping = """
    [[file]]
    path = "log.csv"
    missing = { "7" = "missing" }
    """
    cohort = load(f"{LOG}\n007,1,I1,0,80\n007,1,I1,2,70\n", mapping=mapping)
    assert cohort.participants["patient_id"].tolist() == ["007"]


@pytest.mark.parametrize("score", ["99", "-1"])
def test_a_total_outside_its_questionnaire_is_set_aside(load, score):
    text = f"patient_id,instrument,occasion,score\nP1,RMDQ,post,{score}\nP1,own,post,{score}\n"
    cohort = load(files={"assessments.csv": text}, strict=False)
    assert cohort.rejected[["row", "rule"]].to_numpy().tolist() == [[2, "outside_range"]]
    assert cohort.assessments["instrument"].tolist() == ["own"]


def test_a_blank_cell_that_decides_the_scale_is_asked_about(load):
    mapping = """
    [[file]]
    [[file.ratings]]
    column = "SUDS"
    kind = "fear"
    scale = { by = "clinic", A = "0-10" }
    """
    log = "patient,session,item,minute,clinic,SUDS\nP1,1,I1,0,A,7\nP1,1,I1,2,,6\n"
    (question,) = load(log, mapping=mapping).questions.itertuples()
    assert "depends on 'clinic', and 'clinic' is blank in the rows of 1 values" in question.question


DIARY = "patient_id,date,pain\nP1,2026-01-05,3\n"


def test_a_diary_that_says_two_things_of_a_day_has_neither(load):
    cohort = load(files={"diary.csv": DIARY + "P1,2026-01-05,8\n"}, strict=False)
    assert cohort.rejected["rule"].tolist() == ["contradiction"] * 2
    assert cohort.diary.empty


def test_a_diary_without_a_day_is_set_aside_or_waits(load):
    cohort = load(files={"diary.csv": DIARY + "P1,,8\nP1,6.1.2026,4\n"}, strict=False)
    assert cohort.rejected[["row", "rule"]].to_numpy().tolist() == [[3, "missing_day"]]
    assert cohort.questions["kind"].tolist() == ["date_format"]
    (line,) = cohort.accounting.to_dict("records")
    assert (line["kept"], line["rejected"], line["waiting"]) == (1, 1, 1)


def test_an_item_that_the_mapping_names_in_words_is_coded_as_well(load):
    cohort = load(
        "patient_id,session_number,minute,fear\nP1,1,0,80\n",
        mapping='[[file]]\nconstants.item_id = "lift a heavy box"',
    )
    assert cohort.exposures["item_id"].tolist() == ["I01"]

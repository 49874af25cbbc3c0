"""Every kind of broken input ends in a clear error or a listed rejection."""

from __future__ import annotations

import pytest

from gradex_analysis.errors import InvalidCohortError, MappingError, UnreadableFileError

HEADER = "patient_id,session_number,exposure_id,item_id,minute,fear\n"


def log(*ratings: tuple[object, object], exposure: str = "E1") -> str:
    return HEADER + "".join(f"P1,1,{exposure},I1,{m},{fear}\n" for m, fear in ratings)


def rules(cohort) -> list[str]:
    return list(cohort.rejected["rule"])


def test_an_empty_file_says_so(load):
    with pytest.raises(UnreadableFileError, match=r"log\.csv is empty"):
        load("")


def test_a_header_without_rows_says_so(load):
    with pytest.raises(UnreadableFileError, match="a header and no rows"):
        load(HEADER)


def test_a_wrong_delimiter_names_the_right_one(load):
    with pytest.raises(UnreadableFileError, match="delimiter = ';'"):
        load(log((0, 80)).replace(",", ";"))


def test_a_semicolon_file_loads_once_the_delimiter_is_said(load):
    cohort = load(
        log((0, 80)).replace(",", ";"), mapping='[[file]]\npath = "log.csv"\ndelimiter = ";"\n'
    )
    assert len(cohort.ratings) == 1


def test_decimal_commas_are_set_aside_until_they_are_said(load):
    text = log((0, "80"), (2, "62,5")).replace(",", ";").replace("62;5", "62,5")
    mapping = '[[file]]\npath = "log.csv"\ndelimiter = ";"\n'
    with pytest.raises(InvalidCohortError, match=r'row 3: fear is "62,5": not a number.*decimal'):
        load(text, mapping=mapping)
    cohort = load(text, mapping=mapping + 'decimal = ","\n')
    assert list(cohort.ratings["value"]) == [80.0, 62.5]


def test_cp1252_is_asked_for_by_row(load):
    text = log((0, 80)).replace("I1", "Bücken").encode("cp1252")
    with pytest.raises(UnreadableFileError, match=r'row 2: not utf-8.*encoding = "cp1252"'):
        load(text)
    cohort = load(text, mapping='[[file]]\npath = "log.csv"\nencoding = "cp1252"\n')
    assert list(cohort.exposures["item_id"]) == ["Bücken"]


def test_utf_16_and_a_byte_order_mark_are_read(load):
    assert len(load(log((0, 80)).encode("utf-16")).ratings) == 1
    assert len(load(log((0, 80)).encode("utf-8-sig")).ratings) == 1


def test_utf_16_without_its_mark_says_so(load):
    with pytest.raises(UnreadableFileError, match="zero bytes"):
        load(log((0, 80)).encode("utf-16-le"))


def test_a_doubled_header_is_refused(load):
    with pytest.raises(UnreadableFileError, match="names fear twice"):
        load("patient_id,fear,fear\nP1,2,3\n")


def test_a_ragged_row_is_set_aside_and_its_neighbours_stay(load):
    text = log((0, 80), (2, 60)) + "P1,1,E1,I1,4,40,9\n"
    with pytest.raises(InvalidCohortError, match=r"log\.csv row 4: .*another number of cells"):
        load(text)
    cohort = load(text, strict=False)
    assert rules(cohort) == ["ragged_row"]
    assert len(cohort.ratings) == 2


@pytest.mark.parametrize("name", ["007", "NA", "4e10", "1.0", "null", "-1"])
def test_ids_stay_text(load, name):
    cohort = load(log((0, 80)).replace("P1", name))
    assert list(cohort.participants["patient_id"]) == [name]


def test_an_id_without_its_zeros_is_asked_about_and_not_merged(load):
    cohort = load(log((0, 80)).replace("P1", "007") + "7,1,E2,I1,0,70\n")
    assert len(cohort.participants) == 2
    assert list(cohort.questions["kind"]) == ["same_id"]


def test_a_rating_in_words_is_a_rejected_value_and_its_word_stays_out_of_the_message(load):
    with pytest.raises(InvalidCohortError, match="row 3: fear is a text of 5 characters") as error:
        load(log((0, 80), (2, "forty")))
    assert "forty" not in str(error.value)
    assert list(error.value.problems["raw"]) == ["forty"]
    assert rules(load(log((0, 80), (2, "forty")), strict=False)) == ["not_a_number"]


@pytest.mark.parametrize("raw", ["1.234,5", "inf", "nan", "1_000", "0x10", "70-80", "½"])
def test_what_is_no_plain_number_is_not_read_as_one(load, raw):
    assert rules(load(log((0, 80)) + f'P1,1,E1,I1,2,"{raw}"\n', strict=False)) == ["not_a_number"]


def test_a_rating_of_120_is_outside_0_to_100_and_never_clipped(load):
    with pytest.raises(InvalidCohortError, match='fear is "120": outside its scale'):
        load(log((0, 80), (2, 120)))
    cohort = load(log((0, 80), (2, 120)), strict=False)
    assert list(cohort.ratings["value"]) == [80.0]


def test_a_backward_minute_with_an_exposure_key_is_a_breach(load):
    text = log((0, 80), (4, 60), (2, 70), (6, 50))
    with pytest.raises(InvalidCohortError, match=r"row 4: fear is .*earlier than the one before"):
        load(text)
    assert list(load(text, strict=False).ratings["minute"]) == [0.0, 4.0, 6.0]


def test_a_backward_minute_without_a_key_is_a_question_and_its_ratings_wait(load):
    text = "patient_id,session_number,item_id,minute,fear\n" + "".join(
        f"P1,1,I1,{m},{f}\n" for m, f in [(0, 80), (2, 60), (0, 70), (2, 50)]
    )
    cohort = load(text)
    assert list(cohort.questions["kind"]) == ["restart"]
    assert cohort.accounting.set_index("unit").loc["rows", "waiting"] == 4
    answered = load(text, mapping='[answers]\nrestart = "new_exposure"\n')
    assert len(answered.exposures) == 2
    assert answered.questions.empty
    with pytest.raises(InvalidCohortError, match="earlier than the one before"):
        load(text, mapping='[answers]\nrestart = "fault"\n')


def test_one_moment_with_two_values_sets_both_aside(load):
    text = log((0, 80), (2, 60), (2, 65))
    with pytest.raises(InvalidCohortError, match="has another value as well"):
        load(text)
    cohort = load(text, strict=False)
    assert rules(cohort) == ["conflicting_values"] * 2
    assert list(cohort.ratings["value"]) == [80.0]


def test_one_moment_with_equal_values_counts_once_and_is_no_breach(load):
    cohort = load(log((0, 80), (2, 60), (2, 60)))
    assert rules(cohort) == ["duplicate"]
    assert len(cohort.ratings) == 2


def test_one_therapist_on_0_to_10_is_a_question_and_the_others_go_on(load):
    header = "patient_id,therapist_id,session_number,exposure_id,item_id,minute,fear\n"
    low = "".join(f"P1,MK,1,E1,I1,{2 * i},{8 - i}\n" for i in range(6))
    high = "".join(f"P2,SB,1,E2,I1,{2 * i},{80 - 10 * i}\n" for i in range(6))
    cohort = load(header + low + high)
    question = cohort.questions.iloc[0]
    assert question["n_waiting"] == 6
    assert "6 of 12 values" in question["question"]
    assert "therapist MK" in question["question"]
    assert len(cohort.ratings) == 6
    answered = load(header + low + high, mapping=question["answer"].split("   #")[0])
    assert answered.questions.empty
    assert answered.ratings["value_100"].max() == 80
    assert answered.ratings["scale_id"].value_counts().to_dict() == {"0-10": 6, "0-100": 6}


def test_an_exposure_of_an_unknown_patient_is_a_breach(load):
    files = {"participants.csv": "patient_id,arm\nP2,usual_care\n"}
    with pytest.raises(
        InvalidCohortError, match=r'log\.csv row 2: patient_id is "P1".*participants'
    ):
        load(log((0, 80)), files=files)


def test_two_arms_in_one_episode_are_a_breach_and_in_two_episodes_are_not(load):
    header = "patient_id,arm,session_number,exposure_id,item_id,minute,fear\n"
    text = header + "P1,a,1,E1,I1,0,80\nP1,b,1,E2,I1,0,70\nP2,a,1,E3,I1,0,60\n"
    with pytest.raises(InvalidCohortError, match="two arms in one episode"):
        load(text)
    cohort = load(text, strict=False)
    assert list(cohort.participants["patient_id"]) == ["P2"]
    lines = text.strip().split("\n")
    episodes = ["episode", "1", "2", "1"]
    crossed = "\n".join(f"{line},{e}" for line, e in zip(lines, episodes, strict=True))
    assert len(load(crossed).episodes) == 3


def test_an_exposure_of_two_items_is_set_aside_whole(load):
    text = log((0, 80), (2, 60)) + "P1,1,E1,I2,4,40\nP1,1,E2,I1,0,50\n"
    with pytest.raises(InvalidCohortError, match="described in two ways"):
        load(text)
    assert list(load(text, strict=False).exposures["exposure_id"]) == ["E2"]


def test_one_patient_with_one_rating_loads(load):
    cohort = load(log((0, 80)))
    assert (len(cohort.participants), len(cohort.exposures), len(cohort.ratings)) == (1, 1, 1)


def test_a_row_without_a_patient_is_set_aside(load):
    cohort = load(log((0, 80)) + ",1,E2,I1,0,50\n", strict=False)
    assert rules(cohort) == ["missing_id"]


def test_an_unreadable_minute_sets_its_rating_aside_and_hides_both_ends(load):
    cohort = load(log((0, 80), ("two", 60), (4, 40)), strict=False)
    assert rules(cohort) == ["no_moment", "bad_minute"]
    assert cohort.accounting.set_index("unit")["rejected"].tolist() == [1, 1]
    assert cohort.gaps["minute"].isna().tolist() == [True]


def test_an_unreadable_session_number_sets_its_row_aside(load):
    cohort = load(log((0, 80)) + "P1,first,E2,I1,0,60\n", strict=False)
    assert rules(cohort) == ["bad_number"]


def test_a_log_without_a_patient_column_says_what_it_has(load):
    with pytest.raises(MappingError, match=r"no column for patient_id.*columns\.patient_id"):
        load("nr,session_number,item_id,fear\n1,1,I1,50\n")


def test_an_open_quotation_mark_names_its_row(load):
    with pytest.raises(UnreadableFileError, match=r"row 3.*quotation mark"):
        load(log((0, 80)) + 'P1,1,E1,"I1,2,60\n')


def test_an_impossible_date_is_listed_and_a_foreign_one_is_asked_about(load):
    header = "patient_id,date,exposure_id,item_id,minute,fear\n"
    with pytest.raises(InvalidCohortError, match="not a date"):
        load(header + "P1,2026-02-30,E1,I1,0,80\n")
    cohort = load(header + "P1,03.02.26,E1,I1,0,80\n")
    assert list(cohort.questions["kind"]) == ["date_format"]
    answer = '[[file]]\npath = "log.csv"\ndates.date = "%d.%m.%y"\n'
    dated = load(header + "P1,03.02.26,E1,I1,0,80\n", mapping=answer)
    assert str(dated.sessions["date"].iloc[0])[:10] == "2026-02-03"


def test_many_breaches_are_raised_at_once_with_every_place(load):
    with pytest.raises(InvalidCohortError, match="4 breaches") as error:
        load(log((0, 180), (2, "x"), ("soon", 50)))
    assert sorted(error.value.problems["row"]) == [2, 3, 4, 4]


def test_foreign_files_are_refused_with_the_endings_that_load(tmp_path, load):
    with pytest.raises(UnreadableFileError, match=r"holds no .csv"):
        load()

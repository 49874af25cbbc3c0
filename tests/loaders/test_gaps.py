"""What cannot be used hides what depends on it, and what only the user knows is asked."""

from __future__ import annotations

import pytest

from gradex_analysis.errors import InvalidCohortError, MappingError
from gradex_analysis.habituation import measure_within_session

GAPS = "patient_id,session_number,exposure_id,item_id,minute,fear\n"


@pytest.mark.parametrize(
    ("values", "definition", "reason"),
    [
        (["900", "60", "40"], "initial_to_end", "its first rating was set aside"),
        (["80", "60", "2O"], "initial_to_end", "its last rating was set aside"),
        (["", "60", "40"], "initial_to_last", "its first rating is missing"),
        (["80", "60", ""], "initial_to_end", "its last rating is missing"),
        (
            ["80", "900", "40"],
            "peak_to_end",
            "a rating was set aside: it may have been the highest",
        ),
    ],
)
def test_no_neighbour_stands_in_for_a_rating_that_cannot_be_used(load, values, definition, reason):
    text = GAPS + "".join(f"P1,1,E1,I1,{2 * i},{value}\n" for i, value in enumerate(values))
    cohort = load(text + "P1,1,E2,I1,0,50\nP1,1,E2,I1,2,40\n", strict=False)
    result = measure_within_session(cohort, definition=definition)
    assert result.table["exposure_id"].tolist() == ["E2"]
    assert result.excluded["reason"].tolist() == [reason]


def test_a_gap_in_the_middle_hides_neither_end_and_a_duplicate_is_no_gap(load):
    text = GAPS + "P1,1,E1,I1,0,80\nP1,1,E1,I1,2,\nP1,1,E1,I1,4,40\nP1,1,E1,I1,4,40\n"
    result = measure_within_session(load(text), definition="initial_to_end")
    assert result.table["estimate"].tolist() == [40.0]
    assert measure_within_session(load(text), definition="peak_to_end").n_used == 1


def test_a_waiting_rating_hides_the_end_it_stands_at(load):
    text = GAPS.replace("fear", "suds,app") + "P1,1,E1,I1,0,9,v1\nP1,1,E1,I1,2,60,v2\n"
    mapping = (
        '[[file]]\n[[file.ratings]]\ncolumn = "suds"\nkind = "fear"\n'
        'scale = { by = "app", v2 = "0-100" }\n'
    )
    result = measure_within_session(load(text, mapping=mapping), definition="initial_to_last")
    assert result.excluded["reason"].tolist() == ["its first rating waits for an answer"]


def test_a_log_that_does_not_say_when_is_asked_and_its_ratings_wait(load):
    text = "patient_id,session_number,item_id,fear\nP1,1,I1,80\nP1,1,I1,60\n"
    cohort = load(text)
    assert cohort.questions["kind"].tolist() == ["order"]
    assert cohort.accounting.set_index("unit").loc["rows", "waiting"] == 2
    numbered = '[[file]]\nnumbered.repetition = ["patient_id", "session_number", "item_id"]\n'
    assert load(text, mapping=numbered).ratings["repetition"].tolist() == [1, 2]


def test_a_whole_column_of_fear_that_never_exceeds_10_is_asked_about(load):
    text = GAPS + "".join(f"P{i},1,E{i},I1,0,{i}\n" for i in range(1, 9))
    cohort = load(text)
    assert cohort.questions["n_waiting"].tolist() == [8]
    assert "8 of 8 values of 'fear' never exceed 10" in cohort.questions["question"].iloc[0]


def test_ids_that_look_alike_are_merged_or_kept_apart_as_the_draft_says(load):
    text = GAPS + "007,1,E1,I1,0,80\n7,1,E2,I1,0,70\n"
    answer = load(text).questions["answer"].iloc[0]
    assert len(load(text, mapping=answer).participants) == 1
    apart = load(text, mapping='[answers]\nsame_id = "distinct"\n')
    assert len(apart.participants) == 2
    assert apart.questions.empty


@pytest.mark.parametrize(
    ("date", "proposal"), [("03.02.26", '"%d.%m.%y"'), ("3/2/2026", '"%d/%m/%Y"')]
)
def test_the_date_formats_proposed_fit_the_dates(load, date, proposal):
    cohort = load(f"patient_id,date,exposure_id,item_id,minute,fear\nP1,{date},E1,I1,0,80\n")
    assert proposal in cohort.questions["answer"].iloc[0]


def test_a_misspelt_path_in_the_mapping_is_refused(load):
    with pytest.raises(MappingError, match=r"describes 'logg\.csv', and there is no such file"):
        load(GAPS + "P1,1,E1,I1,0,8\n", mapping='[[file]]\npath = "logg.csv"\ndecimal = ","\n')


@pytest.mark.parametrize("column", ["Vorname", "Telefon", "initials", "Arzt", "date_of_birth_dob"])
def test_columns_of_names_are_not_let_in(load, column):
    cohort = load(GAPS.strip() + f",{column}\nP1,1,E1,I1,0,80,Anna\n")
    assert cohort.dropped_columns["column"].tolist() == [column]
    assert "Anna" not in repr(cohort)


def test_print_shows_counts_and_sentences_only(load):
    cohort = load(GAPS + "P1,1,E1,I1,0,80\nP1,1,E1,I1,2,60\n")
    assert repr(cohort).splitlines()[1].split() == ["1", "patients"]
    fall = measure_within_session(cohort, definition="initial_to_end")
    assert repr(fall) == f"WithinSessionChange: {fall.sentence()}"


def test_before_and_after_are_in_the_peak_only_where_that_is_said(load):
    text = GAPS + "P1,1,E1,I1,-1,90\nP1,1,E1,I1,0,60\nP1,1,E1,I1,4,30\n"
    falls = [
        measure_within_session(load(text, mapping=mapping), definition="peak_to_end")
        for mapping in ("schema = 1\n", '[answers]\npeak_includes = ["before"]\n')
    ]
    assert [fall.table["estimate"].tolist() for fall in falls] == [[30.0], [60.0]]
    assert falls[1].settings["peak_includes"] == ["before"]


def test_a_rating_without_its_minute_is_set_aside_and_hides_both_ends(load):
    text = GAPS + "P1,1,E1,I1,0,80\nP1,1,E1,I1,2,60\nP1,1,E1,I1,,90\n"
    with pytest.raises(InvalidCohortError, match="nothing says when in the exercise"):
        load(text)
    cohort = load(text, strict=False)
    assert cohort.rejected["rule"].tolist() == ["no_moment"]
    result = measure_within_session(cohort, definition="initial_to_end")
    assert result.excluded["reason"].tolist() == ["its first rating was set aside"]


def test_a_recalled_peak_does_not_stand_in_for_ratings_that_a_gap_hides(load):
    header = "patient_id,session_number,exposure_id,item_id,minute,moment,fear\n"
    text = header + "P1,1,E1,I1,0,,80\nP1,1,E1,I1,2,,900\nP1,1,E1,I1,4,,40\n"
    recalled = "P1,1,E1,I1,,peak_recalled,95\nP1,1,E2,I1,,peak_recalled,95\nP1,1,E2,I1,,end,50\n"
    result = measure_within_session(load(text + recalled, strict=False), definition="peak_to_end")
    assert result.table["exposure_id"].tolist() == ["E2"]
    assert result.excluded["reason"].tolist() == [
        "a rating was set aside: it may have been the highest"
    ]


def test_a_recalled_peak_beside_a_minute_is_not_lost(load):
    header = "patient_id,session_number,exposure_id,item_id,minute,moment,fear\n"
    text = header + "P1,1,E1,I1,9,peak_recalled,95\nP1,1,E1,I1,,end,50\n"
    result = measure_within_session(load(text), definition="peak_to_end")
    assert result.table["estimate"].tolist() == [45.0]


def test_slopes_per_minute_and_per_repetition_are_not_averaged_together(load):
    header = "patient_id,session_number,exposure_id,item_id,minute,repetition,fear\n"
    by_minute = "".join(f"P1,1,E{e},I1,{m},,{80 - m}\n" for e in (1, 2) for m in (0, 2))
    by_repetition = "P1,1,E3,I1,,1,80\nP1,1,E3,I1,,2,60\n"
    result = measure_within_session(load(header + by_minute + by_repetition), definition="slope")
    assert result.table["estimate"].tolist() == [-1.0, -1.0]
    assert result.excluded["reason"].tolist() == ["not rated by minute"]
    assert result.settings["unit"] == "points of 100 per minute"


def test_the_offset_of_the_time_stays_beside_a_column_of_days(load):
    cohort = load(
        "patient_id,date,started_at,exposure_id,item_id,minute,fear\n"
        "P1,2026-02-05,2026-02-05T23:56:40+01:00,E1,I1,0,80\n"
    )
    assert cohort.exposures["utc_offset"].tolist() == ["+01:00"]
    assert str(cohort.exposures["started_at"].iloc[0]) == "2026-02-05 23:56:40"


def test_a_log_beside_a_table_of_sessions_keeps_its_own_days(load):
    files = {
        "sessions.csv": "patient_id,session_number,date\nP1,1,2026-02-01\n",
        "log.csv": "patient_id,started_at,exposure_id,item_id,minute,fear\n"
        "P1,2026-02-09T10:00,E1,I1,0,80\n",
    }
    assert sorted(load(files=files).sessions["date"].dt.day) == [1, 9]

"""A foreign file comes in by describing it."""

from __future__ import annotations

import pytest

from gradex_analysis.errors import MappingError

FORM = (
    "Clinic A;;;;;\n"
    "Nr;Datum;Th;Uebung;Angst v/m/n;Schmerz\n"
    "007;03.02.26;MK;Heben;7/8,5/4;5\n"
    ";;;Tragen;5/?/3;-99\n"
    "P12;10.02.2026;SB;Treppe;60/75/40;n.e.\n"
    "Mittelwert;;;;;6\n"
)
DESCRIBED = """
schema = 1
[[file]]
path = "log.csv"
delimiter = ";"
decimal = ","
skip_lines = 1
fill_down = ["Nr", "Datum", "Th"]
drop_rows = { Nr = ["Mittelwert"] }
columns = { patient_id = "Nr", date = "Datum", therapist_id = "Th", item_id = "Uebung" }
dates.Datum = ["%d.%m.%y", "%d.%m.%Y"]
missing = { "?" = "missing", "-99" = "not_asked", "n.e." = "refused" }

[[file.ratings]]
column = "Angst v/m/n"
kind = "fear"
word = "Angst"
scale = { by = "Th", MK = "0-10", SB = "0-100" }
split = { separator = "/", moments = ["before", "peak_recalled", "after"] }

[[file.ratings]]
column = "Schmerz"
kind = "pain"
moment = "before"
scale = "0-10"
"""


def test_a_paper_form_loads_by_description(load):
    cohort = load(FORM, mapping=DESCRIBED)
    assert cohort.participants["patient_id"].tolist() == ["007", "P12"]
    assert cohort.exposures["item_id"].tolist() == ["Heben", "Tragen", "Treppe"]
    fear = cohort.ratings.query("kind == 'fear'")
    assert fear["value_100"].dropna().tolist() == [70, 85, 40, 50, 30, 60, 75, 40]
    assert fear["scale_id"].tolist() == ["0-10"] * 6 + ["0-100"] * 3
    assert cohort.word("fear") == "Angst"
    assert cohort.sessions["date"].dt.day.tolist() == [3, 10]


def test_missing_codes_are_kept_apart(load):
    coded = load(FORM, mapping=DESCRIBED).ratings.query("code != ''")
    assert coded["code"].tolist() == ["missing", "not_asked", "refused"]
    assert coded["value"].isna().all()


def test_the_summary_row_is_set_aside_with_its_reason(load):
    rejected = load(FORM, mapping=DESCRIBED).rejected
    assert rejected[["row", "rule"]].to_numpy().tolist() == [[6, "dropped_by_mapping"]]


def test_a_level_without_a_scale_waits(load):
    cohort = load(FORM, mapping=DESCRIBED.replace(', SB = "0-100"', ""))
    assert cohort.questions["n_waiting"].tolist() == [3]
    assert "3 with 'SB'" in cohort.questions["question"].iloc[0]


def test_constants_numbers_joined_columns_and_value_maps(load):
    cohort = load(
        "who,cond,stim,unpl\n7,Self,High,13\n7,Self,High,34\n7,Other,High,20\n",
        mapping='[[file]]\ncolumns = { patient_id = "who", item_id = ["cond", "stim"] }\n'
        'constants.session_number = "1"\nnumbered.repetition = ["who", "cond", "stim"]\n'
        'values.who = { 7 = "007" }\n'
        '[[file.ratings]]\ncolumn = "unpl"\nkind = "unpleasantness"\nscale = "0-100"\n',
    )
    assert cohort.participants["patient_id"].tolist() == ["007"]
    assert cohort.exposures["item_id"].tolist() == ["Self High", "Other High"]
    assert cohort.ratings["repetition"].tolist() == [1, 2, 1]
    assert cohort.choose_kind(None) == "unpleasantness"


def test_later_blocks_of_one_file_add_to_the_first(load):
    first = '[[file]]\npath = "log.csv"\ncolumns.patient_id = "who"\n'
    second = (
        '[[file]]\npath = "log.csv"\ncolumns.item_id = "what"\nconstants.session_number = "1"\n'
    )
    cohort = load("who,what,minute,fear\nP1,I1,0,50\n", mapping=first + second)
    assert len(cohort.ratings) == 1


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("[[file]]\ndelimeter = ';'\n", "Did you mean 'delimiter'"),
        ("schema = 2\n", "schema = 2; this version reads 1"),
        ("[[file]\n", "not readable as TOML"),
        ("[[file]]\ncolumns.patient_id = 'nr'\n", "names the column 'nr', which the file does not"),
        ("[[file]]\ncolumns.shoe_size = 'fear'\n", "'shoe_size' is no column of ours"),
        ("[[file]]\ntable = 'rating'\n", "table must be one of log"),
        ("[[file]]\nmissing = {x = 'gone'}\n", "missing codes must be one of"),
        (
            "[[file]]\n[[file.ratings]]\ncolumn = 'fear'\nkind = 'fear'\nscale = '10-0'\n",
            "two ends, the lower first",
        ),
        (
            "[[file]]\n[[file.ratings]]\ncolumn = 'fear'\nkind = 'fear'\nmoment = 'mid'\n",
            "moment must be one of before",
        ),
        ("[answers]\nrestart = 'perhaps'\n", "new_exposure"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_why(load, mapping, message):
    log = "patient_id,session_number,item_id,minute,fear\nP1,1,I1,0,50\n"
    with pytest.raises(MappingError, match=message):
        load(log, mapping=mapping)


def test_a_split_cell_in_a_log_with_minutes_holds_two_moments(load):
    cohort = load(
        "patient_id,session_number,exposure_id,item_id,minute,fear,Schmerz\nP1,1,E1,I1,0,50,5/7\n",
        mapping='[[file]]\n[[file.ratings]]\ncolumn = "Schmerz"\nkind = "pain"\nscale = "0-10"\n'
        'split = { separator = "/", moments = ["before", "after"] }\n',
    )
    pain = cohort.ratings.query("kind == 'pain'")
    assert dict(zip(pain["moment"], pain["value"], strict=True)) == {"before": 5.0, "after": 7.0}

import pandas as pd
import pytest

from gradex_analysis.report import terminal

BREACHES = [("outside_scale", 812), ("outside_scale", 900), ("unknown_patient", 40)]


def test_check_counts_and_names_the_first_place_of_each_rule(make_cohort, capsys):
    terminal.show_check(make_cohort(breaches=BREACHES))
    shown = capsys.readouterr().out
    assert "ratings.csv: 10 rows read   7 kept   3 set aside   0 waiting for an answer" in shown
    assert "│ outside scale   │ 2 │ ratings.csv row 812: outside_scale. Correct it." in shown
    assert "row 900" not in shown


def test_check_numbers_the_questions_and_shows_how_to_answer(make_cohort, capsys):
    terminal.show_check(make_cohort(n_questions=2))
    shown = capsys.readouterr().out
    assert "2 questions only you can answer:" in shown
    assert "1. Is the scale of <MK> 0-10?" in shown
    assert 'scale = "0-10"' in shown
    assert "--draft FILE" in shown


def test_check_names_the_columns_that_are_kept_as_text_and_none_of_their_cells(make_cohort, capsys):
    cohort = make_cohort()
    cohort.unread = {
        "a.csv": pd.DataFrame({"Schmerz": ["Meyer"], "Min": ["4"]}),
        "b.csv": pd.DataFrame({"day": ["1"]}),
    }
    terminal.show_check(cohort)
    shown = capsys.readouterr().out
    lines = [line.rstrip() for line in shown.splitlines()]
    assert "  a.csv: kept as text, not read: Schmerz, Min" in lines
    assert "  b.csv: kept as text, not read: day" in lines
    assert "Meyer" not in shown


def test_check_of_faultless_data_shows_neither_table_nor_question(make_cohort, capsys):
    terminal.show_check(make_cohort())
    shown = capsys.readouterr().out
    assert "│" not in shown
    assert "question" not in shown


def test_no_line_is_wider_than_a_hundred_columns(make_cohort, capsys):
    long = [("outside_scale " * 9, 1)]
    terminal.show_check(make_cohort(n_questions=1, breaches=long))
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 100


@pytest.mark.parametrize(
    ("said", "expected"),
    [({}, False), ({"n_questions": 1}, True), ({"breaches": BREACHES[:1]}, True)],
)
def test_findings_are_breaches_and_questions(make_cohort, said, expected):
    assert terminal.has_findings(make_cohort(**said)) is expected


def test_away_from_a_terminal_each_step_is_one_line_on_the_error_stream(capsys):
    with terminal.shown_progress() as progress:
        for done in range(5):
            progress(done, 5, "a.csv")
        progress(5, 5, "checking")
    streams = capsys.readouterr()
    assert streams.err == "a.csv\nchecking\n"
    assert streams.out == ""

import csv
import io
import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.results import page

HOSTILE = "<img src=x onerror=alert(1)></script>"


def read_csv(content):
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1 / 3, "0.333"),
        (45.678, "45.7"),
        (1234.5678, "1235"),
        (0.00012345, "0.000123"),
        (1.5e-9, "1.50e−09"),
        (-5.25, "−5.25"),
        (80.0, "80"),
        (0.0, "0"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "–"),
        (pd.NA, "–"),
        (None, "–"),
        (7, "7"),
        (True, "yes"),
        ("P001", "P001"),
    ],
)
def test_display_rounds_to_three_digits_and_says_what_is_missing(value, shown):
    assert page.show(value) == shown


def test_html_gives_sentence_figure_table_left_out_and_settings_in_this_order(falls):
    html = page.as_html(falls)
    parts = ["Fear fell by 40 points.", "<img ", "0.333", "Left out:", "Settings"]
    places = [html.index(part) for part in parts]
    assert places == sorted(places)


def test_html_counts_who_was_left_out_by_reason(falls):
    html = page.as_html(falls)
    assert "Left out: one rating (2); no end rating (1)" in html
    assert "2 of 5 exposures used." in html


@pytest.mark.parametrize(
    ("n", "said"), [(1, "1 of 1 patient-item used."), (1200, "1,200 of 1,200 patient-items used.")]
)
def test_what_is_counted_has_its_own_word(make_falls, n, said):
    table = pd.DataFrame({"exposure_id": [f"E{i}" for i in range(n)], "fall": 1.0})
    assert said in page.as_html(make_falls(table, counted="patient-item"))


def test_figure_is_in_the_page_and_has_alternative_text(falls):
    html = page.as_html(falls)
    (image,) = re.findall(r"<img [^>]*>", html)
    assert 'src="data:image/svg+xml;base64,' in image
    assert 'alt="Fear fell from 80 to 40, &#34;lower is better&#34;."' in image


def test_hostile_text_is_escaped_wherever_it_stands(make_falls):
    table = pd.DataFrame({"exposure_id": [HOSTILE], "fall": [1.0]})
    html = page.as_html(make_falls(table, reasons=[HOSTILE], words=HOSTILE))
    assert "<img src=x" not in html
    assert "</script>" not in html
    assert html.count("&lt;img src=x") >= 4


def test_long_tables_show_twelve_rows_and_say_how_many_there_are(make_falls):
    ids = [f"E{i:02d}" for i in range(30)]
    html = page.as_html(make_falls(pd.DataFrame({"exposure_id": ids, "fall": 1.0})))
    assert "E11" in html
    assert "E12" not in html
    assert "The first 12 of 30 rows." in html


def test_numbers_are_aligned_and_texts_are_not(falls):
    html = page.as_html(falls)
    assert '<td class="number">0.333</td>' in html
    assert "<td>E1</td>" in html


def test_save_writes_every_file_once_and_returns_them(falls, tmp_path):
    written = falls.save(tmp_path / "new" / "fall_0.5")
    names = ["csv", "svg", "pdf", "png", "txt", "json"]
    expected = {f"fall_0.5.{name}" for name in names} | {
        "fall_0.5_excluded.csv",
        "fall_0.5_alt.txt",
    }
    assert {path.name for path in written} == expected
    assert {path.name for path in (tmp_path / "new").iterdir()} == expected


def test_saved_numbers_are_not_rounded(falls, tmp_path):
    falls.save(tmp_path / "fall")
    again = pd.read_csv(tmp_path / "fall.csv")
    pd.testing.assert_frame_equal(again, falls.table, check_exact=True)


def test_saved_settings_are_the_settings(falls, tmp_path):
    falls.save(tmp_path / "fall")
    assert json.loads((tmp_path / "fall.json").read_text(encoding="utf-8")) == falls.settings


def test_saving_twice_gives_the_same_bytes(falls, tmp_path):
    first = {path.name: path.read_bytes() for path in falls.save(tmp_path / "a" / "fall")}
    second = {path.name: path.read_bytes() for path in falls.save(tmp_path / "b" / "fall")}
    assert first == second


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_texts_that_a_spreadsheet_would_run_get_an_apostrophe(start):
    content = page.as_csv(
        pd.DataFrame({"patient_id": [f"{start}cmd|x", "P1"], "fall": [-5.0, 5.0]})
    )
    rows = read_csv(content)
    assert rows[1] == [f"'{start}cmd|x", "-5.0"]
    assert rows[2] == ["P1", "5.0"]


def test_categories_and_headers_are_guarded_as_well():
    frame = pd.DataFrame({"=x": pd.Categorical(["=1", "a"])})
    assert read_csv(page.as_csv(frame)) == [["'=x"], ["'=1"], ["a"]]


def test_missing_cells_stay_empty_in_the_csv():
    frame = pd.DataFrame({"a": ["x", None], "b": [np.nan, 1.0], "c": pd.array([1, pd.NA], "Int64")})
    assert read_csv(page.as_csv(frame)) == [["a", "b", "c"], ["x", "", "1"], ["", "1.0", ""]]


def test_a_write_that_fails_leaves_the_former_file_and_no_rest(tmp_path, monkeypatch):
    path = tmp_path / "fall.csv"
    path.write_bytes(b"former")

    def fail(self, target):
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        page.write_whole(path, b"new")
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


def test_the_text_that_is_saved_holds_what_the_page_says_folded(falls, tmp_path, monkeypatch):
    said = {
        "What is missing": ("Two of five.", pd.DataFrame({"n": [2]})),
        "A table alone": ("", pd.DataFrame({"n": [2]})),
    }
    monkeypatch.setattr(type(falls), "details", lambda _: said)
    falls.save(tmp_path / "fall")
    text = (tmp_path / "fall.txt").read_text(encoding="utf-8")
    assert text == "Fear fell by 40 points.\n\nWhat is missing\nTwo of five.\n"

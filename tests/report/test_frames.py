"""Numbers in plain tables stand to the right, words to the left."""

from __future__ import annotations

import pandas as pd

from gradex_analysis.report.frames import align_numbers


def test_columns_of_numbers_are_marked_with_their_header():
    html = pd.DataFrame({"file": ["a", "1"], "n": [1, -2], "share": [0.5, None]}).to_html()
    marked = align_numbers(html)
    assert '<th class="number">n</th>' in marked
    assert '<td class="number">-2</td>' in marked
    assert '<td class="number">NaN</td>' in marked
    assert "<td>1</td>" in marked, "a column with a word in it is text"


def test_nothing_else_changes():
    html = pd.DataFrame({"n": [1], "id": ["<b>"]}, index=["a"]).to_html()
    assert align_numbers(html).replace(' class="number"', "") == html
    assert align_numbers("<p>no table</p>") == "<p>no table</p>"
    empty = pd.DataFrame({"n": []}).to_html()
    assert align_numbers(empty) == empty


def test_only_row_numbers_are_marked_to_be_hidden():
    frame = pd.DataFrame({"n": [4, 5]})
    assert 'class="dataframe counted"' in align_numbers(frame.to_html())
    for named in (frame.set_axis(["post", "later"]), frame.set_axis(["1", "2"]), frame[::-1]):
        assert "counted" not in align_numbers(named.to_html())


def test_what_is_not_recorded_leaves_a_column_of_numbers_one():
    frame = pd.DataFrame({"by": ["any", "no"], "n": [4, "not recorded"]})
    html = align_numbers(frame.to_html())
    assert '<td class="number">not recorded</td>' in html
    assert "<td>any</td>" in html

"""How does a paper write a number? Each by hand."""

from __future__ import annotations

import math

import pytest

from gradex_analysis.results import wording

NAN = math.nan


def plain(text):
    return text.replace("\u00a0", " ").replace("\u2212", "-").replace("\u2013", "none")


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(-3.94, 1, "-3.9"), (-0.04, 1, "0.0"), (2, 0, "2"), (NAN, 1, "not available")],
)
def test_numbers_have_a_true_minus_and_zero_has_none(value, digits, text):
    written = wording.number(value, digits)
    assert plain(written) == text
    assert "-" not in written


@pytest.mark.parametrize(
    ("p", "cell", "said"),
    [
        (0.0113, ".011", "p = .011"),
        (0.04996, ".050", "p = .050"),
        (0.5, ".500", "p = .500"),
        (0.001, ".001", "p = .001"),
        (0.00099, "< .001", "p < .001"),
        (0.0, "< .001", "p < .001"),
        (0.9996, "> .999", "p > .999"),
        (1.0, "> .999", "p > .999"),
        (NAN, "none", "p = none"),
    ],
)
def test_p_values_have_three_digits_and_no_leading_zero(p, cell, said):
    assert plain(wording.p_value(p)) == cell
    assert plain(wording.say_p(p)) == said


@pytest.mark.parametrize(
    ("n", "total", "text"),
    [
        (12, 30, "12 (40 %)"),
        (0, 30, "0 (0 %)"),
        (30, 30, "30 (100 %)"),
        (1, 1000, "1 (< 1 %)"),
        (999, 1000, "999 (> 99 %)"),
        (1200, 4800, "1,200 (25 %)"),
        (0, 0, "0 (none)"),
    ],
)
def test_some_never_reads_as_none_nor_most_as_all(n, total, text):
    assert plain(wording.count_percent(n, total)) == text


def test_a_share_with_more_digits_rounds_where_it_is_shown():
    assert plain(wording.percent(1, 3000, digits=1)) == "< 0.1 %"
    assert plain(wording.percent(2, 3, digits=1)) == "66.7 %"


def test_number_and_unit_stay_on_one_line():
    assert wording.quantity(12, "min", 0) == "12\u00a0min"
    assert wording.count_percent(12, 30) == "12 (40\u00a0%)"
    assert wording.interval(1, 2) == "95\u00a0% CI 1.0 to 2.0"


def test_mean_and_median_say_when_there_is_none():
    assert plain(wording.mean_sd(47.24, 11.31)) == "47.2 (11.3)"
    assert plain(wording.mean_sd(47, NAN)) == "47.0 (none)"
    assert plain(wording.mean_sd(NAN, NAN)) == "none"
    assert plain(wording.median_range(12, 8, 15.5)) == "12.0 (8.0 to 15.5)"
    assert plain(wording.median_range(-1, -3, 2, digits=0)) == "-1 (-3 to 2)"
    assert plain(wording.median_range(NAN, NAN, NAN)) == "none"


def test_intervals_are_written_with_to():
    assert plain(wording.interval(-6.9, -0.9)) == "95 % CI -6.9 to -0.9"
    assert wording.interval(NAN, 1) == "no interval: a single patient"


def test_counts_have_thousands_and_a_plural():
    assert wording.count(1, "patient") == "1 patient"
    assert wording.count(12345, "rating") == "12,345 ratings"

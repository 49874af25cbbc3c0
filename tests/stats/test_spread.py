"""Spread of runs of values, by hand and by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.stats.spread import spread_runs

ONE = [20.0, 40.0, 30.0, 50.0, 10.0]


def only(time, value):
    return spread_runs([0], time, value).iloc[0]


def test_one_run_by_hand():
    row = only([0, 1, 2, 3, 4], ONE)
    # mean 30, squares 100 + 100 + 0 + 400 + 400 = 1000
    assert row["sd"] == pytest.approx((1000 / 4) ** 0.5)
    # steps 20, -10, 20, -40: 400 + 100 + 400 + 1600
    assert row["successive"] == pytest.approx((2500 / 4) ** 0.5)
    # slope (-2*-10 - 10 + 20 + 2*-20) / 10 = -1; it takes 10 of the 1000
    assert row["detrended"] == pytest.approx((990 / 3) ** 0.5)
    assert row["relative"] == pytest.approx((200 / (30 * 70)) ** 0.5)


def test_runs_do_not_touch_one_another():
    both = spread_runs([0, 5], [*range(5), 7, 9], [*ONE, 90, 10])
    assert both.iloc[0].tolist() == only(range(5), ONE).tolist()
    assert both.iloc[1]["sd"] == pytest.approx(80 / 2**0.5)


def test_half_at_each_end_is_all_the_spread_there_can_be():
    assert only(range(4), [0, 100, 0, 100])["relative"] == 1


@pytest.mark.parametrize("value", [0, 100])
def test_at_an_end_no_spread_is_possible_and_none_is_relative(value):
    row = only(range(5), [value] * 5)
    assert row["sd"] == row["successive"] == row["detrended"] == 0
    assert np.isnan(row["relative"])


def test_what_cannot_be_told_is_missing():
    assert only([0], [50]).isna().all()
    assert np.isnan(only([2, 2, 2], [10, 20, 30])["detrended"])
    assert only([0, 2], [10, 20]).isna().tolist() == [False, False, True, False]
    assert spread_runs([], [], []).empty


VALUES = st.lists(st.integers(0, 100).map(float), min_size=5, max_size=9)


@settings(derandomize=True, deadline=None, max_examples=60)
@given(value=VALUES, shift=st.integers(-5, 5), stretch=st.sampled_from([0.1, 60.0]))
def test_laws(value, shift, stretch):
    time = np.arange(len(value)) ** 1.5
    row = only(time, value)
    assert row["sd"] == pytest.approx(np.std(value, ddof=1), abs=1e-9)
    assert 0 <= (0 if np.isnan(row["relative"]) else row["relative"]) <= 1 + 1e-12
    same = ["sd", "successive", "detrended"]
    moved = only(stretch * time + shift, np.array(value) + shift)
    np.testing.assert_allclose(moved[same], row[same], atol=1e-6)
    turned = only(time, 100 - np.array(value))
    np.testing.assert_allclose(turned, row, atol=1e-6)  # the relative one as well
    backwards = only(time[-1] - time[::-1], value[::-1])
    np.testing.assert_allclose(backwards, row, atol=1e-6)
    line = np.polynomial.Polynomial.fit(time, value, 1)
    left = ((np.array(value) - line(time)) ** 2).sum()
    # a root near 0 magnifies the rounding of its square
    assert row["detrended"] ** 2 == pytest.approx(left / (len(value) - 2), abs=1e-6)

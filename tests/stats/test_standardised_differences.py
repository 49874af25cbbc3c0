"""Standardised differences by hand and by law."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.stats.standardised_differences import (
    hedges_g,
    pooled_sd,
    smd_of_numbers,
    smd_of_shares,
)

LAW = settings(max_examples=50, deadline=None, derandomize=True)
COUNTS = st.lists(st.integers(0, 30), min_size=3, max_size=3).filter(any)


def test_numbers_by_hand():
    # means 2 and 5, variances 1 and 4
    assert smd_of_numbers([1, 2, 3], [3, 5, 7]) == pytest.approx(-3 / math.sqrt(2.5))


def test_groups_without_spread_are_nowhere_or_infinitely_apart():
    assert smd_of_numbers([4, 4], [4, 4]) == 0
    assert smd_of_numbers([4, 4], [3, 3]) == math.inf
    assert smd_of_numbers([3, 3], [4, 4]) == -math.inf
    assert math.isnan(smd_of_numbers([4], [3, 3]))


def test_two_levels_are_the_difference_of_shares_over_their_sd():
    spread = math.sqrt((0.3 * 0.7 + 0.6 * 0.4) / 2)
    assert smd_of_shares([3, 7], [6, 4]) == pytest.approx(0.3 / spread)


def test_three_levels_by_hand():
    # shares (.5 .3 .2) and (.2 .3 .5) without the first level: d = (0, -.3); S = mean covariance
    # [[.21, -.105], [-.105, .205]], its inverse at (2, 2) is .21 / (.21 * .205 - .105 ** 2)
    expected = math.sqrt(0.09 * 0.21 / (0.21 * 0.205 - 0.105**2))
    assert smd_of_shares([5, 3, 2], [2, 3, 5]) == pytest.approx(expected)


def test_groups_without_a_common_level_are_infinitely_apart():
    assert smd_of_shares([5, 0, 2], [0, 3, 0]) == math.inf
    assert smd_of_shares([5, 0], [3, 0]) == 0
    assert math.isnan(smd_of_shares([5, 1], [0, 0]))


@LAW
@given(first=COUNTS, second=COUNTS, order=st.permutations(range(3)))
def test_neither_the_order_of_levels_nor_that_of_groups_matters(first, second, order):
    before = smd_of_shares(first, second)
    after = smd_of_shares(np.array(second)[order], np.array(first)[order])
    assert after == pytest.approx(before, rel=1e-7, abs=1e-12)


def test_the_pooled_sd_by_hand():
    sd, df = pooled_sd([1, 2, 3], [3, 5, 7])
    assert (sd, df) == (pytest.approx(math.sqrt(10 / 4)), 4)


def test_hedges_g_by_hand():
    found = hedges_g(-4, 1.5, sd=8, df=10)
    correction = 24 / (math.sqrt(5) * math.gamma(4.5))  # gamma(5) = 24
    assert correction == pytest.approx(1 - 3 / 39, abs=1e-3)  # the usual approximation
    std_error = correction * math.sqrt((1.5 / 8) ** 2 + 0.25 / 20)
    assert found["hedges_g"] == pytest.approx(-0.5 * correction)
    assert found["g_std_error"] == pytest.approx(std_error)
    assert found["g_ci_low"] == pytest.approx(-0.5 * correction - 1.959963984540054 * std_error)


@pytest.mark.parametrize(("sd", "df"), [(0, 10), (8, 1)])
def test_without_spread_or_patients_there_is_no_g(sd, df):
    assert all(math.isnan(value) for value in hedges_g(-4, 1.5, sd=sd, df=df).values())

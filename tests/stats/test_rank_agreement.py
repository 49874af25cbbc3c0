"""How alike do two measures order people? By hand, and against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gradex_analysis.stats.rank_agreement import rank_agreement


def test_by_hand():
    # ranks 1 2 3 4 5 and 2 1 4 3 5: differences 1 1 1 1 0, rho = 1 - 6 x 4 / (5 x 24) = .8;
    # 8 pairs in order and 2 not: tau = .6; interval: atanh .8 -+ 1.959964 sqrt(1.32 / 2)
    found = rank_agreement([1, 2, 3, 4, 5], [20, 10, 40, 30, 50])
    assert found["spearman"] == pytest.approx(0.8)
    assert found["kendall"] == pytest.approx(0.6)
    half = 1.959963984540054 * math.sqrt(1.32 / 2)
    assert found["ci_low"] == pytest.approx(math.tanh(math.atanh(0.8) - half))
    assert found["ci_high"] == pytest.approx(math.tanh(math.atanh(0.8) + half))
    assert found["n"] == 5


@pytest.mark.parametrize(
    ("one", "other"), [([], []), ([1.0], [2.0]), ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0])]
)
def test_what_does_not_vary_has_no_agreement(one, other):
    found = rank_agreement(one, other)
    assert math.isnan(found["spearman"])
    assert math.isnan(found["kendall"])


def test_the_same_order_has_no_interval_and_three_people_have_none():
    assert math.isnan(rank_agreement([1, 2, 3, 4], [1, 2, 3, 4])["ci_low"])
    assert math.isnan(rank_agreement([1, 2, 3], [1, 3, 2])["ci_low"])


def test_sums_in_another_order_do_not_part_ties():
    assert rank_agreement([0.1 + 0.2, 0.3, 1.0], [1, 2, 3])["kendall"] == pytest.approx(
        stats.kendalltau([0.3, 0.3, 1.0], [1, 2, 3]).statistic
    )


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=4, max_size=15))
def test_it_is_what_scipy_finds_and_symmetric(pairs):
    x, y = np.array(pairs, dtype=float).T
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return
    found, turned = rank_agreement(x, y), rank_agreement(y, x)
    assert found["spearman"] == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert found["kendall"] == pytest.approx(stats.kendalltau(x, y).statistic, abs=1e-12)
    assert turned["spearman"] == pytest.approx(found["spearman"], abs=1e-12)


def test_the_interval_covers():
    rng = np.random.default_rng(8)
    rho = 6 / math.pi * math.asin(0.6 / 2)  # Spearman's of a binormal pair with correlation .6
    covered = 0
    for _ in range(600):
        x, z = rng.standard_normal((2, 25))
        found = rank_agreement(x, 0.6 * x + 0.8 * z)
        covered += found["ci_low"] < rho < found["ci_high"]
    # .95 within three standard errors of 600 draws, and the formula's own small-sample error
    assert covered / 600 == pytest.approx(0.95, abs=0.03)

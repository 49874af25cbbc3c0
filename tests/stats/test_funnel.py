"""Limits of a funnel: by the binomial distribution itself, by law, by symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gradex_analysis.stats.funnel import lower_limit, upper_limit

shares = st.floats(0.01, 0.99)
tails = st.sampled_from([0.001, 0.025])


@given(n=st.integers(1, 400), share=shares, tail=tails)
def test_a_count_is_outside_exactly_where_its_tail_probability_is_below_the_limit(n, share, tail):
    counts = np.arange(n + 1)
    (high,), (low,) = upper_limit([n], share, tail=tail), lower_limit([n], share, tail=tail)
    # a tail probability that equals the limit to rounding may fall on either side
    as_many, as_few = stats.binom.sf(counts - 1, n, share), stats.binom.cdf(counts, n, share)
    clear = ~np.isclose(as_many, tail, rtol=1e-6) & ~np.isclose(as_few, tail, rtol=1e-6)
    assert ((counts / n > high) == (as_many < tail))[clear].all()
    assert ((counts / n < low) == (as_few < tail))[clear].all()


@pytest.mark.parametrize(("n", "tail", "limit"), [
    # P(Y >= 1) = 0.75, P(Y >= 2) = 0.25 of 2 coins: 1 + (0.75 - 0.5) / 0.5 = 1.5 of 2
    (2, 0.5, 0.75),
    # one of one is no surprise where every seventh does: the limit is beyond all there is
    (1, 0.1, 1.0),
])  # fmt: skip
def test_the_upper_limit_by_hand(n, tail, limit):
    share = 0.5 if n == 2 else 1 / 7
    assert upper_limit([n], share, tail=tail).tolist() == [pytest.approx(limit)]


@given(n=st.integers(1, 400), share=shares, tail=tails)
def test_limits_are_mirror_images_around_the_share(n, share, tail):
    (high,), (low,) = upper_limit([n], share, tail=tail), lower_limit([n], 1 - share, tail=tail)
    assert low == pytest.approx(1 - high, abs=1e-9)
    assert 0 <= high <= 1


def test_a_large_number_comes_near_the_normal_limits():
    half = stats.norm.isf(0.025) * np.sqrt(0.2 * 0.8 / 1e6)
    # the binomial's steps are 1e-6 wide, and its skewness moves the limit by less
    assert upper_limit([1e6], 0.2, tail=0.025) == pytest.approx(0.2 + half, abs=2e-6)


def test_without_a_case_there_is_no_limit():
    assert np.isnan(upper_limit([0], 0.2, tail=0.025)).all()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_all_are_alike_nobody_is_outside(share):
    assert upper_limit([7], share, tail=0.001) >= share
    assert lower_limit([7], share, tail=0.001) <= share

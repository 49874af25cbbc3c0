"""Bootstrap intervals of means over patients: by hand, by scipy, by simulated truth, by law."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gradex_analysis.stats.bootstrap import bootstrap_means


def test_two_patients_have_their_values_as_ends():
    # resamples are 0 (1/4), 5 (1/2), 10 (1/4): the 2.5th and 97.5th percentile are 0 and 10
    low, high = bootstrap_means([[0.0], [10.0]], seed=1)
    assert (low.tolist(), high.tolist()) == ([0.0], [10.0])


def test_one_patient_and_nobody_have_no_interval():
    low, high = bootstrap_means([[1.0, np.nan], [np.nan, np.nan]], seed=1)
    assert np.isnan([*low, *high]).all()
    assert bootstrap_means(np.empty((0, 2)), seed=1)[0].shape == (2,)


def test_equal_patients_leave_no_doubt():
    low, high = bootstrap_means(np.full((5, 1), 42.0), seed=1)
    assert low[0] == pytest.approx(42.0)
    assert high[0] == pytest.approx(42.0)


def test_it_agrees_with_scipy_where_each_patient_has_one_value():
    values = np.random.default_rng(3).gamma(2.0, 10.0, size=40)
    low, high = bootstrap_means(values[:, None], seed=1, n_boot=20_000)
    peer = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(2)
    ).confidence_interval
    # the Monte Carlo error of a 2.5 % quantile of 20,000 resamples is 0.018 of their SD, twice for
    # two runs; 0.1 is four times that
    tolerance = 0.1 * values.std() / 40**0.5
    assert low[0] == pytest.approx(peer.low, abs=tolerance)
    assert high[0] == pytest.approx(peer.high, abs=tolerance)


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(4)
    samples = rng.normal(50.0, 10.0, size=(400, 30))
    ends = [bootstrap_means(own[:, None], seed=5, n_boot=400) for own in samples]
    covered = np.mean([low[0] <= 50.0 <= high[0] for low, high in ends])
    # with 30 patients percentile intervals cover about 93 to 94 %; SE of 400 draws is 1.2 %
    assert 0.90 <= covered <= 0.975


def test_a_patients_columns_are_drawn_together():
    """A column and its copy plus 3 have the same interval plus 3, also where some are missing."""
    first = np.array([10.0, 20.0, 35.0, np.nan, 50.0, 80.0])
    low, high = bootstrap_means(np.column_stack([first, first + 3.0]), seed=6)
    assert low[1] - low[0] == pytest.approx(3.0)
    assert high[1] - high[0] == pytest.approx(3.0)


def test_many_patients_in_batches_give_one_answer():
    values = np.random.default_rng(7).normal(size=(50, 2))
    assert np.array_equal(
        bootstrap_means(values, seed=8, n_boot=600), bootstrap_means(values, seed=8, n_boot=600)
    )
    assert not np.array_equal(bootstrap_means(values, seed=8), bootstrap_means(values, seed=9))


VALUES = st.lists(
    st.tuples(*[st.one_of(st.just(np.nan), st.integers(0, 100).map(float))] * 2),
    min_size=1,
    max_size=8,
)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(values=VALUES, order=st.randoms(use_true_random=False))
def test_the_order_of_the_patients_does_not_matter(values, order):
    shuffled = list(values)
    order.shuffle(shuffled)
    once = bootstrap_means(values, seed=10, n_boot=50)
    again = bootstrap_means(shuffled, seed=10, n_boot=50)
    assert np.array_equal(once, again, equal_nan=True)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(values=VALUES)
def test_the_ends_lie_between_the_extremes_around_the_mean_of_what_there_is(values):
    low, high = bootstrap_means(values, seed=11, n_boot=50)
    matrix = np.array(values)
    for column, start, end in zip(matrix.T, low, high, strict=True):
        there = column[~np.isnan(column)]
        if len(there) >= 2:
            assert there.min() - 1e-9 <= start <= end <= there.max() + 1e-9


def test_an_interval_needs_resamples():
    with pytest.raises(ValueError, match="n_boot must be 40 or more"):
        bootstrap_means([[1.0], [2.0]], seed=1, n_boot=0)

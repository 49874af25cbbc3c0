"""Within-person intervals: by hand, beside paired t tests, and by law."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy
from scipy import stats

from gradex_analysis.stats.within_person import measure_within_person

LAW = settings(max_examples=40, deadline=None, derandomize=True)
HUNDREDS = st_numpy.arrays(
    np.float64,
    st.tuples(st.integers(3, 12), st.integers(2, 6)),
    elements=st.integers(0, 100).map(float),
)


def halves(values):
    found = measure_within_person(values)
    return ((found["ci_high"] - found["ci_low"]) / 2).to_numpy()


def test_three_people_at_two_times_by_hand():
    found = measure_within_person([[10, 6], [20, 18], [60, 51]])
    # falls of 4, 2 and 9: mean 5, variance 13; halved deviations, doubled again by Morey
    assert found["mean"].tolist() == [30, 25]
    assert found["std_error"].tolist() == pytest.approx([np.sqrt(13 / 2 / 3)] * 2)
    half = 4.302652729911275 * np.sqrt(13 / 6)
    assert found.loc[0, ["ci_low", "ci_high"]].tolist() == pytest.approx([30 - half, 30 + half])
    assert found[["df", "n"]].to_numpy().tolist() == [[2, 3], [2, 3]]


@LAW
@given(values=HUNDREDS)
def test_of_two_times_the_paired_t_interval_is_wider_by_the_root_of_two(values):
    # normalised values are the mean +- half the difference: variance s2/4, by Morey s2/2
    pair = values[:, :2]
    fall = pair[:, 0] - pair[:, 1]
    paired = stats.t.ppf(0.975, len(fall) - 1) * fall.std(ddof=1) / np.sqrt(len(fall))
    assert halves(pair) == pytest.approx([paired / np.sqrt(2)] * 2, abs=1e-9)


@LAW
@given(values=HUNDREDS)
def test_over_all_times_it_is_the_mean_of_the_paired_intervals(values):
    """Squared and doubled: the mean over times is the mean over pairs (Franz & Loftus 2012)."""
    n, n_times = values.shape
    pairs = [
        (values[:, j] - values[:, k]).var(ddof=1) / n for j, k in combinations(range(n_times), 2)
    ]
    std_error = measure_within_person(values)["std_error"]
    assert 2 * (std_error**2).mean() == pytest.approx(np.mean(pairs), abs=1e-9)


@LAW
@given(values=HUNDREDS, data=st.data())
def test_what_sets_people_apart_changes_no_width(values, data):
    level = st.lists(st.integers(-500, 500), min_size=len(values), max_size=len(values))
    own = np.array(data.draw(level), dtype=float)
    assert halves(values + own[:, None]) == pytest.approx(halves(values), abs=1e-7)
    moved = measure_within_person(values + own[:, None])["mean"]
    assert moved.to_numpy() == pytest.approx(values.mean(axis=0) + own.mean())


def test_independent_columns_have_about_their_ordinary_intervals():
    values = np.random.default_rng(4).normal(0, 10, size=(4000, 5))
    # without anything of the person's own there is nothing to take out: Morey's factor restores
    # the variance; the SD of 4,000 draws is known to 1.1 %
    ordinary = values.std(axis=0, ddof=1) / np.sqrt(4000)
    assert measure_within_person(values)["std_error"].to_numpy() == pytest.approx(
        ordinary, rel=0.03
    )


@pytest.mark.parametrize(
    "values", [[[1.0, 2.0]], [[1.0], [2.0]], [[1.0, np.nan], [2.0, 3.0]], [1.0, 2.0]]
)
def test_who_lacks_a_value_is_refused_and_one_person_as_well(values):
    with pytest.raises(ValueError, match="two people and two times"):
        measure_within_person(values)

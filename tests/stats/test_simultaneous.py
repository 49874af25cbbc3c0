"""The critical value of a band: closed forms, bounds, and draws of another kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, optimize, stats

from gradex_analysis.stats.simultaneous import find_critical_value

LAW = settings(max_examples=25, deadline=None, derandomize=True)
DFS = st.sampled_from([1.0, 3.5, 12.0, 240.0, np.inf])


def two_sided(df, confidence):
    return stats.t.ppf((1 + confidence) / 2, df)


@LAW
@given(df=DFS, variance=st.floats(1e-6, 1e6), confidence=st.sampled_from([0.8, 0.95, 0.99]))
def test_one_point_has_the_quantile_of_t(df, variance, confidence):
    found = find_critical_value([[variance]], df, seed=1, confidence=confidence, n_draws=100)
    assert found == pytest.approx(two_sided(df, confidence), rel=1e-12)


@LAW
@given(df=DFS, scales=st.lists(st.floats(-1e3, 1e3).filter(lambda x: abs(x) > 1e-3), min_size=2))
def test_points_that_move_as_one_have_the_quantile_of_t(df, scales):
    covariance = np.outer(scales, scales)
    found = find_critical_value(covariance, df, seed=1, n_draws=100)
    assert found == pytest.approx(two_sided(df, 0.95), rel=1e-12)


@pytest.mark.parametrize("n", [2, 5, 20])
def test_independent_normal_points_have_sidaks_closed_form(n):
    found = find_critical_value(np.eye(n), np.inf, seed=3, n_draws=200_000)
    # P(max |z| <= c) = (2 Phi(c) - 1)^n; four Monte Carlo errors at 200,000 draws are below .002
    assert found == pytest.approx(two_sided(np.inf, 0.95 ** (1 / n)), abs=2e-3)


@pytest.mark.parametrize(("n", "df"), [(3, 8.0), (12, 25.0)])
def test_points_that_share_only_their_variance_have_the_studentised_maximum_modulus(n, df):
    def below(c):
        # the same estimated SD s divides all: s^2 df is chi-squared
        def given_s(s):
            return (2 * stats.norm.cdf(c * s) - 1) ** n * 2 * s * df * stats.chi2.pdf(df * s**2, df)

        return integrate.quad(given_s, 0, 6)[0]

    expected = optimize.brentq(lambda c: below(c) - 0.95, 1.5, 6)
    found = find_critical_value(np.diag([0.5, 1.0, 4.0] * (n // 3)), df, seed=3, n_draws=200_000)
    assert found == pytest.approx(expected, abs=3e-3)


def test_it_is_the_quantile_of_plain_draws_of_multivariate_t():
    times = np.linspace(0, 4, 9)
    rows = np.column_stack([np.ones(9), times])
    covariance = rows @ np.array([[1.0, -0.3], [-0.3, 0.2]]) @ rows.T
    draws = np.random.default_rng(8)
    n, df = 400_000, 9.0
    normal = draws.multivariate_normal([0, 0], [[1.0, -0.3], [-0.3, 0.2]], size=n) @ rows.T
    t = normal / np.sqrt(np.diag(covariance)) / np.sqrt(draws.chisquare(df, size=(n, 1)) / df)
    expected = np.quantile(np.abs(t).max(axis=1), 0.95)
    # the plain draws' own error: sqrt(.05 x .95 / n) / density, .0035, times three
    assert find_critical_value(covariance, df, seed=1) == pytest.approx(expected, abs=0.012)


@LAW
@given(data=st.data(), df=DFS.filter(lambda df: df > 1), seed=st.integers(0, 5))
def test_it_lies_between_one_point_and_bonferroni_and_below_scheffe(data, df, seed):
    n, rank = data.draw(st.integers(2, 12)), data.draw(st.integers(2, 4))
    rows = np.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(n, rank))
    found = find_critical_value(rows @ rows.T, df, seed=seed, n_draws=500)
    assert two_sided(df, 0.95) <= found <= two_sided(df, 1 - 0.05 / n)
    rank = min(rank, n)
    scheffe = np.sqrt(stats.chi2.ppf(0.95, rank)) if np.isinf(df) else np.sqrt(
        rank * stats.f.ppf(0.95, rank, df)
    )  # fmt: skip
    assert found <= scheffe * (1 + 1e-8)


@LAW
@given(scales=st.lists(st.floats(0.01, 100), min_size=4, max_size=4), seed=st.integers(0, 9))
def test_units_of_the_points_change_nothing_and_a_seed_repeats(scales, seed):
    rows = np.array([[1, 0, 0], [1, 1, 0], [1, 2, 0], [1, 2, 1.0]])
    once = find_critical_value(rows @ rows.T, 7, seed=seed, n_draws=2000)
    scaled = rows * np.array(scales)[:, None]
    # eigenvectors may turn within rounding, so that other directions are drawn: Monte Carlo error
    again = find_critical_value(scaled @ scaled.T, 7, seed=seed, n_draws=2000)
    assert once == pytest.approx(again, abs=0.05)
    assert once == find_critical_value(rows @ rows.T, 7, seed=seed, n_draws=2000)


def test_its_monte_carlo_error_is_below_a_hundredth():
    rows = np.column_stack([np.ones(25), np.linspace(0, 1, 25), np.linspace(-1, 1, 25).clip(0)])
    found = [find_critical_value(rows @ rows.T, 20, seed=seed) for seed in range(8)]
    # the SD of eight seeds is known within a factor of two
    assert np.std(found, ddof=1) < 0.005


def test_a_band_by_it_holds_the_whole_line_as_often_as_it_says():
    draws = np.random.default_rng(5)
    x = np.linspace(0, 1, 6)
    design = np.column_stack([np.ones(6), x])
    inverse = np.linalg.inv(design.T @ design)
    covariance = design @ inverse @ design.T
    c = find_critical_value(covariance, 4, seed=1)
    noise = draws.normal(size=(20_000, 6))
    errors = noise @ covariance.T  # the fitted line minus the true one
    sd = np.sqrt(((noise - errors) ** 2).sum(axis=1, keepdims=True) / 4)
    inside = (np.abs(errors) <= c * sd * np.sqrt(np.diag(covariance))).all(axis=1).mean()
    # three binomial errors of 20,000 repetitions
    assert inside == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 20_000))


@pytest.mark.parametrize("covariance", [[[0.0]], [[1.0, np.nan], [np.nan, 1.0]], [[-1.0]]])
def test_a_point_without_a_variance_has_no_band(covariance):
    with pytest.raises(ValueError, match="finite variance above 0"):
        find_critical_value(covariance, 5, seed=1)

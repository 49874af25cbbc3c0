"""Survival where the moment lies between two looks: by hand, Kaplan-Meier, law, planted truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from statsmodels.duration.survfunc import SurvfuncRight

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.interval_censored import find_support, fit_masses
from gradex_analysis.stats.survival import fit_survival

NEVER = np.inf
#: of the standard normal distribution, evenly spaced in probability
QUANTILES = special.ndtri((np.arange(2000) + 0.5) / 2000)


def curve(left, right, **options):
    who = np.arange(len(left))
    return fit_survival(left, right, who, seed=1, n_boot=40, **options).curve


def test_the_intervals_that_hold_mass_by_hand():
    # (0, 2], (1, 3], (4, 6], (5, inf): mass in (1, 2] and (5, 6]
    support = find_support([0, 1, 4, 5], [2, 3, 6, NEVER])
    assert support.left.tolist() == [1, 5]
    assert support.right.tolist() == [2, 6]
    assert support.first.tolist() == [0, 0, 1, 1]
    assert support.last.tolist() == [0, 0, 1, 1]
    assert fit_masses(support, np.ones(4))[0].tolist() == pytest.approx([0.5, 0.5])


def test_two_overlapping_intervals_share_their_mass_as_the_likelihood_says():
    # (0, 1], (0, 2] and (1, 2], one each: p (1) (1 - p) is largest at a half;
    # with (0, 1] twice, p^2 (1 - p) is largest at 2/3
    support = find_support([0, 0, 1], [1, 2, 2])
    masses = fit_masses(support, [[1, 1, 1], [2, 1, 1]])
    np.testing.assert_allclose(masses, [[1 / 2, 1 / 2], [2 / 3, 1 / 3]], atol=1e-5)


def test_turnbulls_equations_hold_in_a_case_without_a_closed_form():
    left, right = [0, 1, 0, 2, 3, 1], [2, 3, 4, 5, NEVER, 2]
    support = find_support(left, right)
    (mass,) = fit_masses(support, np.ones(6))
    held = [slice(a, b + 1) for a, b in zip(support.first, support.last, strict=True)]
    shares = np.zeros_like(mass)
    for part in held:
        shares[part] += mass[part] / mass[part].sum() / 6
    np.testing.assert_allclose(shares, mass, atol=1e-7)  # self-consistent
    gains = sum((np.isin(np.arange(len(mass)), np.r_[p]) / mass[p].sum() for p in held), 0.0) / 6
    assert gains.max() <= 1 + 1e-7  # and no mass could be put better


@settings(derandomize=True, deadline=None, max_examples=25)
@given(
    rows=st.lists(st.tuples(st.integers(0, 8), st.booleans()), min_size=2, max_size=25).filter(
        lambda rows: any(happened for _, happened in rows)
    )
)
def test_with_exact_times_and_right_censoring_it_is_the_kaplan_meier_curve(rows):
    time = np.array([float(t) for t, _ in rows])
    happened = np.array([did for _, did in rows])
    own = curve(time, np.where(happened, time, NEVER))
    expected = SurvfuncRight(time, happened)
    np.testing.assert_allclose(own["right"], expected.surv_times)
    # the log-likelihood per row is within 1e-10 of its maximum, the curve within the root of that
    np.testing.assert_allclose(own["estimate"], expected.surv_prob, atol=3e-5)


INTERVALS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([1, 2, 4, NEVER])), min_size=1, max_size=20
)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(rows=INTERVALS, seed=st.integers(0, 3))
def test_it_falls_keeps_to_its_bounds_and_knows_neither_order_nor_unit_nor_names(rows, seed):
    left = np.array([float(a) for a, _ in rows])
    right = left + np.array([b for _, b in rows])
    who = np.array([f"P{i % 3}" for i in range(len(rows))])
    fit = fit_survival(left, right, who, seed=1, n_boot=40)
    own = fit.curve
    steps = np.diff(own["estimate"], prepend=1.0)
    assert (steps <= 1e-12).all()
    assert own["estimate"].between(0, 1).all()
    if len(set(who)) > 1:
        assert (own["ci_low"] <= own["ci_high"]).all()
    order = np.random.default_rng(seed).permutation(len(rows))
    names = {"P0": "Z", "P1": "A", "P2": "M"}
    other = fit_survival(
        60 * left[order], 60 * right[order], [names[name] for name in who[order]], seed=1, n_boot=40
    )
    assert other.median == pytest.approx({k: 60 * v for k, v in fit.median.items()}, nan_ok=True)
    columns = ["estimate", "ci_low", "ci_high"]
    np.testing.assert_allclose(other.curve[columns], own[columns], atol=1e-9)


def test_the_median_is_given_where_half_got_there_and_infinite_where_not():
    who = np.arange(4)
    reached = fit_survival([0, 1, 2, 3], [1, 2, 3, NEVER], who, seed=1, n_boot=40).median
    assert (reached["left"], reached["estimate"]) == (1, 2)
    never = fit_survival([0, 3, 3, 3], [1, NEVER, NEVER, NEVER], who, seed=1, n_boot=40).median
    assert never["estimate"] == NEVER


def test_one_cluster_has_no_interval():
    own = fit_survival([0, 1], [1, 2], ["P1", "P1"], seed=1, n_boot=40)
    assert own.curve[["ci_low", "ci_high"]].isna().all(axis=None)
    assert np.isnan(own.median["ci_low"])


def test_rows_without_an_interval_are_refused():
    for left, right in ([[2], [1]], [[np.nan], [1]], [[], []]):
        with pytest.raises(CannotAnswerError, match="pass a finite left end"):
            find_support(left, right)
    with pytest.raises(ValueError, match="n_boot"):
        fit_survival([0], [1], [0], seed=1, n_boot=5)


def test_a_planted_curve_is_found_from_looks_now_and_then():
    rng = np.random.default_rng(7)
    n = 1500
    moment = rng.exponential(6.0, n)
    looks = np.cumsum(rng.uniform(1.0, 3.0, (n, 6)), axis=1).round(1)
    seen = (looks < moment[:, None]).sum(axis=1)
    every = np.column_stack([np.zeros(n), looks, np.full(n, NEVER)])
    left, right = every[np.arange(n), seen], every[np.arange(n), seen + 1]
    own = curve(left, right)
    for time in (2.0, 4.0, 8.0):
        at = own[own["right"] <= time].iloc[-1]
        # three standard errors of a share among 1500, and what lies between two looks
        assert at["estimate"] == pytest.approx(np.exp(-time / 6), abs=0.06)


def test_intervals_cover_the_share_among_patients_who_differ():
    rng, covered, n_studies = np.random.default_rng(11), 0, 60
    for _ in range(n_studies):
        who = np.repeat(np.arange(25), 6)
        moment = rng.exponential(6.0, 150) * np.repeat(rng.lognormal(0, 0.5, 25), 6)
        left, right = 2 * np.floor(moment / 2), 2 * np.floor(moment / 2) + 2
        own = fit_survival(left, right, who, seed=5, n_boot=200).curve
        at = own[own["right"] == 6.0].iloc[0]
        truth = np.mean(np.exp(-6 / (6 * np.exp(0.5 * QUANTILES))))
        covered += bool(at["ci_low"] <= truth <= at["ci_high"])
    # 95 % of 60 less three Monte Carlo errors, and a little: percentile intervals of 25 are short
    assert covered >= 50

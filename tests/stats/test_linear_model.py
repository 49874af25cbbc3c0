"""Least squares by hand, by law and beside statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.stats.linear_model import compare_nested, estimate, first_collinear, fit_linear

LAW = settings(max_examples=25, deadline=None, derandomize=True)


def some_design(n=40, seed=7):
    draws = np.random.default_rng(seed)
    design = pd.DataFrame({"one": 1.0, "x": draws.normal(50, 10, n), "arm": np.arange(n) % 2.0})
    return design, 3 + 0.5 * design["x"] - 4 * design["arm"] + draws.normal(0, 5, n)


def test_two_means_by_hand():
    design = pd.DataFrame({"one": 1.0, "arm": [0.0, 0, 1, 1]})
    fit = fit_linear(design, [1, 3, 6, 8])
    difference = estimate(fit, {"arm": 1.0})
    # means 2 and 7, residuals of 1 each: s2 = 4/2, SE = sqrt(2 * (1/2 + 1/2))
    assert difference["estimate"] == pytest.approx(5)
    assert difference["std_error"] == pytest.approx(2**0.5)
    assert difference["ci_high"] == pytest.approx(5 + 4.302652729911275 * 2**0.5)
    assert fit.residual_sd == pytest.approx(2**0.5)


def test_coefficients_errors_and_tests_are_those_of_statsmodels():
    design, outcome = some_design()
    theirs = sm.OLS(outcome, design).fit()
    robust = theirs.get_robustcov_results("HC3", use_t=True)
    fit = fit_linear(design, outcome)
    for i, name in enumerate(design):
        ours = estimate(fit, {name: 1.0})
        found = [ours["estimate"], ours["std_error"], ours["statistic"], ours["p_value"]]
        expected = [
            theirs.params[name],
            theirs.bse[name],
            theirs.tvalues[name],
            theirs.pvalues[name],
        ]
        np.testing.assert_allclose(found, expected, rtol=1e-9)  # two QRs of the same numbers
        assert ours["ci_low"] == pytest.approx(theirs.conf_int().loc[name, 0], rel=1e-9)
        hc3 = estimate(fit, {name: 1.0}, robust=True)
        np.testing.assert_allclose(hc3["std_error"], robust.bse[i], rtol=1e-9)


def test_the_f_test_of_nested_models_is_that_of_statsmodels():
    design, outcome = some_design()
    theirs = sm.OLS(outcome, design).fit().compare_f_test(sm.OLS(outcome, design[["one"]]).fit())
    ours = compare_nested(fit_linear(design, outcome), fit_linear(design[["one"]], outcome))
    found = (ours["statistic"], ours["p_value"], ours["df_between"])
    assert found == pytest.approx(theirs, rel=1e-9)


@LAW
@given(scale=st.sampled_from([1e-6, 0.1, 10.0, 1e6]), shift=st.floats(-100, 100))
def test_units_of_the_outcome_scale_the_difference_and_leave_t(scale, shift):
    design, outcome = some_design()
    before = estimate(fit_linear(design, outcome), {"arm": 1.0})
    after = estimate(fit_linear(design, scale * (outcome + shift)), {"arm": 1.0})
    assert after["estimate"] == pytest.approx(scale * before["estimate"], rel=1e-7)
    assert after["statistic"] == pytest.approx(before["statistic"], rel=1e-7)


def test_the_first_column_that_says_nothing_new_is_named_whatever_its_units():
    design, _ = some_design()
    assert first_collinear(design) is None
    assert first_collinear(design.assign(twin=1e-9 * design["x"])) == "twin"
    assert first_collinear(design.assign(zero=0.0)) == "zero"
    assert first_collinear(design.head(2)) == "arm"


def test_one_row_that_settles_a_coefficient_has_no_robust_error():
    design = pd.DataFrame({"one": 1.0, "alone": [0.0, 0, 0, 1]})
    fit = fit_linear(design, [1, 2, 4, 9])
    assert np.isnan(estimate(fit, {"alone": 1.0}, robust=True)["std_error"])
    assert estimate(fit, {"alone": 1.0})["std_error"] > 0


def test_a_perfect_fit_is_known_as_one():
    design, _ = some_design()
    assert fit_linear(design, 3 + 0.5 * design["x"]).is_perfect

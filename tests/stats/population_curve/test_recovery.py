"""Is what was drawn found again, with what goes with it?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

RANDOM = ("asymptote", "rate", "start", "exposure_start")


@pytest.fixture(scope="module")
def large(cohort, fitted):
    frame = cohort(400, 3, seed=6, spreads=(0.35, 9.0, 8.0, 6.0))
    return frame, fitted(frame, random=RANDOM)


def test_the_truth_lies_within_three_standard_errors(large):
    _, fit = large
    table = fit.coefficients.set_index("part")
    for part, true in {"start": 76.0, "asymptote": 28.0, "rate": -1.6}.items():
        assert abs(table.loc[part, "estimate"] - true) < 3 * table.loc[part, "std_error"]
    parts = fit.variance_components.query("quantity == 'sd'").set_index(["level", "effect"])
    true = {("patient", "rate"): 0.35, ("patient", "asymptote"): 9.0, ("patient", "start"): 8.0,
            ("exposure", "start"): 6.0, ("rating", "residual"): 5.0}  # fmt: skip
    for key, sd in true.items():
        assert abs(parts.loc[key, "estimate"] - sd) < 3 * parts.loc[key, "std_error"]
    assert fit.converged
    assert not fit.notes


def test_linearised_estimates_lie_off_where_quadrature_does_not(cohort, fitted):
    # 2,000 patients with one exposure: the bias of some tenths of an error of 100 patients shows
    frame = cohort(2_000, seed=8, residual=5.0)
    true = np.array([76.0, 28.0, -1.6])
    off = {}
    for method in ("quadrature", "linearized"):
        table = fitted(frame, method=method).coefficients
        off[method] = ((table["estimate"] - true) / table["std_error"]).abs()
    assert off["quadrature"].max() < 3.0
    assert off["linearized"].max() > 3.0


def test_patients_are_drawn_towards_the_mean_and_the_more_so_the_fewer_their_ratings(fitted, large):
    frame, fit = large
    own = fit.patients
    typical = fit.coefficients.set_index("part")["estimate"]
    assert own["asymptote"].std() < 9.0
    assert abs(own["log_rate"].mean() - typical["rate"]) < 0.02
    fewer = frame[(frame["patient"] != "P0") | (frame["exposure"] == "P0-E0")]
    less = fitted(fewer[(fewer["patient"] != "P0") | (fewer["minute"] < 4)], random=RANDOM).patients
    both = (own.iloc[0], less.iloc[0])
    assert both[1]["rate_kept"] > both[0]["rate_kept"]
    assert both[1]["n_ratings"] == 2
    assert 0.0 < both[0]["rate_kept"] < both[1]["rate_kept"] <= 1.0


def test_the_mean_course_is_the_average_of_drawn_patients(large):
    _, fit = large
    times = np.array([0.0, 3.0, 8.0, 20.0])
    found = fit.predict(pd.DataFrame(index=[0]), times, level="mean")["estimate"].to_numpy()
    values = fit.layout.unpack(fit.theta)
    z = np.random.default_rng(3).standard_normal((200_000, 3)) @ values.triangle.T
    rate, asymptote, start = (
        z + np.array([values.rate[0], values.asymptote[0], values.start[0]])
    ).T
    left = np.exp(-np.exp(rate)[:, None] * times)
    drawn = asymptote[:, None] + (start - asymptote)[:, None] * left
    # four Monte Carlo errors of 200,000 patients
    error = drawn.std(axis=0) / np.sqrt(len(drawn))
    assert (np.abs(found - drawn.mean(axis=0)) < 4 * error).all()


def test_the_typical_course_is_the_curve_of_the_coefficients(large):
    _, fit = large
    start, asymptote, rate = fit.coefficients["estimate"]
    found = fit.predict(pd.DataFrame(index=[0]), [0.0, 5.0])
    expected = asymptote + (start - asymptote) * np.exp(-np.exp(rate) * np.array([0.0, 5.0]))
    np.testing.assert_allclose(found["estimate"], expected, rtol=1e-12)
    # at the onset it is the start, with the start's own error
    assert found["std_error"].iloc[0] == pytest.approx(fit.coefficients["std_error"].iloc[0])


def test_the_half_life_is_log_2_over_the_rate_with_its_ends_turned(large):
    _, fit = large
    parts = fit.parts(pd.DataFrame(index=[0])).set_index("part")
    for half, rate in (("estimate", "estimate"), ("ci_low", "ci_high"), ("ci_high", "ci_low")):
        expected = np.log(2) / parts.loc["rate", rate]
        assert parts.loc["half_life", half] == pytest.approx(expected, rel=1e-12)


def test_the_fall_is_start_less_asymptote_with_the_error_of_both(large):
    _, fit = large
    fall = fit.parts(pd.DataFrame(index=[0])).set_index("part").loc["fall"]
    both = fit.combine({"fall": {("start", "Intercept"): 1.0, ("asymptote", "Intercept"): -1.0}})
    assert fall["estimate"] == pytest.approx(both["estimate"].iloc[0], rel=1e-12)
    assert fall["std_error"] == pytest.approx(both["std_error"].iloc[0], rel=1e-12)


def test_a_sum_of_coefficients_has_the_error_of_their_covariance(large):
    _, fit = large
    found = fit.combine({"fall": {("start", "Intercept"): 1.0, ("asymptote", "Intercept"): -1.0}})
    variance = fit.covariance[0, 0] + fit.covariance[1, 1] - 2 * fit.covariance[0, 1]
    assert found["std_error"].iloc[0] == pytest.approx(np.sqrt(variance), rel=1e-12)

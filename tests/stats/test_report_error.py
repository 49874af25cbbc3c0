"""What would a slope be without an error that is on both sides? By hand, by law, by truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mixed_model
from gradex_analysis.stats.report_error import correct_slope


def test_two_patients_by_hand():
    # S_xx 4+16=20 and 9+1=10, S_xy 2+8=10 and 6+1=7; residual 1 and no variance: weights 1
    table = correct_slope(
        ["a", "a", "b", "b"], [-2, 4, 3, 1], [-1, 2, 2, 1], residual=1, between=0,
        report_sd=[0, 1],
    )  # fmt: skip
    assert table["estimate"].tolist() == pytest.approx([17 / 30, 13 / 26])
    assert table["left_of_errors"].tolist() == pytest.approx([1, 26 / 30])
    # without a: 7/10, without b: 10/20; jackknife SE = sqrt(1/2 (.1^2 + .1^2)), t(1) = 12.7062
    row = table.iloc[0]
    assert row["std_error"] == pytest.approx(0.1)
    assert row["ci_high"] - row["estimate"] == pytest.approx(1.27062, rel=1e-5)


def test_errors_larger_than_all_that_was_seen_leave_no_estimate():
    table = correct_slope(["a", "b"], [2, 3], [1, 1], residual=1, between=0, report_sd=[3])
    assert table["estimate"].isna().all()
    assert table["left_of_errors"].iloc[0] == pytest.approx((13 - 18) / 13)


def test_one_patient_has_no_interval():
    assert (
        correct_slope(["a"], [2], [1], residual=1, between=0, report_sd=[0])["ci_low"].isna().all()
    )


def planted(n_patients, n_each, *, sd, seed):
    """Patients whose slope is .4 (SD .1); the number on both sides has an error of ``sd``."""
    rng = np.random.default_rng(seed)
    patient = np.repeat(np.arange(n_patients), n_each)
    slope = rng.normal(0.4, 0.1, n_patients)[patient]
    true = rng.normal(-20, 15, len(patient))
    error = rng.normal(0, sd, len(patient))
    y = slope * true + rng.normal(0, 4, len(patient)) - error
    return pd.DataFrame({"patient_id": patient.astype("str"), "x": true - error, "y": y})


def test_without_an_error_it_is_the_mixed_models_own_estimate():
    frame = planted(12, 8, sd=0, seed=1)
    fit = fit_mixed_model(frame, outcome="y", fixed="0 + x", random="0 + x")
    between, residual = fit.variance_components["estimate"]
    table = correct_slope(
        frame["patient_id"], frame["x"], frame["y"], residual=residual, between=between,
        report_sd=[0],
    )  # fmt: skip
    # the same generalised least squares, to the search's tolerance for the variances
    assert table["estimate"].iloc[0] == pytest.approx(fit.coefficients["estimate"].iloc[0], 1e-9)


def test_a_planted_error_draws_the_slope_towards_1_and_is_taken_out():
    frame = planted(4000, 10, sd=12, seed=2)
    table = correct_slope(
        frame["patient_id"], frame["x"], frame["y"], residual=1, between=0, report_sd=[0, 12]
    )
    drawn, taken_out = table["estimate"]
    # 1 - (1 - .4) (20^2 + 15^2) / (20^2 + 15^2 + 12^2); 40,000 rows: SE .0015 and .002
    assert drawn == pytest.approx(1 - 0.6 * 625 / 769, abs=0.006)
    assert taken_out == pytest.approx(0.4, abs=0.008)


def test_neither_the_order_of_rows_nor_the_names_matter():
    frame = planted(9, 5, sd=5, seed=3)
    other = frame.sample(frac=1, random_state=1)
    names = other["patient_id"].map(lambda name: f"X{99 - int(name)}")
    kwargs = {"residual": 16.0, "between": 0.01, "report_sd": [0, 5]}
    one = correct_slope(frame["patient_id"], frame["x"], frame["y"], **kwargs)
    two = correct_slope(names, other["x"], other["y"], **kwargs)
    np.testing.assert_allclose(one, two, rtol=1e-10)

"""The mean of patients' means has a t interval over patients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from gradex_analysis.stats.intervals import mean_over_patients


def test_it_is_the_one_sample_t_interval_of_the_patients_means():
    patient = ["a", "a", "b", "c", "c", "c"]
    value = [10, 20, 30, 5, 6, 10]
    row = mean_over_patients(["all"] * 6, patient, value).iloc[0]
    expected = stats.ttest_1samp([15, 30, 7], 0).confidence_interval(0.95)
    assert row["estimate"] == pytest.approx(52 / 3)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((expected.low, expected.high))
    assert (row["n_patients"], row["n"]) == (3, 6)


def test_one_patient_has_a_mean_and_no_interval():
    row = mean_over_patients(["all"] * 2, ["a", "a"], [10, 20]).iloc[0]
    assert row["estimate"] == 15
    assert np.isnan(row["ci_low"])


def test_groups_are_apart():
    table = mean_over_patients(["x", "y", "y"], ["a", "b", "c"], [1, 2, 4])
    assert table["group"].tolist() == ["x", "y"]
    assert table["estimate"].tolist() == [1, 3]


def test_nothing_gives_an_empty_table_with_its_columns():
    assert list(mean_over_patients([], [], []).columns)[:2] == ["group", "estimate"]


def test_the_interval_holds_as_often_as_it_says_with_unequal_numbers_of_exposures():
    rng = np.random.default_rng(20261123)
    runs, patients = 2_000, 12
    sizes = rng.integers(1, 15, (runs, patients))
    true = rng.normal(10, 8, (runs, patients))
    group = np.repeat(np.arange(runs), sizes.sum(axis=1))
    patient = np.repeat(np.arange(runs * patients), sizes.ravel())
    value = np.repeat(true.ravel(), sizes.ravel()) + rng.normal(0, 12, len(patient))
    table = mean_over_patients(group, patient, value)
    covered = ((table["ci_low"] <= 10) & (table["ci_high"] >= 10)).mean()
    # three Monte Carlo standard errors of .95 over 2,000 runs
    assert covered == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / runs))

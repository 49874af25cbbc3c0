"""What does the fit say of ratings that tell little, or nothing?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.population_curve import Parts

METHODS = ["quadrature", "linearized"]


def statuses(fit):
    return dict(zip(fit.statuses["quantity"], fit.statuses["status"], strict=True))


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("level", [0.0, 50.0, 100.0])
def test_ratings_of_one_value_are_refused(cohort, fitted, method, level):
    with pytest.raises(CannotAnswerError, match=f"fear is {level:g} in all"):
        fitted(cohort(5).assign(fear=level), method=method)


@pytest.mark.parametrize("times", [(0.0,), (0.0, 5.0)])
def test_fewer_than_three_times_are_refused(cohort, fitted, times):
    with pytest.raises(CannotAnswerError, match="needs 3 or more"):
        fitted(cohort(10, times=times))


def test_rows_that_lack_something_or_come_before_the_onset_are_listed(cohort, fitted):
    frame = cohort(20)
    frame.loc[3, "minute"] = np.nan
    frame.loc[5, "minute"] = -1.0
    frame.loc[9, "fear"] = np.nan
    found = fitted(frame)
    assert found.excluded.sort_values("row")["row"].tolist() == [3, 5, 9]
    assert found.excluded.sort_values("row")["reason"].tolist() == [
        "no value of minute",
        "minute below 0: before the exposure began",
        "no value of fear",
    ]
    assert found.n_ratings == len(frame) - 3


@pytest.mark.parametrize("missing", [np.nan, -1.0])
def test_no_minute_that_can_be_used_is_refused(cohort, fitted, missing):
    with pytest.raises(CannotAnswerError, match="No row has fear"):
        fitted(cohort(5).assign(minute=missing))


@pytest.mark.parametrize("method", METHODS)
def test_one_patient_has_a_curve_and_no_differences_between_patients(cohort, fitted, method):
    found = fitted(cohort(1, 6, seed=2), method=method)
    assert statuses(found) == {
        "sd of patients' asymptotes": "at_zero",
        "sd of patients' log rates": "at_zero",
    }
    zero = found.variance_components.query("level == 'patient'")
    assert zero["at_boundary"].all()
    assert (zero["estimate"] == 0).all()
    assert zero["ci_low"].isna().all()


def test_one_exposure_of_one_patient_is_refused(cohort, fitted):
    with pytest.raises(CannotAnswerError, match="1 rows can be used"):
        fitted(cohort(1))


def test_two_patients_are_fitted_and_what_cannot_be_told_is_said(cohort, fitted):
    found = fitted(cohort(2, 2, seed=5))
    assert np.isfinite(found.coefficients["std_error"]).all()
    assert not found.statuses.empty


def test_a_spread_that_is_not_there_is_estimated_at_zero_and_said(cohort, fitted):
    # half of such draws have their maximum at 0, this one among them
    frame = cohort(60, 2, seed=15, spreads=(0.35, 9.0, 0.0, 0.0))
    found = fitted(frame, random=("asymptote", "rate", "exposure_start"))
    assert statuses(found) == {"sd of starts between exposures of a patient": "at_zero"}
    row = found.variance_components.query("level == 'exposure'").iloc[0]
    assert row["at_boundary"]
    assert row["estimate"] == 0
    without = fitted(frame)
    assert found.log_likelihood == pytest.approx(without.log_likelihood, abs=1e-3)
    assert found.converged


def test_a_straight_line_has_no_rate(cohort, fitted):
    frame = cohort(20, 2, times=(0, 2, 4, 6, 8, 10))
    noise = np.random.default_rng(3).normal(0, 0.5, len(frame))
    found = fitted(frame.assign(fear=70 - 2 * frame["minute"] + noise))
    assert statuses(found)["rate"] == "not_identified"
    assert not found.converged


def test_a_step_at_once_has_no_rate(cohort, fitted):
    frame = cohort(20, 2, times=(0, 2, 4, 6, 8, 10))
    noise = np.random.default_rng(3).normal(0, 2.0, len(frame))
    found = fitted(frame.assign(fear=np.where(frame["minute"] == 0, 80.0, 30.0) + noise))
    assert statuses(found)["rate"] == "not_identified"
    assert not found.converged


def test_ratings_about_one_level_have_no_rate(cohort, fitted):
    frame = cohort(20, 2, times=(0, 2, 4, 6, 8, 10))
    noise = np.random.default_rng(3).normal(0, 5.0, len(frame))
    found = fitted(frame.assign(fear=50 + noise))
    assert not found.converged
    assert "not_identified" in set(found.statuses["status"])


def test_curves_without_an_error_have_no_standard_errors(cohort, fitted):
    found = fitted(cohort(10, residual=0.0, spreads=(0.0, 0.0, 0.0, 0.0)))
    # the search stops where nothing is left over, not at a top
    np.testing.assert_allclose(found.coefficients["estimate"], [76.0, 28.0, -1.6], atol=0.5)
    assert found.coefficients["std_error"].isna().all()
    assert statuses(found)["all"] == "flat"
    assert not found.converged


def test_one_rating_an_exposure_at_many_times_is_enough_if_there_are_many(cohort, fitted):
    frame = cohort(300, 4, seed=2, spreads=(0.0, 0.0, 0.0, 0.0))
    one = frame.groupby("exposure").sample(1, random_state=1)
    found = fitted(one, random=())
    table = found.coefficients
    assert ((table["estimate"] - [76.0, 28.0, -1.6]).abs() < 3 * table["std_error"]).all()


def test_words_that_nobody_knows_are_refused(cohort, fitted):
    frame = cohort(5)
    with pytest.raises(UnknownNameError, match="quadrature"):
        fitted(frame, method="laplace")
    with pytest.raises(UnknownNameError, match="exposure_start"):
        fitted(frame, random=("slope",))
    with pytest.raises(UnknownNameError, match="max_nodes"):
        fitted(frame, nodes=3)
    with pytest.raises(CannotAnswerError, match="a share between 0 and 1"):
        fitted(frame, confidence=95)
    with pytest.raises(CannotAnswerError, match="1 or more"):
        fitted(frame, max_nodes=0)


def test_a_covariate_that_changes_within_an_exposure_is_refused(cohort, fitted):
    frame = cohort(10).assign(x=lambda own: own["minute"])
    with pytest.raises(CannotAnswerError, match="one value per exposure"):
        fitted(frame, parts=Parts(start="1 + x"))


def test_progress_is_told(cohort, fitted):
    told = []
    fitted(cohort(20), progress=lambda *args: told.append(args))
    fitted(cohort(20), method="linearized", progress=lambda *args: told.append(args))
    assert {what for *_, what in told} == {"nodes of the integral", "tangents"}
    assert all(done <= total for done, total, _ in told)


def test_a_frame_is_needed(fitted):
    with pytest.raises(CannotAnswerError, match="pandas DataFrame"):
        fitted([1, 2, 3])
    with pytest.raises(UnknownNameError, match="fear"):
        fitted(pd.DataFrame({"minute": [1.0]}))

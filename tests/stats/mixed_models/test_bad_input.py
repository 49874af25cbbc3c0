"""Data a model cannot be fitted to: an error that says what, where and the remedy."""

import re

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

VISITS = {"outcome": "score", "fixed": "baseline + arm*visit", "visit": "visit",
          "subject": "patient_id"}  # fmt: skip
WEEKS = {"outcome": "score", "fixed": "baseline + arm*week", "groups": "patient_id"}


def fit_visits(rows, **how):
    return fit_mmrm(rows, **(VISITS | how))


def fit_weeks(rows, **how):
    return fit_mixed_model(rows, **(WEEKS | how))


BOTH = pytest.mark.parametrize("fit", [fit_visits, fit_weeks])


def refuses(fit, rows, *parts, kind=CannotAnswerError, **how):
    with pytest.raises(kind) as caught:
        fit(rows, **how)
    message = str(caught.value)
    for part in parts:
        assert part in message, message
    assert "nan" not in message.lower().split()
    return message


@BOTH
def test_one_arm(fit, trial):
    alone = trial[trial["arm"] == "usual_care"]
    for rows in (alone, alone.assign(arm=alone["arm"].cat.remove_unused_categories())):
        refuses(fit, rows, "arm", "usual_care")


def test_one_visit_has_no_contrast_of_visits(trial):
    last = trial[trial["visit"] == 4]
    message = refuses(fit_visits, last, "visit is 4")
    assert "out of the formula" in message
    assert fit_visits(last, fixed="baseline + arm").converged


def test_visits_without_a_value_are_left_out_and_said(trial):
    gone = fit_visits(trial.assign(score=trial["score"].where(trial["visit"] != 3)))
    assert "No value at visit 3" in " ".join(gone.notes)
    assert sorted(set(gone.marginal_means(["visit"])["visit"])) == [1, 2, 4]
    assert len(gone.excluded) + gone.n_rows == len(trial)


@BOTH
def test_what_is_no_frame(fit, trial):
    refuses(fit, trial.to_numpy(), "ndarray", "pandas DataFrame")


def test_visits_in_words_are_sorted_as_words_and_that_is_said_where_it_matters(trial):
    words = trial["visit"].map(dict(enumerate("dcba", start=1))).astype("str")
    worded = trial.assign(visit=words)
    assert "in the order a, b, c, d" in " ".join(fit_visits(worded, covariance="ar1").notes)
    assert "in the order" not in " ".join(fit_visits(worded).notes)
    ordered = worded.assign(visit=pd.Categorical(worded["visit"], list("dcba"), ordered=True))
    assert "in the order" not in " ".join(fit_visits(ordered, covariance="ar1").notes)


@BOTH
def test_no_rows_at_all(fit, trial):
    refuses(fit, trial.iloc[:0])
    refuses(fit, trial.assign(score=np.nan), "score")


@BOTH
def test_a_patient_without_any_value_is_listed(fit, trial):
    silent = trial.assign(score=trial["score"].where(trial["patient_id"] != "P003"))
    found = fit(silent)
    lost = found.excluded[found.excluded.isin(["P003"]).any(axis=1)]
    assert len(lost) == 4
    assert set(lost["reason"]) == {"no value of score"}
    assert found.n_subjects == silent.dropna(subset=["score"])["patient_id"].nunique()
    assert_no_nan(found)


@BOTH
def test_collinear_covariates(fit, trial):
    twice = trial.assign(double=2 * trial["baseline"] + 3)
    refuses(fit, twice, "double", fixed="baseline + double + arm")
    constant = trial.assign(fixed_dose=7.0)
    refuses(fit, constant, "fixed_dose", fixed="fixed_dose + arm")


@BOTH
def test_a_constant_outcome(fit, trial):
    refuses(fit, trial.assign(score=5.0), "score", "5", "384 rows")
    told = trial.assign(score=2 * trial["baseline"])
    refuses(fit, told, "outcome")


def test_a_visit_empty_in_one_arm(trial):
    hole = (trial["visit"] == 4) & (trial["arm"] == "usual_care")
    message = refuses(fit_visits, trial.assign(score=trial["score"].mask(hole)), "visit", "4")
    assert "usual_care" in message or "arm" in message


def test_two_rows_of_a_patient_at_a_visit(trial):
    rows = trial.reset_index(drop=True)
    double = pd.concat([rows, rows.iloc[[5]]], ignore_index=True)
    message = refuses(fit_visits, double, "P002", "visit")
    assert "2" in message


@BOTH
@pytest.mark.parametrize("column", ["score", "baseline"])
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinite_values(fit, column, value, trial):
    rows = trial.copy()
    rows.loc[6, column] = value
    refuses(fit, rows, column, "6")


@BOTH
def test_an_outcome_in_words(fit, trial):
    refuses(fit, trial.assign(score=trial["score"].astype(str) + " points"), "score")
    refuses(fit, trial.assign(score=pd.Categorical(trial["score"])), "score")


@BOTH
def test_three_patients_are_refused_or_answered_without_nan(fit, trial):
    few = trial[trial["patient_id"].isin(["P001", "P002", "P003"])]
    assert set(few["arm"]) == {"usual_care", "graded_exposure"}
    for fixed in ("arm", "baseline + arm"):
        try:
            found = fit(few, fixed=fixed)
        except CannotAnswerError as error:
            refused = str(error)
        else:
            refused = ""
            assert_no_nan(found)
        assert not refused or re.search(r"patient|visit|row", refused), refused


@BOTH
@pytest.mark.parametrize(("argument", "value"), [
    ("outcome", "pain"), ("fixed", "baseline + dose"), ("weights", "mass"), ("nested", "ward"),
])  # fmt: skip
def test_a_column_that_is_not_there(fit, argument, value, trial):
    name = value.split()[-1]
    refuses(fit, trial, name, kind=(UnknownNameError, CannotAnswerError), **{argument: value})


def test_other_columns_that_are_not_there(trial):
    both = (UnknownNameError, CannotAnswerError)
    refuses(fit_visits, trial, "day", kind=both, visit="day")
    refuses(fit_visits, trial, "person", kind=both, subject="person")
    refuses(fit_visits, trial, "ward", kind=both, by_group="ward")
    refuses(fit_weeks, trial, "person", kind=both, groups="person")
    refuses(fit_weeks, trial, "month", kind=both, random="month")
    refuses(fit_weeks, trial, "item", kind=both, crossed="item")
    refuses(fit_weeks, trial, "ward", kind=both, robust="CR2", clusters="ward")


@BOTH
@pytest.mark.parametrize(("option", "offered"), [
    ("df", "kenward-roger"), ("method", "reml"), ("information", "observed"), ("robust", "CR2"),
])  # fmt: skip
def test_an_option_that_is_not_on_offer(fit, option, offered, trial):
    refuses(fit, trial, "bayes", offered, kind=UnknownNameError, **{option: "bayes"})
    refuses(fit, trial, "speed", kind=(UnknownNameError, TypeError), speed="high")


def test_a_covariance_that_is_not_on_offer(trial):
    refuses(fit_visits, trial, "spherical", "unstructured", "ar1", kind=UnknownNameError,
            covariance="spherical")  # fmt: skip


@BOTH
def test_questions_about_what_the_model_does_not_hold(fit, trial):
    found = fit(trial)
    asked = [
        (lambda: found.contrasts("dose"), "dose"),
        (lambda: found.contrasts("arm", reference="placebo"), "placebo"),
        (lambda: found.contrasts("arm", by="site"), "site"),
        (lambda: found.contrasts("baseline"), "baseline"),
        (lambda: found.marginal_means(["site"]), "site"),
        (lambda: found.marginal_means(["arm"], at={"dose": 3}), "dose"),
        (lambda: found.test(["arm[T.placebo]"]), "placebo"),
        (lambda: found.combine({"mine": {"dose": 1.0}}), "dose"),
        (lambda: found.slopes("dose"), "dose"),
        (lambda: found.slopes("arm"), "arm"),
    ]
    for ask, name in asked:
        with pytest.raises((UnknownNameError, CannotAnswerError), match=name):
            ask()


@BOTH
def test_contrasts_without_content_are_refused(fit, trial):
    found = fit(trial)
    p = len(found.coefficients)
    for lines in (
        np.zeros((1, p)),
        np.eye(p + 1)[:1],
        np.full((1, p), np.nan),
        np.zeros((0, p)),
        [],
    ):
        with pytest.raises(CannotAnswerError):
            found.test(lines)


@BOTH
@pytest.mark.parametrize("column", ["arm", "baseline"])
def test_rows_without_a_covariate_are_listed(fit, column, trial):
    rows = trial.copy()
    rows.loc[[9, 10], column] = None
    found = fit(rows)
    reasons = found.excluded.set_index("row")["reason"]
    assert list(reasons.loc[[9, 10]]) == [f"no value of {column}"] * 2
    assert found.n_rows + len(found.excluded) == len(rows)


@BOTH
def test_rows_without_a_patient_are_listed(fit, trial):
    rows = trial.assign(patient_id=trial["patient_id"].astype(object))
    rows.loc[[0, 1], "patient_id"] = None
    found = fit(rows)
    assert {0, 1} <= set(found.excluded["row"])
    assert found.n_rows + len(found.excluded) == len(rows)


@BOTH
def test_weights_that_are_none(fit, trial):
    for bad in (-1.0, 0.0, np.inf):
        rows = trial.assign(w=1.0)
        rows.loc[4, "w"] = bad
        refuses(fit, rows, "w", weights="w")


@BOTH
def test_a_column_twice(fit, trial):
    refuses(fit, pd.concat([trial, trial[["score"]]], axis=1), "score")


def test_ar1_days_of_one_patient_twice_are_refused(trial):
    days = trial.assign(day=7.0 * trial["visit"].astype(int))
    days.loc[1, "day"] = days.loc[0, "day"]
    refuses(fit_visits, days, "P001", visit="day", covariance="spatial_exponential")


def test_a_covariance_with_too_many_parameters_falls_back_and_says_so(trial):
    few = trial[trial["patient_id"].isin([f"P{i:03d}" for i in range(1, 8)])]
    found = fit_visits(few, fixed="arm + visit")
    assert found.converged
    assert found.settings["covariance"] == found.attempts["covariance"].iloc[-1]
    if len(found.attempts) > 1:
        first = found.attempts.iloc[0]
        assert first["covariance"] == "unstructured"
        assert not first["converged"]
        assert first["reason"]
        assert any("unstructured" in note for note in found.notes)
    assert_no_nan(found)


def test_a_joint_test_of_too_few_patients_is_satterthwaites_and_says_so(trial):
    few = trial[trial["patient_id"].isin([f"P{i:03d}" for i in range(1, 8)])]
    tests = fit_visits(few, fixed="arm + visit").test_effects().set_index("term")
    # Kenward and Roger's scale needs a denominator of more than 2 df
    assert tests.loc["visit", "df_method"] == "satterthwaite"
    assert tests.loc["arm", "df_method"] == "kenward-roger"
    assert (tests["statistic"] > 0).all()


def assert_no_nan(found):
    arm = [found.marginal_means(["arm"]), found.contrasts("arm")]
    frames = [found.coefficients, found.covariance, found.test_effects(), *arm]
    frames += list((found.residual_covariance or {}).values())
    for frame in frames:
        assert np.isfinite(frame.select_dtypes("number").to_numpy()).all()


@pytest.mark.parametrize("at", [
    [20], {"baseline": [20, 30]}, {"baseline": "x"}, {"baseline": np.inf}, {"arm": "nobody"},
])  # fmt: skip
def test_variables_are_held_at_one_value_that_they_can_have(trial, at):
    found = fit_visits(trial)
    with pytest.raises((CannotAnswerError, UnknownNameError), match="at "):
        found.marginal_means(["visit"], at=at)

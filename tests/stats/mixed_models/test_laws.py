"""What must not change, and what must change by a known amount."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from gradex_analysis.stats.mixed_models import COVARIANCES, fit_mixed_model, fit_mmrm

LAW = settings(max_examples=4, deadline=None, derandomize=True)
VISITS = {"outcome": "score", "fixed": "baseline + arm*visit", "visit": "visit",
          "subject": "patient_id"}  # fmt: skip
WEEKS = {"outcome": "score", "fixed": "baseline + arm*week", "groups": "patient_id"}
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"]
#: how far two searches of the same optimum may end apart
SEARCH = {"rtol": 1e-5, "atol": 1e-8}


def fit_visits(rows, **how):
    return fit_mmrm(rows, **(VISITS | how))


def fit_weeks(rows, **how):
    return fit_mixed_model(rows, **({"random": "week"} | WEEKS | how))


def fit_therapists(rows, **how):
    return fit_weeks(rows, random=None, nested="therapist_id", **how)


BOTH = pytest.mark.parametrize("fit", [fit_visits, fit_weeks, fit_therapists])


def assert_same(ours, theirs, columns=NUMBERS):
    for column in columns:
        np.testing.assert_allclose(
            ours[column].to_numpy(float), theirs[column].to_numpy(float), **SEARCH
        )


@BOTH
@LAW
@given(seed=st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(fit, trial, seed):
    whole = fit(trial)
    order = np.random.default_rng(seed).permutation(len(trial))
    mixed = fit(trial.iloc[order])
    assert_same(mixed.coefficients, whole.coefficients)
    assert mixed.deviance == pytest.approx(whole.deviance, abs=1e-6)
    pd.testing.assert_series_equal(mixed.fitted.sort_index(), whole.fitted.sort_index(), rtol=1e-4)
    assert sorted(mixed.excluded["row"]) == sorted(whole.excluded["row"])


@BOTH
@LAW
@given(seed=st.integers(0, 10_000))
def test_patients_may_be_named_at_will(fit, trial, seed):
    names = trial["patient_id"].unique()
    numbers = np.random.default_rng(seed).permutation(len(names)) + 1
    renamed = trial.assign(
        patient_id=trial["patient_id"].map(dict(zip(names, numbers, strict=True)))
    )
    assert_same(fit(renamed).coefficients, fit(trial).coefficients)


@BOTH
@LAW
@given(factor=st.floats(1e-4, 1e5), shift=st.floats(-1000, 1000), sign=st.sampled_from([-1, 1]))
def test_the_unit_of_the_outcome_scales_estimates_only(fit, trial, factor, shift, sign):
    by = sign * factor
    plain, other = fit(trial), fit(trial.assign(score=by * trial["score"] + by * shift))
    ours, theirs = other.coefficients, plain.coefficients.copy()
    theirs.loc[theirs["term"] == "Intercept", "estimate"] += shift
    np.testing.assert_allclose(
        ours["estimate"] / by, theirs["estimate"], rtol=1e-5, atol=1e-5 * theirs["std_error"].max()
    )
    np.testing.assert_allclose(ours["std_error"] / factor, theirs["std_error"], **SEARCH)
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-4)
    inner = theirs["term"] != "Intercept"
    np.testing.assert_allclose(ours["p_value"][inner], theirs["p_value"][inner], rtol=1e-3)
    free = plain.n_rows - len(theirs)
    assert other.deviance - plain.deviance == pytest.approx(2 * free * np.log(factor), abs=1e-5)


@BOTH
def test_the_reference_level_changes_no_contrast(fit, trial):
    turned = trial.assign(
        arm=trial["arm"].cat.reorder_categories(["graded_exposure", "usual_care"])
    )
    plain, other = fit(trial), fit(turned)
    by = {"by": "visit"} if fit is fit_visits else {"at": {"week": 16}}
    assert_same(
        other.contrasts("arm", reference="usual_care", **by),
        plain.contrasts("arm", reference="usual_care", **by),
    )
    assert other.deviance == pytest.approx(plain.deviance, abs=1e-6)
    reverse = plain.contrasts("arm", reference="graded_exposure", **by)
    forward = plain.contrasts("arm", reference="usual_care", **by)
    np.testing.assert_allclose(reverse["estimate"], -forward["estimate"])
    np.testing.assert_allclose(reverse["p_value"], forward["p_value"])


@pytest.mark.parametrize("covariance", COVARIANCES[:-1])
def test_visits_read_backwards_are_the_same_model(covariance, trial):
    back = trial.assign(visit=trial["visit"].cat.reorder_categories([4, 3, 2, 1]))
    plain, other = (
        fit_visits(rows, covariance=covariance, fallback=False) for rows in (trial, back)
    )
    assert other.deviance == pytest.approx(plain.deviance, abs=1e-6)
    ours, theirs = (
        f.contrasts("arm", by="visit", reference="usual_care").sort_values(
            "visit", key=lambda v: v.astype(int)
        )
        for f in (other, plain)
    )
    assert_same(ours, theirs)


def test_contrasts_are_differences_of_means(trial):
    fit = fit_visits(trial)
    means = fit.marginal_means(["visit", "arm"]).pivot_table(
        "estimate", "visit", "arm", observed=False
    )
    ours = fit.contrasts("arm", by=["visit"], reference="usual_care").set_index("visit")
    difference = means["graded_exposure"] - means["usual_care"]
    np.testing.assert_allclose(ours["estimate"], difference.loc[ours.index])


@BOTH
@pytest.mark.parametrize("how", [
    {}, {"df": "satterthwaite"}, {"df": "residual"}, {"method": "ml", "df": "satterthwaite"},
    {"robust": "CR0"}, {"robust": "CR2"},
])  # fmt: skip
def test_p_values_intervals_and_df_agree(fit, how, trial):
    found = fit(
        trial,
        **({"clusters": "therapist_id"} if fit is fit_therapists and "robust" in how else {}),
        **how,
    )
    tables = [found.coefficients, found.contrasts("arm", reference="usual_care")]
    for table in tables:
        t = table["estimate"] / table["std_error"]
        np.testing.assert_allclose(table["statistic"], t)
        np.testing.assert_allclose(table["p_value"], 2 * stats.t.sf(np.abs(t), table["df"]))
        half = stats.t.ppf(0.975, table["df"]) * table["std_error"]
        np.testing.assert_allclose(table["ci_low"], table["estimate"] - half)
        np.testing.assert_allclose(table["ci_high"], table["estimate"] + half)
        inside = (table["ci_low"] < 0) & (table["ci_high"] > 0)
        assert list(table["p_value"] > 0.05) == list(inside)


@BOTH
@pytest.mark.parametrize("information", ["observed", "expected"])
@LAW
@given(seed=st.integers(0, 10_000))
def test_kenward_roger_df_of_one_contrast_are_those_of_satterthwaite(fit, information, trial, seed):
    fits = [fit(trial, df=df, information=information) for df in ("kenward-roger", "satterthwaite")]
    terms = list(fits[0].coefficients["term"])
    weights = np.random.default_rng(seed).normal(size=(3, len(terms)))
    table = pd.DataFrame(weights, index=list("abc"), columns=terms)
    ours, theirs = (f.combine(table)["df"].to_numpy() for f in fits)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


@BOTH
def test_an_f_test_of_one_row_is_the_t_test(fit, trial):
    found = fit(trial)
    for i, row in found.coefficients.iterrows():
        test = found.test(np.eye(len(found.coefficients))[[i]])
        named = found.test([row["term"]])
        assert test == pytest.approx(named)
        assert test["df_between"] == 1
        assert test["statistic"] == pytest.approx(row["statistic"] ** 2, rel=1e-8)
        assert (test["df"], test["p_value"]) == pytest.approx((row["df"], row["p_value"]), rel=1e-6)


@BOTH
def test_f_tests_do_not_depend_on_the_rows_chosen_for_a_hypothesis(fit, trial):
    found = fit(trial)
    rows = np.eye(len(found.coefficients))[1:4]
    mixed = np.array([[1.0, 2, 0], [0, -1, 3], [2, 0, 5]]) @ rows
    ours, theirs = found.test(mixed), found.test(rows)
    for key in ("statistic", "df_between", "df", "p_value"):
        assert ours[key] == pytest.approx(theirs[key], rel=1e-6)


def test_a_random_intercept_is_compound_symmetry(trial):
    formula = "baseline*visit + arm*visit"
    for how in ({"information": "observed"}, {"information": "expected", "df": "satterthwaite"}):
        one = fit_weeks(trial, fixed=formula, random=None, **how)
        other = fit_visits(trial, fixed=formula, covariance="compound_symmetry", **how)
        assert one.deviance == pytest.approx(other.deviance, abs=1e-6)
        assert_same(one.coefficients, other.coefficients)


def test_equal_weights_are_no_weights(trial):
    for fit in (fit_visits, fit_weeks):
        plain, weighted = fit(trial), fit(trial.assign(w=1.0), weights="w")
        assert_same(weighted.coefficients, plain.coefficients)
        heavy = fit(trial.assign(w=4.0), weights="w")
        assert_same(heavy.coefficients, plain.coefficients)


def test_evenly_spaced_days_are_ar1(trial):
    days = trial.assign(day=7.0 * trial["visit"].astype(int))
    one = fit_visits(days, visit="day", covariance="spatial_exponential")
    other = fit_visits(trial, covariance="ar1")
    assert one.deviance == pytest.approx(other.deviance, abs=1e-6)
    assert_same(one.coefficients, other.coefficients)


@BOTH
def test_every_row_is_used_or_listed(fit, trial):
    holes = trial.assign(baseline=trial["baseline"].where(trial["patient_id"] != "P007"))
    found = fit(holes)
    assert found.n_rows + len(found.excluded) == len(trial)
    assert len(found.fitted) == len(found.residuals) == found.n_rows
    assert not set(found.excluded["row"]) & set(found.fitted.index)
    assert (found.excluded["reason"] == "no value of baseline").any()
    np.testing.assert_allclose(
        found.fitted + found.residuals, trial.loc[found.fitted.index, "score"]
    )

"""Sandwich covariances: R's clubSandwich, and Pustejovsky & Tipton (2018) written out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import linalg

from gradex_analysis.errors import GradexError
from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

FIXTURES = Path(__file__).parent / "fixtures"
GROWTH = {"outcome": "score", "fixed": "baseline + arm*week", "groups": "patient_id"}
VISITS = {"outcome": "score", "fixed": "baseline*visit + arm*visit", "subject": "patient_id"}


def fit_as_r(model, trial, how):
    """Return the model of robust.R."""
    if model == "slope":
        return fit_mixed_model(trial, **GROWTH, random="week", **how)
    if model == "nested":
        return fit_mixed_model(trial, **GROWTH, random=None, nested="therapist_id", **how)
    return fit_mmrm(trial, **VISITS, visit="visit", covariance="compound_symmetry", **how)


@pytest.fixture(scope="module")
def sandwiches():
    table = pd.read_csv(FIXTURES / "robust.csv")
    return table.set_index(["model", "cluster", "type"]).sort_index()


CASES = [(model, cluster, kind)
         for model in ("compound_symmetry", "slope", "nested")
         for cluster in ("patient_id", "therapist_id")
         for kind in ("CR0", "CR2")
         if (model, cluster) != ("nested", "patient_id")]  # fmt: skip


@pytest.mark.parametrize(("model", "cluster", "kind"), CASES)
def test_standard_errors_and_df_are_those_of_clubsandwich(
    model, cluster, kind, trial, sandwiches, agree, in_the_order_of_r
):
    fit = fit_as_r(model, trial, {"robust": kind, "clusters": cluster})
    theirs = sandwiches.loc[(model, cluster, kind)].set_index("term")
    ours = in_the_order_of_r(fit.coefficients, theirs.index)
    agree(ours, theirs, estimate=1e-5, std_error=1e-5, df=1e-5)
    assert fit.settings["robust"] == kind


def test_the_default_clusters_are_the_patients(trial):
    for model in ("compound_symmetry", "slope"):
        plain = fit_as_r(model, trial, {"robust": "CR2"}).coefficients
        named = fit_as_r(model, trial, {"robust": "CR2", "clusters": "patient_id"}).coefficients
        pd.testing.assert_frame_equal(plain, named)


def test_cr2_of_a_contrast_is_the_textbook_formula(trial):
    fit = fit_mmrm(trial, **VISITS, visit="visit", robust="CR2", clusters="therapist_id")
    rows = trial.dropna(subset=["score"]).reset_index(drop=True)
    x, v, clusters = textbook_parts(fit, rows)
    terms = list(fit.coefficients["term"])
    line = np.array([term.startswith("arm") for term in terms]) * 1.0
    variance, df = textbook_cr2(x, v, rows["score"].to_numpy(), clusters, line)
    ours = fit.combine({"arms at visit 1 and more": dict(zip(terms, line, strict=True))}).iloc[0]
    assert ours["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-7)
    assert ours["df"] == pytest.approx(df, rel=1e-7)


def textbook_parts(fit, rows):
    """Return the design written by hand, V of all rows and the rows of each therapist."""
    visit = pd.get_dummies(rows["visit"], dtype=float)
    arm = (rows["arm"] == "graded_exposure") * 1.0
    by_name = {
        "Intercept": np.ones(len(rows)),
        "baseline": rows["baseline"],
        "arm[T.graded_exposure]": arm,
    }
    by_name |= {f"visit[T.{v}]": visit[v] for v in (2, 3, 4)}

    def column(term):
        return np.prod([np.asarray(by_name[part], float) for part in term.split(":")], axis=0)

    x = np.column_stack([column(term) for term in fit.coefficients["term"]])
    (sigma,) = fit.residual_covariance.values()
    at = visit.to_numpy()
    patients = rows["patient_id"].to_numpy()
    v = at @ sigma.to_numpy() @ at.T * (patients[:, None] == patients)
    return x, v, list(rows.groupby("therapist_id", dropna=False).indices.values())


def textbook_cr2(x, v, y, clusters, line):
    """Pustejovsky & Tipton 2018, equations 4 to 11, with W = V^-1 as working model."""
    w = np.linalg.inv(v)
    bread = np.linalg.inv(x.T @ w @ x)
    hat = x @ bread @ x.T @ w
    left = (np.eye(len(y)) - hat) @ v @ (np.eye(len(y)) - hat).T
    residuals = y - hat @ y
    scores, pulls = [], []
    for own in clusters:
        d = linalg.cholesky(v[np.ix_(own, own)])
        b = d @ left[np.ix_(own, own)] @ d.T
        a = d.T @ linalg.fractional_matrix_power(b, -0.5).real @ d
        pull = bread @ x[own].T @ w[np.ix_(own, own)] @ a
        scores.append(line @ pull @ residuals[own])
        pulls.append(line @ pull @ (np.eye(len(y)) - hat)[own])
    between = np.array(pulls) @ v @ np.array(pulls).T
    return np.sum(np.square(scores)), np.trace(between) ** 2 / np.sum(between**2)


def test_clusters_that_cut_patients_apart_are_refused(trial):
    half = trial.assign(half=np.where(trial["visit"].astype(int) > 2, "late", "early"))
    half["half"] = half["patient_id"] + half["half"]
    with pytest.raises(GradexError, match=r"(?s)half.*patient_id|patient_id.*half"):
        fit_mmrm(half, **VISITS, visit="visit", robust="CR2", clusters="half")


def test_robust_errors_leave_the_estimates_alone(trial):
    plain = fit_as_r("slope", trial, {}).coefficients["estimate"]
    robust = fit_as_r("slope", trial, {"robust": "CR2"}).coefficients["estimate"]
    pd.testing.assert_series_equal(plain, robust)


def test_a_patient_in_no_cluster_is_one_of_their_own(trial):
    treated = trial["arm"] == "graded_exposure"
    partly = trial.assign(therapist=trial["therapist_id"].where(treated))
    alone = trial.assign(therapist=trial["therapist_id"].where(treated, trial["patient_id"]))
    ours, theirs = (
        fit_as_r("slope", rows, {"robust": "CR2", "clusters": "therapist"}).coefficients
        for rows in (partly, alone)
    )
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-6)


def test_few_clusters_are_said(trial):
    two = trial.assign(team=np.where(trial["site"] == "A", "one", "two"))
    fit = fit_as_r("slope", two, {"robust": "CR2", "clusters": "team"})
    assert any("2" in note and "team" in note for note in fit.notes)

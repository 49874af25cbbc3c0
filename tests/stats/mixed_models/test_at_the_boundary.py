"""Variances of 0 and correlations of 1: the numbers of lme4 and pbkrtest, and said to be there."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

MODEL = {"outcome": "score", "fixed": "baseline + week", "groups": "patient_id"}
RANDOM = {"slope": {"random": "week"}, "therapist": {"random": None, "nested": "therapist_id"}}
CASES = [("slope", "A", "graded_exposure"), ("slope", "A", "usual_care")]
CASES += [("therapist", site, arm) for site in "AC" for _, _, arm in CASES]


@pytest.fixture(scope="module")
def lme4():
    table = pd.read_csv(Path(__file__).parent / "fixtures" / "boundary.csv")
    return table.set_index(["model", "site", "arm"]).sort_index()


@pytest.mark.parametrize("case", CASES, ids="-".join)
def test_fits_at_the_boundary_are_those_of_r(case, trial, lme4, agree, in_the_order_of_r):
    model, site, arm = case
    rows = trial[(trial["site"] == site) & (trial["arm"] == arm)]
    fit = fit_mixed_model(rows, **MODEL, **RANDOM[model])
    theirs = lme4.loc[case].set_index("term")
    assert -1e-5 < fit.deviance - theirs["reml_crit"].iloc[0] < 1e-6
    ours = in_the_order_of_r(fit.coefficients, theirs.index)
    agree(ours, theirs, estimate=1e-5, std_error=1e-5, df=1e-5)
    assert fit.variance_components["at_boundary"].any()
    name = "therapist_id" if model == "therapist" else "patient_id"
    assert any(name in note and "boundary" in note for note in fit.notes)


def test_inside_nothing_is_said(trial):
    rows = trial[(trial["site"] == "B") & (trial["arm"] == "usual_care")]
    fit = fit_mixed_model(rows, **MODEL, **RANDOM["slope"])
    assert not fit.variance_components["at_boundary"].any()
    assert fit.notes == ()


def test_patients_more_alike_than_by_chance_have_no_negative_variance(trial):
    draws = np.random.default_rng(3)
    noise = trial.assign(score=draws.normal(50, 5, len(trial)))
    noise["score"] -= noise.groupby("patient_id")["score"].transform("mean")
    fit = fit_mixed_model(noise, **MODEL, random=None)
    variances = fit.variance_components.set_index("group")
    assert variances.loc["patient_id", "estimate"] == pytest.approx(0, abs=1e-6)
    assert variances.loc["patient_id", "at_boundary"]
    x = np.column_stack([np.ones(len(noise)), noise["baseline"], noise["week"]])
    beta, (squares,), *_ = np.linalg.lstsq(x, noise["score"].to_numpy())
    np.testing.assert_allclose(fit.coefficients["estimate"], beta, rtol=1e-6, atol=1e-9)
    residual = variances.loc["Residual", "estimate"]
    assert residual == pytest.approx(squares / (len(noise) - 3), rel=1e-5)
    assert np.isfinite(fit.coefficients.drop(columns="term").to_numpy(float)).all()


@pytest.mark.parametrize(("name", "how", "optimum"), [
    # a saddle on the way, where the items' standard deviation is 0
    ("crossed_23", {"random": "w", "crossed": "item"}, 111.79205922),
    # two maxima: all between patients, or (likelier) all between therapists
    ("local_13", {"random": None, "nested": "th", "method": "ml"}, 59.37867094),
])  # fmt: skip
def test_the_search_passes_saddles_and_lower_maxima(name, how, optimum):
    rows = pd.read_csv(Path(__file__).parent / "fixtures" / f"{name}.csv")
    fit = fit_mixed_model(rows, outcome="y", fixed="w*arm", groups="p", df="satterthwaite", **how)
    assert fit.deviance == pytest.approx(optimum, abs=1e-5)  # lme4's, and that of dense algebra


def uncorrelated(seed):
    """Return 24 patients with four visits on days of their own that have nothing in common."""
    draws = np.random.default_rng(seed)
    days = np.tile([14, 28, 56, 112], 24) + draws.integers(-3, 4, 96)
    arm = np.repeat(np.where(np.arange(24) % 2, "a", "b"), 4)
    rows = {"patient_id": np.repeat(np.arange(24), 4), "day": days, "arm": arm}
    return pd.DataFrame({**rows, "score": draws.normal(0, 1, 96)})


DAYS = {"outcome": "score", "fixed": "arm*day", "subject": "patient_id"}


def test_a_correlation_without_a_range_gives_way_to_compound_symmetry_and_it_is_said():
    rows = uncorrelated(1)
    fit = fit_mmrm(rows, **DAYS, visit="day", covariance="spatial_exponential")
    assert fit.settings["covariance"] == "compound_symmetry"
    assert fit.attempts["covariance"].tolist() == ["spatial_exponential", "compound_symmetry"]
    assert fit.attempts["reason"].tolist() == [
        "the range of the correlation lies at its boundary, 0", ""
    ]  # fmt: skip
    assert any("lies at its boundary" in note for note in fit.notes)
    assert "Visits are numbered within each patient." in fit.notes
    # compound symmetry asks for no order: the same whichever visit is called the first
    numbered = rows.assign(number=rows.groupby("patient_id").cumcount(ascending=False))
    plain = fit_mmrm(numbered, **DAYS, visit="number", covariance="compound_symmetry")
    assert fit.deviance == pytest.approx(plain.deviance, abs=1e-6)
    assert fit.coefficients["std_error"].tolist() == pytest.approx(
        plain.coefficients["std_error"].tolist(), rel=1e-5
    )
    with pytest.raises(CannotAnswerError, match="lies at its boundary, 0"):
        fit_mmrm(rows, **DAYS, visit="day", covariance="spatial_exponential", fallback=False)


def test_uncorrelated_visits_are_answered_whatever_the_draw():
    for seed in range(8):
        fit = fit_mmrm(uncorrelated(seed), **DAYS, visit="day", covariance="spatial_exponential")
        assert fit.converged
        assert np.isfinite(fit.coefficients.drop(columns="term").to_numpy(float)).all()

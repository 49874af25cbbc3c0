"""Nine covariance structures, fitted by R's mmrm 0.3.18 and by nlme::gls."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mmrm

#: mmrm's names of the structures
STRUCTURES = {
    "us": "unstructured",
    "cs": "compound_symmetry",
    "csh": "heterogeneous_compound_symmetry",
    "ar1": "ar1",
    "ar1h": "heterogeneous_ar1",
    "toep": "toeplitz",
    "toeph": "heterogeneous_toeplitz",
    "ad": "antedependence",
    "adh": "heterogeneous_antedependence",
}
METHODS = {"Satterthwaite": "satterthwaite", "KR": "kenward-roger"}
MODEL = {"fixed": "baseline*visit + arm*visit", "visit": "visit", "subject": "patient_id"}


@pytest.fixture(scope="module", params=[(s, m) for s in STRUCTURES for m in METHODS])
def case(request, trial, oracles):
    structure, method = request.param
    fit = fit_mmrm(
        trial,
        outcome="score",
        **MODEL,
        covariance=STRUCTURES[structure],
        df=METHODS[method],
        fallback=False,
    )
    return fit, oracles.loc[f"mmrm {structure} {method}"]


def test_the_likelihood_is_that_of_r_or_better(case, deviance_agrees):
    fit, oracle = case
    deviance_agrees(fit.deviance, oracle.loc["neg2_reml", "estimate"])
    assert fit.converged
    assert fit.log_likelihood == pytest.approx(-fit.deviance / 2)


def test_contrasts_at_every_visit_are_those_of_emmeans(case, agree):
    fit, oracle = case
    ours = fit.contrasts("arm", by="visit", reference="usual_care")
    terms = [f"{row['contrast']} @visit {row['visit']}" for _, row in ours.iterrows()]
    assert len(terms) == 4
    agree(ours, oracle.loc[terms])


def test_adjusted_means_are_those_of_emmeans(case, agree):
    fit, oracle = case
    ours = fit.marginal_means(["arm", "visit"])
    terms = [f"LS mean {row['arm']} @visit {row['visit']}" for _, row in ours.iterrows()]
    assert len(terms) == 8
    # R stopped 4e-6 above our -2 log L in one case, which leaves its means 1.6e-4 SE away
    near = 2e-4 if fit.settings["covariance"] == "heterogeneous_antedependence" else 1e-4
    agree(ours, oracle.loc[terms].drop(columns="p_value"), estimate=near)


def test_every_row_is_used_or_listed(case, trial):
    fit, _ = case
    missing = trial.index[trial["score"].isna()]
    assert fit.n_rows == 338
    assert list(fit.excluded["row"]) == list(missing)
    assert set(fit.excluded["reason"]) == {"no value of score"}


def test_sixty_patients_agree_with_gls(mmrm_60, values, agree):
    oracle = values["mmrm_60"]
    fit = fit_mmrm(mmrm_60, outcome="y", fixed="visit*arm", visit="visit", subject="id",
                   df="satterthwaite")  # fmt: skip
    # glmmTMB's likelihood holds a small residual variance beside the visits': not the same model
    assert -1e-5 < fit.deviance + 2 * oracle["logLik_gls"] < 1e-6
    theirs = {"estimate": list(oracle["coef"].values()), "std_error": list(oracle["se"].values())}
    agree(fit.coefficients, pd.DataFrame(theirs))
    (sigma,) = fit.residual_covariance.values()
    np.testing.assert_allclose(sigma, oracle["Sigma"], rtol=2e-4)

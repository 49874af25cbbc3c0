"""Real trials, visits unstructured, fitted by R's mmrm 0.3.18."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mmrm

COLUMNS = {"se": "std_error", "p": "p_value"}


@pytest.fixture
def oracle(reference):
    table = pd.read_csv(reference("oracles/r_reference.csv")).rename(columns=COLUMNS)
    return table.set_index(["dataset", "analysis"]).sort_index()


def btheb(reference):
    wide = pd.read_csv(reference("hsaur3/BtheB.csv"))
    wide["subject"] = [f"S{i:03d}" for i in range(len(wide))]
    wide = wide.rename(columns={"bdi.pre": "pre"})
    wide["treatment"] = pd.Categorical(wide["treatment"], ["TAU", "BtheB"])
    keep = ["subject", "treatment", "drug", "length", "pre"]
    long = wide.melt(keep, [f"bdi.{m}m" for m in (2, 3, 5, 8)], "visit", "bdi")
    month = long["visit"].str.extract(r"(\d)")[0]
    length = pd.Categorical(long["length"], ["<6m", ">6m"])
    visit = pd.Categorical(month, ["2", "3", "5", "8"])
    return long.assign(visit=visit, time=month.astype(float), length=length)


def claus(reference):
    rows = pd.read_csv(reference("clinicalsignificance/claus_2020.csv"))
    base = rows[rows["time"] == 1].set_index("id")["bdi"]
    later = rows[rows["time"] > 1].assign(base=rows["id"].map(base))
    arm = pd.Categorical(later["treatment"], ["TAU", "PA"])
    return later.assign(treatment=arm, visit=pd.Categorical(later["time"].astype(str)))


def antidepressant(reference):
    rows = pd.read_csv(reference("rbmi_antidepressant/antidepressant_data.csv"))
    rows["visit"] = pd.Categorical(rows["VISIT"].astype(str))
    return rows.assign(THERAPY=pd.Categorical(rows["THERAPY"], ["PLACEBO", "DRUG"]))


#: data set: rows, fit, arm, its reference
TRIALS = {
    "BtheB": (btheb, {"outcome": "bdi", "fixed": "pre + treatment*visit", "subject": "subject"},
              "treatment", "TAU"),
    "claus_2020": (claus, {"outcome": "bdi", "fixed": "base + treatment*visit", "subject": "id"},
                   "treatment", "TAU"),
    "rbmi_antidepressant": (antidepressant, {
        "outcome": "CHANGE", "fixed": "BASVAL*visit + THERAPY*visit", "subject": "PATIENT",
    }, "THERAPY", "PLACEBO"),
}  # fmt: skip


@pytest.mark.parametrize("dataset", TRIALS)
def test_satterthwaite_is_that_of_r(
    dataset, reference, oracle, agree, deviance_agrees, in_the_order_of_r
):
    load, model, arm, usual = TRIALS[dataset]
    fit = fit_mmrm(load(reference), **model, visit="visit", df="satterthwaite")
    theirs = oracle.loc[(dataset, "mmrm_us_Satterthwaite")].set_index("term")
    deviance_agrees(fit.deviance, theirs.loc["neg2REMLL", "estimate"])
    coefficients = theirs[theirs["df"].notna()]
    ours = in_the_order_of_r(fit.coefficients, coefficients.index)
    # R stops 9e-7 above our -2 log L of BtheB; one term is 1.04e-4 SE away
    agree(ours, coefficients, estimate=1.1e-4)
    (sigma,) = fit.residual_covariance.values()
    lower = sigma.to_numpy()[np.tril_indices(len(sigma))]
    entries = theirs[theirs.index.str.startswith("Sigma")]["estimate"]
    np.testing.assert_allclose(lower, entries, rtol=5e-4)
    contrasts = oracle.loc[(dataset, "mmrm_us_Satterthwaite_lsmdiff")]
    agree(fit.contrasts(arm, by="visit", reference=usual), contrasts)


@pytest.mark.parametrize("dataset", TRIALS)
def test_kenward_roger_df_are_those_of_r(dataset, reference, oracle):
    load, model, arm, usual = TRIALS[dataset]
    fit = fit_mmrm(load(reference), **model, visit="visit", df="kenward-roger")
    # R's Kenward-Roger is of second order: other SEs, the same estimates and df
    theirs = oracle.loc[(dataset, "mmrm_us_Kenward-Roger_lsmdiff")]
    ours = fit.contrasts(arm, by="visit", reference=usual)
    off = (ours["estimate"].to_numpy() - theirs["estimate"].to_numpy()) / ours["std_error"]
    assert off.abs().max() < 1e-4
    np.testing.assert_allclose(ours["df"], theirs["df"], rtol=1e-3)


def test_first_order_kenward_roger_is_that_of_r(reference, oracle, agree):
    load, model, arm, usual = TRIALS["rbmi_antidepressant"]
    fit = fit_mmrm(load(reference), **model, visit="visit", df="kenward-roger")
    case = "mmrm_us_Kenward-Roger-Linear_lsmdiff (= SAS DDFM=KR)"
    theirs = oracle.loc[("rbmi_antidepressant", case)]
    agree(fit.contrasts(arm, by="visit", reference=usual), theirs)

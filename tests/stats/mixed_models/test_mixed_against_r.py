"""Random intercepts and slopes, fitted by R's lme4 with lmerTest and pbkrtest."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mixed_model

#: lmerTest takes the observed Hessian, pbkrtest the expected information
METHODS = {
    "Satterthwaite": {"df": "satterthwaite", "information": "observed"},
    "Kenward-Roger": {"df": "kenward-roger"},
}
#: a tightened optimiser on R's side: both stand at the optimum
TIGHT = {"estimate": 1e-6, "std_error": 1e-6, "df": 1e-5}


@pytest.fixture(scope="module", params=METHODS)
def method(request):
    return request.param


def test_growth_curves_are_those_of_r(method, growth, oracles, agree, in_the_order_of_r):
    fit = fit_mixed_model(growth, outcome="fear", fixed="week*arm", random="week",
                          groups="patient_id", **METHODS[method])  # fmt: skip
    theirs = oracles.loc[f"growth {method}"]
    agree(in_the_order_of_r(fit.coefficients, theirs.index), theirs, **TIGHT)
    deviance = oracles.loc[("growth", "reml_crit"), "estimate"]
    assert -1e-5 < fit.deviance - deviance < 1e-6
    np.testing.assert_allclose(
        components(fit), oracles.loc["growth vc", "estimate"].to_numpy(), rtol=1e-5
    )


def test_patients_in_therapists_are_those_of_r(method, trial, oracles, agree, in_the_order_of_r):
    model = {"outcome": "score", "fixed": "baseline + arm*week", "groups": "patient_id"}
    fit = fit_mixed_model(trial, **model, random="week", nested="therapist_id", **METHODS[method])
    theirs = oracles.loc[f"nested {method}"]
    agree(in_the_order_of_r(fit.coefficients, theirs.index), theirs, **TIGHT)
    deviance = oracles.loc[("nested", "reml_crit"), "estimate"]
    assert -1e-5 < fit.deviance - deviance < 1e-6
    expected = oracles.loc["nested vc", "estimate"].to_numpy()
    np.testing.assert_allclose(components(fit), expected, rtol=1e-4)


def test_sixteen_patients_are_those_of_r(method, lmm_u16, values, agree, in_the_order_of_r):
    fit = fit_mixed_model(lmm_u16, outcome="y", fixed="s*arm", random="s", groups="id",
                          **METHODS[method])  # fmt: skip
    name = {"Satterthwaite": "satterthwaite", "Kenward-Roger": "kenward_roger"}[method]
    theirs = pd.DataFrame(values["lmm_u16"][name]).set_index("_row")
    theirs.columns = ["estimate", "std_error", "df", "statistic", "p_value"]
    agree(in_the_order_of_r(fit.coefficients, theirs.index), theirs)
    assert -1e-5 < fit.deviance - values["lmm_u16"]["remlcrit"] < 1e-6
    expected = [row["vcov"] for row in values["lmm_u16"]["vc"]]
    np.testing.assert_allclose(components(fit), expected, rtol=1e-3)


def components(fit):
    """Return the numbers in R's order: variances, covariances, other clusters, residual."""
    table = fit.variance_components
    last = table["group"] == "Residual"
    between = table["other"] != ""
    order = np.lexsort([between, table["group"] != table["group"].iloc[0], last])
    return table["estimate"].to_numpy(float)[order]


@pytest.fixture
def oracle(reference):
    table = pd.read_csv(reference("oracles/r_reference.csv"))
    table = table.rename(columns={"se": "std_error", "p": "p_value"})
    return table.set_index(["dataset", "analysis"]).sort_index()


def sleepstudy(reference):
    return pd.read_csv(reference("lme4_sleepstudy/sleepstudy.csv"))


def orthodont(reference):
    rows = pd.read_csv(reference("nlme_orthodont/Orthodont.csv"))
    return rows.assign(Sex=pd.Categorical(rows["Sex"], ["Female", "Male"]))


def neck_pain(reference):
    rows = pd.read_csv(reference("neck_pain_laser/neck_pain.csv"), na_values="NA")
    return rows.assign(laser=rows["laser"].astype(str), time=rows["time"].astype(str))


def panic2(reference):
    return pd.read_csv(reference("nparld/panic2.csv"), na_values="NA")


def skin(reference):
    rows = pd.read_csv(reference("scr_abend2022/trials.csv"), na_values="NA")
    rows = rows[rows["phase"] == "Extinction"].sort_values(["subject", "trial"])
    cs = pd.Categorical(rows["cs_type"], ["CS-", "CS+"])
    k = rows.groupby(["subject", "cs_type"], dropna=False).cumcount() + 1
    return rows.assign(cs=cs, k=k, root=np.sqrt(rows["cs_scr"]))


def depression(reference):
    wide = pd.read_csv(reference("hsaur3/BtheB.csv"), na_values="NA")
    wide = wide.rename(columns={"bdi.pre": "pre"}).assign(subject=range(len(wide)))
    wide["treatment"] = pd.Categorical(wide["treatment"], ["TAU", "BtheB"])
    wide["length"] = pd.Categorical(wide["length"], ["<6m", ">6m"])
    keep = ["subject", "treatment", "drug", "length", "pre"]
    long = wide.melt(keep, [f"bdi.{m}m" for m in (2, 3, 5, 8)], "visit", "bdi")
    return long.assign(time=long["visit"].str.extract(r"(\d)")[0].astype(float))


BTHEB = {"fixed": "pre + time + treatment + drug + length", "random": None, "groups": "subject"}
INTERCEPT = {"random": None}
MODELS = {
    ("sleepstudy", "lmm_REML"): (sleepstudy, "Reaction", {
        "fixed": "Days", "random": "Days", "groups": "Subject"}),
    ("Orthodont", "lmm_REML"): (orthodont, "distance", {
        "fixed": "age*Sex", "groups": "Subject"} | INTERCEPT),
    ("neck_pain", "lmm_REML"): (neck_pain, "vas", {
        "fixed": "laser*time", "groups": "id"} | INTERCEPT),
    ("panic2", "lmm_REML"): (panic2, "resp", {
        "fixed": "time*group", "groups": "subject"} | INTERCEPT),
    ("scr_abend2022", "lmm_REML"): (skin, "root", {
        "fixed": "cs*k", "groups": "subject"} | INTERCEPT),
    ("BtheB", "lmm_ri_ML"): (depression, "bdi", BTHEB | {"method": "ml"}),
    ("BtheB", "lmm_ri_REML"): (depression, "bdi", BTHEB),
}  # fmt: skip


@pytest.mark.parametrize("case", MODELS, ids=" ".join)
def test_real_data_are_those_of_r(case, reference, oracle, agree, in_the_order_of_r):
    load, outcome, model = MODELS[case]
    fit = fit_mixed_model(load(reference), outcome=outcome, **model,
                          **METHODS["Satterthwaite"])  # fmt: skip
    theirs = oracle.loc[case].set_index("term")
    coefficients = theirs[theirs["df"].notna()]
    agree(in_the_order_of_r(fit.coefficients, coefficients.index), coefficients)
    assert fit.n_rows == theirs.loc["nobs", "estimate"]
    # lme4 stopped with its default, up to 2e-6 short of the optimum here
    assert -1e-6 < fit.log_likelihood - theirs.loc["logLik", "estimate"] < 5e-6
    expected = theirs[theirs.index.str.startswith("var:")]["estimate"]
    np.testing.assert_allclose(components(fit), expected, rtol=1e-3)


def test_depression_with_kenward_roger_is_that_of_pbkrtest(
    reference, oracle, agree, in_the_order_of_r
):
    fit = fit_mixed_model(depression(reference), outcome="bdi", **BTHEB, df="kenward-roger")
    theirs = oracle.loc[("BtheB", "lmm_ri_REML_KR")].set_index("term")
    agree(in_the_order_of_r(fit.coefficients, theirs.index), theirs)


def test_random_effects_of_sleepstudy_are_those_of_lme4(reference):
    fit = fit_mixed_model(sleepstudy(reference), outcome="Reaction", fixed="Days", random="Days",
                          groups="Subject")  # fmt: skip
    own = fit.random_effects.set_index("Subject")[["(Intercept)", "Days"]]
    # ranef() with a tightened optimiser
    expected = [[2.2585655, 9.1989719], [-40.3985769, -8.6197032], [12.3145394, 1.2840297]]
    np.testing.assert_allclose(own.loc[[308, 309, 372]], expected, rtol=1e-5)
    np.testing.assert_allclose(own.sum(), 0, atol=1e-6)

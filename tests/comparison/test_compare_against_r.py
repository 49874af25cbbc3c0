"""ANCOVA of two real trials: R's lm, emmeans and anova, and statsmodels."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms

#: R prints 15 digits; both solve the same least squares
SAME = {"rtol": 1e-8}
R_COLUMNS = ["estimate", "se", "df", "statistic", "p"]
R_MEANS = ["estimate", "se", "df", "lower", "upper"]
TERMS = {"(Intercept)": "(Intercept)", "Prewt": "baseline", "TreatCBT": "arm = CBT",
         "TreatFT": "arm = FT"}  # fmt: skip


@pytest.fixture
def oracle(reference):
    table = pd.read_csv(reference("oracles/r_reference.csv"))
    return table[table["dataset"] == "anorexia"]


@pytest.fixture
def weight(reference):
    wide = pd.read_csv(reference("mass_anorexia/anorexia.csv"))
    wide["patient_id"] = [f"A{i:02d}" for i in range(1, len(wide) + 1)]
    occasions = {"Prewt": "baseline", "Postwt": "post"}
    long = wide.melt("patient_id", list(occasions), var_name="occasion", value_name="score")
    scores = long.assign(occasion=long["occasion"].map(occasions), instrument="weight")
    people = wide[["patient_id"]].assign(arm=wide["Treat"])
    cohort = Cohort.from_tables({"participants": people, "assessments": scores})
    return compare_arms(cohort, "weight", method="ancova", at="post", reference="Cont")


def test_every_coefficient_is_that_of_r(weight, oracle):
    expected = oracle[oracle["analysis"] == "ancova"].set_index("term")
    ours = weight.coefficients.set_index("term")
    assert len(expected) == len(ours) == 4
    columns = ["estimate", "std_error", "df", "statistic", "p_value"]
    for theirs, name in TERMS.items():
        found = ours.loc[name, columns].astype(float)
        np.testing.assert_allclose(found, expected.loc[theirs, R_COLUMNS].astype(float), **SAME)


def test_the_contrasts_are_the_coefficients_of_the_arms(weight):
    ours = weight.coefficients.set_index("term")
    for _, row in weight.table.iterrows():
        assert row["estimate"] == ours.loc[f"arm = {row['arm']}", "estimate"]


def test_adjusted_means_are_those_of_emmeans(weight, oracle):
    expected = oracle[oracle["analysis"] == "ancova_emmeans"].set_index("term")
    assert len(expected) == 3
    for _, row in weight.means.iterrows():
        theirs = expected.loc[row["arm"]]
        found = row[["estimate", "std_error", "df", "ci_low", "ci_high"]].astype(float)
        np.testing.assert_allclose(found, theirs[R_MEANS].astype(float), **SAME)


def test_the_slopes_differ_as_much_as_in_r(weight, oracle):
    expected = oracle[oracle["analysis"] == "ancova_slope_homogeneity"].iloc[0]
    ours = weight.assumptions.set_index("check").loc["equal slopes of the baseline"]
    found = [ours["statistic"], ours["df_between"], ours["p_value"]]
    np.testing.assert_allclose(
        found, [expected["statistic"], expected["df"], expected["p"]], **SAME
    )
    assert "F(2, 66) = 5.41, p\u00a0=\u00a0.007" in weight.sentence()


def test_depression_at_two_months_is_as_statsmodels_has_it(btheb):
    result = compare_arms(btheb, "BDI", method="ancova", at="2m", reference="TAU")
    scores = btheb.assessments.pivot_table("score", "patient_id", "occasion")
    wide = btheb.participants.set_index("patient_id").join(scores)
    wide = wide.rename(columns={"2m": "after", "baseline": "before"}).dropna(subset=["after"])
    theirs = smf.ols(
        "after ~ before + C(arm, Treatment('TAU'))", wide.astype({"arm": "object"})
    ).fit()
    term = "C(arm, Treatment('TAU'))[T.BtheB]"
    row = result.table.iloc[0]
    found = row[["estimate", "std_error", "statistic", "p_value"]].astype(float)
    expected = [part[term] for part in (theirs.params, theirs.bse, theirs.tvalues, theirs.pvalues)]
    np.testing.assert_allclose(found, expected, rtol=1e-8)  # the same least squares
    assert (row["n"], row["n_considered"], row["df"]) == (97, 100, 94)


def test_further_covariates_are_those_of_statsmodels(btheb):
    result = compare_arms(
        btheb, "BDI", method="ancova", at="2m", reference="TAU", covariates=["drug", "length"]
    )
    scores = btheb.assessments.pivot_table("score", "patient_id", "occasion")
    wide = btheb.participants.set_index("patient_id").join(scores)
    wide = wide.rename(columns={"2m": "after", "baseline": "before"}).dropna(subset=["after"])
    wide = wide.astype({"arm": "object", "drug": "object", "length": "object"})
    theirs = smf.ols("after ~ before + C(arm, Treatment('TAU')) + drug + length", wide).fit()
    ours = result.coefficients.set_index("term")
    for name, term in (("drug = Yes", "drug[T.Yes]"), ("length = >6m", "length[T.>6m]")):
        assert ours.loc[name, "estimate"] == pytest.approx(theirs.params[term], rel=1e-8)
        assert ours.loc[name, "p_value"] == pytest.approx(theirs.pvalues[term], rel=1e-8)


def test_the_simulated_trial_at_week_16_is_that_of_lm(simulated_trial, reference):
    oracles = pd.read_csv(reference("simulated/oracles.csv"))
    theirs = oracles[oracles["case"] == "ancova week16"].set_index("term")
    ours = compare_arms(
        simulated_trial, "fear scale", method="ancova", at="week_16", reference="usual_care"
    ).coefficients.set_index("term")
    terms = {"(Intercept)": "(Intercept)", "baseline": "baseline",
             "arm = graded_exposure": "armgraded_exposure"}  # fmt: skip
    columns = ["estimate", "std_error", "df", "statistic", "p_value"]
    found, expected = ours.loc[list(terms), columns], theirs.loc[list(terms.values()), columns]
    np.testing.assert_allclose(found.astype(float), expected.astype(float), **SAME)

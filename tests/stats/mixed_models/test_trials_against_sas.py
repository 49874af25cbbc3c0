"""SAS PROC MIXED: an antidepressant trial with Kenward-Roger, and joint tests of covariates."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mmrm

MODEL = {"outcome": "CHANGE", "visit": "VISIT", "subject": "PATIENT"}
FIXED = "BASVAL*VISIT + THERAPY*VISIT"


@pytest.fixture
def antidepressant(reference):
    rows = pd.read_csv(reference("rbmi_antidepressant/antidepressant_data.csv"))
    rows["VISIT"] = pd.Categorical(rows["VISIT"].astype(str), ["4", "5", "6", "7"])
    rows["THERAPY"] = pd.Categorical(rows["THERAPY"], ["PLACEBO", "DRUG"])
    return rows


@pytest.fixture
def fit(antidepressant):
    return fit_mmrm(antidepressant, **MODEL, fixed=FIXED, df="kenward-roger")


@pytest.fixture
def text(reference):
    return reference("rbmi_antidepressant/results_SAS.txt").read_text(encoding="utf-8")


def test_the_likelihood_is_that_of_sas_or_better(fit):
    assert -1e-5 < fit.deviance - 3494.20285008 < 1e-6  # SAS's last iteration


def test_the_covariance_is_that_of_sas(fit, text, read_listing):
    (sigma,) = fit.residual_covariance.values()
    printed = read_listing(text, "Covariance Parameter Estimates", 1)
    if not printed:  # the heading is broken over two lines
        part = text.partition("Estimated R Matrix")[2].partition("Covariance Parameter")[0]
        lines = [line.split() for line in part.splitlines() if len(line.split()) == 5]
        printed = np.array([line[1:] for line in lines if line[0].isdigit()], float)
    np.testing.assert_allclose(sigma, printed, rtol=3e-4)  # SAS stopped 6e-6 away in -2 log L


def test_means_are_those_of_sas(fit, text, read_listing, agree_as_printed):
    means = fit.marginal_means(["VISIT", "THERAPY"]).set_index(["VISIT", "THERAPY"])
    printed = read_listing(text, "Least Squares Means", 5)
    assert len(printed) == 8
    for (_, arm, visit), numbers in printed.items():
        agree_as_printed(means.loc[(visit, arm)], numbers)


def test_contrasts_are_those_of_sas(fit, text, read_listing, agree_as_printed):
    ours = fit.contrasts("THERAPY", by="VISIT", reference="PLACEBO").set_index("VISIT")
    printed = read_listing(text, "Differences of Least Squares Means", 5)
    assert len(printed) == 28
    for visit, row in ours.iterrows():
        agree_as_printed(row, printed[("VISIT*THERAPY", "DRUG", visit, "PLACEBO", visit)])


def test_every_difference_of_cells_is_that_of_sas(fit, text, read_listing, agree_as_printed):
    cells = fit.marginal_means(["VISIT", "THERAPY"])
    terms = list(fit.coefficients["term"])
    design = fit.grid(["VISIT", "THERAPY"])[terms].to_numpy(float)
    place = {(r.THERAPY, r.VISIT): i for i, r in enumerate(cells.itertuples(index=False))}
    for labels, numbers in read_listing(text, "Differences of Least Squares Means", 5).items():
        line = design[place[labels[1:3]]] - design[place[labels[3:]]]
        ours = fit.combine({"cells": dict(zip(terms, line, strict=True))})
        agree_as_printed(ours.iloc[0], numbers)


def test_joint_tests_are_those_of_sas(antidepressant, text, read_listing):
    # SAS's coding: a slope of the baseline at every visit, seven of eight cells
    fit = fit_mmrm(antidepressant, **MODEL, fixed=FIXED, df="kenward-roger")
    terms = list(fit.coefficients["term"])
    slopes = np.zeros((4, len(terms)))
    slopes[:, terms.index("BASVAL")] = 1
    for i, visit in enumerate(["5", "6", "7"], start=1):
        slopes[i, [t for t, name in enumerate(terms) if "BASVAL" in name and visit in name]] = 1
    cells = np.array([t == "Intercept" or "BASVAL" in t for t in terms])
    seven = np.eye(len(terms))[~cells]
    printed = read_listing(text, "Type 3 Tests of Fixed Effects", 4)
    for effect, hypothesis in (("basval*VISIT", slopes), ("VISIT*THERAPY", seven)):
        numbers, halves = printed[(effect,)]
        ours = fit.test(hypothesis)
        assert ours["df_between"] == numbers[0]
        assert abs(ours["df"] - numbers[1]) < 1e-3 * numbers[1] + halves[1]
        assert abs(ours["statistic"] - numbers[2]) < 1e-3 * numbers[2] + halves[2]


TYPE_3 = {"1": "ARMCD*FEV1_BL", "2": "ARMCD*SEX + ARMCD:FEV1_BL"}


@pytest.mark.parametrize("number", TYPE_3)
def test_type_3_tests_with_a_covariate_are_those_of_sas(number, reference):
    rows = pd.read_csv(reference("mmrm_fev_simulated/fev_data.csv"))
    rows["ARMCD"] = pd.Categorical(rows["ARMCD"], ["PBO", "TRT"])
    rows["SEX"] = pd.Categorical(rows["SEX"], ["Male", "Female"])
    name = f"mmrm_fev_simulated/sas_output/anova_test3_{number}.csv"
    theirs = pd.read_csv(reference(name)).set_index("Effect")
    fit = fit_mmrm(rows, outcome="FEV1", fixed=TYPE_3[number], visit="AVISIT", subject="USUBJID",
                   covariance="ar1", df="satterthwaite")  # fmt: skip
    effects = fit.test_effects()
    ours = effects.set_index(effects["term"].map(lambda term: frozenset(term.split(":"))))
    assert len(ours) == len(theirs) + 1  # SAS leaves the intercept out
    for effect, row in theirs.iterrows():
        found = ours.loc[[frozenset(effect.split("*"))]].iloc[0]
        assert found["df_between"] == row["NumDF"]
        assert found["df"] == pytest.approx(row["DenDF"], rel=1e-3)
        assert found["statistic"] == pytest.approx(row["FValue"], rel=1e-3)
        assert found["p_value"] == pytest.approx(row["ProbF"], rel=1e-3)

"""SAS PROC MIXED on the FEV1 example of R's mmrm: logs and data sets SAS wrote."""

import re

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mmrm

FEV = {"outcome": "FEV1", "visit": "AVISIT", "subject": "USUBJID"}
FULL = "RACE + SEX + ARMCD*AVISIT"
#: log, model, covariance, what else the log's own heading says
LOGS = [
    ("log", FULL, "unstructured", {"method": "ml"}),
    ("log_reml", FULL, "unstructured", {}),
    ("log_simple", "1", "unstructured", {"method": "ml"}),
    ("log_simple_reml", "1", "unstructured", {}),
    ("coef_ci_ml_un", "ARMCD + SEX", "unstructured", {"method": "ml"}),
    ("coef_ci_reml_un", "ARMCD + SEX", "unstructured", {}),
    ("coef_ci_reml_ar1", "ARMCD + SEX", "ar1", {}),
    ("adh_reml", "1", "heterogeneous_antedependence", {}),
    ("ar1_reml", "1", "ar1", {}),
    ("ar1h_reml", "1", "heterogeneous_ar1", {}),
    ("cs_reml", "1", "compound_symmetry", {}),
    ("csh_reml", "1", "heterogeneous_compound_symmetry", {}),
    ("toeph_reml", "1", "heterogeneous_toeplitz", {}),
    ("group_ar1_reml", "1", "ar1", {"by_group": "ARMCD"}),
    ("group_cs_reml", "1", "compound_symmetry", {"by_group": "ARMCD"}),
    ("weighted", FULL, "unstructured", {"weights": "WEIGHT"}),
]


@pytest.fixture(scope="module")
def fev():
    def _load(path):
        rows = pd.read_csv(path, na_values="NA")
        first = {"RACE": "Asian", "SEX": "Male", "ARMCD": "PBO", "AVISIT": "VIS1"}
        for column, reference in first.items():
            others = sorted(set(rows[column]) - {reference})
            rows[column] = pd.Categorical(rows[column], [reference, *others])
        return rows

    return _load


@pytest.fixture
def log(request, reference, fev):
    name, fixed, covariance, how = request.param
    folder = "mmrm_fev_simulated"
    rows = fev(reference(f"{folder}/fev_data.csv"))
    text = reference(f"{folder}/sas_output/sas_{name}.txt").read_text(encoding="latin-1")
    if "VIS1 VIS2 VIS3 VIS4" in text:  # the last level is SAS's reference
        levels = ["VIS4", "VIS1", "VIS2", "VIS3"]
        rows["AVISIT_"] = pd.Categorical(rows["AVISIT"], levels)
        fixed = fixed.replace("AVISIT", "AVISIT_")
    fit = fit_mmrm(rows, **FEV, fixed=fixed, covariance=covariance, fallback=False,
                   **({"df": "satterthwaite"} | how))  # fmt: skip
    return fit, text, how


def stopped_at(text):
    """Return the last -2 log L of SAS's search."""
    return float(re.findall(r"^ +\d+ +\d+ +(\d+\.\d{8})", text, flags=re.MULTILINE)[-1])


every_log = pytest.mark.parametrize("log", LOGS, indirect=True, ids=[row[0] for row in LOGS])


@every_log
def test_the_likelihood_is_that_of_sas_or_better(log):
    fit, text, _ = log
    # SAS stops at a relative criterion of 1e-8
    assert -1e-5 < fit.deviance - stopped_at(text) < 1e-6
    aic = re.search(r"AIC .*?([\d.]+)\n", text)
    assert fit.aic == pytest.approx(float(aic[1]), abs=0.0501)


@every_log
def test_coefficients_are_those_of_sas(log, read_listing, agree_as_printed):
    fit, text, how = log
    wide = "Lower" in text.partition("Solution for Fixed")[2].partition("Type 3")[0]
    printed = read_listing(text, "Solution for Fixed Effects", 8 if wide else 5)
    ours = fit.coefficients.set_index(fit.coefficients["term"].map(levels_of))
    assert len(printed) == len(ours)
    for labels, numbers in printed.items():
        row = ours.loc[[frozenset(labels[1:])]].iloc[0]
        # SAS's df of weighted models pass the number of independent patients (openpharma/mmrm 132)
        agree_as_printed(
            row, numbers, short=stopped_at(text) - fit.deviance, df="weights" not in how
        )


def levels_of(term):
    return frozenset(re.findall(r"\[(?:T\.)?([^\]]+)\]", term))


@pytest.mark.parametrize("log", [LOGS[1], LOGS[15]], indirect=True, ids=["plain", "weighted"])
def test_means_and_their_differences_are_those_of_sas(log, read_listing, agree_as_printed):
    fit, text, how = log
    visit = "AVISIT_" if "weights" in how else "AVISIT"
    means = fit.marginal_means([visit, "ARMCD"]).set_index([visit, "ARMCD"])
    printed = read_listing(text, "Least Squares Means", 8)
    assert len(printed) == 8
    for (_, at, arm), numbers in printed.items():
        agree_as_printed(means.loc[(at, arm)], numbers, df="weights" not in how)
    differences = read_listing(text, "Differences of Least Squares Means", 8)
    grid = fit.grid([visit, "ARMCD"])
    rows = fit.marginal_means([visit, "ARMCD"])[[visit, "ARMCD"]].itertuples(index=False)
    place = {tuple(row): i for i, row in enumerate(rows)}
    assert len(differences) == 28
    design = grid[fit.coefficients["term"]].to_numpy(float)
    for (_, *cells), numbers in differences.items():
        one, other = place[tuple(cells[:2])], place[tuple(cells[2:])]
        weights = dict(zip(fit.coefficients["term"], design[one] - design[other], strict=True))
        ours = fit.combine({"difference": weights}).iloc[0]
        agree_as_printed(ours, numbers, df="weights" not in how)


BY_ARM = [row for row in LOGS if "by_group" in row[3]]


@pytest.mark.parametrize("log", BY_ARM, indirect=True, ids=[row[0] for row in BY_ARM])
def test_the_covariance_of_each_arm_is_that_of_sas(log, read_listing):
    fit, text, _ = log
    assert list(fit.residual_covariance) == ["PBO", "TRT"]
    printed = read_listing(text, "Covariance Parameter Estimates", 4)
    for arm, sigma in fit.residual_covariance.items():
        (variance, *_), second = (
            printed[(name, "USUBJID", f"ARMCD {arm}")][0]
            for name in ("Variance", "AR(1)" if "AR(1)" in text else "CS")
        )
        ours = sigma.to_numpy()
        if "AR(1)" in text:
            expected = variance * second[0] ** np.arange(4)
        else:
            expected = second[0] + variance * (np.arange(4) == 0)
        # SAS stopped 6e-6 above our -2 log L; the listing has six digits
        np.testing.assert_allclose(ours[0], expected, rtol=2e-3)
        np.testing.assert_allclose(ours, ours.T)


@pytest.mark.parametrize("log", LOGS[:2], indirect=True, ids=["ml", "reml"])
def test_type_3_tests_are_those_of_sas(log, read_listing):
    fit, text, _ = log
    effects = fit.test_effects()
    ours = effects.set_index(effects["term"].map(lambda term: frozenset(term.split(":"))))
    printed = read_listing(text, "Type 3 Tests of Fixed Effects", 6)
    assert len(printed) == 5
    for (effect,), (numbers, halves) in printed.items():
        row = ours.loc[[frozenset(effect.split("*"))]].iloc[0]
        assert row["df_between"] == numbers[0]
        assert abs(row["df"] - numbers[1]) < 1e-3 * numbers[1] + halves[1]
        assert abs(row["statistic"] - numbers[3]) < 1e-3 * numbers[3] + halves[3]
        assert abs(row["p_value"] - numbers[5]) < 3e-4 or row["p_value"] < 1e-4


STRUCTURES = {
    "us": "unstructured",
    "cs": "compound_symmetry",
    "csh": "heterogeneous_compound_symmetry",
    "ar1": "ar1",
    "arh1": "heterogeneous_ar1",
    "toep": "toeplitz",
    "toeph": "heterogeneous_toeplitz",
    "adh": "heterogeneous_antedependence",
    "spexp": "spatial_exponential",
}
ONE_VISIT_COLUMN = [name for name in STRUCTURES if name != "spexp"]


@pytest.mark.parametrize("structure", ONE_VISIT_COLUMN)
def test_first_order_kenward_roger_is_that_of_sas(structure, reference, fev):
    check_difference(structure, f"ddfm_kr1_{structure}", {"df": "kenward-roger"}, reference, fev)


@pytest.mark.parametrize("structure", ["us", "cs", "toep"])
def test_plain_kenward_roger_is_the_same_where_v_is_linear(structure, reference, fev):
    check_difference(structure, f"ddfm_kr_{structure}", {"df": "kenward-roger"}, reference, fev)


@pytest.mark.parametrize("structure", sorted(set(ONE_VISIT_COLUMN) - {"arh1"}))
def test_cr0_is_the_empirical_covariance_of_sas(structure, reference, fev):
    name = f"empirical_{structure}"
    # SAS counts between- and within-patient df there, no small-sample ones
    fit = check_difference(f"{structure}", f"{name}_lsmean", {"robust": "CR0"}, reference, fev)
    theirs = pd.read_csv(reference(f"mmrm_fev_simulated/sas_output/{name}_covb.csv"))
    expected = theirs[["Col1", "Col2"]].to_numpy()[:2]
    np.testing.assert_allclose(fit.covariance, expected, rtol=6e-4)  # SEs to 2e-4, and SAS's stop


def test_first_order_kenward_roger_of_spatial_exponential_is_that_of_sas(reference, fev):
    # the files' names are swapped: SAS's own listings say which SE is of which order
    name = "ddfm_kr_spexp"
    check_difference("spexp", name, {"visit": ["VISITN", "VISITN2"]}, reference, fev)


def check_difference(structure, name, how, reference, fev):
    rows = fev(reference("mmrm_fev_simulated/fev_data.csv"))
    theirs = pd.read_csv(reference(f"mmrm_fev_simulated/sas_output/{name}.csv")).iloc[0]
    model = FEV | {"fixed": "ARMCD", "covariance": STRUCTURES[structure]} | how
    fit = fit_mmrm(rows, **model, fallback=False)
    ours = fit.contrasts("ARMCD", reference="PBO").iloc[0]
    assert ours["contrast"] == "TRT - PBO"
    assert abs(ours["estimate"] - theirs["Estimate"]) < 3e-4 * theirs["StdErr"]
    assert ours["std_error"] == pytest.approx(theirs["StdErr"], rel=2e-4)
    if "robust" not in how:
        assert ours["df"] == pytest.approx(theirs["DF"], rel=1e-3)
        assert ours["p_value"] == pytest.approx(theirs["Probt"], rel=0.01)
        assert ours["ci_low"] == pytest.approx(theirs["Lower"], abs=5e-4 * theirs["StdErr"])
    return fit


def test_spatial_exponential_on_visit_numbers_is_that_of_sas(reference, fev):
    # openpharma/mmrm, design/SAS/sas_sp_exp_reml.txt: type = sp(exp)(VISITN), intercept only
    rows = fev(reference("mmrm_fev_simulated/fev_data.csv"))
    fit = fit_mmrm(rows, outcome="FEV1", fixed="1", visit="VISITN", subject="USUBJID",
                   covariance="spatial_exponential", df="satterthwaite")  # fmt: skip
    row = fit.coefficients.iloc[0]
    assert -2e-5 < fit.deviance - 3875.49946734 < 1e-6  # SAS stopped there
    assert row["estimate"] == pytest.approx(42.3254, abs=2e-4)
    assert row["std_error"] == pytest.approx(0.5012, abs=1.5e-4)
    assert row["df"] == pytest.approx(188, abs=0.7)

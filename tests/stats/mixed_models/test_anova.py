"""Complete, balanced data: the answers have closed forms, in sums of squares."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

ARMS, VISITS, SIZE = ["usual", "graded"], ["1", "2", "3"], 9
#: two optimisers' worth of digits: the optimum is exact, the search for it is not
EXACT = {"rel": 1e-6}


@pytest.fixture(scope="module")
def scores():
    """Patients by visits: the first half usual care."""
    draws = np.random.default_rng(11)
    own = draws.normal(0, 6, (2 * SIZE, 1))
    table = 40 + own + draws.normal(0, [3, 5, 6], (2 * SIZE, 3))
    table[SIZE:] -= [0, 3, 6]
    return table


@pytest.fixture(scope="module")
def long(scores):
    rows = pd.DataFrame(scores, columns=VISITS).assign(
        patient=[f"P{i:02d}" for i in range(2 * SIZE)], arm=np.repeat(ARMS, SIZE)
    )
    rows = rows.melt(["patient", "arm"], VISITS, "visit", "score")
    return rows.assign(
        arm=pd.Categorical(rows["arm"], ARMS), visit=pd.Categorical(rows["visit"], VISITS)
    )


DF = pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
INFORMATION = pytest.mark.parametrize("information", ["observed", "expected"])


def sums_of_squares(scores):
    """Return the split-plot table: mean squares of arm, patients, visit x arm, residual."""
    cells = np.stack([scores[:SIZE].mean(axis=0), scores[SIZE:].mean(axis=0)])
    patients, arms = scores.mean(axis=1), cells.mean(axis=1)
    visits, grand = cells.mean(axis=0), scores.mean()
    arm_of = np.repeat([0, 1], SIZE)
    between = 3 * np.sum((patients - arms[arm_of]) ** 2) / (2 * SIZE - 2)
    crossed = SIZE * np.sum((cells - arms[:, None] - visits + grand) ** 2) / 2
    left = scores - patients[:, None] - cells[arm_of] + arms[arm_of, None]
    return {
        "arm": 3 * SIZE * np.sum((arms - grand) ** 2),
        "patients": between,
        "visit": 2 * SIZE * np.sum((visits - grand) ** 2) / 2,
        "arm:visit": crossed,
        "residual": np.sum(left**2) / (2 * (2 * SIZE - 2)),
    }


def fit_split_plot(long, how, mixed):
    model = {"outcome": "score", "fixed": "arm*visit"} | how
    if mixed:
        return fit_mixed_model(long, **model, random=None, groups="patient")
    return fit_mmrm(long, **model, visit="visit", subject="patient",
                    covariance="compound_symmetry")  # fmt: skip


@DF
@INFORMATION
@pytest.mark.parametrize("mixed", [True, False])
def test_compound_symmetry_is_the_split_plot_anova(scores, long, df, information, mixed):
    fit = fit_split_plot(long, {"df": df, "information": information}, mixed)
    squares = sums_of_squares(scores)
    cells = fit.grid(["arm", "visit"])
    design = cells[list(fit.coefficients["term"])].to_numpy(float)
    arm = np.where(cells["arm"] == "graded", 1.0, -1.0)
    later = np.array([(cells["visit"] == v) * 1.0 - (cells["visit"] == "1") for v in ("2", "3")])
    expected = {
        "arm": (arm[None] @ design, squares["arm"] / squares["patients"], 1, 2 * SIZE - 2),
        "visit": (later @ design, squares["visit"] / squares["residual"], 2, 4 * SIZE - 4),
        "arm:visit": (later * arm @ design, squares["arm:visit"] / squares["residual"],
                      2, 4 * SIZE - 4),
    }  # fmt: skip
    for lines, statistic, between, within in expected.values():
        test = fit.test(lines)
        found = [test["statistic"], test["df_between"], test["df"], test["p_value"]]
        p = stats.f.sf(statistic, between, within)
        assert found == pytest.approx([statistic, between, within, p], rel=1e-5)


def test_the_random_intercept_has_the_variance_of_the_anova(scores, long):
    squares = sums_of_squares(scores)
    variances = fit_split_plot(long, {}, True).variance_components["estimate"]
    share = (squares["patients"] - squares["residual"]) / 3
    assert list(variances) == pytest.approx([share, squares["residual"]], rel=1e-5)


@DF
@INFORMATION
def test_unstructured_compares_each_visit_by_the_t_test_of_two_groups(
    scores, long, df, information
):
    fit = fit_mmrm(long, outcome="score", fixed="arm*visit", visit="visit", subject="patient",
                   df=df, information=information)  # fmt: skip
    ours = fit.contrasts("arm", by="visit", reference="usual")
    assert list(ours["contrast"]) == ["graded - usual"] * 3
    for i, row in ours.iterrows():
        theirs = stats.ttest_ind(scores[SIZE:, i], scores[:SIZE, i])
        interval = theirs.confidence_interval()
        difference = scores[SIZE:, i].mean() - scores[:SIZE, i].mean()
        assert row["estimate"] == pytest.approx(difference, **EXACT)
        assert row["statistic"] == pytest.approx(theirs.statistic, **EXACT)
        assert row["df"] == pytest.approx(2 * SIZE - 2, **EXACT)
        assert row["p_value"] == pytest.approx(theirs.pvalue, **EXACT)
        assert [row["ci_low"], row["ci_high"]] == pytest.approx(list(interval), **EXACT)


@INFORMATION
def test_kenward_roger_of_all_visits_at_once_is_hotellings_test(scores, long, information):
    fit = fit_mmrm(long, outcome="score", fixed="arm*visit", visit="visit", subject="patient",
                   df="kenward-roger", information=information)  # fmt: skip
    contrasts = fit.contrasts("arm", by="visit", reference="usual")
    terms = list(fit.coefficients["term"])
    grid = fit.grid(["visit", "arm"])
    design = grid[terms].to_numpy(float)
    lines = design[(grid["arm"] == "graded")] - design[(grid["arm"] == "usual")]
    difference = contrasts["estimate"].to_numpy()
    within = sum((len(g) - 1) * np.cov(g.T) for g in (scores[:SIZE], scores[SIZE:]))
    pooled = within / (2 * SIZE - 2)
    hotelling = SIZE / 2 * difference @ np.linalg.solve(pooled, difference)
    k, free = 3, 2 * SIZE - 2
    statistic = (free - k + 1) / (free * k) * hotelling
    ours = fit.test(lines)
    assert ours["statistic"] == pytest.approx(statistic, rel=1e-5)
    assert (ours["df_between"], ours["df"]) == pytest.approx((k, free - k + 1), rel=1e-5)
    assert ours["p_value"] == pytest.approx(stats.f.sf(statistic, k, free - k + 1), rel=1e-5)


def test_a_covariance_per_arm_is_welchs_test(scores, long):
    fit = fit_mmrm(long, outcome="score", fixed="arm*visit", visit="visit", subject="patient",
                   by_group="arm", df="satterthwaite")  # fmt: skip
    for i, row in fit.contrasts("arm", by="visit", reference="usual").iterrows():
        theirs = stats.ttest_ind(scores[SIZE:, i], scores[:SIZE, i], equal_var=False)
        assert row["statistic"] == pytest.approx(theirs.statistic, **EXACT)
        assert row["df"] == pytest.approx(theirs.df, **EXACT)
    assert list(fit.residual_covariance) == ARMS
    for arm, own in zip(ARMS, (scores[:SIZE], scores[SIZE:]), strict=True):
        np.testing.assert_allclose(fit.residual_covariance[arm], np.cov(own.T), rtol=1e-5)


def test_the_unstructured_covariance_is_that_of_the_residuals(scores, long):
    fit = fit_mmrm(long, outcome="score", fixed="arm*visit", visit="visit", subject="patient")
    (sigma,) = fit.residual_covariance.values()
    pooled = sum((SIZE - 1) * np.cov(g.T) for g in (scores[:SIZE], scores[SIZE:]))
    np.testing.assert_allclose(sigma, pooled / (2 * SIZE - 2), rtol=1e-5)
    assert list(map(str, sigma.columns)) == VISITS


def test_maximum_likelihood_divides_by_all_patients(scores, long):
    fit = fit_mmrm(long, outcome="score", fixed="arm*visit", visit="visit", subject="patient",
                   method="ml", df="satterthwaite")  # fmt: skip
    (sigma,) = fit.residual_covariance.values()
    pooled = sum((SIZE - 1) * np.cov(g.T) for g in (scores[:SIZE], scores[SIZE:]))
    np.testing.assert_allclose(sigma, pooled / (2 * SIZE), rtol=1e-5)
    density = sum(
        stats.multivariate_normal(own.mean(axis=0), pooled / (2 * SIZE)).logpdf(own).sum()
        for own in (scores[:SIZE], scores[SIZE:])
    )
    assert fit.log_likelihood == pytest.approx(density, abs=1e-6)
    assert fit.aic == pytest.approx(-2 * density + 2 * (6 + 6))
    assert fit.bic == pytest.approx(-2 * density + np.log(2 * SIZE) * 12)


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "residual"])
def test_one_visit_is_analysis_of_covariance(trial, df):
    last = trial[trial["visit"] == 4].dropna(subset=["score"])
    fit = fit_mmrm(last, outcome="score", fixed="baseline + arm", visit="visit",
                   subject="patient_id", df=df)  # fmt: skip
    x = np.column_stack([np.ones(len(last)), last["baseline"], last["arm"] == "graded_exposure"])
    x = x.astype(float)
    beta, (squares,), *_ = np.linalg.lstsq(x, last["score"].to_numpy())
    free = len(last) - 3
    errors = np.sqrt(np.diag(np.linalg.inv(x.T @ x)) * squares / free)
    ours = fit.coefficients
    np.testing.assert_allclose(ours["estimate"], beta, rtol=1e-8)
    np.testing.assert_allclose(ours["std_error"], errors, rtol=1e-6)
    np.testing.assert_allclose(ours["df"], free, rtol=1e-5)
    np.testing.assert_allclose(ours["p_value"], 2 * stats.t.sf(abs(beta / errors), free), rtol=1e-4)

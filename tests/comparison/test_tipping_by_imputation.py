"""Delta added to imputed values: by multiple imputation, by simulated truth, by SAS."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.comparison.shift import measure_shift
from gradex_analysis.comparison.tipping import adjust, expect_residuals


def least_squares(design, outcome):
    """Return coefficients, their covariance and the residual df."""
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ outcome
    df = len(design) - design.shape[1]
    return coefficients, inverse * np.sum((outcome - design @ coefficients) ** 2) / df, df


# by imputation


def a_monotone_trial(draws, n=60):
    """Make arms, baseline, y1, y2 (NaN where left: those worse at visit 1 leave more often)."""
    arm = np.arange(n) % 2.0
    baseline = draws.normal(0, 8, n)
    first = 0.6 * baseline - 4 * arm + draws.normal(0, 8, n)
    second = 0.2 * baseline - 3 * arm + 0.8 * first + draws.normal(0, 6, n)
    leaves = draws.random(n) < 1 / (1 + np.exp(1.2 - 0.2 * first * arm))
    return arm, baseline, first, np.where(leaves, np.nan, second)


def fit_monotone(arm, baseline, first, second):
    """Fit the two visits by factored likelihood; the contrast at visit 2 and expected residuals.

    This is the MMRM with an unstructured covariance (Little & Rubin 2002, chapter 7).
    """
    design = np.column_stack([np.ones_like(arm), arm, baseline])
    seen = ~np.isnan(second)
    g1, _, _ = least_squares(design, first)
    g2, _, _ = least_squares(np.column_stack([design, first])[seen], second[seen])
    means = np.column_stack([design @ g1, design @ (g2[:3] + g2[3] * g1)])
    s11 = np.mean((first - means[:, 0]) ** 2)
    residuals = pd.DataFrame(np.column_stack([first, second]) - means, columns=["v1", "v2"])
    noise = np.mean((second - np.column_stack([design, first]) @ g2)[seen] ** 2)
    covariance = [[s11, g2[3] * s11], [g2[3] * s11, noise + g2[3] ** 2 * s11]]
    names = ["v1", "v2"]
    expected = expect_residuals(residuals, pd.DataFrame(covariance, index=names, columns=names))
    return g2[1] + g2[3] * g1[1], expected["v2"], means[:, 1]


def frame_of(arm, baseline, second, residual):
    return pd.DataFrame({"arm": np.where(arm == 1, "new", "old"), "occasion": "",
                         "is_missing": np.isnan(second), "baseline": baseline,
                         "residual": residual})  # fmt: skip


def impute(draws, arm, baseline, first, second, times):
    """Draw the missing second visits properly: variance, coefficients, then values."""
    design = np.column_stack([np.ones_like(arm), arm, baseline, first])
    seen = ~np.isnan(second)
    coefficients, covariance, df = least_squares(design[seen], second[seen])
    noise = second[seen] - design[seen] @ coefficients
    unit = covariance / (noise @ noise / df)
    for _ in range(times):
        variance = noise @ noise / draws.chisquare(df)
        drawn = draws.multivariate_normal(coefficients, unit * variance)
        values = design @ drawn + draws.normal(0, variance**0.5, len(arm))
        yield np.where(seen, second, values)


def pool(imputed, arm, baseline, added):
    """Analyse each by ANCOVA with ``added`` on top, and pool by Rubin's rules."""
    design = np.column_stack([np.ones_like(arm), arm, baseline])
    fits = [least_squares(design, values + added) for values in imputed]
    estimates = np.array([fit[0][1] for fit in fits])
    within = np.mean([fit[1][1, 1] for fit in fits])
    between = (1 + 1 / len(fits)) * estimates.var(ddof=1)
    return estimates.mean(), (within + between) ** 0.5


@pytest.mark.parametrize("added_to", ["other arms", "all arms"])
def test_multiple_imputation_with_delta_added_gives_the_same(added_to):
    draws = np.random.default_rng(7)
    arm, baseline, first, second = a_monotone_trial(draws, n=160)
    _, residual, _ = fit_monotone(arm, baseline, first, second)
    imputed = list(impute(draws, arm, baseline, first, second, times=200))
    missing = np.isnan(second) * ((arm == 1) | (added_to == "all arms"))
    as_it_stands = pool(imputed, arm, baseline, 0.0)
    pooled = dict(zip(["estimate", "std_error"], as_it_stands, strict=True))
    contrast = pd.DataFrame([{"arm": "new", "reference": "old", "df": 100.0, **pooled}])
    patients = frame_of(arm, baseline, second, residual)
    table = adjust(contrast, patients, better="lower", sd=8, deltas=[3, 10],
                   adjusted_for=["baseline"])  # fmt: skip
    for row in table[table["added_to"] == added_to].itertuples():
        estimate, std_error = pool(imputed, arm, baseline, row.delta * missing)
        # the same imputations, so that only rounding is between the two
        assert row.estimate == pytest.approx(estimate, abs=1e-10)
        # Rubin's within variance pools the arms, in which as many patients are not missing
        assert row.std_error == pytest.approx(std_error, rel=0.01)
        assert std_error > 1.02 * as_it_stands[1]  # there is something to get right


def test_the_expected_residuals_are_those_that_imputation_draws_around():
    draws = np.random.default_rng(3)
    arm, baseline, first, second = a_monotone_trial(draws)
    _, residual, mean = fit_monotone(arm, baseline, first, second)
    drawn = np.mean(list(impute(draws, arm, baseline, first, second, times=3000)), axis=0)
    # a draw has an SD of 6 to 8: 4 standard errors of 3,000 are 0.6
    assert residual.to_numpy() == pytest.approx(drawn - mean, abs=0.6)


# by simulated truth


def test_variance_and_covariance_are_those_of_many_trials():
    draws = np.random.default_rng(11)
    found = []
    for _ in range(800):
        trial = a_monotone_trial(draws)
        estimate, residual, _ = fit_monotone(*trial)
        patients = frame_of(trial[0], trial[1], trial[3], residual)
        missing = patients["is_missing"] & (patients["arm"] == "new")
        shift = measure_shift(patients, missing, ("new", "old"), ["baseline"])
        found.append((estimate, shift.share, shift.variance, shift.covariance))
    estimate, share, variance, covariance = np.array(found).T
    # 800 trials tell a variance to 5 %: three times that
    assert variance.mean() == pytest.approx(share.var(ddof=1), rel=0.15)
    true = np.cov(estimate, share)[0, 1]
    error = estimate.std() * share.std() / 800**0.5
    assert covariance.mean() == pytest.approx(true, abs=3 * error)
    assert true > 4 * error  # it is not nothing


# by SAS: reference-based imputation is a delta. SAS itself was not run with one, and lets the
# covariance differ by arm; under one covariance "jump to reference" adds minus the contrast to
# whoever has left, and "copy increments" what of it came after the last visit.


def test_shifts_by_drop_out_are_those_of_reference_based_imputation_in_sas(reference):
    data = pd.read_csv(reference("rbmi_antidepressant/chapter15_example.csv"))
    people = data.drop_duplicates("PATIENT").set_index("PATIENT")
    last = data.groupby("PATIENT")["VISIT"].max()
    contrast = {4: 0.09181, 5: -1.4032, 6: -2.2247, 7: -2.8018}  # SAS's MMRM, one covariance

    def moved(visit, who, delta):
        patients = pd.DataFrame({
            "arm": people["THERAPY"], "baseline": people["basval"], "occasion": "",
            "is_missing": who & (last < visit),  # one patient missed a visit in between
        })  # fmt: skip
        touched = patients["is_missing"] & (patients["arm"] == "DRUG")
        shift = measure_shift(patients, touched, ("DRUG", "PLACEBO"), ["baseline"])
        return delta * shift.share

    for visit, jump, increments in [(5, -1.30490, -1.30069), (6, -1.92599, -2.01132),
                                    (7, -2.12426, -2.44592)]:  # fmt: skip
        ours = contrast[visit] + moved(visit, last > 0, -contrast[visit])
        steps = [moved(visit, last == k, contrast[k] - contrast[visit]) for k in range(4, visit)]
        # Monte Carlo error of a difference there: .002, .003, .004; and one covariance by arm
        assert ours == pytest.approx(jump, abs=0.012)
        assert contrast[visit] + sum(steps) == pytest.approx(increments, abs=0.012)

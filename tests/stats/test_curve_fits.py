"""Curves of every form, alone and pooled over runs: by hand, by least squares, by truth."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curves import fit_decays

FIXTURES = Path(__file__).parent / "fixtures"
MINUTES = np.array([0.0, 2, 4, 6, 8, 10, 15, 20])
NOISE = np.array([1.0, -2, 1, 1, -2, 2, -1, 0])


def fit_one(value, form="exponential", time=MINUTES, **options):
    return fit_curves(["A"] * len(time), time, value, form=FORMS[form], **options).table.iloc[0]


COURSES = {
    "exponential": (20 + 60 * np.exp(-0.3 * MINUTES), {"start": 80, "asymptote": 20, "rate": 0.3}),
    "exponential_to_zero": (80 * np.exp(-0.1 * MINUTES), {"start": 80, "rate": 0.1}),
    "power": (80 * (1 + MINUTES) ** -0.5, {"start": 80, "rate": 0.5}),
    "linear": (80 - 3 * MINUTES, {"start": 80, "slope": -3}),
    "flat": (np.full(8, 55.0), {"start": 55}),
}


@pytest.mark.parametrize("form", COURSES)
def test_an_exact_course_is_found_exactly_and_has_no_aicc(form):
    course, expected = COURSES[form]
    fit = fit_one(course, form)
    assert fit["status"] == "ok"
    assert fit[list(expected)].to_dict() == pytest.approx(expected, rel=1e-6)
    assert fit["log_likelihood"] == np.inf
    assert np.isnan(fit["aicc"])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("exponential", np.log(2) / 0.3),
        ("exponential_to_zero", np.log(2) / 0.1),
        ("power", 3.0),  # 80 (1 + 3)^-0.5 = 40
        ("linear", np.nan),
    ],
)
def test_the_half_life_is_when_half_of_the_change_is_done(form, expected):
    assert fit_one(COURSES[form][0], form)["half_life"] == pytest.approx(expected, nan_ok=True)


def test_an_exponential_of_one_run_is_that_of_fit_decays():
    decay = pd.read_csv(FIXTURES / "decay.csv")
    ratings = decay["exposure_id"], decay["minute"], decay["fear"]
    ours, decays = fit_curves(*ratings, form=FORMS["exponential"]).table, fit_decays(*ratings)
    assert ours["status"].tolist() == decays["status"].tolist()
    same = ["start", "asymptote", "rate", "half_life", "rss"]
    errors = [f"{name}_std_error" for name in same[:-1]]
    np.testing.assert_allclose(ours[same], decays[same], rtol=1e-9)
    # the share of rounding that keeps a perfect fit finite is seen in the seventh digit
    loose = [*errors, "rate_low", "rate_high"]
    np.testing.assert_allclose(ours[loose], decays[loose], rtol=1e-6)


def test_runs_share_rate_and_asymptote_and_keep_their_starts():
    run = np.repeat(["E1", "E2"], 8)
    course = 20 + np.repeat([60.0, 30.0], 8) * np.exp(-0.3 * np.tile(MINUTES, 2))
    fits = fit_curves(["P"] * 16, np.tile(MINUTES, 2), course, form=FORMS["exponential"], run=run)
    row = fits.table.iloc[0]
    assert (row["n"], row["n_runs"], row["n_parameters"]) == (16, 2, 5)
    assert row[["start", "asymptote", "rate"]].tolist() == pytest.approx([65, 20, 0.3])
    assert fits.runs["run"].tolist() == ["E1", "E2"]
    assert fits.runs["start"].tolist() == pytest.approx([80, 50])


def pooled_curve(time, run, parameters):
    *starts, asymptote, rate = parameters
    return asymptote + (np.array(starts)[run] - asymptote) * np.exp(-rate * time)


def test_errors_of_pooled_curves_are_those_of_the_inverted_cross_product():
    run, time = np.repeat([0, 1], 8), np.tile(MINUTES, 2)
    truth = [80, 60, 20, 0.3]
    fear = pooled_curve(time, run, truth) + np.concatenate([NOISE, NOISE[::-1]])
    fits = fit_curves(["P"] * 16, time, fear, form=FORMS["exponential"], run=run)
    row, starts = fits.table.iloc[0], fits.runs
    found = np.array([*starts["start"], row["asymptote"], row["rate"]])
    steps = 1e-5 * np.eye(4)
    jacobian = np.column_stack(
        [
            (pooled_curve(time, run, found + h) - pooled_curve(time, run, found - h)) / 2e-5
            for h in steps
        ]
    )
    rss = np.sum((fear - pooled_curve(time, run, found)) ** 2)
    covariance = np.linalg.inv(jacobian.T @ jacobian) * rss / 12
    mean_start = np.array([0.5, 0.5, 0, 0])
    errors = [*starts["start_std_error"], row["asymptote_std_error"], row["rate_std_error"]]
    np.testing.assert_allclose(errors, np.sqrt(np.diag(covariance)), rtol=1e-5)
    np.testing.assert_allclose(
        row["start_std_error"], np.sqrt(mean_start @ covariance @ mean_start), rtol=1e-5
    )
    assert row["rss"] == pytest.approx(rss)
    gradient = jacobian.T @ (fear - pooled_curve(time, run, found))
    np.testing.assert_allclose(gradient, 0, atol=1e-4)


@pytest.mark.parametrize("form", ["exponential", "exponential_to_zero", "power"])
def test_at_the_ends_of_the_interval_the_rss_is_just_at_the_threshold(form):
    fear = COURSES[form][0] + NOISE
    fit, chosen = fit_one(fear, form), FORMS[form]
    freedom = 8 + 1 - fit["n_parameters"]  # the spread is a parameter, but takes no freedom
    threshold = fit["rss"] * (1 + stats.f.ppf(0.95, 1, freedom) / freedom)
    clock = chosen.clock(MINUTES)
    for rate in (fit["rate_low"], fit["rate_high"]):
        columns = [np.exp(-rate * clock), *([np.ones(8)] if chosen.shared else [])]
        rss = np.linalg.lstsq(np.column_stack(columns), fear)[1][0]
        assert rss == pytest.approx(threshold, rel=1e-6)


def test_aicc_counts_the_spread_and_needs_two_more_ratings_than_parameters():
    fear = np.array([60.0, 50, 55, 40])
    fit = fit_one(fear, "flat", MINUTES[:4])
    rss = np.sum((fear - fear.mean()) ** 2)
    log_likelihood = -0.5 * 4 * (np.log(2 * np.pi * rss / 4) + 1)
    assert fit["log_likelihood"] == pytest.approx(log_likelihood)
    assert fit["aicc"] == pytest.approx(-2 * log_likelihood + 2 * 2 + 2 * 2 * 3 / (4 - 2 - 1))
    assert np.isnan(fit_one(fear, "linear", MINUTES[:4])["aicc"])


@pytest.mark.parametrize(
    ("form", "fear", "status"),
    [
        ("exponential", [80, 60, 50], "too_few"),
        ("linear", [80, 60], "too_few"),
        ("flat", [80], "too_few"),
        ("power", [50, 50, 50, 50], "flat"),
        ("linear", [50, 50, 50, 50], "ok"),
        ("linear", [50, 60, 60, 75], "rising"),
        ("exponential_to_zero", [50, 60, 60, 75], "at_bound"),
        ("exponential", [20, 60, 71, 75, 74, 75, 76, 75], "rising"),
        ("exponential", [80, 70, 70, 60, 60, 50], "at_bound"),
        ("exponential", [80, 70, 50, 60, 50, 50], "not_identified"),
    ],
)
def test_every_course_has_a_status(form, fear, status):
    fit = fit_one(np.array(fear, dtype=float), form, 2.0 * np.arange(len(fear)))
    assert fit["status"] == status
    assert np.isnan(fit["half_life"]) or fit["identified"]


def test_items_of_a_patient_share_a_rate_and_keep_asymptotes_and_starts():
    run, item, time = np.repeat([0, 1, 2], 8), np.repeat(["I1", "I1", "I2"], 8), np.tile(MINUTES, 3)
    asymptote = np.where(item == "I1", 20.0, 40.0)
    start = np.repeat([80.0, 60, 90], 8)
    fear = asymptote + (start - asymptote) * np.exp(-0.2 * time)
    fits = fit_curves(["P"] * 24, time, fear, form=FORMS["exponential"], run=run, block=item)
    row = fits.table.iloc[0]
    assert row[["rate", "asymptote", "start"]].tolist() == pytest.approx([0.2, 30, 230 / 3])
    assert row["n_parameters"] == 3 + 2 + 1 + 1
    assert fits.runs["asymptote"].tolist() == pytest.approx([20, 20, 40])
    assert fits.runs["start"].tolist() == pytest.approx([80, 60, 90])


def nested_curve(time, run, block, parameters):
    *starts, first, second, rate = parameters
    low = np.array([first, second])[block]
    return low + (np.array(starts)[run] - low) * np.exp(-rate * time)


def test_errors_of_nested_curves_are_those_of_the_inverted_cross_product():
    run, block, time = np.repeat([0, 1, 2], 8), np.repeat([0, 0, 1], 8), np.tile(MINUTES, 3)
    truth = [80, 60, 90, 20, 40, 0.3]
    fear = nested_curve(time, run, block, truth) + np.concatenate([NOISE, NOISE[::-1], NOISE])
    fits = fit_curves(["P"] * 24, time, fear, form=FORMS["exponential"], run=run, block=block)
    row, runs = fits.table.iloc[0], fits.runs
    found = np.array([*runs["start"], *runs["asymptote"].iloc[[0, 2]], row["rate"]])
    ahead, behind = (
        np.stack([nested_curve(time, run, block, found + h) for h in sign * 1e-5 * np.eye(6)])
        for sign in (1, -1)
    )
    jacobian = ((ahead - behind) / 2e-5).T
    residual = fear - nested_curve(time, run, block, found)
    np.testing.assert_allclose(jacobian.T @ residual, 0, atol=1e-4)
    covariance = np.linalg.inv(jacobian.T @ jacobian) * (residual @ residual) / (24 - 6)
    errors = [*runs["start_std_error"], *runs["asymptote_std_error"].iloc[[0, 2]]]
    expected = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose([*errors, row["rate_std_error"]], expected, rtol=1e-5)
    of_means = np.array([[1 / 3] * 3 + [0] * 3, [0] * 3 + [1 / 2] * 2 + [0]])
    expected = np.sqrt(np.diag(of_means @ covariance @ of_means.T))
    names = ["start_std_error", "asymptote_std_error"]
    np.testing.assert_allclose(row[names].astype(float), expected, rtol=1e-5)


def test_runs_of_a_single_time_take_part_but_do_not_count_as_enough():
    time, run = [0, 1, 2, 0, 0], ["E1", "E1", "E1", "E2", "E3"]
    fits = fit_curves(["P"] * 5, time, [80, 60, 50, 70, 60], form=FORMS["exponential"], run=run)
    assert fits.table["status"].tolist() == ["too_few"]
    assert fits.runs["start"].isna().all()


def test_no_series_give_an_empty_table():
    fits = fit_curves([], [], [], form=FORMS["power"])
    assert fits.table.empty
    assert fits.runs.empty


def test_missing_numbers_are_refused_with_their_positions():
    with pytest.raises(CannotAnswerError, match=r"value is missing or infinite at 1 of 3"):
        fit_curves(["A"] * 3, [0, 1, 2], [1, np.nan, 3], form=FORMS["flat"])
    with pytest.raises(CannotAnswerError, match=r"have \[3, 3, 3, 2, 3\] rows"):
        fit_curves(["A"] * 3, [0, 1], [1, 2, 3], form=FORMS["flat"])
    with pytest.raises(CannotAnswerError, match="flat_range is -1"):
        fit_one(MINUTES, flat_range=-1)


def test_the_unit_of_a_power_is_part_of_it():
    fear = COURSES["power"][0] + NOISE
    seconds = replace(FORMS["power"], clock_unit=60.0)
    in_minutes = fit_one(fear, "power")
    in_seconds = fit_curves(["A"] * 8, 60 * MINUTES, fear, form=seconds).table.iloc[0]
    assert in_seconds["rate"] == pytest.approx(in_minutes["rate"], rel=1e-9)
    assert in_seconds["half_life"] == pytest.approx(60 * in_minutes["half_life"], rel=1e-9)


def test_pooling_recovers_a_rate_that_single_exposures_cannot_tell():
    rng = np.random.default_rng(5)
    n_patients, n_runs, minutes = 200, 8, np.arange(0, 12, 2.0)
    patient = np.repeat(np.arange(n_patients), n_runs * 6)
    run, time = np.repeat(np.arange(n_patients * n_runs), 6), np.tile(minutes, n_patients * n_runs)
    starts = rng.normal(75, 8, n_patients * n_runs)
    fear = 20 + (starts[run] - 20) * np.exp(-0.2 * time) + rng.normal(0, 5, len(time))
    pooled = fit_curves(patient, time, fear, form=FORMS["exponential"], run=run).table
    alone = fit_curves(run, time, fear, form=FORMS["exponential"]).table
    assert pooled["identified"].mean() > 0.9
    assert alone["identified"].mean() < 0.7
    covered = (pooled["rate_low"] <= 0.2) & (pooled["rate_high"] >= 0.2)
    assert covered.mean() == pytest.approx(0.95, abs=3.5 * np.sqrt(0.95 * 0.05 / n_patients))

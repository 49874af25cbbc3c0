"""What noise alone gives an index: order statistics, symmetry, and a planted course."""

from __future__ import annotations

import numpy as np
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation import fit_noise_benchmark, measure_within_session
from gradex_analysis.measures.within_session import DEFINITIONS
from gradex_analysis.simulation import simulate_cohort

#: the mean of the largest of five standard normal numbers
LARGEST_OF_5 = 1.1629644736
#: three Monte Carlo errors hold in all of the few comparisons made
MC = 3.5


def benchmark(cohort, definition, **options):
    settings = {"seed": 1, "n_draws": 400, **options}
    return fit_noise_benchmark(cohort, definition=definition, **settings)


@pytest.fixture
def flat(make_cohort):
    """Five ratings about 50, without a course; their own SD about their mean is known."""
    rng = np.random.default_rng(4)
    return make_cohort(**{f"E{i}": 50 + 8 * rng.standard_normal(5) for i in range(40)})


def test_peak_to_end_of_a_flat_series_is_the_sd_times_the_mean_largest(flat):
    result = benchmark(flat, "peak_to_end", flat_range=100)
    table = result.table
    assert table["on_curve"].tolist() == pytest.approx([0] * 40, abs=1e-9)
    # the last rating is one of the five, and has the mean of a rating
    expected = LARGEST_OF_5 * table["residual_sd"]
    z = (table["bias"] - expected) / table["bias_mc_error"]
    assert abs(z.mean()) < MC / 40**0.5
    row = result.average.iloc[0]
    assert row["bias"] == pytest.approx(expected.mean(), abs=MC * row["bias_mc_error"])


def test_initial_to_end_of_a_flat_series_has_no_bias(flat):
    row = benchmark(flat, "initial_to_end", flat_range=100).average.iloc[0]
    assert abs(row["bias"]) < MC * row["bias_mc_error"]
    assert row["bias_mc_error"] < 0.15


def test_the_residual_sd_is_that_about_the_mean_and_the_index_that_observed(flat):
    table = benchmark(flat, "peak_to_end", flat_range=100).table
    value = flat.ratings.groupby("exposure_id")["value"]
    assert table.set_index("exposure_id")["residual_sd"].to_dict() == pytest.approx(
        value.std().to_dict()
    )
    observed = measure_within_session(flat, definition="peak_to_end").table
    assert table["estimate"].tolist() == pytest.approx(observed["estimate"].tolist())


def test_a_course_without_noise_has_no_bias(make_cohort):
    minutes = np.arange(0.0, 11.0, 2.0)
    decay = dict(zip(minutes, 20 + 60 * np.exp(-minutes / 4), strict=True))
    for name in ("peak_to_end", "slope", "mean_level", "variability_sd", "percent_of_peak"):
        row = benchmark(make_cohort(E1=decay), name).table.iloc[0]
        # the fit stops where the rate is known to about 1e-8
        assert row["bias"] == pytest.approx(0, abs=1e-5)
        assert row["on_curve"] == pytest.approx(row["estimate"], abs=1e-4)


def test_a_steep_course_leaves_the_peak_where_it_is(make_cohort):
    # the first rating is the highest in every draw, so that noise moves peak to end no longer
    minutes = np.arange(0.0, 11.0, 2.0)
    decay, rng = 5 + 90 * np.exp(-minutes / 2), np.random.default_rng(2)
    courses = {
        f"E{i}": dict(zip(minutes, decay + rng.normal(0, 2, 6), strict=True)) for i in range(10)
    }
    row = benchmark(make_cohort(**courses), "peak_to_end").average.iloc[0]
    assert abs(row["bias"]) < MC * row["bias_mc_error"]


def test_what_the_benchmark_adds_is_what_noise_has_added(make_cohort):
    rng, minutes = np.random.default_rng(9), np.arange(0.0, 20.0, 2.0)
    noisy = 45 + 5 * rng.standard_normal((150, len(minutes)))
    rows = {f"E{i}": dict(zip(minutes, own, strict=True)) for i, own in enumerate(noisy)}
    row = benchmark(make_cohort(**rows), "peak_to_end", flat_range=100).average.iloc[0]
    # all of it is noise; a residual SD of ten ratings is 2.7 % too small on average, and the mean
    # of 150 observed values has an SE of 5 * 1.2 / sqrt(150) = 0.5
    assert row["estimate"] == pytest.approx(row["bias"] / 0.973, abs=1.5)
    assert row["bias"] > 6


@pytest.mark.parametrize("name", [n for n, one in DEFINITIONS.items() if "after" not in one.needs])
def test_every_definition_of_ratings_during_the_exercise_has_a_benchmark(name):
    cohort = simulate_cohort(8, seed=2, design="two_exposures").cohort
    if "before" in DEFINITIONS[name].needs:
        with pytest.raises(CannotAnswerError, match="no course over its minutes has"):
            benchmark(cohort, name, n_draws=20)
        return
    result = benchmark(cohort, name, n_draws=20)
    assert result.n_used > 20
    assert result.table[["estimate", "on_curve", "bias"]].notna().all(axis=None)
    keys = [*result.table["exposure_id"], *result.excluded["exposure_id"]]
    assert len(keys) == len(set(keys)) == result.n_considered
    assert result.sentence().startswith("In ")


def test_rounded_draws_stay_on_the_scale_and_its_steps(make_cohort):
    # about 95 with a large SD: without an end of the scale the peak would lie above 100
    cohort = make_cohort(E1=[100, 80, 100, 100, 90, 100])
    free = benchmark(cohort, "activation_peak", flat_range=100).table.iloc[0]
    held = benchmark(cohort, "activation_peak", flat_range=100, grid=10).table.iloc[0]
    assert free["on_curve"] + free["bias"] > 101
    assert held["on_curve"] + held["bias"] <= 100


def test_one_seed_is_one_answer_and_names_do_not_matter(flat):
    one, same = (benchmark(flat, "peak_to_end") for _ in range(2))
    assert one.table["bias"].tolist() == same.table["bias"].tolist()
    assert benchmark(flat, "peak_to_end", seed=2).table["bias"].tolist() != (
        one.table["bias"].tolist()
    )


def test_who_has_no_course_is_said(make_cohort):
    cohort = make_cohort(E1=[80, 60, 70, 40], E2=[80, 60, 40], E3=[80], E4=[])
    result = benchmark(cohort, "peak_to_end")
    assert dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True)) == {
        "E2": "fewer than 4 ratings during the exercise",
        "E3": "a single rating during the exercise",
        "E4": "no rating of fear",
    }


def test_the_sentence_says_observed_curve_and_noise(flat):
    result = benchmark(flat, "peak_to_end", flat_range=100)
    row = result.average.iloc[0]
    said = result.sentence()
    assert f"peak to end of fear was on average {row['estimate']:.1f} points of 100" in said
    assert "on curves fitted to these ratings it is 0.0, and noise as large as that" in said
    assert f"moves it by {row['bias']:.1f}" in said
    ax = result.plot()
    assert len(ax.patches) == 2
    assert ax.patches[1].get_width() == pytest.approx(row["bias"])


def test_wrong_settings_are_refused(flat):
    with pytest.raises(CannotAnswerError, match="n_draws is 5"):
        benchmark(flat, "slope", n_draws=5)
    with pytest.raises(CannotAnswerError, match="grid is 0"):
        benchmark(flat, "slope", grid=0)
    with pytest.raises(TypeError, match="seed"):
        fit_noise_benchmark(flat, definition="slope")

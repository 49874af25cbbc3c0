"""Ratings given in steps, open at the ends of the scale: by brute force, by limit, by truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy.optimize import minimize

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped

MINUTES = np.arange(0, 30, 3.0)
TENS = Heaped(grid=10)


def simulate(seed, n_series, *, sd=8.0, low=20.0, minutes=MINUTES):
    """Return labels, minutes and ratings in tens of courses that end at ``low``."""
    rng = np.random.default_rng(seed)
    series, time = np.repeat(np.arange(n_series), len(minutes)), np.tile(minutes, n_series)
    fear = low + (80 - low) * np.exp(-0.15 * time) + rng.normal(0, sd, len(time))
    return series, time, np.clip(10 * np.round(fear / 10), 0, 100)


def fit(columns, form="exponential", heaped=TENS, **options):
    return fit_curves(*columns, form=FORMS[form], heaped=heaped, **options).table


def cost(parameters, time, value, form):
    *shape, log_sd = parameters
    if form == "exponential":
        start, asymptote, log_rate = shape
        mean = asymptote + (start - asymptote) * np.exp(-np.exp(log_rate) * time)
    else:
        start, log_rate = shape
        mean = start * np.exp(-np.exp(log_rate) * FORMS[form].clock(time))
    lower = np.where(value <= 0, -np.inf, value - 5)
    upper = np.where(value >= 100, np.inf, value + 5)
    low, high = ((end - mean) / np.exp(log_sd) for end in (lower, upper))
    flip = low + high > 0
    low, high = np.where(flip, -high, low), np.where(flip, -low, high)
    top = special.log_ndtr(high)
    return -np.sum(top + np.log1p(-np.exp(special.log_ndtr(low) - top)))


@pytest.mark.parametrize("form", ["exponential", "exponential_to_zero", "power"])
@pytest.mark.parametrize("low", [20.0, -20.0])
def test_no_simplex_finds_a_likelier_curve(form, low):
    columns = simulate(1, 12, low=low)
    fits = fit(columns, form)
    assert (columns[2] == 0).any() == (low < 0)
    for row in fits[fits["status"].ne("at_bound") & ~fits["at_least_sd"]].itertuples():
        own = columns[0] == row.series
        first = [row.start, row.asymptote, np.log(row.rate), np.log(row.residual_sd)]
        if np.isnan(row.start + row.asymptote):
            continue  # the ends of the scale leave them open
        if form != "exponential":
            del first[1]
        options = {"xatol": 1e-6, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000}
        theirs = minimize(
            cost, first, (columns[1][own], columns[2][own], form), "Nelder-Mead", options=options
        )
        assert row.log_likelihood >= -theirs.fun - 1e-6


@pytest.mark.parametrize(("per_series", "per_block"), [(1, 1), (3, 3), (6, 2)])
def test_as_steps_become_small_all_numbers_become_those_of_exact_values(per_series, per_block):
    rng = np.random.default_rng(2)
    run, time, _ = simulate(2, 30)
    series, nested = run // per_series, {"run": run, "block": run // per_block}
    fear = np.round(30 + 50 * np.exp(-0.15 * time) + rng.normal(0, 4, len(time)), 2)
    exact = fit((series, time, fear), heaped=None, **nested)
    fine = fit((series, time, fear), heaped=Heaped(grid=0.01, finer=()), **nested)
    assert fine["status"].tolist() == exact["status"].tolist()
    names = ["start", "asymptote", "rate", "half_life"]
    names += [f"{name}_std_error" for name in names] + ["rate_low", "rate_high", "residual_sd"]
    # Sheppard: a step h moves the variance by h^2 / 12, relatively 1e-6 of 4^2
    np.testing.assert_allclose(fine[names], exact[names], rtol=1e-5)
    # a density times the width of a cell
    shift = exact["n"] * np.log(0.01)
    np.testing.assert_allclose(fine["log_likelihood"] - shift, exact["log_likelihood"], rtol=1e-5)


def test_an_asymptote_below_the_floor_is_found_where_least_squares_stay_above_it():
    run, time, fear = simulate(3, 600, low=-5.0, sd=10.0)
    columns = run // 10, time, fear
    open_ended, exact = (fit(columns, heaped=heaped, run=run) for heaped in (TENS, None))
    assert exact["asymptote"].mean() > 0
    error = open_ended["asymptote"].std() / np.sqrt(60)
    assert open_ended["asymptote"].mean() == pytest.approx(-5, abs=3.5 * error)
    assert error < 0.5
    # the starts of the runs take more of censored rows than n - p says: the spread is a little low
    assert open_ended["residual_sd"].mean() == pytest.approx(10, rel=0.1)


def test_the_interval_of_the_rate_holds_its_level_in_tens():
    columns = simulate(4, 1500, sd=6.0)
    fits = fit(columns)
    covered = (fits["rate_low"] <= 0.15) & (fits["rate_high"] >= 0.15)
    assert covered.mean() >= 0.95 - 3.5 * np.sqrt(0.95 * 0.05 / len(fits))


def test_a_curve_through_every_cell_has_no_standard_errors():
    fits = fit((["A"] * 6, np.arange(0, 12, 2.0), [80, 60, 50, 40, 40, 30]))
    assert fits["at_least_sd"].tolist() == [True]
    assert fits.filter(like="std_error").drop(columns="slope_std_error").isna().all(axis=None)
    assert fits["log_likelihood"].iloc[0] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    "fear", [[0] * 6, [100] * 6, [80, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 80], [100, 100, 100, 0, 0, 0]]
)
@pytest.mark.parametrize("form", FORMS)
def test_ratings_at_the_ends_of_the_scale_neither_fail_nor_make_numbers_up(form, fear):
    fits = fit((["A"] * 6, np.arange(0, 12, 2.0), fear), form)
    row = fits.iloc[0]
    assert row["status"] in {"ok", "flat", "rising", "at_bound", "not_identified"}
    assert np.isnan(row["start"]) or abs(row["start"]) < 300


def test_ratings_at_the_ends_of_the_scale_only_tell_nothing_of_their_spread():
    row = fit((["A"] * 6, np.arange(6), [100, 100, 100, 0, 0, 0]), "linear").iloc[0]
    assert row["status"] == "not_identified"
    assert np.isnan(row["residual_sd"])


RATINGS = st.sampled_from([0, 0, 10, 50, 90, 100])
LAW = settings(max_examples=150, deadline=None, derandomize=True)


@LAW
@given(
    st.lists(
        st.lists(st.sampled_from([0, 0, 10, 50, 90, 100]), min_size=1, max_size=8), max_size=6
    ),
    st.sampled_from(list(FORMS)),
    st.sampled_from([(1, 1), (2, 2), (3, 3), (4, 2), (6, 1)]),
)
def test_every_series_has_one_row_a_status_and_an_interval_about_its_rate(courses, form, nested):
    per_series, per_block = nested
    rows = [(i, t, y) for i, course in enumerate(courses) for t, y in enumerate(course)]
    run, time, fear = np.array(rows, dtype=float).reshape(-1, 3).T
    block = run // per_block
    fits = fit((run // per_series, time, fear), form, run=run, block=block)
    assert len(fits) == len(np.unique(run // per_series))
    rate = fits["rate"]
    assert ((fits["rate_low"] <= rate) & (rate <= fits["rate_high"]) | rate.isna()).all()
    assert fits["log_likelihood"].isna().sum() == fits["residual_sd"].isna().sum()
    assert (fits["log_likelihood"].dropna() <= 1e-9).all()
    assert (fits.filter(like="std_error").fillna(0) >= 0).all(axis=None)


def test_the_step_of_a_series_is_the_coarsest_that_holds_all_its_ratings():
    fear = [80, 60, 50, 40, 80, 65, 50, 40, 80, 63, 50, 40]
    fits = fit((np.repeat(["A", "B", "C"], 4), np.tile([0, 2, 4, 6], 3), fear), "linear")
    assert fits["grid"].tolist() == [10, 5, 1]


def test_a_step_of_nothing_or_of_the_whole_scale_is_refused():
    for grid in (0.0, 100.0, -1.0):
        with pytest.raises(CannotAnswerError, match="1, 5 or 10 of 100"):
            Heaped(grid=grid)


def test_units_of_time_and_of_the_scale_do_not_matter():
    series, time, fear = simulate(5, 40)
    fits = fit((series, time, fear))
    seconds = fit((series, 60 * time, fear))
    tenths = fit((series, time, fear / 10), heaped=Heaped(grid=1, finer=(0.5,), ceiling=10))
    for others, clock, scale in ((seconds, 60, 1), (tenths, 1, 10)):
        assert others["status"].tolist() == fits["status"].tolist()
        known = fits["status"] == "ok"
        np.testing.assert_allclose(others.loc[known, "rate"] * clock, fits.loc[known, "rate"], 1e-5)
        np.testing.assert_allclose(
            others.loc[known, "asymptote"] * scale, fits.loc[known, "asymptote"], rtol=1e-4
        )


def test_a_series_is_fitted_as_if_it_were_alone():
    columns = pd.DataFrame(dict(zip("sty", simulate(6, 12), strict=True)))
    together = fit(columns.to_numpy().T)
    alone = pd.concat([fit(own.to_numpy().T) for _, own in columns.groupby("s")])
    pd.testing.assert_frame_equal(together, alone.reset_index(drop=True), rtol=1e-6)

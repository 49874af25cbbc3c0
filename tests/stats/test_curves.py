import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats import curves
from gradex_analysis.stats.curves import fit_decays

MINUTES = np.array([0.0, 2, 4, 6, 8, 10, 15, 20])
NOISE = np.array([1.0, -2, 1, 1, -2, 2, -1, 0])


def decay(t, start=80.0, asymptote=20.0, rate=0.3):
    return asymptote + (start - asymptote) * np.exp(-rate * np.asarray(t))


def fit_one(value, time=MINUTES, **options):
    return fit_decays(["A"] * len(time), time, value, **options).iloc[0]


def test_an_exact_decay_is_found_exactly():
    fit = fit_one(decay(MINUTES))
    assert fit["status"] == "ok"
    np.testing.assert_allclose(
        fit[["start", "asymptote", "rate", "half_life"]].astype(float),
        [80, 20, 0.3, np.log(2) / 0.3],
        rtol=1e-9,
    )
    assert fit["rss"] < 1e-18
    assert fit["rate_low"] < 0.3 < fit["rate_high"]


def test_start_is_the_value_at_time_0_even_if_rating_began_later():
    fit = fit_one(decay(MINUTES + 3), time=MINUTES + 3)
    np.testing.assert_allclose(fit["start"], 80, rtol=1e-9)


def test_shifting_the_clock_moves_the_start_and_its_error_as_the_curve_says():
    fear = decay(MINUTES) + NOISE
    fit, later = fit_one(fear), fit_one(fear, time=MINUTES + 3)
    expected = fit["asymptote"] + (fit["start"] - fit["asymptote"]) * np.exp(3 * fit["rate"])
    assert later["start"] == pytest.approx(expected)
    assert later["asymptote_std_error"] == pytest.approx(fit["asymptote_std_error"])
    jacobian = _jacobian(MINUTES + 3, later)
    assert later["start_std_error"] == pytest.approx(_std_errors(jacobian, later["rss"])[0])


def test_standard_errors_are_those_of_the_inverted_cross_product():
    fit = fit_one(decay(MINUTES) + NOISE)
    expected = _std_errors(_jacobian(MINUTES, fit), fit["rss"])
    found = fit[["start_std_error", "asymptote_std_error", "rate_std_error"]].astype(float)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert fit["half_life_std_error"] == pytest.approx(
        fit["half_life"] * fit["rate_std_error"] / fit["rate"]
    )


def _jacobian(t, fit):
    remaining = np.exp(-fit["rate"] * t)
    by_rate = -(fit["start"] - fit["asymptote"]) * t * remaining
    return np.column_stack([remaining, 1 - remaining, by_rate])


def _std_errors(jacobian, rss):
    n, p = jacobian.shape
    return np.sqrt(np.diag(np.linalg.inv(jacobian.T @ jacobian)) * rss / (n - p))


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_at_the_ends_of_the_interval_the_rss_is_just_at_the_threshold(confidence):
    fear = decay(MINUTES) + NOISE
    fit = fit_one(fear, confidence=confidence)
    threshold = fit["rss"] * (1 + stats.f.ppf(confidence, 1, 5) / 5)
    for rate in (fit["rate_low"], fit["rate_high"]):
        basis = np.column_stack([np.ones(8), np.exp(-rate * MINUTES)])
        rss = np.linalg.lstsq(basis, fear)[1][0]
        assert rss == pytest.approx(threshold, rel=1e-6)


def test_no_rate_of_a_fine_grid_fits_better():
    rng = np.random.default_rng(5)
    for _ in range(40):
        fear = rng.choice(np.arange(0, 101, 10.0), len(MINUTES))
        fit = fit_one(fear)
        rates = np.geomspace(1 / 64, 128, 1500) / 20.0
        gone = 1 - np.exp(-np.outer(rates, MINUTES))
        gone -= gone.mean(axis=1, keepdims=True)
        about = fear - fear.mean()
        rss = about @ about - (gone @ about) ** 2 / np.sum(gone**2, axis=1)
        assert fit["rss"] <= rss.min() * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize(
    ("fear", "status"),
    [
        ([80, 80, 80, 80, 80, 80, 80, 80], "flat"),
        ([20, 50, 60, 66, 70, 71, 72, 72], "rising"),
        ([80, 78, 76, 74, 72, 70, 65, 60], "at_bound"),
        ([80, 20, 20, 20, 20, 20, 20, 20], "at_bound"),
        ([60, 70, 50, 60, 40, 60, 50, 40], "not_identified"),
        ([80, 61, 48, 38, 33, 27, 22, 21], "ok"),
    ],
)
def test_a_course_has_the_status_it_shows(fear, status):
    assert fit_one(fear)["status"] == status


def test_a_half_life_is_given_only_where_the_interval_is_closed():
    rng = np.random.default_rng(11)
    series = np.repeat(np.arange(300), 6)
    time = np.tile([0.0, 2, 4, 6, 8, 10], 300)
    fits = fit_decays(series, time, decay(time, rate=0.25) + rng.normal(0, 8, len(time)))
    closed = (fits["rate_low"] > 0) & np.isfinite(fits["rate_high"])
    assert fits["half_life"].notna().equals(closed)
    assert fits["identified"].equals(closed)
    assert set(fits.loc[~closed, "status"]) <= {"rising", "at_bound", "not_identified"}
    assert 0 < closed.sum() < 300


def test_short_flat_and_fitted_series_all_keep_their_row_in_order_of_appearance():
    series = ["z"] * 3 + ["a"] * 8 + ["m"] * 4
    time = [0, 5, 10, *MINUTES, 0, 1, 2, 3]
    fits = fit_decays(series, time, [80, 60, 40, *decay(MINUTES), 50, 51, 50, 51], flat_range=1)
    assert fits["series"].tolist() == ["z", "a", "m"]
    assert fits["status"].tolist() == ["too_few", "ok", "flat"]
    assert fits["n"].tolist() == [3, 8, 4]
    unfitted = fits[fits["status"] != "ok"]
    assert unfitted[["start", "rate", "half_life", "rss"]].isna().all(axis=None)
    assert (unfitted["rate_low"] == 0).all()
    assert np.isinf(unfitted["rate_high"]).all()


def test_repeated_times_do_not_count_as_further_times():
    assert fit_one([80, 70, 50, 40, 30, 30], time=[0, 0, 5, 5, 10, 10])["status"] == "too_few"
    assert fit_one([80, 50, 30, 25, 24, 23], time=[0, 5, 10, 15, 15, 15])["status"] != "too_few"


def test_time_0_tells_nothing_of_a_given_start():
    assert fit_one([80, 50, 30], time=[0, 5, 10], start=80)["status"] == "too_few"
    assert fit_one([50, 30, 25], time=[5, 10, 15], start=80)["status"] != "too_few"


def test_a_given_start_is_kept_and_has_no_error():
    fit = fit_one(decay(MINUTES) + NOISE, start=80)
    assert (fit["start"], fit["start_std_error"]) == (80, 0)
    assert fit["asymptote_std_error"] < fit_one(decay(MINUTES) + NOISE)["asymptote_std_error"]


def test_each_series_may_have_its_own_start():
    series = np.repeat(["late", "early"], 8)
    fear = np.concatenate([decay(MINUTES, start=90), decay(MINUTES, start=70)])
    fits = fit_decays(series, np.tile(MINUTES, 2), fear, start=[90, 70])
    np.testing.assert_allclose(fits["rate"], 0.3, rtol=1e-8)
    np.testing.assert_allclose(fits["asymptote"], 20, rtol=1e-8)


def test_standard_errors_are_missing_at_a_bound():
    fit = fit_one(80 - 2 * MINUTES)
    assert fit["rate"] == pytest.approx(1 / 64 / 20)
    assert fit[["start_std_error", "asymptote_std_error", "rate_std_error"]].isna().all()


def test_blocks_do_not_change_a_number(monkeypatch):
    rng = np.random.default_rng(8)
    series, time = np.repeat(np.arange(25), 8), np.tile(MINUTES, 25)
    fear = decay(time) + rng.normal(0, 8, len(time))
    fear[:40:8] = 20
    for start in (None, rng.normal(80, 5, 25)):
        whole = fit_decays(series, time, fear, start=start, flat_range=20)
        with monkeypatch.context() as patch:
            patch.setattr(curves, "BLOCK", 3)
            in_blocks = fit_decays(series, time, fear, start=start, flat_range=20)
        pd.testing.assert_frame_equal(in_blocks, whole, rtol=1e-12)


def test_no_series_gives_an_empty_table_with_all_columns():
    empty = fit_decays([], [], [])
    assert len(empty) == 0
    assert list(empty.columns) == list(fit_decays(["A"], [0], [1]).columns)


@pytest.mark.parametrize(
    ("series", "time", "value", "message"),
    [
        (["A", "A"], [0, np.nan], [1, 2], r"time is missing or infinite at 1 of 2 .*first: 1"),
        (["A", "A"], [0, 1], [np.inf, np.nan], r"value is missing .* at 2 of 2 .*first: 0, 1"),
        (["A", None], [0, 1], [1, 2], r"series is missing .*first: 1"),
        (["A"], [0, 1], [1, 2], r"1, 2 and 2 rows"),
    ],
)
def test_missing_numbers_are_refused_by_position(series, time, value, message):
    with pytest.raises(CannotAnswerError, match=message):
        fit_decays(series, time, value)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start": [1, 2]}, "start has shape"),
        ({"start": np.nan}, "start is missing"),
        ({"confidence": 95}, "confidence is 95"),
        ({"flat_range": -1}, "flat_range is -1"),
    ],
)
def test_impossible_options_are_refused(options, message):
    with pytest.raises(CannotAnswerError, match=message):
        fit_decays(["A"] * 8, MINUTES, decay(MINUTES), **options)


def test_any_kind_of_label_is_kept():
    for labels in (pd.Categorical(["b", "a"]), np.array([2, 1]), pd.Series(["b", "a"])):
        found = fit_decays(labels, [0, 0], [1, 1])["series"]
        assert found.tolist() == list(labels)

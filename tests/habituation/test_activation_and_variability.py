"""How high, how far from the peak on, how variable: each definition by hand."""

from __future__ import annotations

import numpy as np
import pytest

from gradex_analysis.habituation import measure_within_session
from gradex_analysis.measures.within_session import DEFINITIONS, names_of

#: rated every two minutes from the onset, 55 a minute before
COURSE = {-1: 55, 0: 60, 2: 80, 4: 50, 6: 60, 8: 30}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("activation_peak", 80),
        ("activation_rise", 25),
        ("activation_initial", 60),
        # 30 is 40 or less
        ("halved_from_peak", 1),
        # (2, 80), (4, 50), (6, 60), (8, 30): (-3*80 - 50 + 60 + 3*30) / 20
        ("slope_from_peak", -140 / 20),
        # mean 56, squares 16 + 576 + 36 + 16 + 676
        ("variability_sd", (1320 / 4) ** 0.5),
        # steps 20, -30, 10, -30
        ("variability_successive", (2300 / 4) ** 0.5),
        # slope (-4*60 - 2*80 + 2*60 + 4*30) / 40 = -4, which takes 16 * 40 of the squares
        ("variability_detrended", (680 / 3) ** 0.5),
        ("variability_relative", (264 / (56 * 44)) ** 0.5),
    ],
)
def test_each_by_hand(make_cohort, definition, expected):
    result = measure_within_session(make_cohort(E1=COURSE), definition=definition)
    assert result.table["estimate"].tolist() == pytest.approx([expected], rel=1e-12)


def test_the_rate_from_the_peak_is_that_of_a_planted_decay(make_cohort):
    decay = {0.0: 40.0, **{2.0 + 2 * k: 80 * np.exp(-0.3 * 2 * k) for k in range(5)}}
    result = measure_within_session(make_cohort(E1=decay), definition="rate_from_peak")
    assert result.table["estimate"].tolist() == pytest.approx([0.3], abs=1e-6)
    assert result.settings["unit"] == "per minute"


@pytest.mark.parametrize(
    ("course", "why"),
    [
        ([80, 40], "fewer than three ratings from the peak on, or no decay that has a rate"),
        ([40, 60, 80], "fewer than three ratings from the peak on, or no decay that has a rate"),
        # as if it had fallen between two ratings
        ([80, 0, 0, 0], "fewer than three ratings from the peak on, or no decay that has a rate"),
    ],
)
def test_a_decay_that_cannot_be_told_has_no_rate(make_cohort, course, why):
    result = measure_within_session(make_cohort(E1=course), definition="rate_from_peak")
    assert result.excluded["reason"].tolist() == [why]


def test_ratings_that_never_change_have_a_rate_of_0(make_cohort):
    result = measure_within_session(make_cohort(E1=[50, 50, 50]), definition="rate_from_peak")
    assert result.table["estimate"].tolist() == [0]


@pytest.mark.parametrize(
    ("course", "halved"), [([80, 40], 1), ([80, 41], 0), ([30, 80, 20], 1), ([50, 50], 0)]
)
def test_half_of_the_peak_is_halved_and_a_point_more_is_not(make_cohort, course, halved):
    result = measure_within_session(make_cohort(E1=course), definition="halved_from_peak")
    assert result.table["estimate"].tolist() == [halved]


def test_a_peak_at_the_floor_cannot_be_halved(make_cohort):
    result = measure_within_session(make_cohort(E1=[0, 0]), definition="halved_from_peak")
    assert result.excluded["reason"].tolist() == ["the peak is at the floor of the scale"]


def test_a_peak_at_the_end_has_no_slope_after_it(make_cohort):
    result = measure_within_session(make_cohort(E1=[50, 80]), definition="slope_from_peak")
    assert result.excluded["reason"].tolist() == [
        "its highest rating is its last: no line from the peak on"
    ]


@pytest.mark.parametrize("definition", names_of("variability"))
def test_variability_needs_five_ratings_and_says_so(make_cohort, definition):
    cohort = make_cohort(E1=[50, 40, 60, 30], E2=[50, 40, 60, 30, 20])
    result = measure_within_session(cohort, definition=definition)
    assert result.table["exposure_id"].tolist() == ["E2"]
    assert result.excluded["reason"].tolist() == ["fewer than 5 ratings during the exercise"]


def test_one_rating_is_an_initial_rating_and_a_peak_but_no_fall(make_cohort):
    cohort = make_cohort(E1={-1: 30, 0: 50})
    for name in ("activation_peak", "activation_rise", "activation_initial"):
        assert measure_within_session(cohort, definition=name).n_used == 1
    assert measure_within_session(cohort, definition="halved_from_peak").n_used == 0


def test_no_rating_before_leaves_no_rise(make_cohort):
    result = measure_within_session(make_cohort(E1=[50, 60]), definition="activation_rise")
    assert result.excluded["reason"].tolist() == ["no rating before"]


def test_what_is_said_fits_what_is_measured(make_cohort):
    cohort = make_cohort(E1=COURSE, E2={-1: 90, 0: 60, 2: 40, 4: 30, 6: 30, 8: 40})
    said = {name: measure_within_session(cohort, definition=name).sentence() for name in (
        "activation_peak", "activation_rise", "halved_from_peak", "variability_relative",
    )}  # fmt: skip
    assert (
        "fear was on average 70.0 points of 100 at the highest rating of the"
        in (said["activation_peak"])
    )
    # 25 and -30: lower than before on average
    assert (
        "fear fell on average by 2.5 points of 100 from the rating before the exercise to"
        in (said["activation_rise"])
    )
    assert (
        "fear was halved in 0.50 of exposures from the highest rating" in (said["halved_from_peak"])
    )
    assert (
        "of the largest SD possible at that mean about the mean of an exposure"
        in (said["variability_relative"])
    )


def test_repetitions_and_minutes_are_not_averaged_in_any_slope_or_rate(make_cohort):
    cohort = make_cohort(E1=[80, 50, 20], E2=[80, 50, 20], E3=[80, 50, 20])
    tables = dict(cohort.tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    by_repetition = ratings["exposure_id"] == "E3"
    ratings["repetition"] = (ratings["minute"] / 2 + 1).where(by_repetition).astype("Int64")
    ratings["minute"] = ratings["minute"].mask(by_repetition)
    mixed = type(cohort).from_tables({**tables, "ratings": ratings})
    for name in (name for name, one in DEFINITIONS.items() if one.is_per_time):
        result = measure_within_session(mixed, definition=name)
        assert result.excluded["reason"].tolist() == ["not rated by minute"], name
    assert measure_within_session(mixed, definition="halved_from_peak").n_used == 3


def test_shares_of_the_scale_by_hand(make_cohort):
    cohort = make_cohort(
        patients={"E1": "P1", "E2": "P2"}, arms={"P1": "a", "P2": "b"},
        E1=[100, 55, 12, 0], E2={-1: 33, 0: 41, 2: 43, 4: 40},
    )  # fmt: skip
    result = measure_within_session(cohort, definition="initial_to_end")
    use = result.scale_use.set_index("group")
    columns = ["n_ratings", "at_floor", "at_ceiling", "multiple_of_10", "multiple_of_5"]
    assert use.loc["a", columns].tolist() == [4, 0.25, 0.25, 0.5, 0.75]
    # the rating before belongs to the exposure as well
    assert use.loc["b", columns].tolist() == [4, 0, 0, 0.25, 0.25]
    no_break = "\u00a0"
    assert (
        f"Ratings that are 0: 25{no_break}% (a), 0{no_break}% (b); "
        f"100: 25{no_break}% (a), 0{no_break}% (b); "
        f"multiples of 10: 50{no_break}% (a), 25{no_break}% (b)."
    ) in result.sentence()
    assert "cannot go further" in result.details()["Use of the scale"][0]


def test_shares_up_to_15_percent_are_not_said(make_cohort):
    cohort = make_cohort(E1=[51, 52, 53, 54, 56, 57, 40])  # one of seven
    result = measure_within_session(cohort, definition="initial_to_end")
    assert result.scale_use["multiple_of_10"].tolist() == pytest.approx([1 / 7])
    assert "multiples" not in result.sentence()

"""Is what the simulator plants found in its ratings, with one mechanism on at a time?

``simulate_cohort`` follows no linear model. What is true of it is what the model says of the latent
courses, which have neither noise nor rounding: at the same minutes, exposures, gaps and items.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gradex_analysis.habituation.learning.basis import add_columns, choose_bases
from gradex_analysis.habituation.learning.fit import Asked, learn
from gradex_analysis.habituation.learning.rows import list_learning
from gradex_analysis.simulation import simulate_cohort

WITHIN, BETWEEN, RETURN = "within-session fall", "between-session fall", "return over a gap"


def follow(seed, *mechanisms, interaction=True):
    """Return the quantities of the ratings and those of the latent courses behind them."""
    simulation = simulate_cohort(
        50, seed=seed, design="two_exposures", missing="none", mechanisms=("heaping", *mechanisms)
    )
    rows = list_learning(simulation.cohort, "fear")
    rows = replace(rows, exposures=rows.exposures.assign(group="all"))
    latent = simulation.truth.exposures.set_index("exposure_id")
    of_rating = latent.loc[rows.exposures["exposure_id"].to_numpy()[rows.ratings["exposure"]]]
    gone = np.exp(-of_rating["rate"].to_numpy() * rows.ratings["time"])
    start, end = of_rating["start"].to_numpy(), of_rating["asymptote"].to_numpy()
    courses = rows.ratings.assign(value=end + (start - end) * gone)
    bases = choose_bases(rows, minute="decay", number="log", gap="log", rate=None)
    asked = Asked(8.0, has_gap=True, is_common=False, interaction=interaction)
    return [
        learn(*add_columns(own, bases), bases, asked).table.set_index("quantity")
        for own in (rows, replace(rows, ratings=courses))
    ]


@pytest.fixture(scope="module")
def with_return():
    return follow(4, "return_of_fear")


@pytest.fixture(scope="module")
def without():
    return follow(4)


def check(found, true):
    for quantity in (WITHIN, BETWEEN, RETURN):
        # noise of the ratings is only one part of the standard error
        off = found.loc[quantity, "estimate"] - true.loc[quantity, "estimate"]
        assert abs(off) < 2 * found.loc[quantity, "std_error"], quantity


def test_the_three_quantities_are_those_of_the_latent_courses(with_return, without):
    check(*with_return)
    check(*without)


def test_a_planted_return_of_fear_is_found_and_one_that_is_not_planted_is_not(with_return, without):
    found, none = with_return[0].loc[RETURN], without[0].loc[RETURN]
    assert found["ci_low"] > 0
    # expectancy recovers over a pause and raises the start a little: less than a point
    assert none["ci_low"] < 1.0
    # the same patients and draws in both: the difference is the planted return
    true = with_return[1].loc[RETURN, "estimate"] - without[1].loc[RETURN, "estimate"]
    assert true > 1.0
    assert found["estimate"] - none["estimate"] == pytest.approx(true, abs=1.0)


def test_a_return_over_gaps_takes_from_the_fall_between_sessions(with_return, without):
    both = [table.loc[BETWEEN, "estimate"] for table in (with_return[0], without[0])]
    assert 0 < both[0] < both[1]


@pytest.mark.parametrize("mechanism", ["early_stops", "missing_ratings", "generalisation"])
def test_ratings_that_are_missing_for_reasons_seen_bias_nothing(mechanism):
    check(*follow(6, mechanism))


def test_without_the_interaction_ratings_and_courses_disagree_on_the_fall_between_sessions():
    # starts fall while the asymptote stays: one shift for all minutes is no number of the courses
    found, true = follow(4, interaction=False)
    off = found.loc[BETWEEN, "estimate"] - true.loc[BETWEEN, "estimate"]
    assert off > 5 * found.loc[BETWEEN, "std_error"]

"""Is a true null covered, and a planted loss by safety behaviour found?"""

from __future__ import annotations

import pytest

from gradex_analysis.expectancy import fit_next_fear
from gradex_analysis.simulation import simulate_cohort


def within(seed, *mechanisms, n, predictor):
    simulation = simulate_cohort(
        n, seed=seed, design="two_exposures", mechanisms=("heaping", *mechanisms), missing="none"
    )
    result = fit_next_fear(simulation.cohort, predictor=predictor, rating="before")
    return result.table.set_index("part").loc["within patients"]


@pytest.mark.slow
def test_a_companion_who_changes_nothing_goes_with_nothing():
    rows = [within(500 + seed, n=24, predictor="companion") for seed in range(12)]
    covered = sum(row["ci_low"] < 0 < row["ci_high"] for row in rows)
    # of 12 at .95: 9 or fewer happens once in 50
    assert covered >= 10


@pytest.mark.slow
def test_safety_behaviour_that_weakens_learning_goes_with_more_fear_next_time():
    # the same patients and draws in both: without the mechanism it weakens nothing
    weakens = within(8, "safety_behaviour", n=120, predictor="safety_behaviour")
    nothing = within(8, n=120, predictor="safety_behaviour")
    assert weakens["ci_low"] > 0
    assert nothing["ci_low"] < 0 < nothing["ci_high"]
    # 30 % of what an exposure teaches is lost: a few points of fear at most
    assert 0.3 < weakens["estimate"] - nothing["estimate"] < 4

"""Is generalisation that was planted found, and none where none was?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.hierarchy.generalisation_fit import fit_falls, fit_gradients
from gradex_analysis.hierarchy.generalisation_rows import list_changes
from gradex_analysis.simulation import simulate_cohort

#: mean falls of unexposed and exposed items, and how patients differ in them
UNEXPOSED, EXPOSED, SPREAD = 8.0, 20.0, [[9, 6], [6, 25]]
KEYS = ["patient_id", "item_id"]


def choose(way, pre, rng):
    """Six of nine items at random; mostly the least feared; or four from one end."""
    if way == "one_end":
        return np.arange(9) < 4 if rng.random() < 0.5 else np.arange(9) >= 5
    order = rng.permutation(9) if way == "random" else np.argsort(pre + rng.normal(0, 15, 9))
    return np.isin(np.arange(9), order[:6])


def planted(seed, *, n_patients=15, way="random", per_rank=0.0, per_point=0.0):
    """Nine items a patient, the ranks 1 to 9, each 5 points harder; some of them exposed."""
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(n_patients):
        unexposed, exposed = rng.multivariate_normal([UNEXPOSED, EXPOSED], SPREAD)
        ranks = np.arange(1, 10)
        true = 40 + 5 * ranks + rng.normal(0, 4)
        pre = true + rng.normal(0, 5, 9)
        is_exposed = choose(way, pre, rng)
        near = np.abs(ranks[:, None] - ranks[is_exposed]).min(axis=1)
        fall = np.where(is_exposed, exposed, unexposed - per_rank * near)
        fall = fall + per_point * (true - true.mean())
        post = true - fall + rng.normal(0, 5, 9)
        rows.append(
            pd.DataFrame(
                {
                    "patient_id": f"P{patient:02d}", "item_id": [f"I{rank}" for rank in ranks],
                    "group": "all", "planned_rank": ranks, "is_exposed": is_exposed, "pre": pre,
                    "post": post, "fall": pre - post,
                    "distance_planned_rank": np.where(is_exposed, np.nan, near),
                    "distance_expected_fear": np.nan,
                }
            )
        )  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def read(table):
    return table.set_index(["model", "quantity"])


def is_near(row, value):
    """Three standard errors are left by chance 3 times in 1,000."""
    return abs(row["estimate"] - value) < 3 * row["std_error"]


def test_planted_falls_are_found_when_items_are_left_out_at_random():
    falls = read(fit_falls(planted(1, n_patients=40))[0])
    true = {"unexposed": UNEXPOSED, "exposed": EXPOSED, "difference": UNEXPOSED - EXPOSED,
            "ratio": UNEXPOSED / EXPOSED}  # fmt: skip
    for model in ("as rated", "expected fear held"):
        for quantity, value in true.items():
            row = falls.loc[(model, quantity)]
            assert row["ci_low"] < value < row["ci_high"], (model, quantity)
    assert falls.loc[("as rated", "unexposed"), "ci_low"] > 0


def test_holding_the_first_rating_takes_out_what_difficulty_does():
    # those feared least mostly come first, and all fall by .5 more per point of difficulty: as
    # rated, the unexposed seem to fall by more than they do at the same difficulty
    rows = planted(2, n_patients=60, way="easiest_first", per_point=0.5)
    falls = read(fit_falls(rows)[0])
    rated = falls.loc[("as rated", "difference")]
    held = falls.loc[("expected fear held", "difference")]
    assert rated["ci_low"] > UNEXPOSED - EXPOSED + 2
    assert is_near(held, UNEXPOSED - EXPOSED)


def test_a_planted_gradient_on_rank_is_found_and_none_where_there_is_none():
    for per_rank in (3.0, 0.0):
        line = fit_gradients(planted(4, n_patients=60, way="one_end", per_rank=per_rank))[0].iloc[0]
        assert is_near(line, -per_rank)
    assert fit_gradients(planted(4, n_patients=2))[0].empty


def test_a_gradient_that_cannot_be_fitted_is_said():
    table, notes = fit_gradients(planted(4, n_patients=20, way="one_end").assign(fall=10.0))
    assert table.empty
    assert any("distance by planned rank cannot be fitted" in note for note in notes)


@pytest.mark.slow
def test_intervals_cover_the_planted_falls():
    true = {"unexposed": UNEXPOSED, "exposed": EXPOSED, "difference": UNEXPOSED - EXPOSED,
            "ratio": UNEXPOSED / EXPOSED}  # fmt: skip
    covered = []
    for seed in range(40):
        falls = fit_falls(planted(100 + seed))[0]
        value = falls["quantity"].map(true)
        covered.append(((falls["ci_low"] < value) & (value < falls["ci_high"])).to_numpy())
    # of 40 at .95, 33 or fewer happen once in 300
    assert (np.sum(covered, axis=0) >= 34).all()


def simulated(*more):
    """Items with their ratings, and with what they truly were: d + f before, latent fear after."""
    simulation = simulate_cohort(
        60, seed=11, design="two_exposures", mechanisms=("heaping", "noisy_report", *more),
        missing="none",
    )  # fmt: skip
    rows = list_changes(simulation.cohort, ("baseline", "post"))
    rows = rows[rows["reason"] == ""].assign(group="all")
    truth = simulation.truth
    items = truth.items.merge(truth.patients[["patient_id", "fear"]], on="patient_id")
    items["true_fall"] = items["difficulty"] + items["fear"] - items["fear_post"]
    return rows.merge(items[[*KEYS, "true_fall"]], on=KEYS)


@pytest.mark.slow
def test_intervals_cover_the_planted_gradient():
    covered = 0
    for seed in range(30):
        line = fit_gradients(planted(seed, n_patients=30, way="one_end", per_rank=3.0))[0].iloc[0]
        covered += line["ci_low"] < -3.0 < line["ci_high"]
    # of 30 at .95, 24 or fewer happen once in 300
    assert covered >= 25


def test_slopes_that_cannot_be_estimated_give_way_to_a_plainer_model():
    falls = read(fit_falls(planted(109))[0])
    row = falls.loc[("as rated", "difference")]
    assert row["random"] == "1"
    assert is_near(row, UNEXPOSED - EXPOSED)


def test_generalisation_of_the_simulator_is_found_and_is_none_when_switched_off():
    found, known = {}, {}
    for name, more in (("on", ("generalisation",)), ("off", ())):
        rows = simulated(*more)
        latent = rows.assign(post=rows["pre"] - rows["true_fall"], fall=rows["true_fall"])
        falls, true = (read(fit_falls(given)[0]) for given in (rows, latent))
        found[name] = falls.loc[("expected fear held", "unexposed")]
        known[name] = true.loc[("expected fear held", "unexposed"), "estimate"]
        # the same patients and items, so that only the ratings' errors are between the two
        assert abs(found[name]["estimate"] - known[name]) < 2 * found[name]["std_error"]
    assert found["on"]["ci_low"] > 0
    assert found["off"]["ci_high"] < found["on"]["ci_low"]
    # the same draws in both: what differs is what was carried over
    planted_share = known["on"] - known["off"]
    assert found["on"]["estimate"] - found["off"]["estimate"] == pytest.approx(
        planted_share, rel=0.15
    )

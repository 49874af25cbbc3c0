"""How does fear change over sessions with the items' difficulty held? By a planted model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.between_items.answer import fit_between_sessions
from gradex_analysis.simulation import simulate_cohort

SLOPE, PER_POINT = -4.0, 0.6


def climbing(seed, *, n_patients=30, n_sessions=8, arms=None, error=0.0):
    """Patients who climb: every session's two items are harder; SLOPE per session at the same.

    ``error`` is the SD of what a patient says of an item's difficulty about what it is.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for patient in range(n_patients):
        level, slope = rng.normal([45, SLOPE], [4, 0.5])
        of_item = rng.normal(0, 3, n_sessions + 1)
        said = rng.normal(0, error, n_sessions + 1) if error else np.zeros(n_sessions + 1)
        for session in range(n_sessions):
            for item in (session, session + 1):
                expected = 25 + 8 * item
                y = level + slope * session + PER_POINT * (expected - 50) + of_item[item]
                rating = np.clip(np.round(y + rng.normal(0, 4), 6), 0, 100)
                rows.append((f"P{patient:02d}", f"S{session}", session + 1, f"I{item}",
                             np.clip(expected + said[item], 0, 100), rating))  # fmt: skip
    columns = ["patient_id", "session_id", "session_number", "item_id", "expected", "value"]
    return as_cohort(pd.DataFrame(rows, columns=columns), arms)


def as_cohort(frame, arms=None):
    frame = frame.assign(exposure_id=[f"{i:04d}" for i in range(len(frame))])
    frame["exposure_id"] = frame["patient_id"] + "-" + frame["exposure_id"]
    people = frame[["patient_id"]].drop_duplicates()
    if arms:
        people["arm"] = [arms[i % len(arms)] for i in range(len(people))]
    items = frame.drop_duplicates(["patient_id", "item_id"])
    day = pd.to_datetime("2024-01-01") + pd.to_timedelta(7 * frame["session_number"], unit="D")
    keys = ["patient_id", "exposure_id"]
    tables = {
        "participants": people,
        "sessions": frame[["patient_id", "session_id", "session_number"]].drop_duplicates(),
        "exposures": frame[[*keys, "item_id", "session_id"]].assign(
            status="done", started_at=day.dt.strftime("%Y-%m-%d")
        ),
        "ratings": frame[[*keys, "value"]].assign(
            kind="fear", moment="during", minute=0.0, scale_id="0-100"
        ),
        "item_ratings": items[["patient_id", "item_id"]].assign(
            occasion="baseline", expected_fear=items["expected"].astype("float64")
        ),
    }
    return Cohort.from_tables(tables)


@pytest.mark.parametrize("time", ["session_number", "days"])
def test_the_planted_slope_is_found_with_difficulty_held_and_hidden_without(time):
    # sessions are a week apart, so that both times have the same slope
    result = fit_between_sessions(climbing(3), time=time)
    by_model = result.table.set_index("model")
    held, left_out = by_model.loc["difficulty held"], by_model.loc["difficulty left out"]
    assert held["ci_low"] < SLOPE < held["ci_high"]
    assert held["ci_high"] < 0
    # 8 points of difficulty a session x 0.6 - 4: climbing turns the fall into a rise
    assert left_out["estimate"] == pytest.approx(8 * PER_POINT + SLOPE, abs=0.6)
    difficulty = result.difficulty.iloc[0]
    assert difficulty["ci_low"] < PER_POINT < difficulty["ci_high"]


def test_an_error_in_expected_fear_does_not_draw_the_slope_towards_none():
    # by expected fear alone the slope would come out near -1: climbing takes what it cannot hold
    row = fit_between_sessions(climbing(3, error=8.0)).table.iloc[0]
    assert row["ci_low"] < SLOPE < row["ci_high"]
    assert row["ci_high"] < -2


def test_items_met_once_leave_difficulty_to_expected_fear_and_that_is_said():
    tables = {name: frame for name, frame in climbing(4).tables.items() if len(frame)}
    first = ~tables["exposures"].duplicated(["patient_id", "item_id"])
    tables["exposures"] = tables["exposures"][first]
    kept = tables["ratings"]["exposure_id"].isin(tables["exposures"]["exposure_id"])
    tables["ratings"] = tables["ratings"][kept].drop(columns=["exposure", "code", "value_100"])
    result = fit_between_sessions(Cohort.from_tables(tables))
    assert "No item was met at two times" in result.sentence()


@pytest.mark.slow
@pytest.mark.parametrize("error", [0.0, 8.0])
def test_intervals_cover_the_planted_slope(error):
    covered = 0
    for seed in range(40):
        rows = fit_between_sessions(climbing(seed, n_patients=12, n_sessions=5, error=error)).table
        row = rows.iloc[0]
        covered += row["ci_low"] < SLOPE < row["ci_high"]
    # of 40 at .95: 34 or fewer happens once in 70
    assert covered >= 35


def test_each_group_has_its_slopes_and_is_said_not_to_be_randomised():
    result = fit_between_sessions(climbing(5, arms=("a", "b")))
    assert result.table["group"].tolist() == ["a", "b", "a", "b"]
    said = result.sentence()
    assert "changed in a by" in said
    assert "Groups were not randomised." in said
    assert len(result.plot().texts) >= 4


def test_every_exposure_is_used_or_left_out_with_its_reason():
    tables = dict(climbing(2, n_patients=6).tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    exposures = tables["exposures"]
    exposures.loc[0, "status"] = "refused"
    exposures.loc[1, "item_id"] = None
    exposures.loc[2, "session_id"] = None
    exposures.loc[3, "item_id"] = "I99"
    unrated = exposures.loc[4, "exposure_id"]
    tables["ratings"] = ratings[ratings["exposure_id"] != unrated]
    cohort = Cohort.from_tables({name: frame for name, frame in tables.items() if len(frame)})
    result = fit_between_sessions(cohort)
    assert result.excluded["reason"].tolist() == [
        "refused", "no item: it repeats nothing", "no session number",
        "no fear expected of its item", "no rating at its peak",
    ]  # fmt: skip
    assert result.n_considered == len(exposures)
    assert "5 of 96 exposures left out" in result.sentence()


def test_what_cannot_be_asked_is_said():
    cohort = climbing(1, n_patients=3)
    with pytest.raises(UnknownNameError, match="rating"):
        fit_between_sessions(cohort, rating="trough")
    with pytest.raises(UnknownNameError, match="time"):
        fit_between_sessions(cohort, time="minutes")
    tables = {name: frame for name, frame in cohort.tables.items() if len(frame)}
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    without = Cohort.from_tables({n: f for n, f in tables.items() if n != "item_ratings"})
    with pytest.raises(CannotAnswerError, match="expected_fear"):
        fit_between_sessions(without)
    one = climbing(1, n_patients=3, n_sessions=1)
    with pytest.raises(CannotAnswerError, match="two times and two difficulties"):
        fit_between_sessions(one)


def test_recalled_peaks_have_a_level_of_their_own():
    simulation = simulate_cohort(24, seed=9, design="two_exposures")
    result = fit_between_sessions(simulation.cohort, time="days")
    assert "recalled" in result.settings["model"]
    assert result.rows["recalled"].any()
    assert (result.table.loc[result.table["model"] == "difficulty held", "estimate"] < 0).all()

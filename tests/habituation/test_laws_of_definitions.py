"""What must be true of every definition: of constants, turned scales, time units and scales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation import measure_between_sessions, measure_within_session
from gradex_analysis.habituation.return_of_fear.answer import measure_return_of_fear
from gradex_analysis.measures import between_sessions, return_of_fear, within_session
from gradex_analysis.results.result import Result

Tables = dict[str, pd.DataFrame]
WITHIN = within_session.DEFINITIONS
NAMES = [*between_sessions.DEFINITIONS, *return_of_fear.DEFINITIONS, *WITHIN]
#: half of every rating changes none of them
RATIOS = {
    "retention", "retention_before", "rof_pct", "rof_pct_peak",
    "percent_of_peak", "halved_from_peak", "rate_from_peak",
}  # fmt: skip
LEVELS = {"activation_peak", "activation_initial", "mean_level"}
#: what they are measured from is the end of the scale
FROM_THE_FLOOR = {"percent_of_peak", "halved_from_peak", "rate_from_peak", "variability_relative"}
SPREADS = ("variability_sd", "variability_successive", "variability_detrended")
PER_TIME = {name for name, one in WITHIN.items() if one.is_per_time}


def _moment(minute: int) -> str:
    return "before" if minute < 0 else "after" if minute > 10 else "during"


def drawn() -> Tables:
    """Six patients, two items, five sessions (the last is follow-up): all that is compared."""
    rng = np.random.default_rng(3)
    visits = pd.DataFrame(
        [(f"P{p}", f"S{s}", f"I{item}", n)
         for p in range(6) for s in range(1, 6) for item in range(2) for n in range(1 + s % 2)],
        columns=["patient_id", "session_id", "item_id", "n"],
    )  # fmt: skip
    number = visits["session_id"].str[1:].astype(int)
    visits["session_id"] = visits["patient_id"] + visits["session_id"]
    day = pd.Timestamp("2024-01-01") + pd.to_timedelta(number**2 * 2, unit="D")
    exposures = visits.drop(columns="n").assign(
        exposure_id=[f"E{i:03d}" for i in range(len(visits))],
        started_at=day.dt.strftime("%Y-%m-%d"),
        status="done",
        # by session, so that its exposures share it; new in the third
        context=np.where((number == 3) & (visits["item_id"] == "I0"), "work", "home"),
        flare=rng.random(len(visits)) < 0.1,
    )
    keys = ["patient_id", "exposure_id"]
    ratings = pd.concat(
        [exposures[keys].assign(moment=_moment(minute), minute=float(minute),
                                value=2.0 * rng.integers(5, 50, len(exposures)))
         for minute in (-1, 0, 2, 5, 7, 9, 11)]
    )  # fmt: skip
    items = pd.concat(
        [exposures[["patient_id", "item_id"]].drop_duplicates().assign(occasion=occasion)
         for occasion in ("baseline", "post", "followup")]
    )  # fmt: skip
    sessions = visits[["patient_id", "session_id"]].assign(
        session_number=number, phase=np.where(number == 5, "followup", "exposure")
    )
    return {
        "participants": visits[["patient_id"]].drop_duplicates(),
        "sessions": sessions.drop_duplicates(),
        "exposures": exposures,
        "ratings": ratings.assign(kind="fear", scale_id="0-100"),
        "item_ratings": items.assign(expected_fear=2.0 * rng.integers(5, 50, len(items))),
    }


TABLES = drawn()


def change_ratings(change: Callable[[pd.Series], pd.Series]) -> Tables:
    """Change every rating of fear, and the fear expected of items."""
    ratings, items = TABLES["ratings"], TABLES["item_ratings"]
    return {
        **TABLES,
        "ratings": ratings.assign(value=change(ratings["value"])),
        "item_ratings": items.assign(expected_fear=change(items["expected_fear"])),
    }


def with_ratings(**columns: object) -> Tables:
    return {**TABLES, "ratings": TABLES["ratings"].assign(**columns)}


def ask(cohort: Cohort, name: str) -> Result:
    if name in WITHIN:
        return measure_within_session(cohort, definition=name)
    if name in return_of_fear.DEFINITIONS:
        return measure_return_of_fear(cohort, definition=name)
    return measure_between_sessions(cohort, definition=name)


def values(cohort: Cohort, name: str) -> pd.Series:
    result = ask(cohort, name)
    return result.table.set_index(list(result.unit))["estimate"]


def same(one: pd.Series, other: pd.Series) -> None:
    assert one.index.equals(other.index)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


RATINGS = TABLES["ratings"]
WHOLE = Cohort.from_tables(TABLES)
HALF = Cohort.from_tables(change_ratings(lambda value: value / 2))
SHIFTED = Cohort.from_tables(change_ratings(lambda value: value / 2 + 20))
TURNED = Cohort.from_tables(change_ratings(lambda value: 100 - value))
#: the ratings of every exercise from its end to its start, those before and after as they were
BACKWARDS = Cohort.from_tables(
    with_ratings(
        minute=RATINGS["minute"].mask(RATINGS["moment"] == "during", 9 - RATINGS["minute"])
    )
)
SECONDS = Cohort.from_tables(with_ratings(minute=RATINGS["minute"] * 60))
TENTHS = Cohort.from_tables(with_ratings(value=RATINGS["value"] / 10, scale_id="0-10"))


@pytest.mark.parametrize("name", NAMES)
def test_it_has_values_here_so_that_the_laws_say_something(name):
    assert len(values(HALF, name)) >= 3


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FROM_THE_FLOOR])
def test_a_constant_added_to_every_rating_changes_a_level_by_it_and_nothing_else(name):
    same(values(SHIFTED, name), values(HALF, name) + (20 if name in LEVELS else 0))


@pytest.mark.parametrize("name", [name for name in NAMES if name != "variability_relative"])
def test_half_of_every_rating_is_half_of_every_difference_and_none_of_a_ratio(name):
    same(values(HALF, name), (1 if name in RATIOS else 0.5) * values(WHOLE, name))


@pytest.mark.parametrize("name", [*SPREADS, "variability_relative"])
def test_a_scale_turned_round_varies_as_much(name):
    same(values(TURNED, name), values(WHOLE, name))


@pytest.mark.parametrize("name", sorted(LEVELS - {"activation_peak"}))
def test_a_scale_turned_round_turns_a_level(name):
    same(values(TURNED, name), 100 - values(WHOLE, name))


#: a peak becomes a trough; the activation's rise reads the peak
UNTURNED = {*LEVELS, *SPREADS, "variability_relative", "activation_rise"}


@pytest.mark.parametrize("name", [n for n in NAMES if "peak" not in n and n not in UNTURNED])
def test_a_scale_turned_round_turns_every_difference(name):
    turned, whole = values(TURNED, name), values(WHOLE, name)
    if name in RATIOS:  # they have a value where fear fell, which is where it rose before
        assert turned.index.intersection(whole.index).empty
        assert len(turned)
    else:
        same(turned, -whole)


@pytest.mark.parametrize("name", ["initial_to_last", "slope"])
def test_ratings_the_other_way_round_turn_what_goes_from_start_to_end(name):
    same(values(BACKWARDS, name), -values(WHOLE, name))


@pytest.mark.parametrize(
    "name",
    ["activation_peak", "activation_rise", "mean_level", *SPREADS, "variability_relative",
     "peak_to_after", "before_to_after"],
)  # fmt: skip
def test_ratings_the_other_way_round_leave_levels_and_spreads(name):
    same(values(BACKWARDS, name), values(WHOLE, name))


@pytest.mark.parametrize("name", NAMES)
def test_seconds_instead_of_minutes_change_nothing_but_what_is_per_minute(name):
    same(60 * values(SECONDS, name) if name in PER_TIME else values(SECONDS, name),
         values(WHOLE, name))  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_rating_from_0_to_10_is_the_same_as_ten_times_it(name):
    same(values(TENTHS, name), values(WHOLE, name))


@pytest.mark.parametrize("name", NAMES)
def test_every_unit_is_in_the_table_or_left_out_and_never_both(name):
    result = ask(WHOLE, name)
    unit = list(result.unit)
    keys = pd.concat([result.table[unit], result.excluded[unit]]).astype("str")
    assert not keys.duplicated().any()
    assert len(keys) == result.n_considered
    assert (result.excluded["reason"] != "").all()
    assert set(keys["patient_id"]) == set(TABLES["exposures"]["patient_id"])

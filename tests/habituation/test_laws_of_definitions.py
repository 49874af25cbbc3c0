"""What must be true of every definition: of constants, turned scales, time units and scales."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation import measure_between_sessions
from gradex_analysis.habituation.return_of_fear import measure_return_of_fear
from gradex_analysis.measures import between_sessions, return_of_fear
from gradex_analysis.results.result import Result

Tables = dict[str, pd.DataFrame]
NAMES = [*between_sessions.DEFINITIONS, *return_of_fear.DEFINITIONS]
RATIOS = {"retention", "retention_before", "rof_pct", "rof_pct_peak"}


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
        [exposures[keys].assign(moment="before" if minute < 0 else "during", minute=float(minute),
                                value=2.0 * rng.integers(5, 50, len(exposures)))
         for minute in (-1, 0, 2, 5)]
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
SECONDS = Cohort.from_tables(with_ratings(minute=RATINGS["minute"] * 60))
TENTHS = Cohort.from_tables(with_ratings(value=RATINGS["value"] / 10, scale_id="0-10"))


@pytest.mark.parametrize("name", NAMES)
def test_it_has_values_here_so_that_the_laws_say_something(name):
    assert len(values(HALF, name)) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_a_constant_added_to_every_rating_changes_nothing(name):
    same(values(SHIFTED, name), values(HALF, name))


@pytest.mark.parametrize("name", NAMES)
def test_half_of_every_rating_is_half_of_every_difference_and_none_of_a_ratio(name):
    same(values(HALF, name), (1 if name in RATIOS else 0.5) * values(WHOLE, name))


@pytest.mark.parametrize("name", [name for name in NAMES if "peak" not in name])
def test_a_scale_turned_round_turns_every_difference(name):
    # a peak becomes a trough, so that definitions of peaks are not turned
    turned, whole = values(TURNED, name), values(WHOLE, name)
    if name in RATIOS:  # they have a value where fear fell, which is where it rose before
        assert turned.index.intersection(whole.index).empty
        assert len(turned)
    else:
        same(turned, -whole)


@pytest.mark.parametrize("name", NAMES)
def test_seconds_instead_of_minutes_change_nothing(name):
    same(values(SECONDS, name), values(WHOLE, name))


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

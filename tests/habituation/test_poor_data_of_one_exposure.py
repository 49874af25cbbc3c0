"""Ratings of one value, too few, at an end, without minutes, not repeated: said, not broken."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation import (
    compare_definitions,
    fit_noise_benchmark,
    fit_times,
    measure_within_session,
)
from gradex_analysis.measures.within_session import DEFINITIONS
from gradex_analysis.results.result import Result

ASK = {
    **{
        name: lambda cohort, name=name: measure_within_session(cohort, definition=name)
        for name in DEFINITIONS
    },
    "times": lambda cohort: fit_times(cohort, definition="time_to_50", seed=1, n_boot=40),
    "times to 30": lambda cohort: fit_times(
        cohort, definition="time_to_criterion", criterion=30, origin="start", seed=1, n_boot=40
    ),
    "noise": lambda cohort: fit_noise_benchmark(
        cohort, definition="peak_to_end", seed=1, n_draws=20
    ),
    **{
        f"all of {kind}": lambda cohort, kind=kind: compare_definitions(cohort, of=kind)
        for kind in ("activation", "within_session", "variability")
    },
}
#: one of each figure
DRAWN = ("peak_to_end", "times", "noise", "all of activation")
POOR = {
    "one rating": {"E1": [50]},
    "two ratings": {"E1": [50, 30]},
    "all zero": {"E1": [0] * 6},
    "all 100": {"E1": [100] * 6},
    "one value": {"E1": [40] * 6},
    "never repeated": {"E1": [50, 40, 30, 30, 20], "E2": [60, 60, 50, 40]},
    "minutes below 0 only": {"E1": {-3: 60, -2: 50, -1: 40}},
    "only one exposure has ratings": {"E1": [50, 40, 30], "E2": []},
}


def check(result: Result, *, draws: bool = False) -> None:
    unit = list(result.unit)
    if "exposure_id" in unit:
        keys = pd.concat([result.table[unit], result.excluded[unit]]).astype("str")
        assert not keys.duplicated().any()
        assert len(keys) == result.n_considered
    if "estimate" in result.table and "exposure_id" in unit:
        assert result.table["estimate"].notna().all()
    assert (result.excluded["reason"] != "").all()
    for said in (result.sentence(), result.alt_text()):
        assert "nan" not in said.lower()
    if draws:
        assert "<img" in result._repr_html_() or not result.n_used


@pytest.mark.slow
@pytest.mark.parametrize("name", ASK)
@pytest.mark.parametrize("poor", POOR)
def test_poor_ratings_break_nothing(make_cohort, name, poor):
    cohort = make_cohort(**POOR[poor])
    check(ASK[name](cohort), draws=name in DRAWN)


@pytest.mark.parametrize("name", ASK)
def test_ratings_without_minutes_break_nothing(make_cohort, name):
    cohort = make_cohort(E1=[50, 40, 30], E2=[50, 30])
    ratings = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    ratings["minute"] = float("nan")
    ratings = ratings.drop_duplicates("exposure_id").assign(moment="start")
    check(ASK[name](Cohort.from_tables({**cohort.tables, "ratings": ratings})))


@pytest.mark.parametrize("name", ASK)
def test_nothing_rated_is_refused_with_the_reason(make_cohort, name):
    with pytest.raises(CannotAnswerError, match=r"no exposure ratings|No definition can be asked"):
        ASK[name](make_cohort(E1=[]))

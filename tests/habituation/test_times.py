"""How long until fear is down and stays down: by hand, by law, and told of those who stop."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation import fit_times
from gradex_analysis.simulation import simulate_cohort

NEVER = np.inf


def times(cohort, **options):
    return fit_times(cohort, **{"definition": "time_to_50", "seed": 1, "n_boot": 40, **options})


def interval(cohort, **options):
    row = times(cohort, **options).table.iloc[0]
    return row["left"], row["right"], row["outcome"]


@pytest.mark.parametrize(
    ("course", "left", "right", "outcome"),
    [
        # every two minutes; the peak is 80, half of it 40
        ([80, 60, 40, 30], 2, 4, "reached"),
        ([80, 41, 40, 40], 2, 4, "reached"),
        # down at 2, up at 4, down for good from 6 on
        ([80, 40, 50, 30, 20], 4, 6, "reached"),
        # nothing after the last rating confirms it: known to be above at 2
        ([80, 60, 40], 2, NEVER, "not confirmed"),
        ([80, 60, 50], 4, NEVER, "not reached"),
        # from the first highest rating on, at minute 2
        ([30, 80, 60, 40, 30], 2, 4, "reached"),
        ([30, 40, 80], 0, NEVER, "not reached"),
    ],
)
def test_the_interval_by_hand(make_cohort, course, left, right, outcome):
    assert interval(make_cohort(E1=course)) == (left, right, outcome)


def test_from_the_start_the_time_to_the_peak_counts_as_well(make_cohort):
    cohort = make_cohort(E1=[30, 80, 60, 40, 30])
    assert interval(cohort, origin="start") == (4, 6, "reached")


def test_a_criterion_by_hand(make_cohort):
    cohort = make_cohort(E1=[80, 60, 30, 20], E2=[30, 20, 10])
    result = times(cohort, definition="time_to_criterion", criterion=30)
    assert result.table[["left", "right"]].to_numpy().tolist() == [[2, 4]]
    assert result.excluded["reason"].tolist() == [
        "its peak is not above the threshold: nothing to wait for"
    ]
    assert "came down to 30 of 100 or less" in result.sentence()


def test_what_is_left_out_and_why(make_cohort):
    cohort = make_cohort(
        E1=[80, 40, 30], E2=[50], E3=[], E4=[0, 0, 0], exposures={"E3": {"status": "refused"}}
    )
    result = times(cohort)
    assert dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True)) == {
        "E2": "fewer than 2 ratings during the exercise",
        "E3": "refused",
        "E4": "the peak is at the floor of the scale",
    }


def test_curve_median_and_numbers_by_hand(make_cohort):
    # down in (0, 2], (2, 4], (2, 4], and never seen by 4
    cohort = make_cohort(
        patients={"E1": "P1", "E2": "P1", "E3": "P2", "E4": "P2"},
        E1=[80, 40, 30], E2=[80, 60, 40, 30], E3=[80, 60, 40, 30], E4=[80, 60, 50],
    )  # fmt: skip
    result = times(cohort)
    assert result.curve[["left", "right", "estimate"]].to_numpy().tolist() == [
        pytest.approx([0, 2, 0.75]), pytest.approx([2, 4, 0.25])
    ]  # fmt: skip
    median = result.medians.iloc[0]
    assert (median["left"], median["estimate"]) == (2, 4)
    assert (median["n"], median["n_patients"], median["n_reached"]) == (4, 2, 3)
    at_risk = result.at_risk.set_index("time")["n"]
    # known to be above: all at 0, three at 2, one at 4
    assert (at_risk[0], at_risk[2], at_risk[4]) == (4, 3, 1)
    assert median["n_above"] == at_risk[2]


def test_a_median_that_is_not_reached_is_not_given(make_cohort):
    result = times(make_cohort(E1=[80, 60, 50], E2=[80, 70, 60]))
    assert np.isinf(result.medians["estimate"].iloc[0])
    assert "the median time since the highest rating was not reached" in result.sentence()


def test_who_stopped_is_counted_beside(make_cohort):
    cohort = make_cohort(
        exposures={"E1": {"stopped_by": "patient"}, "E2": {"stopped_by": "plan"}},
        E1=[80, 60, 50], E2=[80, 60, 40], E3=[80, 40, 30],
    )  # fmt: skip
    result = times(cohort)
    stops = result.stops.set_index(["outcome", "stopped_by"])["n"].to_dict()
    assert stops == {
        ("not reached", "patient"): 1, ("not confirmed", "plan"): 1, ("reached", "not recorded"): 1,
    }  # fmt: skip
    assert (
        "Of the other 2 exposures, 1 had a last rating that low with none after to confirm, and 1 "
        "were stopped early (patient 1)."
    ) in result.sentence()
    assert "describes and no more" in result.sentence()


def test_the_fitted_curve_crosses_where_it_was_planted(make_cohort):
    # 20 + 60 exp(-t / 4) is 40 at 4 log 3
    minutes = np.arange(0.0, 21.0, 1.0)
    decay = dict(zip(minutes, 20 + 60 * np.exp(-minutes / 4), strict=True))
    row = times(make_cohort(E1=decay)).table.iloc[0]
    assert row["curve_status"] == "ok"
    assert row["curve_time"] == pytest.approx(4 * np.log(3), abs=1e-4)
    assert row["left"] < row["curve_time"] <= row["right"]


def test_a_curve_that_levels_off_above_does_not_cross(make_cohort):
    minutes = np.arange(0.0, 21.0, 1.0)
    decay = dict(zip(minutes, 50 + 30 * np.exp(-minutes / 4), strict=True))
    result = times(make_cohort(E1=decay))
    assert result.table["curve_status"].tolist() == ["levels off above"]
    assert result.crossings[["n_with_a_rate", "n_crossing"]].to_numpy().tolist() == [[1, 0]]


def test_a_break_ends_what_can_be_told(make_cohort):
    cohort = make_cohort(E1=[80, 60, 40, 30], E2=[80, 60, 40, 30])
    pause = pd.DataFrame(
        {"patient_id": ["P1"], "exposure_id": ["E1"], "started_minute": [1.0], "ended_minute": 2.0}
    )
    columns = cohort.exposure_breaks.columns
    tables = dict(cohort.tables)
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    tables["exposure_breaks"] = pause.set_axis(columns, axis=1)
    result = times(type(cohort).from_tables(tables))
    assert result.excluded["reason"].tolist() == ["a break: no curve is drawn through one"]


def test_wrong_questions_are_refused_with_the_remedy(make_cohort):
    cohort = make_cohort(E1=[80, 40, 30])
    with pytest.raises(UnknownNameError, match="'time_to_50'"):
        times(cohort, definition="half_life")
    with pytest.raises(UnknownNameError, match="'start'"):
        times(cohort, origin="onset")
    with pytest.raises(CannotAnswerError, match="needs a criterion"):
        times(cohort, definition="time_to_criterion")
    with pytest.raises(CannotAnswerError, match="criterion=30 would not be used"):
        times(cohort, criterion=30)
    with pytest.raises(TypeError, match="seed"):
        fit_times(cohort, definition="time_to_50")


COURSES = st.lists(
    st.lists(st.integers(0, 10).map(lambda tens: 10.0 * tens), min_size=0, max_size=7),
    min_size=1, max_size=5,
).filter(any)  # fmt: skip


@settings(
    derandomize=True,
    deadline=None,
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(courses=COURSES, origin=st.sampled_from(["peak", "start"]))
def test_every_exposure_has_one_place_and_time_knows_no_unit(make_cohort, courses, origin):
    rows = [{2.0 * k: v for k, v in enumerate(course)} for course in courses]
    named = {f"E{i}": row for i, row in enumerate(rows)}
    cohort = make_cohort(**named)
    result = times(cohort, origin=origin)
    keys = [*result.table["exposure_id"], *result.excluded["exposure_id"]]
    assert sorted(keys) == sorted(cohort.exposures["exposure_id"])
    table = result.table
    assert (table["left"] < table["right"]).all()
    assert ((table["outcome"] == "reached") == np.isfinite(table["right"])).all()
    seconds = {name: {60 * t: v for t, v in course.items()} for name, course in named.items()}
    other = times(make_cohort(**seconds), origin=origin).table
    np.testing.assert_allclose(other[["left", "right"]], 60 * table[["left", "right"]])
    # on a scale of 0 to 100, half of every rating is down at the same time
    halves = {name: {t: v / 2 for t, v in course.items()} for name, course in named.items()}
    same = times(make_cohort(**halves), origin=origin).table
    np.testing.assert_allclose(same[["left", "right"]], table[["left", "right"]])


def test_a_higher_criterion_is_met_no_later(make_cohort):
    cohort = make_cohort(E1=[90, 70, 50, 30, 20, 10], E2=[80, 70, 60, 50, 40, 30])
    by_criterion = [
        times(cohort, definition="time_to_criterion", criterion=level).table["right"]
        for level in (20, 40, 60)
    ]
    for lower, higher in pairwise(by_criterion):
        assert (higher <= lower).all()


def test_the_figure_falls_from_100_percent_and_counts_those_still_above():
    cohort = simulate_cohort(14, seed=2, design="two_exposures").cohort
    result = times(cohort)
    ax = result.plot()
    assert ax.get_ylim() == (0, 100)
    for line in ax.lines:
        height = np.asarray(line.get_ydata(), dtype=float)
        assert (np.diff(height) <= 1e-9).all()
    written = {text.get_text() for text in ax.texts}
    groups = result.medians
    assert {f"{n}" for n in groups["n"]} <= written
    assert {name.replace("_", " ") for name in groups["group"]} <= written


def test_one_seed_is_one_answer_and_another_moves_the_interval_only():
    cohort = simulate_cohort(10, seed=2, design="two_exposures").cohort
    one, same, other = (times(cohort, seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one.curve, same.curve)
    pd.testing.assert_series_equal(one.curve["estimate"], other.curve["estimate"])
    assert not one.curve["ci_low"].equals(other.curve["ci_low"])

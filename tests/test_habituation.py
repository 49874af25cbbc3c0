"""How far and how fast does fear fall within an exposure? By hand and by law."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation import (
    fit_habituation_curves,
    list_definitions,
    measure_within_session,
)
from gradex_analysis.measures.between_sessions import DEFINITIONS as BETWEEN
from gradex_analysis.measures.within_session import DEFINITIONS

COURSE = [70, 85, 60, 40]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("initial_to_end", 30),
        ("initial_to_last", 30),
        ("peak_to_end", 45),
        ("peak_to_last", 45),
        ("percent_of_peak", 100 * 45 / 85),
        ("slope", -5.75),
        ("mean_level", 400 / 6),
    ],
)
def test_each_definition_by_hand(make_cohort, definition, expected):
    result = measure_within_session(make_cohort(E1=COURSE), definition=definition)
    assert result.table["estimate"].tolist() == pytest.approx([expected], rel=1e-12)


def test_the_mean_is_over_patients_with_a_t_interval(make_cohort):
    cohort = make_cohort(
        patients={"E3": "P2", "E4": "P3"}, E1=[50, 40], E2=[50, 20], E3=[50, 40], E4=[50, 10]
    )
    average = measure_within_session(cohort, definition="initial_to_end").average.iloc[0]
    # patients' means 20, 10, 40: mean 70/3, SD 15.2753, t(2) = 4.302653
    assert average["estimate"] == pytest.approx(70 / 3)
    assert average["std_error"] == pytest.approx(15.275252316519467 / 3**0.5)
    half = 4.302652729911275 * 15.275252316519467 / 3**0.5
    assert average["ci_low"] == pytest.approx(70 / 3 - half)
    assert (average["n_patients"], average["n"], average["df"]) == (3, 4, 2)


def test_short_and_stopped_exposures_are_listed_not_lost(make_cohort):
    cohort = make_cohort(
        E1=COURSE, E2=[50], E3=[], E4=COURSE, E5=[],
        exposures={"E4": {"stopped_by": "patient"}, "E5": {"status": "refused"}},
    )  # fmt: skip
    result = measure_within_session(cohort, definition="initial_to_end")
    reasons = dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True))
    assert reasons == {
        "E2": "a single rating during the exercise",
        "E3": "no rating of fear",
        "E4": "stopped early: its last rating is not an end",
        "E5": "refused",
    }
    assert (result.n_used, result.n_considered) == (1, 5)


def test_a_stopped_exposure_has_a_last_rating(make_cohort):
    cohort = make_cohort(E1=COURSE, exposures={"E1": {"stopped_by": "patient"}})
    assert measure_within_session(cohort, definition="initial_to_last").n_used == 1


def test_a_peak_at_the_floor_has_no_percentage(make_cohort):
    result = measure_within_session(make_cohort(E1=[0, 0, 0]), definition="percent_of_peak")
    assert result.excluded["reason"].tolist() == ["the peak is at the floor of the scale"]


def test_the_sentence_says_fell_or_rose_and_counts_everyone(make_cohort):
    fell = measure_within_session(make_cohort(E1=[80, 50], E2=[9]), definition="initial_to_end")
    assert fell.sentence() == (
        "In 1 exposure of 1 patient, fear fell on average by 30.0 points of 100 from the first "
        "rating of the exercise to the rating at its end (mean of the patients' means, no "
        "interval: a single patient). Ratings that are multiples of 10: 100\u00a0%. "
        "1 of 2 exposures left out (1: a single rating during the exercise)."
    )
    rose = measure_within_session(make_cohort(E1=[50, 80]), definition="initial_to_end")
    assert "fear rose on average by 30.0 points" in rose.sentence()


def test_arms_are_named_only_where_there_are_arms(make_cohort):
    without = measure_within_session(make_cohort(E1=COURSE), definition="slope")
    assert "arm" not in without.table
    cohort = make_cohort(
        patients={"E2": "P2"}, arms={"P1": "exposure", "P2": "activity"}, E1=COURSE, E2=COURSE
    )
    both = measure_within_session(cohort, definition="slope")
    assert both.average["group"].tolist() == ["activity", "exposure"]


def test_an_unknown_definition_lists_those_on_offer(make_cohort):
    with pytest.raises(UnknownNameError, match=r"'initial_to_end', .*not 'wsh'"):
        measure_within_session(make_cohort(E1=COURSE), definition="wsh")


def test_an_unknown_kind_lists_those_there_are(make_cohort):
    with pytest.raises(UnknownNameError, match="kind must be one of 'fear'"):
        measure_within_session(make_cohort(E1=COURSE), definition="slope", kind="pain")


def test_every_definition_is_listed_with_its_sign_and_source():
    table = list_definitions()
    kinds = ["activation", "within_session", "variability", "time", "between_sessions"]
    assert table["kind"].unique().tolist() == [*kinds, "return_of_fear", "expectancy"]
    assert set(table.loc[table["kind"].isin(kinds[:3]), "name"]) == set(DEFINITIONS)
    assert list_definitions("between_sessions")["name"].tolist() == list(BETWEEN)
    assert not table["name"].duplicated().any()
    assert table.notna().all(axis=None)
    assert (table.drop(columns=["verified", "version"]) != "").all(axis=None)
    assert not table["verified"].any(), "no full text with a formula was read"


def test_an_unknown_kind_of_definition_lists_those_there_are():
    with pytest.raises(UnknownNameError, match="'variability'"):
        list_definitions("habituation")


RATINGS = st.lists(st.integers(0, 10).map(lambda tens: 10.0 * tens), min_size=0, max_size=7)
LAW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@LAW
@given(courses=st.lists(RATINGS, min_size=1, max_size=4), name=st.sampled_from(list(DEFINITIONS)))
def test_every_exposure_is_used_or_left_out_once(make_cohort, courses, name):
    cohort = make_cohort(**{f"E{i}": course for i, course in enumerate(courses)})
    if not cohort.kinds:
        with pytest.raises(CannotAnswerError, match="no exposure ratings"):
            measure_within_session(cohort, definition=name)
        return
    result = measure_within_session(cohort, definition=name)
    used, left_out = result.table["exposure_id"].tolist(), result.excluded["exposure_id"].tolist()
    assert sorted(used + left_out) == sorted(cohort.exposures["exposure_id"])
    assert result.table["estimate"].notna().all()


@pytest.mark.slow
@LAW
@given(course=st.lists(st.integers(0, 90), min_size=2, max_size=7), shift=st.integers(1, 10))
def test_a_constant_added_to_all_ratings_changes_no_fall(make_cohort, course, shift):
    lower, higher = make_cohort(E1=course), make_cohort(E1=[value + shift for value in course])
    for name in ("initial_to_end", "peak_to_end", "slope"):
        before = measure_within_session(lower, definition=name)
        after = measure_within_session(higher, definition=name)
        assert after.table["estimate"].tolist() == pytest.approx(
            before.table["estimate"].tolist(), abs=1e-9
        )


@LAW
@given(course=st.lists(st.integers(0, 100), min_size=2, max_size=7))
def test_peak_to_end_is_never_below_initial_to_end_nor_below_zero(make_cohort, course):
    cohort = make_cohort(E1=course)
    peak = measure_within_session(cohort, definition="peak_to_end").table["estimate"].iloc[0]
    initial = measure_within_session(cohort, definition="initial_to_end").table["estimate"].iloc[0]
    assert peak >= max(initial, 0)


def test_a_clear_decay_is_found_with_its_half_life(make_cohort):
    minutes = np.arange(0, 31, 2.0)
    fear = 20 + 60 * np.exp(-0.2 * minutes)
    result = fit_habituation_curves(make_cohort(E1=dict(zip(minutes, fear, strict=True))))
    row = result.table.iloc[0]
    assert row["status"] == "ok"
    assert row["half_life"] == pytest.approx(np.log(2) / 0.2, rel=1e-6)


def test_six_ratings_over_ten_minutes_give_no_half_life(make_cohort):
    result = fit_habituation_curves(make_cohort(E1=[80, 70, 70, 60, 60, 50]))
    assert result.table["half_life"].isna().all()
    assert "can be told in 0" in result.sentence()


def test_no_curve_is_drawn_for_short_paused_or_missing_series(make_cohort):
    cohort = make_cohort(E1=[80, 70, 60, 50, 40], E2=[80, 70, 60], E3=[], E4=[9, 9, 8, 7, 5])
    tables = dict(cohort.tables)
    tables["ratings"] = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    tables["exposure_breaks"] = (
        tables["exposures"]
        .loc[3:, ["patient_id", "exposure_id"]]
        .assign(start_minute=3.0, end_minute=4.0)
    )
    result = fit_habituation_curves(type(cohort).from_tables(tables))
    reasons = dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True))
    assert reasons == {
        "E2": "fewer than 4 ratings during the exercise",
        "E3": "no rating of fear",
        "E4": "a break: no curve is drawn through one",
    }


def test_forms_without_minutes_cannot_answer_how_fast(make_cohort):
    cohort = make_cohort(E1={-1: 70})
    with pytest.raises(CannotAnswerError, match="Nobody rated fear during an exercise"):
        fit_habituation_curves(cohort)


def test_the_mean_course_is_the_mean_of_the_patients_means(make_cohort):
    cohort = make_cohort(
        patients={"E3": "P2"}, E1=[80, 70, 60, 50], E2=[60, 50, 40, 30], E3=[30, 30, 20, 20]
    )
    course = fit_habituation_curves(cohort).course
    assert course["time"].tolist() == [0, 2, 4, 6]
    assert course["estimate"].tolist() == pytest.approx([50, 45, 35, 30])
    assert course["n"].tolist() == [3, 3, 3, 3]


@pytest.mark.parametrize("minutes", [(0, 2, 5, 10, 15, 20, 30), (0, 1, 2, 4, 6, 9, 12, 16, 20)])
def test_the_mean_course_keeps_ratings_apart_that_are_close_at_first(make_cohort, minutes):
    one = {minute: 80 - minute for minute in minutes}
    course = fit_habituation_curves(
        make_cohort(A=one, B={t: y - 10 for t, y in one.items()})
    ).course
    assert course["time"].tolist() == list(minutes)
    assert course["estimate"].tolist() == pytest.approx([75 - minute for minute in minutes])
    assert course["n"].tolist() == [2] * len(minutes)


def test_an_exposure_counts_once_at_each_place_of_the_mean_course(make_cohort):
    # one exposure of twelve has two ratings near minute 4: their mean counts, once
    others = {f"E{i}": {0: 60, 2: 50, 4: 40, 6: 30} for i in range(11)}
    own = {0: 60, 2: 50, 3.6: 80, 4.4: 60, 6: 30}
    course = fit_habituation_curves(make_cohort(**others, F=own)).course
    assert course["time"].tolist() == [0, 2, 4, 6]
    assert course["n"].tolist() == [12] * 4
    assert course["estimate"].iloc[2] == pytest.approx((11 * 40 + 70) / 12)


def test_figures_show_the_full_scale_and_the_numbers_of_the_table(make_cohort):
    cohort = make_cohort(patients={"E2": "P2"}, E1=[80, 70, 60, 50], E2=[60, 50, 40, 30])
    curves = fit_habituation_curves(cohort)
    ax = curves.plot()
    assert ax.get_ylim() == (0, 100)
    drawn = [line.get_ydata() for line in ax.lines]
    assert any(np.array_equal(y, curves.course["estimate"]) for y in drawn)
    fall = measure_within_session(cohort, definition="initial_to_end")
    points = np.concatenate([c.get_offsets()[:, 0] for c in fall.plot().collections
                             if isinstance(c, mpl.collections.PathCollection)])  # fmt: skip
    assert set(fall.table["estimate"]) <= set(points)


def test_a_recalled_peak_is_said_to_be_recalled(make_cohort):
    cohort = make_cohort(E1={-1: 60})
    tables = dict(cohort.tables)
    before = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    form = [before.assign(moment=m, minute=np.nan, value=v)
            for m, v in (("before", 60.0), ("peak_recalled", 80.0), ("after", 30.0))]  # fmt: skip
    tables["ratings"] = pd.concat(form, ignore_index=True)
    result = measure_within_session(type(cohort).from_tables(tables), definition="peak_to_after")
    assert result.table["estimate"].tolist() == [50.0]
    assert "from the peak recalled on the form to the rating after it" in result.sentence()


def test_some_recalled_peaks_are_counted_beside_the_others(make_cohort):
    cohort = make_cohort(E1={0: 60, 4: 90, 8: 40}, E2={-1: 60})
    tables = dict(cohort.tables)
    ratings = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    form = [ratings.query("exposure_id == 'E2'").assign(moment=m, minute=np.nan, value=v)
            for m, v in (("peak_recalled", 80.0), ("end", 30.0))]  # fmt: skip
    tables["ratings"] = pd.concat([ratings, *form], ignore_index=True)
    result = measure_within_session(type(cohort).from_tables(tables), definition="peak_to_end")
    assert result.table["estimate"].tolist() == [50.0, 50.0]
    assert "The peak of 1 exposure is as recalled on a form." in result.sentence()


def test_half_lives_of_a_few_exposures_are_not_summarised(make_cohort):
    minutes = np.arange(0, 31, 2.0)
    clear = dict(zip(minutes, 20 + 60 * np.exp(-0.2 * minutes), strict=True))
    few = fit_habituation_curves(make_cohort(E1=clear))
    assert "half-life" not in few.sentence()
    many = fit_habituation_curves(make_cohort(**{f"E{i}": clear for i in range(10)}))
    assert "the median half-life was 3.5 minutes" in many.sentence()


def test_a_stopped_form_lacks_an_end_because_nobody_rated_it(make_cohort):
    cohort = make_cohort(E1={-1: 60}, exposures={"E1": {"stopped_by": "patient"}})
    reasons = measure_within_session(cohort, definition="peak_to_end").excluded["reason"]
    assert reasons.tolist() == ["no rating at the end of the exercise"]

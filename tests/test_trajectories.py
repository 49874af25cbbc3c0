"""How does fear change over exposures, sessions and days? By hand and by law."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.trajectories import fit_trajectories

BY_NUMBER = {"outcome": "peak_fear", "time": "exposure_number", "seed": 1, "n_boot": 200}


@pytest.fixture
def ladder(make_cohort):
    """P1 climbs from I1 to the harder I2, P2 has I1 twice: every item falls, the sessions rise."""
    places = {"E1": ("I1", 1), "E2": ("I1", 2), "E3": ("I2", 2), "E4": ("I2", 3), "E5": ("I2", 3),
              "E6": ("I1", 1), "E7": ("I1", 2)}  # fmt: skip
    exposures = {
        name: {"item_id": item, "session_id": f"S{number}"}
        for name, (item, number) in places.items()
    }
    cohort = make_cohort(
        patients={"E6": "P2", "E7": "P2"}, exposures=exposures,
        E1=[40], E2=[30], E3=[90], E4=[80], E5=[70], E6=[60], E7=[50],
    )  # fmt: skip
    sessions = cohort.sessions
    sessions["session_number"] = sessions["session_id"].str[1:].astype("Int64")
    sessions["date"] = pd.Timestamp("2024-01-01") + pd.to_timedelta(
        7 * (sessions["session_number"].astype("int64") - 1), unit="D"
    )
    return remake(cohort, sessions=sessions)


def remake(cohort, **tables):
    columns = ["patient_id", "exposure_id", "kind", "moment", "minute", "value", "scale_id"]
    own = {name: table for name, table in cohort.tables.items() if len(table)}
    own["ratings"] = own["ratings"][columns]
    return Cohort.from_tables({**own, **tables})


def level(frame, **where):
    for name, value in where.items():
        frame = frame[frame[name] == value]
    return frame["estimate"].item()


def test_the_mean_is_that_of_the_patients_means_by_exposure_number(ladder):
    result = fit_trajectories(ladder, **BY_NUMBER)
    # P1 has 40 and 90 the first time, P2 60; 30 and 80 the second, P2 50
    assert result.mean["estimate"].tolist() == [62.5, 52.5, 70.0]
    assert result.mean["n"].tolist() == [3, 3, 1]
    assert result.mean["n_patients"].tolist() == [2, 2, 1]
    assert result.mean["ci_low"].isna().tolist() == [False, False, True]
    assert (result.n_used, result.n_considered) == (7, 7)


def test_the_change_is_within_the_same_items(ladder):
    change = fit_trajectories(ladder, **BY_NUMBER).change.set_index("contrast")
    assert change.loc["1 to 3", ["estimate", "n", "n_patients"]].tolist() == [-20.0, 1, 1]
    # P1: 40 to 30 and 90 to 70; P2: 60 to 50
    assert change.loc["1 to last", ["estimate", "n", "n_patients"]].tolist() == [-12.5, 3, 2]


def test_across_items_the_same_data_rise_and_are_said_to_be_no_learning(ladder):
    result = fit_trajectories(ladder, outcome="peak_fear", time="session_number", seed=1)
    assert result.mean["estimate"].tolist() == [50.0, 55.0, 75.0]
    assert result.change.empty
    words = "not a measure of learning: the items change as the ladder is climbed"
    assert result.settings["warning"] == words
    assert words in result.sentence()
    assert words in result.plot().get_xlabel().replace("\n", " ")


def test_days_count_from_the_first_session_in_weeks(ladder):
    result = fit_trajectories(ladder, outcome="peak_fear", time="days", seed=1)
    assert result.mean["time"].tolist() == [3.0, 10.0, 17.0]
    assert result.mean["estimate"].tolist() == [50.0, 55.0, 75.0]
    assert result.settings["time_words"] == "Days since the first session"


def test_exposures_that_are_not_in_a_course_have_their_reason(make_cohort):
    exposures = {"E2": {"status": "refused"}, "E3": {"status": "done"}, "E4": {"item_id": None}}
    cohort = make_cohort(exposures=exposures, E1=[50], E2=[], E3=[], E4=[40])
    result = fit_trajectories(cohort, **BY_NUMBER)
    assert dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True)) == {
        "E2": "refused",
        "E3": "no peak fear",
        "E4": "no item: it repeats nothing",
    }
    homework = make_cohort(exposures={"E2": {"session_id": None}}, E1=[50], E2=[50])
    homework = remake(homework, sessions=homework.sessions.head(1))
    sessions = fit_trajectories(homework, outcome="peak_fear", time="session_number", seed=1)
    assert sessions.excluded["reason"].tolist() == ["in no numbered session (such as homework)"]


def test_a_rated_and_a_recalled_peak_are_in_the_course_but_not_in_the_change(make_cohort):
    cohort = make_cohort(E1=[80], E2=[70], E3=[])
    form = cohort.ratings.head(1).assign(exposure_id="E3", moment="peak_recalled", value=10.0)
    ratings = pd.concat([cohort.ratings, form.assign(minute=np.nan)], ignore_index=True)
    tables = {"ratings": ratings.drop(columns=["exposure", "code", "value_100"])}
    result = fit_trajectories(remake(cohort, **tables), **BY_NUMBER)
    assert result.mean["estimate"].tolist() == [80.0, 70.0, 10.0]
    assert result.change["n"].tolist() == [0, 0]
    assert result.change["n_not_compared"].tolist() == [1, 1]
    assert "1 of the peaks are as recalled on a form." in result.sentence()


def test_what_was_expected_stands_beside_the_items_that_were_exposed(ladder):
    asked = pd.DataFrame(
        [("P1", "I1", 50.0), ("P1", "I2", 90.0), ("P1", "I9", 0.0), ("P2", "I1", 80.0)],
        columns=["patient_id", "item_id", "expected_fear"],
    ).assign(occasion="baseline")
    result = fit_trajectories(remake(ladder, item_ratings=asked), **BY_NUMBER)
    assert result.expected[["estimate", "n", "n_patients"]].to_numpy().tolist() == [[75.0, 3, 2]]
    diamonds = [line for line in result.plot().lines if line.get_marker() == "D"]
    assert [line.get_xydata().tolist() for line in diamonds] == [[[0.0, 75.0]]]
    exposures = ladder.exposures.assign(expected_peak_fear=[10.0, 99, 30, 99, 99, 40, 99])
    before = fit_trajectories(remake(ladder, exposures=exposures), **BY_NUMBER)
    assert before.expected["estimate"].tolist() == [30.0]
    assert before.expected["source"].tolist() == ["expected before the first exposure"]


FORMS = [("P1", "baseline", -3, 30), ("P1", "post", 80, 20), ("P2", "baseline", -1, 40)]


@pytest.fixture
def trial():
    people = pd.DataFrame({"patient_id": ["P1", "P2", "P3"], "arm": ["a", "a", "b"]})
    forms = pd.DataFrame(FORMS, columns=["patient_id", "occasion", "day", "score"])
    diary = pd.DataFrame(
        {"patient_id": "P1", "date": ["2024-01-01", "2024-01-03", "2024-01-08"], "pain": [4, 6, 2]}
    )
    return Cohort.from_tables(
        {"participants": people, "assessments": forms.assign(instrument="TSK-11"), "diary": diary}
    )


def test_questionnaires_stand_at_their_mean_day_and_change_within_patients(trial):
    result = fit_trajectories(trial, outcome="TSK-11", time="days", seed=1)
    assert result.mean["time"].tolist() == [-2.0, 80.0]
    assert result.mean["estimate"].tolist() == [35.0, 20.0]
    assert result.change[["contrast", "estimate", "n"]].to_numpy().tolist() == [
        ["baseline to post", -10.0, 1]
    ]
    assert result.excluded["reason"].tolist() == ["not assessed"] * 3
    assert "3 of 6 assessments are used" in result.sentence()
    assert "TSK-11 (lower is better) in a was on average 35.0 at baseline" in result.sentence()
    assert result.plot().get_ylim() == (11, 44)


def test_an_unknown_instrument_without_days_has_no_direction_and_no_distances(trial):
    forms = trial.assessments.assign(instrument="XYZ", day=np.nan)
    result = fit_trajectories(remake_forms(trial, forms), outcome="XYZ", time="days", seed=1)
    assert result.mean["time"].tolist() == [0.0, 1.0]
    assert "better" not in result.sentence()
    assert result.plot().get_xlabel() == "Occasions (their days are not recorded)"


def remake_forms(cohort, forms):
    return Cohort.from_tables({"participants": cohort.participants, "assessments": forms})


def test_the_diary_is_averaged_by_week(trial):
    result = fit_trajectories(trial, outcome="diary_pain", time="days", seed=1)
    assert result.mean[["time", "estimate"]].to_numpy().tolist() == [[3.0, 5.0], [10.0, 2.0]]
    assert result.settings["time_words"] == "Days since the first diary entry"
    assert "of 10" in result.sentence()


def test_what_is_not_on_offer_is_answered_with_what_is(trial, ladder):
    with pytest.raises(UnknownNameError, match=r"one of 'TSK-11', 'diary_pain'; not 'TSK'"):
        fit_trajectories(trial, outcome="TSK", time="days", seed=1)
    with pytest.raises(UnknownNameError, match="'exposure_number', 'session_number', 'days'"):
        fit_trajectories(ladder, outcome="peak_fear", time="weeks", seed=1)
    with pytest.raises(CannotAnswerError, match="say time='days'"):
        fit_trajectories(trial, outcome="TSK-11", time="exposure_number", seed=1)


def test_where_nothing_can_be_placed_in_time_it_is_said(make_cohort):
    cohort = make_cohort(exposures={"E1": {"item_id": None}}, E1=[50])
    with pytest.raises(CannotAnswerError, match="no item"):
        fit_trajectories(cohort, **BY_NUMBER)


def test_the_figure_shows_the_full_scale_the_means_and_how_many(ladder):
    result = fit_trajectories(ladder, **BY_NUMBER)
    ax = result.plot()
    assert ax.get_ylim() == (0, 100)
    drawn = {tuple(point) for line in ax.lines for point in line.get_xydata()}
    assert set(zip(result.mean["time"], result.mean["estimate"], strict=True)) <= drawn
    texts = [text.get_text() for text in ax.texts]
    assert texts.count("3") == 2  # items at the first and the second exposure
    assert "change from 1 to 3: \u221220.0 points" in texts


def test_arms_that_nobody_drew_are_called_groups(make_cohort):
    cohort = make_cohort(patients={"E2": "P2"}, arms={"P1": "a", "P2": "b"}, E1=[60], E2=[30])
    result = fit_trajectories(cohort, **BY_NUMBER)
    assert "Groups were not randomised." in result.sentence()
    assert {"a", "b"} <= {text.get_text() for text in result.plot().texts}


LAW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
TENS = st.lists(
    st.tuples(st.sampled_from(["P1", "P2", "P3"]), st.sampled_from("ab"), st.integers(0, 10)),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@LAW
@given(rows=TENS, seed=st.integers(0, 9))
def test_names_and_scales_change_no_number_and_nobody_is_lost(make_cohort, rows, seed):
    names = [f"E{i}" for i in range(len(rows))]
    exposures = {name: {"item_id": item} for name, (_, item, _) in zip(names, rows, strict=True)}
    renamed = {"P1": "Z", "P2": "A", "P3": "M"}

    def follow(people, high):
        cohort = make_cohort(
            patients=dict(zip(names, people, strict=True)), exposures=exposures,
            **{name: [value * high / 10] for name, (_, _, value) in zip(names, rows, strict=True)},
        )  # fmt: skip
        ratings = cohort.ratings.assign(scale_id=f"0-{high}")
        own = remake(cohort, ratings=ratings.drop(columns=["exposure", "code", "value_100"]))
        return fit_trajectories(own, **{**BY_NUMBER, "seed": seed})

    first = follow([patient for patient, _, _ in rows], 100)
    second = follow([renamed[patient] for patient, _, _ in rows], 10)
    numbers = ["time", "estimate", "ci_low", "ci_high", "n", "n_patients"]
    pd.testing.assert_frame_equal(first.mean[numbers], second.mean[numbers])
    changes = ["contrast", "estimate", "ci_low", "ci_high", "n"]
    if len(first.change):
        pd.testing.assert_frame_equal(first.change[changes], second.change[changes])
    assert first.n_used + len(first.excluded) == len(rows)


def test_shuffled_rows_change_nothing_where_the_order_is_recorded(ladder):
    exposures = ladder.exposures.assign(exposure_number=[1, 2, 1, 2, 3, 1, 2])
    once = fit_trajectories(remake(ladder, exposures=exposures), **BY_NUMBER)
    mixed = exposures.sample(frac=1, random_state=3).reset_index(drop=True)
    again = fit_trajectories(remake(ladder, exposures=mixed), **BY_NUMBER)
    pd.testing.assert_frame_equal(once.mean, again.mean)
    pd.testing.assert_frame_equal(once.change, again.change)


def test_where_few_remain_it_is_marked(make_cohort):
    exposures = {f"E{i}": {"item_id": f"I{max(i, 2)}"} for i in range(1, 8)}
    cohort = make_cohort(exposures=exposures, **{name: [50] for name in exposures})
    mean = fit_trajectories(cohort, **BY_NUMBER).mean
    # six items have a first exposure, one of them a second: 1 of 6 is fewer than a fifth
    assert mean[["n", "is_thin"]].to_numpy().tolist() == [[6, False], [1, True]]

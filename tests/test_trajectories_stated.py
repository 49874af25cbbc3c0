"""What a model of courses leaves out, cannot do or must warn of is said, never a traceback."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.trajectories import fit_trajectories

LADDER = {"outcome": "peak_fear", "seed": 1, "n_boot": 50}


def make_log(arms: dict[str, str | None], *, n_times: int = 5, recalled: str = "") -> Cohort:
    """Give each patient two items, repeated; the second is begun two sessions later and harder."""
    draws = np.random.default_rng(3)
    exposures, ratings = [], []
    for patient in arms:
        for item, level in (("I1", 50), ("I2", 75)):
            for number in range(n_times):
                name = f"{patient}-{item}-{number}"
                later = 2 * (item == "I2")
                exposures.append((patient, name, item, f"{patient}-S{number + later}"))
                fear = level - 6 * number + draws.normal(0, 4)
                moment = "peak_recalled" if recalled and number % 2 else "during"
                ratings.append((patient, name, moment, fear + 5 * (moment != "during")))
    sessions = pd.DataFrame(
        [(p, f"{p}-S{n}", n + 1) for p in arms for n in range(n_times + 2)],
        columns=["patient_id", "session_id", "session_number"],
    )
    done = pd.DataFrame(exposures, columns=["patient_id", "exposure_id", "item_id", "session_id"])
    done["exposure_number"] = done["exposure_id"].str[-1].astype(int) + 1
    rated = pd.DataFrame(ratings, columns=["patient_id", "exposure_id", "moment", "value"])
    rated["minute"] = np.where(rated["moment"] == "during", 0.0, np.nan)
    people = pd.DataFrame({"patient_id": list(arms), "arm": list(arms.values())})
    tables = {
        "participants": people,
        "sessions": sessions.assign(
            date=pd.Timestamp("2026-01-05")
            + pd.to_timedelta(7 * (sessions["session_number"] - 1), unit="D")
        ),
        "exposures": done,
        "ratings": rated.assign(kind="fear", scale_id="0-100", value=rated["value"].clip(0, 100)),
    }
    return Cohort.from_tables(tables)


ALONE = {f"P{i}": None for i in range(8)}


@pytest.fixture(scope="module")
def clinic() -> Cohort:
    return make_log(ALONE)


def test_a_clinic_without_arms_has_one_course_and_no_contrast(clinic):
    result = fit_trajectories(clinic, **LADDER, time="exposure_number", model="linear")
    (slope,) = result.slopes.to_dict("records")
    # every item falls by 6 an exposure; eight patients with ten exposures each
    assert slope["estimate"] == pytest.approx(-6, abs=4 * slope["std_error"])
    assert slope["std_error"] < 1
    assert (slope["arm"], slope["per"], slope["n"], slope["n_patients"]) == (
        "all",
        "exposure",
        80,
        8,
    )
    assert result.slope_contrasts.empty
    assert not result.slope_contrasts.columns.empty
    said = result.sentence()
    assert "Peak fear (lower is better) changed by \u2212" in said
    assert "points per exposure" in said
    assert "an intercept by item within patient" in said
    assert "randomised" not in said


def test_items_have_levels_of_their_own_within_patients(clinic):
    result = fit_trajectories(clinic, **LADDER, time="exposure_number", model="linear")
    levels = result.variance_components.set_index(["group", "term"])["estimate"]
    # 16 items, each 12.5 from the mean of all; patients do not differ beyond their items
    assert levels["series", "(Intercept)"] == pytest.approx(12.5**2 * 16 / 15, rel=0.1)
    assert "between patients lies at its boundary, 0." in result.sentence()
    assert "_" not in result.sentence()
    assert "(Intercept)" not in result.sentence()


def test_over_sessions_the_same_fall_rises_and_keeps_its_warning(clinic):
    by_session = fit_trajectories(clinic, **LADDER, time="session_number", model="linear")
    by_item = fit_trajectories(clinic, **LADDER, time="exposure_number", model="linear")
    assert by_session.slopes["estimate"].item() > by_item.slopes["estimate"].item() + 4
    words = "not a measure of learning: the items change as the ladder is climbed"
    assert words in by_session.sentence()
    assert "is better" not in by_session.sentence()
    assert words in by_session.plot().get_xlabel().replace("\n", " ")


def test_recalled_peaks_have_a_level_of_their_own(clinic):
    mixed = make_log(ALONE, recalled="yes")
    plain = fit_trajectories(clinic, **LADDER, time="exposure_number", model="linear")
    result = fit_trajectories(mixed, **LADDER, time="exposure_number", model="linear")
    assert result.settings["fixed"].endswith("+ recalled")
    # the same draws, 5 higher where recalled: the term takes them up, the slope stays
    assert result.slopes["estimate"].item() == pytest.approx(
        plain.slopes["estimate"].item(), abs=0.3
    )
    assert "the course is that of rated ones" in result.sentence()


def test_an_arm_alone_with_exposures_is_named_and_compared_with_nobody():
    arms = {**{f"P{i}": "exposure" for i in range(5)}, **{f"U{i}": "usual_care" for i in range(5)}}
    both = make_log(arms)
    exposed = both.exposures["patient_id"].str.startswith("P")
    tables = {name: table for name, table in both.tables.items() if len(table)}
    ratings = both.ratings[both.ratings["patient_id"].str.startswith("P")]
    tables["ratings"] = ratings.drop(columns=["exposure", "code", "value_100"])
    cohort = Cohort.from_tables({**tables, "exposures": both.exposures[exposed]})
    result = fit_trajectories(cohort, **LADDER, time="exposure_number", model="linear")
    assert result.slopes["arm"].tolist() == ["exposure"]
    assert result.slope_contrasts.empty
    assert " in exposure (" in result.sentence()


def test_arms_with_too_few_patients_are_in_no_model_and_counted():
    arms = {**{f"P{i}": "a" for i in range(5)}, "Q1": "b", "Q2": "b", "N1": None}
    result = fit_trajectories(make_log(arms), **LADDER, time="exposure_number", model="linear")
    assert result.slopes["arm"].tolist() == ["a"]
    left = result.not_in_model.groupby("reason").size().to_dict()
    assert left == {"fewer than 3 patients": 20, "without an arm": 10}
    assert result.settings["n_values_in_model"] + len(result.not_in_model) == len(result.table)
    assert "20 values not in the model: fewer than 3 patients." in result.sentence()
    assert result.plot().get_ylim() == (0, 100)


@pytest.mark.parametrize(("arms", "n_times", "why"), [
    ({"P1": None, "P2": None}, 5, "fewer than 3 patients"),
    (ALONE, 1, "too few times"),
])  # fmt: skip
def test_without_patients_or_times_there_is_no_model(arms, n_times, why):
    with pytest.raises(CannotAnswerError, match=why):
        fit_trajectories(
            make_log(arms, n_times=n_times), **LADDER, time="exposure_number", model="linear"
        )


def make_forms(rows: list[tuple[str, str, float, float]], **people: object) -> Cohort:
    forms = pd.DataFrame(rows, columns=["patient_id", "occasion", "day", "score"])
    names = pd.DataFrame({"patient_id": forms["patient_id"].unique()}).assign(**people)
    return Cohort.from_tables(
        {"participants": names, "assessments": forms.assign(instrument="TSK-11")}
    )


def some_forms(occasions: dict[str, float], n: int = 9) -> list[tuple[str, str, float, float]]:
    draws = np.random.default_rng(4)
    return [
        (f"P{i}", name, day + i % 3 - 2, 30 + 2 * (i % 5) - day / 20 + draws.normal(0, 2))
        for i in range(n)
        for name, day in occasions.items()
    ]


FORMS = {"outcome": "TSK-11", "time": "days", "seed": 1, "n_boot": 50}
THREE = {"baseline": 0.0, "post": 84.0, "follow_up": 182.0}


def test_two_forms_a_patient_tell_no_slopes_apart_and_it_is_said():
    result = fit_trajectories(
        make_forms(some_forms({"baseline": 0, "post": 84})), **FORMS, model="linear"
    )
    assert result.settings["random"] == "intercept"
    assert "Slopes by patient left out: most patients have too few times." in result.sentence()


def test_a_knot_is_the_end_of_treatment_or_fixed_beforehand_and_stated():
    cohort = make_forms(some_forms(THREE))
    result = fit_trajectories(cohort, **FORMS, model="piecewise")
    # days 82, 83, 84 in turn
    assert result.settings["knot"] == pytest.approx(83)
    assert "meet at day 83 (end of treatment: mean day of the occasion post)" in result.sentence()
    assert result.slopes["segment"].tolist() == ["before_knot", "after_knot"]
    fixed = fit_trajectories(cohort, **FORMS, model="piecewise", knot=100)
    assert "(fixed beforehand)" in fixed.sentence()
    assert "slope may change" in [text.get_text() for text in fixed.plot().texts]


def test_a_knot_beyond_all_values_or_unknown_is_refused(clinic):
    cohort = make_forms(some_forms(THREE))
    with pytest.raises(CannotAnswerError, match="both sides of the knot"):
        fit_trajectories(cohort, **FORMS, model="piecewise", knot=500)
    with pytest.raises(CannotAnswerError, match="knot is a number on the axis of time"):
        fit_trajectories(cohort, **FORMS, model="piecewise", knot="post")
    # some had their last form a day after the others: no follow-up by that
    short = make_forms(some_forms({"baseline": 0, "post": 84}))
    with pytest.raises(CannotAnswerError, match="both sides of the knot"):
        fit_trajectories(short, **FORMS, model="piecewise")
    with pytest.raises(CannotAnswerError, match="say knot="):
        fit_trajectories(clinic, **LADDER, time="exposure_number", model="piecewise")
    with pytest.raises(CannotAnswerError, match="has no knot"):
        fit_trajectories(cohort, **FORMS, model="linear", knot=84)


def test_the_end_of_treatment_may_stand_among_the_episodes(clinic):
    tables = {name: table for name, table in clinic.tables.items() if len(table)}
    tables["ratings"] = clinic.ratings.drop(columns=["exposure", "code", "value_100"])
    start = pd.Timestamp("2026-01-05")
    ends = [start + pd.Timedelta(days=28)] * 7 + [start + pd.Timedelta(days=7)]
    episodes = pd.DataFrame({"patient_id": list(ALONE), "episode": "1", "treatment_end": ends})
    cohort = Cohort.from_tables({**tables, "episodes": episodes})
    result = fit_trajectories(cohort, **LADDER, time="days", model="piecewise")
    assert result.settings["knot"] == 28
    assert result.settings["knot_source"] == "end of treatment: median of 8 observed"


def test_values_before_the_start_count_as_at_the_start_of_log_time():
    result = fit_trajectories(make_forms(some_forms(THREE)), **FORMS, model="log_time")
    assert "Values before the start count as at the start: 6 do." in result.sentence()
    assert result.slopes["per"].tolist() == ["doubling of 1 + weeks"]


def test_a_form_without_a_day_stands_at_its_occasions_mean_and_all_without_are_refused():
    rows = some_forms(THREE)
    rows[4] = (*rows[4][:2], np.nan, rows[4][3])
    result = fit_trajectories(make_forms(rows), **FORMS, model="linear")
    assert "1 assessment without a day stands at the mean day of its occasion." in result.sentence()
    undated = [(*row[:2], np.nan, row[3]) for row in rows]
    with pytest.raises(CannotAnswerError, match="column day of the table assessments"):
        fit_trajectories(make_forms(undated), **FORMS, model="linear")


def test_names_that_are_not_on_offer_are_answered_with_those_that_are():
    cohort = make_forms(some_forms(THREE), arm=list("aaabbbccc"))
    with pytest.raises(UnknownNameError, match="'linear', 'piecewise', 'log_time'; not 'cubic'"):
        fit_trajectories(cohort, **FORMS, model="cubic")
    with pytest.raises(UnknownNameError, match="'knot', 'reference', 'df', 'n_draws'; not 'nots'"):
        fit_trajectories(cohort, **FORMS, model="linear", nots=3)
    with pytest.raises(UnknownNameError, match="'a', 'b', 'c'; not 'd'"):
        fit_trajectories(cohort, **FORMS, model="linear", reference="d")
    with pytest.raises(CannotAnswerError, match="reference shapes a model"):
        fit_trajectories(cohort, **FORMS, reference="a")
    for draws in (0, "a", 2.5):
        with pytest.raises(CannotAnswerError, match=r"whole number of draws, 100 or more; not"):
            fit_trajectories(cohort, **FORMS, model="linear", n_draws=draws)


def test_a_reference_is_compared_with_each_and_without_one_all_pairs_are():
    cohort = make_forms(some_forms(THREE), arm=list("aaabbbccc"), randomised_on="2026-01-05")
    pairs = fit_trajectories(cohort, **FORMS, model="linear").slope_contrasts
    assert pairs["contrast"].tolist() == ["b - a", "c - a", "c - b"]
    result = fit_trajectories(cohort, **FORMS, model="linear", reference="b")
    assert result.slope_contrasts["contrast"].tolist() == ["a - b", "c - b"]
    assert result.slopes["arm"].tolist() == ["a", "b", "c"]
    assert "Arms were randomised." in result.sentence()


def test_arms_that_nobody_drew_are_called_groups_beside_their_slopes():
    cohort = make_forms(some_forms(THREE), arm=list("aaaabbbbb"))
    result = fit_trajectories(cohort, **FORMS, model="linear")
    assert "Groups were not randomised." in result.sentence()
    assert {"a", "b"} <= {text.get_text() for text in result.plot().texts}


def test_a_constant_outcome_and_a_perfect_line_are_refused_in_words():
    rows = [(*row[:3], 30.0) for row in some_forms(THREE)]
    with pytest.raises(CannotAnswerError, match="30 in all 27 rows"):
        fit_trajectories(make_forms(rows), **FORMS, model="linear")


def test_a_modelled_mean_beyond_the_scale_is_said():
    steep = [(p, o, day, 11 + 33 * (day < 40) * 0.8) for p, o, day, _ in some_forms(THREE)]
    noise = np.random.default_rng(1).normal(0, 1, len(steep))
    rows = [(*row[:3], row[3] + abs(add)) for row, add in zip(steep, noise, strict=True)]
    result = fit_trajectories(make_forms(rows), **FORMS, model="linear")
    assert "The modelled mean leaves the scale" in result.sentence()


def test_the_figure_has_the_courses_behind_and_their_observed_means():
    rows = some_forms(THREE)
    result = fit_trajectories(make_forms(rows), **FORMS, model="linear")
    ax = result.plot()
    (pale,) = ax.collections[0:1]
    assert len(pale.get_segments()) == 9
    # each course at its own days, not at the mean day of the occasion
    assert pale.get_segments()[0][:, 0].tolist() == [-2.0, 82.0, 180.0]
    hollow = [line for line in ax.lines if line.get_marker() == "o"]
    seen = result.mean[["time", "estimate"]].to_numpy().tolist()
    assert [line.get_xydata().tolist() for line in hollow] == [seen]
    assert "simultaneous 95" in result.alt_text()

"""Does an arm look alike, and is it called alike, in all answers about one cohort?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms
from gradex_analysis.delivery import describe_exposures, describe_flow
from gradex_analysis.habituation import measure_between_sessions, measure_within_session
from gradex_analysis.plots import style
from gradex_analysis.questionnaires import score_assessments
from gradex_analysis.results.result import Result
from gradex_analysis.trajectories import fit_trajectories

ARMS = ["graded_activity", "graded_exposure", "usual_care"]
EXPOSED = "graded_exposure"


def make_trial(arms: Mapping[str, str]) -> Cohort:
    """Everybody has planned exposures and questionnaires; only graded exposure has ratings."""
    done = pd.DataFrame(
        [(patient, f"{patient}-E{number}", "I1") for patient in arms for number in (1, 2)],
        columns=["patient_id", "exposure_id", "item_id"],
    )
    rated = done[done["patient_id"].map(arms) == EXPOSED]
    ratings = pd.concat(
        rated[["patient_id", "exposure_id"]].assign(minute=minute, value=value)
        for minute, value in ((0.0, 80.0), (5.0, 60.0))
    ).assign(kind="fear", moment="during", scale_id="0-100")
    forms = pd.DataFrame(
        [
            (patient, occasion, day, 20 + (7 * i + 3 * day) % 11)
            for i, patient in enumerate(arms)
            for occasion, day in (("baseline", 0), ("follow_up", 84))
        ],
        columns=["patient_id", "occasion", "day", "score"],
    ).assign(instrument="TSK-11")
    people = pd.DataFrame({"patient_id": list(arms), "arm": list(arms.values())})
    tables = {"participants": people, "exposures": done, "ratings": ratings, "assessments": forms}
    return Cohort.from_tables(tables)


@pytest.fixture(scope="module")
def answers() -> dict[str, Result]:
    trial = make_trial({f"P{i}": ARMS[i % 3] for i in range(12)})
    return {
        "within": measure_within_session(trial, definition="initial_to_end"),
        "between": measure_between_sessions(trial, definition="first_to_last_peak"),
        "courses": fit_trajectories(trial, outcome="TSK-11", time="days", seed=1, n_boot=50),
        "same item": fit_trajectories(
            trial, outcome="peak_fear", time="exposure_number", seed=1, n_boot=50
        ),
        "scores": score_assessments(trial),
        "flow": describe_flow(trial),
        "delivery": describe_exposures(trial),
        "comparison": compare_arms(
            trial, "TSK-11", method="ancova", at="follow_up", reference="usual_care"
        ),
    }


NAMES = ["within", "between", "courses", "same item", "scores", "flow", "delivery", "comparison"]


def texts_of(result: Result) -> list[Text]:
    figure = result.plot().get_figure(root=True)
    assert isinstance(figure, Figure)
    return [text for text in figure.findobj(Text) if isinstance(text, Text)]


@pytest.mark.parametrize("name", NAMES)
def test_an_arm_keeps_its_colour_where_others_have_no_ratings(answers, name):
    shown = {text: text.get_text().replace("\n", " ") for text in texts_of(answers[name])}
    colours = {text.get_color() for text, said in shown.items() if "graded exposure" in said}
    colours -= {"black"}  # names under an axis
    assert colours == {style.VERMILLION}  # the second of the arms by name


@pytest.mark.parametrize("name", NAMES)
def test_readers_see_names_and_not_codes(answers, name):
    shown = [text.get_text() for text in texts_of(answers[name])]
    said = [*shown, answers[name].sentence(), answers[name].alt_text()]
    assert [text for text in said if "_exposure" in text or "follow_" in text] == []


def test_all_arms_of_the_cohort_are_among_the_settings(answers):
    assert {name: result.settings["arms"] for name, result in answers.items()} == dict.fromkeys(
        NAMES, ARMS
    )


def test_whoever_has_no_arm_is_drawn_where_nobody_else_was_rated():
    people = {"P0": None, "P1": "graded_activity", "P2": "usual_care"}
    trial = make_trial({**people, "P3": EXPOSED})
    participants = trial.participants.assign(arm=[None, "graded_activity", "usual_care", None])
    own = {name: table for name, table in trial.tables.items() if len(table)}
    own["ratings"] = own["ratings"].drop(columns=["exposure", "code", "value_100"])
    cohort = Cohort.from_tables({**own, "participants": participants})
    result = measure_within_session(cohort, definition="initial_to_end")
    assert result.average["group"].tolist() == ["without an arm"]
    assert "without an\narm" in {text.get_text() for text in texts_of(result)}


def test_a_cohort_without_arms_lists_none_and_is_drawn_in_the_first_colour():
    alone = make_trial({"P1": EXPOSED, "P2": EXPOSED})
    own = {name: table for name, table in alone.tables.items() if len(table)}
    own["ratings"] = own["ratings"].drop(columns=["exposure", "code", "value_100"])
    own["participants"] = own["participants"].assign(arm=None)
    result = measure_within_session(Cohort.from_tables(own), definition="initial_to_end")
    assert result.settings["arms"] == []
    assert result.looks() == {"all": style.STYLES[0]}

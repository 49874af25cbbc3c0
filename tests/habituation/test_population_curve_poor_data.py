"""What does the population's curve say of data that tell little, or nothing?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gradex_analysis as gx
from gradex_analysis.errors import CannotAnswerError, UnknownNameError


def fit(cohort, **options):
    return gx.fit_population_curve(cohort, **{"method": "quadrature", **options})


@pytest.fixture
def several(make_cohort):
    """Two exposures of twelve patients, rated at 0, 2, ..., 12 minutes; the last is stopped."""
    rng = np.random.default_rng(4)
    series, owner = {}, {}
    for i in range(12):
        rate, low = np.exp(rng.normal(-1.5, 0.3)), rng.normal(20, 5)
        for j in "AB":
            start = rng.normal(70, 5)
            course = low + (start - low) * np.exp(-rate * np.arange(0, 13, 2))
            series[f"E{i}{j}"] = list(np.clip(np.round(course + rng.normal(0, 3, 7)), 0, 100))
            owner[f"E{i}{j}"] = f"P{i:02d}"

    def _make(**more):
        changed = {**series, **more}
        names = {name: owner.get(name, "P00") for name in changed}
        return make_cohort(patients=names, **changed)

    return _make


def test_a_handful_of_patients_has_a_curve_with_a_caution(several):
    result = fit(several())
    assert result.table["status"].eq("ok").all()
    assert "may be too narrow" in result.sentence()
    row = result.table.set_index("quantity").loc["rate"]
    assert abs(np.log(row["estimate"]) + 1.5) < 3 * row["std_error"] / row["estimate"]


def test_the_linearised_form_says_that_it_is_biased(several):
    result = fit(several(), method="linearized")
    assert "linearised, which is biased" in result.sentence()
    assert result.settings["n_nodes"] == 0
    assert result.settings["converged"]


def test_an_exposure_stopped_after_one_rating_counts(several):
    result = fit(several(E0A=[90]))
    assert result.n_used == 24
    assert result.series.groupby("series").size().min() == 1


def test_ratings_before_the_onset_are_no_part_of_the_course(several):
    result = fit(several(E0A={-1: 95, 0: 70, 4: 40}))
    assert result.series["time"].min() == 0
    assert len(result.series[result.series["patient_id"] == "P00"]) == 2 + 7


def test_a_break_leaves_an_exposure_out_with_its_reason(several):
    cohort = several()
    tables = dict(cohort.tables)
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    tables["exposure_breaks"] = pd.DataFrame(
        {"patient_id": ["P00"], "exposure_id": ["E0A"], "start_minute": [3.0], "end_minute": [5.0]}
    )
    own = {name: frame for name, frame in tables.items() if len(frame)}
    result = fit(gx.Cohort.from_tables(own))
    assert result.excluded.to_dict("records") == [
        {"patient_id": "P00", "exposure_id": "E0A",
         "reason": "a break: no curve is drawn through one"}
    ]  # fmt: skip


def test_one_patient_is_no_population(make_cohort):
    with pytest.raises(CannotAnswerError, match="One patient has ratings"):
        fit(make_cohort(E1=[70, 60, 50, 45], E2=[60, 50, 40, 38]))


@pytest.mark.parametrize("level", [0, 50, 100])
def test_ratings_of_one_value_have_no_course(make_cohort, level):
    series = {f"E{i}": [level] * 5 for i in range(6)}
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    with pytest.raises(CannotAnswerError, match=f"is {level} of 100"):
        fit(cohort)


def test_two_times_are_too_few(make_cohort):
    series = {f"E{i}": [70 + i, 40 - i] for i in range(6)}
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    with pytest.raises(CannotAnswerError, match="2 different times"):
        fit(cohort)


def test_forms_without_ratings_during_the_exercise_have_no_course(make_cohort):
    series = {f"E{i}": {-1: 60 + i} for i in range(4)}
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    with pytest.raises(CannotAnswerError, match="No exposure has a rating of fear"):
        fit(cohort)


def test_one_exposure_a_patient_has_one_spread_of_starts(make_cohort):
    rng = np.random.default_rng(2)
    left = np.exp(-0.2 * np.arange(0, 16, 2))
    series = {
        f"E{i}": list(np.round(25 + rng.normal(45, 8) * left + rng.normal(0, 3, 8)))
        for i in range(30)
    }
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    result = fit(cohort, random=("asymptote", "rate", "start"))
    assert "exposure_start" not in result.settings["random"]
    assert "start" in set(result.components["effect"])


def test_few_noisy_ratings_about_a_level_have_no_rate_and_say_so(make_cohort):
    rng = np.random.default_rng(1)
    series = {f"E{i}": list(np.round(50 + rng.normal(0, 6, 4))) for i in range(12)}
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    result = fit(cohort)
    rows = result.table.set_index("quantity")
    assert rows.loc["rate", "status"] in {"no_fall", "not_identified"}
    assert np.isnan(rows.loc["half_life", "estimate"])
    assert "cannot be told" in result.sentence()
    result.plot()


def test_straight_courses_have_neither_rate_nor_level_nor_have_their_patients(make_cohort):
    rng = np.random.default_rng(6)
    line = 80 - 3 * np.arange(0, 13, 2)
    series = {f"E{i}": list(np.round(line + rng.normal(0, 1, 7), 1)) for i in range(20)}
    cohort = make_cohort(patients={name: f"P{name}" for name in series}, **series)
    result = fit(cohort)
    rows = result.table.set_index("quantity")
    assert (
        rows.loc[["asymptote", "fall", "rate", "half_life"], "status"] == "not_identified"
    ).all()
    assert rows.loc["start", "estimate"] == pytest.approx(80, abs=1)
    assert result.patients[["rate", "half_life", "asymptote"]].isna().all(axis=None)
    spreads = result.components.set_index("effect")["estimate"]
    assert spreads[spreads.index.isin(["rate", "asymptote"])].isna().all()
    said = result.sentence()
    assert "Rate, half-life and the level it tends to cannot be told." in said
    assert "a straight line" in said


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"method": "laplace"}, "quadrature"),
        ({"random": ("slope",)}, "random must be one of"),
        ({"by": "age"}, "by must be one of"),
        ({"design": "crossover", "by": "arm"}, "two_exposures"),
        ({"covariates": {"slope": []}}, "a key of covariates"),
        ({"covariates": {"start": ["weather"]}}, "a covariate must be one of"),
        ({"kind": "joy"}, "kind must be one of"),
    ],
)
def test_names_that_are_not_on_offer_are_refused_with_those_that_are(several, asked, match):
    cohort = several()
    if "design" in asked:
        people = cohort.tables["participants"].assign(arm="a")
        tables = {**cohort.tables, "participants": people}
        tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
        cohort = gx.Cohort.from_tables({k: v for k, v in tables.items() if len(v)})
    with pytest.raises(UnknownNameError, match=match):
        fit(cohort, **asked)


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"by": "arm"}, "No patient has a value of arm"),
        ({"design": "two_exposures"}, 'pass by="arm"'),
        ({"covariates": {"start": "expected_fear"}}, "pass a list"),
        ({"covariates": {"start": ["expected_fear"]}}, "No item was rated apart"),
    ],
)
def test_what_cannot_be_answered_says_what_is_missing(several, asked, match):
    with pytest.raises(CannotAnswerError, match=match):
        fit(several(), **asked)

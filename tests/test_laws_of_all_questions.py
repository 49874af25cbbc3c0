"""What must change no answer: the order of rows, the names of patients, the scale of ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd
import pytest

import gradex_analysis as gx

TRIAL = gx.simulate_cohort(18, seed=41, design="trial").cohort.tables


def make(tables: dict[str, pd.DataFrame]) -> gx.Cohort:
    own = {name: frame for name, frame in tables.items() if len(frame)}
    own["ratings"] = own["ratings"].drop(columns=["exposure", "code", "value_100"])
    return gx.Cohort.from_tables(own)


def answer_habituation(cohort: gx.Cohort) -> Iterator[tuple[str, pd.DataFrame, list[str]]]:
    """Return of every question of exposures the frame that answers it, and its keys."""
    yield "within", gx.measure_within_session(cohort, definition="peak_to_end").average, ["group"]
    varied = gx.measure_within_session(cohort, definition="variability_detrended")
    yield "variability", varied.average, ["group"]
    yield "use of the scale", varied.scale_use, ["group"]
    times = gx.fit_times(cohort, definition="time_to_50", seed=1, n_boot=40)
    yield "times", times.curve, ["group", "left"]
    noise = gx.fit_noise_benchmark(cohort, definition="peak_to_end", seed=1, n_draws=20)
    yield "noise", noise.average, ["group"]
    yield "definitions", gx.compare_definitions(cohort).table, ["definition", "group"]
    back = gx.measure_return_of_fear(cohort, definition="spontaneous_recovery_before")
    yield "return of fear", back.average, ["group"]
    yield "items", gx.fit_between_sessions(cohort).table, ["group", "model"]
    between = gx.measure_between_sessions(cohort, definition="first_to_last_before")
    yield "between", between.average, ["group"]
    course = gx.fit_trajectories(cohort, outcome="peak_fear", time="exposure_number", seed=1)
    yield "course", course.mean, ["arm", "time"]


def answer(cohort: gx.Cohort) -> Iterator[tuple[str, pd.DataFrame, list[str]]]:
    """Return of every question the frame that answers it, and its keys."""
    yield from answer_habituation(cohort)
    scale = gx.fit_trajectories(cohort, outcome="TSK-11", time="days", seed=1)
    yield "questionnaire", scale.mean, ["arm", "occasion"]
    yield "flow", gx.describe_flow(cohort).table, ["arm", "stage", "state", "reason"]
    delivery = gx.describe_exposures(cohort)
    yield "dose", delivery.dose, ["arm", "measure"]
    yield "stops", delivery.stops, ["arm", "what", "stopped_by", "stop_cause"]
    yield "harms", delivery.harms, ["arm", "by", "level"]
    yield "scores", gx.score_assessments(cohort).summary, ["instrument", "occasion", "arm"]
    yield "balance", gx.describe_arms(cohort).balance, ["variable", "arm", "reference"]
    compared = gx.compare_arms(cohort, "PCS", method="ancova", at="post", reference="usual_care")
    yield "comparison", compared.table, ["arm"]
    together = gx.compare_outcomes(
        cohort, ["PCS", "TSK-11"], method="mmrm", reference="usual_care", multiplicity="holm"
    )
    yield "several outcomes", together.table, ["outcome", "arm", "occasion"]
    lines = gx.fit_trajectories(cohort, outcome="TSK-11", time="days", seed=1, model="linear")
    yield "slopes", lines.slopes, ["arm", "segment"]
    yield "audit", gx.audit_delivery(cohort).rules, ["rule"]
    climbed = gx.measure_progress(cohort, peak_at_most=50, running=2)
    yield "mastery", climbed.curve, ["group", "clock", "time"]
    order = gx.measure_order(cohort, by="planned_rank")
    yield "order of the hierarchy", order.average, ["group"]
    untouched = gx.measure_generalisation(cohort, reliable_change=15)
    yield "generalisation", untouched.breadth, ["group", "is_exposed"]


def shuffle(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {
        name: frame.sample(frac=1, random_state=7, ignore_index=True)
        for name, frame in tables.items()
    }


def rename(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    # the other way round, so that no order of names helps
    names = sorted(tables["participants"]["patient_id"])
    other = dict(zip(names, [f"X{900 - i}" for i in range(len(names))], strict=True))
    return {
        name: frame.assign(patient_id=frame["patient_id"].map(other))
        for name, frame in tables.items()
    }


def on_ten(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    ratings = tables["ratings"]
    hundred = ratings["scale_id"] == "0-100"
    value = ratings["value"].mask(hundred, ratings["value"] / 10)
    scale = ratings["scale_id"].mask(hundred, "0-10")
    return {**tables, "ratings": ratings.assign(value=value, scale_id=scale)}


@pytest.fixture(scope="module")
def before() -> dict[str, pd.DataFrame]:
    return {name: frame.set_index(keys).sort_index() for name, frame, keys in answer(make(TRIAL))}


@pytest.mark.slow
@pytest.mark.parametrize("change", [shuffle, rename, on_ten])
def test_it_changes_no_answer(
    change: Callable[[dict[str, pd.DataFrame]], dict[str, pd.DataFrame]],
    before: dict[str, pd.DataFrame],
) -> None:
    for name, frame, keys in answer(make(change(dict(TRIAL)))):
        after = frame.set_index(keys).sort_index()
        numbers = list(after.select_dtypes("number").columns)
        assert numbers
        assert after.index.equals(before[name].index), name
        # sums in another order differ in the last digits
        for column in numbers:
            np.testing.assert_allclose(
                after[column].to_numpy("float64", na_value=np.nan),
                before[name][column].to_numpy("float64", na_value=np.nan),
                rtol=1e-9, atol=1e-9, err_msg=f"{name}, {column}",
            )  # fmt: skip


def test_every_unit_is_used_or_left_out_once_never_both() -> None:
    cohort = make(TRIAL)
    for definition in gx.list_definitions()["name"]:
        for measure in (
            gx.measure_within_session, gx.measure_between_sessions, gx.measure_return_of_fear
        ):  # fmt: skip
            try:
                result = measure(cohort, definition=definition)
            except (gx.errors.UnknownNameError, gx.errors.CannotAnswerError):
                continue
            unit = list(result.unit)
            used = pd.MultiIndex.from_frame(result.table[unit].astype("str"))
            left_out = pd.MultiIndex.from_frame(result.excluded[unit].astype("str"))
            assert not used.isin(left_out).any()
            assert not used.duplicated().any()
            assert not left_out.duplicated().any()
            assert len(used) + len(left_out) == result.n_considered

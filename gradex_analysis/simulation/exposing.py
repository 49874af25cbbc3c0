"""What happens in a course of graded exposure, session by session?

Patients are worked on side by side: the loop runs over slots (up to 4 exposures and 3 pieces of
homework a week), each step over all patients.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradex_analysis.simulation.course import FEAR, Course, run_course
from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import (
    CLINIC,
    HOMEWORK,
    PER_WEEK,
    PREPARATION,
    RATINGS,
    SESSIONS,
    SLOTS,
    WEEKS,
    Bools,
    Draws,
    Floats,
    Ints,
    logistic,
)
from gradex_analysis.simulation.instruments import OCCASION_DAYS
from gradex_analysis.simulation.learning import (
    State,
    begin_state,
    choose_item,
    draw_occurrence,
    expectancy_now,
    learn_expectancy,
    learn_fear,
    level_now,
    mean_over_items,
    record_exposure,
)
from gradex_analysis.simulation.leaving import NEVER_STARTED, leaves_after_exposures
from gradex_analysis.simulation.people import Items, People
from gradex_analysis.simulation.schedule import Schedule

STATUSES = ("", "done", "partial", "refused", "not_done")
UNPLANNED, DONE, PARTIAL, REFUSED, NOT_DONE = range(5)
HOMEWORK_DAYS = (1, 2, 4)  # after the session; the next one is at least 5 days away

NUMBERS = (
    "status", "item", "exposure_number", "stop", "kind", "new_context", "companion", "safety",
)  # fmt: skip
MEASURES = (
    "day", "start", "asymptote", "rate", "planned", "done", "anticipated", "fall", "gained",
    "expectancy", "occurrence", "expectancy_after", "peak", "pain", "last_latent",
)  # fmt: skip
SERIES = ("minute", "latent", "reported")

Values = dict[str, NDArray[Any]]
Worsening = Callable[[Floats, Floats], Floats]


@dataclass(frozen=True)
class Exposing:
    """A course of treatment: ``log`` is (patients, slots) or (patients, slots, ratings)."""

    log: dict[str, Floats]
    week_fear: Floats  #: mean item fear at each weekly session
    first_fear: Floats  #: mean item fear before treatment
    item_fear: Floats  #: (patients, items, 3): at intake, post and follow-up
    fear_change: Floats  #: (patients, 2): mean item fear at post and follow-up minus intake
    left_after: Ints  #: session slot after which treatment was stopped


@dataclass(frozen=True)
class Clinic:
    """What the steps of a course share."""

    people: People
    items: Items
    schedule: Schedule
    normals: Draws
    uniforms: Draws
    diary: Floats  #: daily deviations of pain
    worsening: Worsening  #: latent TSK-11 above baseline given day and fear change
    setting: Setting


def simulate_exposing(clinic: Clinic, starts: Bools) -> Exposing:
    """Run all sessions of the patients whose arm exposes."""
    setting, n = clinic.setting, len(starts)
    state = begin_state(clinic.people, clinic.items, clinic.normals, setting=setting)
    intake = _levels(clinic, state, np.zeros(n))
    first = mean_over_items(intake, clinic.items)
    log = _empty_log(n)
    week_fear = np.tile(first[:, None], (1, WEEKS))
    left_after = np.where(starts, SESSIONS, NEVER_STARTED)
    for session in range(SESSIONS):
        day, week = clinic.schedule.day[:, session], session - PREPARATION
        is_there = (left_after == SESSIONS) & clinic.schedule.is_open[:, session]
        comes = is_there & (clinic.schedule.attendance[:, session] == 0)
        if week >= 0:
            week_fear[:, week] = mean_over_items(_levels(clinic, state, day), clinic.items)
            _hold_session(clinic, state, log, comes, week, fear=week_fear - first[:, None])
        leaves = is_there & _leaves(clinic, state, session, week_fear[:, max(week, 0)] - first)
        left_after = np.where(leaves, session, left_after)
        if week >= 0:
            _do_homework(clinic, state, log, comes & ~leaves, week, week_fear - first[:, None])
    later = [_levels(clinic, state, np.full(n, day)) for day in OCCASION_DAYS[1:]]
    change = [mean_over_items(level, clinic.items) - first for level in later]
    return Exposing(
        log, week_fear, first, np.stack([intake, *later], axis=2), np.stack(change, 1), left_after
    )


def _levels(clinic: Clinic, state: State, day: Floats) -> Floats:
    return level_now(state, clinic.people, clinic.items, day, setting=clinic.setting)


def _leaves(clinic: Clinic, state: State, session: int, change: Floats) -> Bools:
    worsening = clinic.worsening(clinic.schedule.day[:, session], change)
    draw = clinic.uniforms["leave"][:, session]
    leaves = leaves_after_exposures(state.last_peak, worsening, draw, setting=clinic.setting)
    return np.asarray(leaves | (_is_single(clinic) & (state.n_done.sum(axis=1) > 0)))


def _is_single(clinic: Clinic) -> Bools:
    return np.asarray(clinic.people.number == clinic.setting.planted.single_rating_patient)


def _hold_session(
    clinic: Clinic, state: State, log: dict[str, Floats], comes: Bools, week: int, *, fear: Floats
) -> None:
    day = clinic.schedule.day[:, week + PREPARATION]
    for place in range(CLINIC):
        is_planned = comes & (place < clinic.schedule.n_exposures[:, week])
        is_planned &= ~(_is_single(clinic) & (state.n_done.sum(axis=1) > 0))
        slot = week * PER_WEEK + place
        one = clinic.setting.assumptions.schedule
        draw = clinic.uniforms["status"][:, slot]
        status = np.select(
            [draw < one.refused, draw < one.refused + one.not_done], [REFUSED, NOT_DONE], DONE
        )
        status = np.where(_is_single(clinic), DONE, status)
        _expose(clinic, state, log, slot, np.where(is_planned, status, UNPLANNED), day, fear)


def _do_homework(
    clinic: Clinic, state: State, log: dict[str, Floats], assigned: Bools, week: int, fear: Floats
) -> None:
    day = clinic.schedule.day[:, week + PREPARATION]
    for place in range(HOMEWORK):
        slot = week * PER_WEEK + CLINIC + place
        share = clinic.setting.assumptions.schedule.homework_logged
        is_logged = clinic.uniforms["logged"][:, slot] < share
        status = np.where(assigned, np.where(is_logged, DONE, NOT_DONE), UNPLANNED)
        _expose(clinic, state, log, slot, status, day + HOMEWORK_DAYS[place], fear)


def _expose(
    clinic: Clinic,
    state: State,
    log: dict[str, Floats],
    slot: int,
    status: Ints,
    day: Floats,
    fear: Floats,
) -> None:
    """Do one exposure of every patient whose status says so, learn from it, and write it down."""
    setting, people, items = clinic.setting, clinic.people, clinic.items
    normals = {name: block[:, slot] for name, block in clinic.normals.items() if _by_slot(block)}
    uniforms = {name: block[:, slot] for name, block in clinic.uniforms.items() if _by_slot(block)}
    item = choose_item(state, items, uniforms["choice"], setting=setting)
    at, is_done = (np.arange(len(item)), item), status == DONE
    before = expectancy_now(state, day, setting=setting)[at]
    seen: Values = _circumstances(clinic, uniforms, day, slot)
    start = _start(clinic, state, seen, normals["start"], at=at, day=day)
    course = run_course(start, state.asymptote[at], people, normals, uniforms, setting=setting)
    fall = np.where(is_done, start - course.last_latent, 0.0)
    unsafe = 1 - setting.assumptions.fear.safety_loss * seen["safety"] * setting.has(
        "safety_behaviour"
    )
    gained = learn_fear(state, people, items, item, fall, unsafe=unsafe, setting=setting)
    occurrence = _occurrence(items.difficulty[at], uniforms, setting)
    after = learn_expectancy(
        before, occurrence, people.learning, normals["update"], setting=setting
    )
    state.expectancy[at] = np.where(is_done, after, state.expectancy[at])
    record_exposure(state, item, is_done, day=day, peak=course.peak, setting=setting)
    seen |= {
        "status": np.where(is_done & (course.stop >= FEAR), PARTIAL, status), "item": item,
        "exposure_number": state.n_done[at], "day": day, "start": start, "fall": fall,
        "gained": gained, "asymptote": state.asymptote[at], "expectancy": before,
        "occurrence": occurrence, "expectancy_after": after,
        "pain": _pain(clinic, day, fear, slot),
    }  # fmt: skip
    _write(log, slot, seen, course, status != UNPLANNED, is_done)


def _by_slot(block: Floats) -> bool:
    return block.ndim > 1 and block.shape[1] == SLOTS


def _circumstances(clinic: Clinic, uniforms: Draws, day: Floats, slot: int) -> Values:
    one, fear = clinic.setting.assumptions.schedule, clinic.setting.assumptions.fear
    logit, change = fear.safety
    unsafe = uniforms["safety"][:, 0] < logistic(np.array(logit + change * (slot // PER_WEEK)))
    return {
        "new_context": (uniforms["context"] < one.new_context) * 1.0,
        "companion": (uniforms["companion"] < one.companion) * 1.0,
        "safety": unsafe * 1.0,
    }


def _start(
    clinic: Clinic,
    state: State,
    seen: Values,
    z: Floats,
    *,
    at: tuple[Ints, Ints],
    day: Floats,
) -> Floats:
    setting, fear = clinic.setting, clinic.setting.assumptions.fear
    last = np.where(np.isnan(state.last_day), -np.inf, state.last_day).max(axis=1)
    event = clinic.people.event_day
    is_shaken = (event > last) & (event <= day)
    return np.asarray(
        _levels(clinic, state, day)[at]
        + fear.new_context * setting.has("new_context") * seen["new_context"]
        + fear.adverse_event * setting.has("adverse_event") * is_shaken
        + fear.start_sd * z
    )


def _occurrence(difficulty: Floats, uniforms: Draws, setting: Setting) -> Floats:
    occurrence = draw_occurrence(difficulty, uniforms["occurrence"], setting=setting)
    is_unclear = uniforms["testable"] < setting.assumptions.expectancy.not_testable
    return np.where(is_unclear, np.nan, occurrence)


def _pain(clinic: Clinic, day: Floats, fear: Floats, slot: int) -> Floats:
    """Return the day's diary pain: usual + .02 (fear one session earlier - first fear) + AR(1)."""
    setting = clinic.setting
    lagged = fear[:, max(slot // PER_WEEK - 1, 0)]
    today = np.clip(day, 0, clinic.diary.shape[1] - 1).astype(np.int64)
    deviation = clinic.diary[np.arange(len(day)), today]
    per_point = 0.0 if setting.is_null else setting.assumptions.pain.lagged_fear
    return clinic.people.pain + per_point * lagged + deviation


def _empty_log(n: int) -> dict[str, Floats]:
    log: dict[str, Floats] = {name: np.zeros((n, SLOTS)) for name in NUMBERS}
    log |= {name: np.full((n, SLOTS), np.nan) for name in MEASURES}
    return log | {name: np.full((n, SLOTS, RATINGS), np.nan) for name in SERIES}


def _write(
    log: dict[str, Floats],
    slot: int,
    seen: Values,
    course: Course,
    is_planned: Bools,
    is_done: Bools,
) -> None:
    """Write what was planned for who planned, and what happened for who did it."""
    planned = ("status", "item", "day", "start", "new_context", "companion", "expectancy")
    seen |= {
        "stop": course.stop, "kind": course.kind, "rate": course.rate, "done": course.done,
        "anticipated": course.anticipated, "peak": course.peak,
        "last_latent": course.last_latent,
    }  # fmt: skip
    for name, values in seen.items():
        who = is_planned if name in planned else is_done
        log[name][who, slot] = values[who]
    log["planned"][is_planned, slot] = course.planned[is_planned]
    for name in SERIES:
        log[name][is_done, slot] = getattr(course, name)[is_done]

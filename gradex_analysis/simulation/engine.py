"""How are all patients simulated, before any table is written?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import (
    SESSIONS,
    Bools,
    Draws,
    Floats,
    Ints,
    draw_blocks,
    spawn_patients,
    take_patients,
)
from gradex_analysis.simulation.exposing import Clinic, Exposing, simulate_exposing
from gradex_analysis.simulation.instruments import QUESTIONNAIRES
from gradex_analysis.simulation.leaving import (
    NEVER_STARTED,
    draw_assessed,
    draw_starters,
    leaving_activity,
    leaving_by_month,
)
from gradex_analysis.simulation.office import Office, set_up_office
from gradex_analysis.simulation.people import Items, People, draw_items, draw_people
from gradex_analysis.simulation.questionnaires import (
    TSK,
    Answering,
    answer,
    diary_deviations,
    expected_worsening,
    prepare_answers,
)
from gradex_analysis.simulation.schedule import Schedule, plan_sessions

PATIENTS_AT_ONCE = 2000  # bounds memory: about 40 kB of random numbers a patient


@dataclass(frozen=True)
class Lives:
    """Some patients, simulated to the end; ``exposing`` has the rows ``is_exposing`` only."""

    setting: Setting
    office: Office
    people: People
    items: Items
    schedule: Schedule
    normals: Draws
    uniforms: Draws
    diary: Floats
    is_exposing: Bools
    exposing: Exposing
    left_after: Ints  #: session slot; usual care: the number of sessions
    leave_day: Floats  #: study day of stopping treatment; NaN: completed
    scores: Floats  #: complete, (patients, questionnaires, occasions)
    is_assessed: Bools

    @property
    def rows_exposing(self) -> Ints:
        return np.flatnonzero(self.is_exposing)


def live(setting: Setting) -> Iterator[Lives]:
    """Simulate all patients, some thousands at a time."""
    office = set_up_office(setting)
    children = spawn_patients(setting.seed, setting.n)
    for first in range(0, setting.n, PATIENTS_AT_ONCE):
        number = np.arange(first, min(first + PATIENTS_AT_ONCE, setting.n))
        normals, uniforms = draw_blocks(children[first : first + len(number)])
        yield _live(number, office.take(number), normals, uniforms, setting)


def _live(number: Ints, office: Office, normals: Draws, uniforms: Draws, setting: Setting) -> Lives:
    people = draw_people(number, office, normals, uniforms, setting=setting)
    items = draw_items(people, normals, uniforms, setting=setting)
    is_exposing = np.array([arm.exposes for arm in setting.arms])[office.arm]
    schedule = plan_sessions(uniforms, is_exposing, setting=setting)
    diary = diary_deviations(normals, setting=setting)
    answers = prepare_answers(people, office, normals, setting=setting)
    starts = draw_starters(office.arm, uniforms, setting=setting)
    starts |= number == setting.planted.single_rating_patient
    starts |= number == setting.planted.rising_patient
    left_after, leave_day = _leave(office, schedule, answers, uniforms, starts, setting=setting)
    if setting.is_null:
        schedule = schedule.until(leave_day)
    rows = np.flatnonzero(is_exposing)
    clinic = Clinic(
        people.take(rows), items.take(rows), schedule.take(rows), take_patients(normals, rows),
        take_patients(uniforms, rows), diary[rows], expected_worsening(answers.take(rows)), setting,
    )  # fmt: skip
    exposing = simulate_exposing(clinic, starts[rows])
    left_after[rows] = exposing.left_after
    if not setting.is_null:
        leave_day[rows] = _day_of(exposing.left_after, schedule.day[rows])
    change = np.zeros((len(number), 2))
    change[rows] = exposing.fear_change
    scores = answer(answers, office, change, leave_day, setting=setting)
    is_assessed = draw_assessed(leave_day, office.arm, uniforms, setting=setting)
    is_assessed[number == setting.planted.late_form_patient, -1] = True
    return Lives(
        setting, office, people, items, schedule, normals, uniforms, diary, is_exposing,
        exposing, left_after, leave_day, scores, is_assessed,
    )  # fmt: skip


def _leave(
    office: Office,
    schedule: Schedule,
    answers: Answering,
    uniforms: Draws,
    starts: Bools,
    *,
    setting: Setting,
) -> tuple[Ints, Floats]:
    """Return when arms without exposure are left; the exposing arms' is known from their course."""
    tsk = QUESTIONNAIRES[TSK]
    baseline = np.clip(np.round(tsk.mean + tsk.sd * answers.level[:, TSK, 0]), tsk.low, tsk.high)
    severity = (baseline - tsk.mean) / tsk.sd
    own = answers.level[:, TSK, 1] - answers.level[:, TSK, 0]
    worsening = answers.planted[:, TSK, 0] / tsk.sd + own
    after = leaving_activity(severity, worsening, schedule, uniforms, setting=setting)
    after = np.where(starts, after, NEVER_STARTED)
    by_month = leaving_by_month(severity, worsening, uniforms, setting=setting)
    if setting.is_null:
        return np.full(len(after), SESSIONS), by_month
    is_treated = np.array([arm.treats for arm in setting.arms])[office.arm]
    day = np.where(is_treated, _day_of(after, schedule.day), by_month)
    return np.where(is_treated, after, SESSIONS), day


def _day_of(left_after: Ints, days: Floats) -> Floats:
    """Return the day after the last session; 0: never started; NaN: completed."""
    rows = np.arange(len(left_after))
    last = days[rows, np.clip(left_after, 0, SESSIONS - 1)] + 1
    return np.where(
        left_after == NEVER_STARTED, 0.0, np.where(left_after == SESSIONS, np.nan, last)
    )

"""What is written down about patients: who they are, what they fear, what they answer?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.simulation.draws import DIARY_DAYS, PREPARATION, WEEKS, Bools, Floats
from gradex_analysis.simulation.engine import Lives
from gradex_analysis.simulation.instruments import INSTRUMENTS, OCCASION_DAYS, OCCASIONS
from gradex_analysis.simulation.keys import (
    bounded,
    dates,
    part_ids,
    patient_ids,
    therapist_ids,
    words,
    yes_no,
)

SEVERITIES = ("mild", "moderate", "severe")
WINDOW = (-3.0, 7.0)  # days around the target in which a later form is filled in


def participants(lives: Lives) -> pd.DataFrame:
    """Return one row per patient."""
    office, people = lives.office, lives.people
    frame = pd.DataFrame(
        {
            "patient_id": patient_ids(people.number),
            "site_id": [f"S{one + 1}" for one in office.site],
            "therapist_id": therapist_ids(office.therapist),
            "arm": words(office.arm, [arm.name for arm in lives.setting.arms]),
            "randomised_on": dates(office.start, np.zeros(len(office.start))),
            "birth_year": people.birth_year,
            "sex": np.where(people.is_female, "female", "male"),
            "pain_duration_months": people.pain_months,
        }
    )
    return frame.drop(columns=["site_id", "arm", "randomised_on"] * lives.setting.is_clinic)


def episodes(lives: Lives) -> pd.DataFrame:
    """Return one row per patient: treatment, when it ended, when the study ended, and why."""
    office = lives.office
    has_left, ends = ~np.isnan(lives.leave_day), _study_days(lives)
    assessed = lives.is_assessed
    last = np.where(assessed, np.arange(assessed.shape[1]), 0).max(axis=1)
    is_complete = last == assessed.shape[1] - 1
    treatment_end = np.where(has_left, lives.leave_day, OCCASION_DAYS[1])
    study_end = np.maximum(ends[np.arange(len(last)), last], treatment_end)
    stopped = np.where(lives.leave_day == 0.0, 2, has_left * 1)
    return pd.DataFrame(
        {
            "patient_id": patient_ids(lives.people.number),
            "episode": 1,
            "treatment": words(office.arm, [arm.name for arm in lives.setting.arms]),
            "start": dates(office.start, np.zeros(len(last))),
            "treatment_end": dates(office.start, treatment_end),
            "treatment_end_reason": words(stopped, ("completed", "stopped", "never_started")),
            "study_end": dates(office.start, study_end),
            "study_end_reason": words(is_complete * 1, ("lost_to_follow_up", "completed")),
        }
    )


def items(lives: Lives) -> pd.DataFrame:
    """Return one row per feared situation in planned order; no label: it would be free text."""
    rows, places = np.nonzero(_items_exist(lives))
    owner = patient_ids(lives.people.number[lives.rows_exposing])[rows]
    return pd.DataFrame(
        {
            "item_id": part_ids(owner, "I", places + 1),
            "patient_id": owner,
            "planned_rank": places + 1,
            "hierarchy_version": 1,
        }
    )


def item_ratings(lives: Lives) -> pd.DataFrame:
    """Return one row per item and obtained occasion: fear expected of it, 0 to 100."""
    exposing = lives.rows_exposing
    known, one = _items_exist(lives), lives.setting.assumptions.hierarchy
    expected = np.concatenate(
        [
            lives.items.expected[exposing][:, :, None],
            lives.exposing.item_fear[:, :, 1:]
            + one.expected_sd * lives.normals["re_rating"][exposing],
        ],
        axis=2,
    )
    rows, places, occasions = np.nonzero(
        known[:, :, None] & lives.is_assessed[exposing][:, None, :]
    )
    owner = patient_ids(lives.people.number[exposing])[rows]
    values = expected[rows, places, occasions]
    step = lives.people.step[exposing][rows]
    is_rounded = lives.setting.has("heaping")
    return pd.DataFrame(
        {
            "item_id": part_ids(owner, "I", places + 1),
            "patient_id": owner,
            "occasion": words(occasions, OCCASIONS),
            "expected_fear": np.clip(step * np.round(values / step), 0, 100)
            if is_rounded
            else values,
        }
    )


def assessments(lives: Lives, *, complete: bool = False) -> pd.DataFrame:
    """Return one row per patient, questionnaire and occasion that was obtained (or: all)."""
    scores = lives.scores
    was = np.ones_like(lives.is_assessed) if complete else lives.is_assessed
    if lives.setting.is_clinic:
        was = was & (np.arange(len(OCCASIONS)) < 2)
    rows, places, occasions = np.nonzero(np.broadcast_to(was[:, None, :], scores.shape))
    one = lives.setting.assumptions.leaving
    has_gap = lives.uniforms["item_missing"][rows, places, occasions] < one.item_missing
    has_many = np.array([name != "NRS" for name in INSTRUMENTS])[places]
    return pd.DataFrame(
        {
            "patient_id": patient_ids(lives.people.number)[rows],
            "instrument": words(places, INSTRUMENTS),
            "version": "simulated",
            "occasion": words(occasions, OCCASIONS),
            "day": _study_days(lives)[rows, occasions].astype(np.int64),
            "score": scores[rows, places, occasions],
            "n_missing": (has_gap & has_many) * 1,
        }
    )


def diary(lives: Lives) -> pd.DataFrame:
    """Return one row per answered evening prompt: the day's pain, 0 to 10."""
    days = np.arange(DIARY_DAYS)
    pain = lives.people.pain[:, None] + lives.diary
    if not lives.setting.is_null:
        per_point = lives.setting.assumptions.pain.lagged_fear
        pain[lives.rows_exposing] += per_point * _lagged_change(lives)
    is_answered = lives.uniforms["answered"] < lives.setting.assumptions.pain.answered
    until = np.where(np.isnan(lives.leave_day), DIARY_DAYS, lives.leave_day)
    rows, when = np.nonzero(is_answered & (days < until[:, None]))
    return pd.DataFrame(
        {
            "patient_id": patient_ids(lives.people.number)[rows],
            "date": dates(lives.office.start[rows], when.astype(np.float64)),
            "prompt": "evening",
            "pain": bounded(pain[rows, when], 0, 10).astype(np.int64),
        }
    )


def adverse_events(lives: Lives) -> pd.DataFrame:
    """Return one row per adverse event; a flare is not one."""
    rows = np.flatnonzero(~np.isnan(lives.people.event_day))
    owner = patient_ids(lives.people.number)[rows]
    how = lives.uniforms["event"][rows]
    is_serious = how[:, 2] < lives.setting.assumptions.pain.serious
    return pd.DataFrame(
        {
            "event_id": part_ids(owner, "A", np.ones(len(rows))),
            "patient_id": owner,
            "onset": dates(lives.office.start[rows], lives.people.event_day[rows]),
            "severity": words(np.where(is_serious, 2, how[:, 3] >= 0.6), SEVERITIES),
            "serious": yes_no(is_serious),
            "related": yes_no(~is_serious & (how[:, 3] < 0.3)),
        }
    )


def _items_exist(lives: Lives) -> Bools:
    return lives.items.exists[lives.rows_exposing]


def _study_days(lives: Lives) -> Floats:
    """Return the study day of each form: baseline in the week before, later ones near target."""
    low, high = WINDOW
    uniforms = lives.uniforms["assessment_day"]
    day = np.array(OCCASION_DAYS) + np.floor(low + (high - low + 1) * uniforms)
    day[:, 0] = -np.floor(7 * uniforms[:, 0])
    is_late = lives.people.number == lives.setting.planted.late_form_patient
    day[is_late, 2] = lives.setting.planted.late_form_day
    return day


def _lagged_change(lives: Lives) -> Floats:
    """Return by diary day the change in mean item fear at the session before the last one."""
    session_days = lives.schedule.day[lives.rows_exposing][:, PREPARATION:]
    held = (session_days[:, :, None] <= np.arange(DIARY_DAYS)).sum(axis=1)
    change = lives.exposing.week_fear - lives.exposing.first_fear[:, None]
    week = np.clip(held - 2, 0, WEEKS - 1)
    return np.where(held > 0, np.take_along_axis(change, week, axis=1), 0.0)

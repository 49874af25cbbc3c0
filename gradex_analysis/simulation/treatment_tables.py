"""What is written down about treatment: sessions, exposures, ratings, safety behaviours, quotas?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.simulation.course import STOP_CAUSES, STOPPED_BY
from gradex_analysis.simulation.draws import (
    CLINIC,
    PER_WEEK,
    PREPARATION,
    QUOTAS,
    SESSIONS,
    Bools,
    Floats,
    Ints,
    logistic,
)
from gradex_analysis.simulation.engine import Lives
from gradex_analysis.simulation.exposing import DONE, PARTIAL, STATUSES
from gradex_analysis.simulation.keys import (
    Texts,
    bounded,
    dates,
    only_where,
    part_ids,
    patient_ids,
    therapist_ids,
    whole_numbers,
    words,
    yes_no,
)
from gradex_analysis.simulation.office import present_therapist
from gradex_analysis.simulation.schedule import ATTENDED

PREPARATION_CONTENT = ("education", "education", "hierarchy")
SESSION_MINUTES = 50
QUOTA_STATUSES = ("done", "partial", "not_done")
SAFETY_CODES = ("bracing", "slow_movement", "holding_on")
OCCURRED = ("no", "partly", "yes", "not_testable")


@dataclass(frozen=True)
class Written:
    """The planned exposures of some patients in order: where each stands in the log."""

    lives: Lives
    rows: Ints  #: among the exposing
    slots: Ints

    @property
    def who(self) -> Ints:
        """Row of each exposure's patient among all."""
        return self.lives.rows_exposing[self.rows]

    @property
    def is_homework(self) -> Bools:
        return self.slots % PER_WEEK >= CLINIC

    @property
    def is_done(self) -> Bools:
        return np.isin(self.log("status"), (DONE, PARTIAL))

    def log(self, name: str) -> Floats:
        return self.lives.exposing.log[name][self.rows, self.slots]

    def normal(self, name: str) -> Floats:
        return self.lives.normals[name][self.who, self.slots]

    def uniform(self, name: str) -> Floats:
        return self.lives.uniforms[name][self.who, self.slots]

    def patients(self) -> Texts:
        return patient_ids(self.lives.people.number[self.who])

    def exposure_ids(self) -> Texts:
        is_planned = self.lives.exposing.log["status"] > 0
        number = np.cumsum(is_planned, axis=1)[self.rows, self.slots]
        return part_ids(self.patients(), "E", number)


def written(lives: Lives) -> Written:
    """List the planned exposures by patient and time."""
    rows, slots = np.nonzero(lives.exposing.log["status"] > 0)
    return Written(lives, rows, slots)


def sessions(lives: Lives) -> pd.DataFrame:
    """Return one row per session that was due before treatment was left, attended or not."""
    treats = np.array([arm.treats for arm in lives.setting.arms])[lives.office.arm]
    is_due = lives.schedule.is_open & (np.arange(SESSIONS) <= lives.left_after[:, None])
    rows, slots = np.nonzero(is_due & treats[:, None])
    owner, day = patient_ids(lives.people.number)[rows], lives.schedule.day[rows, slots]
    start, is_exposing = lives.office.start[rows], lives.is_exposing[rows]
    therapist = lives.office.therapist[rows]
    # In the clinic the rating scale is the therapist's: nobody stands in for another.
    therapist = therapist if lives.setting.is_clinic else present_therapist(therapist, start + day)
    is_preparation = is_exposing & (slots < PREPARATION)
    content = words(np.minimum(slots, PREPARATION), (*PREPARATION_CONTENT, "exposure"))
    return pd.DataFrame(
        {
            "session_id": part_ids(owner, "S", slots + 1),
            "patient_id": owner,
            "session_number": slots + 1,
            "date": dates(start, day),
            "day": day.astype(np.int64),
            "phase": np.where(is_preparation, "preparation", "exposure"),
            "content": np.where(is_exposing, content, "review"),
            "therapist_id": therapist_ids(therapist),
            "attended": words(lives.schedule.attendance[rows, slots], ATTENDED),
            "planned_minutes": SESSION_MINUTES,
        }
    )


def exposures(one: Written) -> pd.DataFrame:
    """Return one row per planned exposure, whatever became of it."""
    owner, is_done = one.patients(), one.is_done
    session = part_ids(owner, "S", one.slots // PER_WEEK + PREPARATION + 1)
    number = np.where(is_done, one.log("exposure_number"), np.nan)
    stop = np.where(is_done, one.log("stop"), 0)
    frame = {
        "exposure_id": one.exposure_ids(),
        "patient_id": owner,
        "item_id": part_ids(owner, "I", one.log("item") + 1),
        "session_id": only_where(~one.is_homework, session),
        "assigned_in": only_where(one.is_homework, session),
        "is_homework": yes_no(one.is_homework),
        "exposure_number": whole_numbers(number),
        "started_at": dates(one.lives.office.start[one.who], one.log("day")),
        "planned_minutes": one.log("planned"),
        "done_minutes": one.log("done"),
        "companion": yes_no(one.log("companion")),
        "context": np.where(one.log("new_context") == 1, "new", "usual"),
        **_opinions(one),
        "status": words(one.log("status"), STATUSES),
        "stopped_by": only_where(is_done, words(stop, STOPPED_BY)),
        "stop_cause": only_where(is_done, words(stop, STOP_CAUSES)),
        "flare": only_where(is_done, yes_no(_flares(one))),
    }
    return pd.DataFrame(frame)


def safety_behaviours(one: Written) -> pd.DataFrame:
    """Return one row per exposure done and behaviour; all boxes empty is not recorded."""
    draw, is_done = one.uniform("safety"), one.is_done
    assumed = one.lives.setting.assumptions.fear.safety_not_recorded
    is_recorded = one.uniform("safety_recorded") >= assumed
    main = np.floor(draw[:, 1] * len(SAFETY_CODES))
    parts = []
    for number, code in enumerate(SAFETY_CODES):
        used = np.where(main == number, np.where(draw[:, 2] < 0.4, 2, 1), draw[:, 3] < 0.25)
        used = np.where(one.log("safety") == 1, used, 0)
        used = np.where(is_recorded, used, 3)
        text = words(used[is_done], ("none", "some", "full", "not_recorded"))
        parts.append(pd.DataFrame({"code": code, "used": text}))
    frame = pd.concat(parts, keys=range(len(parts)), names=["code_number", "row"])
    frame = frame.sort_index(level="row", kind="stable").reset_index(drop=True)
    ids = np.repeat(one.exposure_ids()[is_done], len(SAFETY_CODES))
    owner = np.repeat(one.patients()[is_done], len(SAFETY_CODES))
    return frame.assign(exposure_id=ids, patient_id=owner)[
        ["exposure_id", "patient_id", "code", "used"]
    ]


def quotas(lives: Lives) -> pd.DataFrame:
    """Return one row per attended session of graded activity: steps planned and done."""
    is_active = np.array([arm.treats and not arm.exposes for arm in lives.setting.arms])
    is_due = lives.schedule.is_open & (np.arange(SESSIONS) <= lives.left_after[:, None])
    is_due &= (lives.schedule.attendance == 0) & is_active[lives.office.arm][:, None]
    rows, slots = np.nonzero(is_due[:, :QUOTAS])
    owner = patient_ids(lives.people.number)[rows]
    tolerance = 1500 + 2500 * lives.uniforms["traits"][rows, 6]
    planned = 100 * np.round(tolerance * (0.8 + 0.07 * slots) / 100)
    how, share = lives.uniforms["quota"][rows, slots].T
    status = np.where(how < 0.84, 0, np.where(how < 0.95, 1, 2))
    beyond = 1 + 0.05 * np.abs(lives.normals["quota"][rows, slots])
    done = np.choose(status, [planned * beyond, planned * (0.3 + 0.6 * share), 0.0 * planned])
    number = np.cumsum(is_due, axis=1)[rows, slots]
    return pd.DataFrame(
        {
            "exposure_id": part_ids(owner, "E", number),
            "patient_id": owner,
            "session_id": part_ids(owner, "S", slots + 1),
            "is_homework": "no",
            "started_at": dates(lives.office.start[rows], lives.schedule.day[rows, slots]),
            "planned_quantity": planned,
            "done_quantity": np.round(done),
            "quantity_unit": "steps",
            "status": words(status, QUOTA_STATUSES),
        }
    )


def _opinions(one: Written) -> dict[str, object]:
    """Return what patients expected, what occurred and what they made of it."""
    assumed, setting = one.lives.setting.assumptions, one.lives.setting
    before, after, occurred = map(one.log, ("expectancy", "expectancy_after", "occurrence"))
    z = assumed.expectancy.opinion_sd * one.normal("opinion")
    over, spread = assumed.fear.expected_peak
    peak = one.log("start") + over + spread * one.normal("expected_peak")
    step = one.lives.people.step[one.who]
    happened = _occurred(occurred, one) if setting.is_clinic else occurred
    reported = before, after
    if setting.has("noisy_report"):
        error = assumed.expectancy.report_sd * one.normal("report")
        reported = bounded(before + error[:, 0], 0, 100), bounded(after + error[:, 1], 0, 100)
        happened = happened if setting.is_clinic else np.round(occurred)
    return {
        "expected_peak_fear": np.clip(step * np.round(peak / step), 0, 100),
        "expectancy_before": reported[0],
        "occurrence": happened,
        "expectancy_after": reported[1],
        "surprise": bounded(np.abs(before - occurred) + z[:, 0], 0, 100),
        "confidence_before": bounded(100 - before + z[:, 1], 0, 100),
        "confidence_after": bounded(100 - after + z[:, 2], 0, 100),
    }


def _occurred(occurred: Floats, one: Written) -> Texts:
    ends = one.lives.setting.assumptions.expectancy.words
    number = np.where(np.isnan(occurred), len(ends) + 1, np.searchsorted(ends, occurred))
    return only_where(one.is_done, words(number, OCCURRED))


def _flares(one: Written) -> Bools:
    level, slope = one.lives.setting.assumptions.pain.flare
    hazard = logistic(level + slope * (np.nan_to_num(one.log("pain")) - 5.0))
    return one.uniform("flare") < hazard

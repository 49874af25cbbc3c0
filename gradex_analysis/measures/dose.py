"""How much treatment did each patient have: sessions, exposures, items, minutes, homework?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import (
    ACTIVITY,
    EXPOSURE,
    NOT_RECORDED,
    STATES,
    find_attendance,
    state_exposures,
)
from gradex_analysis.measures.groups import arm_of

STOPPERS = ("patient", "therapist", "other")


def tally_patients(cohort: Cohort) -> pd.DataFrame:
    """Count what every patient was offered and did; 0 is a count, none is "not recorded".

    Returns
    -------
    DataFrame
        One row per patient. Sessions: ``n_sessions`` (due) = ``n_attended + n_late_cancel +
        n_no_show + n_attendance_unknown``. Exposures to an item: ``n_exposures`` (planned) =
        ``n_done + n_partial + n_rated + n_refused + n_not_done + n_unknown`` (``n_rated``: no
        status but a rating), ``n_carried_out``, and of these ``n_items``, ``n_contexts``,
        ``minutes_done``, ``n_without_minutes``, ``n_stopped_patient, n_stopped_therapist,
        n_stopped_other``, ``n_flares``; of the planned ones ``minutes_planned``. Homework among
        exposures: ``n_homework`` assigned, ``n_homework_done``. Activities without an item:
        ``n_activities`` planned, ``n_activities_done``. ``n_adverse_events``.
    """
    arm = arm_of(cohort)
    table = state_exposures(cohort)
    exposures, activities = (table[table["what"] == what] for what in (EXPOSURE, ACTIVITY))
    done = exposures[exposures["carried_out"]]
    counts = {
        **_attendance(find_attendance(cohort)),
        "n_exposures": _count(exposures),
        **{f"n_{state}": _count(exposures[exposures["state"] == state]) for state in STATES},
        "n_carried_out": _count(done),
        "n_without_minutes": _count(done[done["done_minutes"].isna()]),
        **{f"n_stopped_{by}": _count(done[done["stopped_by"] == by]) for by in STOPPERS},
        "n_activities": _count(activities),
        "n_activities_done": _count(activities[activities["carried_out"]]),
    }
    tally = pd.DataFrame(counts, index=arm.index).fillna(0).astype("Int64")
    for name, values in {**_of_what_was_done(done), **_of_what_was_planned(exposures)}.items():
        # nobody can have recorded a minute of an exposure that was not there
        there = tally["n_carried_out" if name in OF_CARRIED_OUT else "n_exposures"] > 0
        tally[name] = values.reindex(arm.index).where(there, 0)
    tally["n_adverse_events"] = _adverse_events(cohort, arm.index)
    tally.insert(0, "arm", arm)
    return tally.rename_axis("patient_id").reset_index()


OF_CARRIED_OUT = frozenset({"n_items", "n_contexts", "minutes_done", "n_flares"})


def _count(rows: pd.DataFrame) -> pd.Series:
    return rows.groupby("patient_id").size()


def _attendance(sessions: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "n_sessions": _count(sessions),
        **{
            name: _count(sessions[sessions["attended"] == state])
            for name, state in (
                ("n_attended", "yes"),
                ("n_late_cancel", "late_cancel"),
                ("n_no_show", "no_show"),
                ("n_attendance_unknown", NOT_RECORDED),
            )
        },
    }


def _of_what_was_done(done: pd.DataFrame) -> dict[str, pd.Series]:
    return {
        "n_items": _distinct(done, "item_id"),
        "n_contexts": _distinct(done, "context"),
        "minutes_done": _total(done, "done_minutes"),
        "n_flares": _yes(done, done["flare"].notna(), done["flare"].fillna(value=False)),
    }


def _of_what_was_planned(exposures: pd.DataFrame) -> dict[str, pd.Series]:
    known = exposures["homework"] != NOT_RECORDED
    homework = exposures["homework"] == "yes"
    return {
        "minutes_planned": _total(exposures, "planned_minutes"),
        "n_homework": _yes(exposures, known, homework),
        "n_homework_done": _yes(exposures, known, homework & exposures["carried_out"]),
    }


def _total(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows.groupby("patient_id")[column].sum(min_count=1)


def _distinct(rows: pd.DataFrame, column: str) -> pd.Series:
    number = rows.groupby("patient_id")[column].nunique()
    return number.where(number > 0).astype("Int64")


def _yes(rows: pd.DataFrame, known: pd.Series, is_so: pd.Series) -> pd.Series:
    """Count by patient where it is so; none where it was never recorded."""
    counted = is_so.astype("Int64").where(known)
    return counted.groupby(rows["patient_id"]).sum(min_count=1)


def _adverse_events(cohort: Cohort, patients: pd.Index) -> pd.Series:
    counted = _count(cohort.adverse_events).reindex(patients).astype("Int64")
    return counted.fillna(0) if cohort.has_table("adverse_events") else counted

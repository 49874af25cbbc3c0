"""What do the rules read? Exposures and sessions in order, and when each patient was seen."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import find_attendance, state_exposures
from gradex_analysis.measures.exposures import summarise_exposures

COMPLETED = "completed"


@dataclass(frozen=True, eq=False, kw_only=True)
class Records:
    """The cohort, the day it is looked at, and its exposures and sessions by patient and time.

    ``exposures`` holds those to an item with ``date, carried_out, peak, peak_source``; ``sessions``
    those of treatment with ``attended``; ``last_seen`` the last day of each patient's record,
    ``treatment_end`` and ``has_left`` what the episodes say.
    """

    cohort: Cohort
    today: pd.Timestamp
    exposures: pd.DataFrame
    sessions: pd.DataFrame
    last_seen: pd.Series
    treatment_end: pd.Series
    completed: pd.Series
    has_left: pd.Series


def read_records(cohort: Cohort, today: pd.Timestamp) -> Records:
    """Put a cohort's exposures and sessions in order, once for all rules."""
    people = pd.Index(cohort.participants["patient_id"])
    exposures, sessions = _order_exposures(cohort), _order_sessions(cohort)
    seen = pd.concat([exposures[exposures["carried_out"]], sessions[sessions["attended"] == "yes"]])
    last_seen = seen.groupby("patient_id")["date"].max()
    episodes = cohort.episodes.sort_values("start", kind="stable")
    latest = episodes.drop_duplicates("patient_id", keep="last").set_index("patient_id")
    latest = latest.reindex(people)
    left = latest["study_end_reason"].notna() & (latest["study_end_reason"] != COMPLETED)
    return Records(
        cohort=cohort,
        today=today,
        exposures=exposures,
        sessions=sessions,
        last_seen=last_seen.reindex(people),
        treatment_end=latest["treatment_end"],
        completed=latest["treatment_end_reason"] == COMPLETED,
        has_left=left & ~(latest["study_end"] > today),
    )


def last_date(cohort: Cohort) -> pd.Timestamp:
    """Return the last day on which anything was recorded; NaT where the data hold no date."""
    dates = [
        cohort.sessions["date"],
        cohort.exposures["started_at"],
        cohort.diary["date"],
        cohort.item_ratings["rated_on"],
        cohort.adverse_events["onset"],
        cohort.episodes["treatment_end"],
    ]
    latest: pd.Timestamp = pd.concat(dates).dt.normalize().max()
    return latest


def _order_exposures(cohort: Cohort) -> pd.DataFrame:
    table = state_exposures(cohort)
    if table.empty:
        return table.assign(date=pd.Series(dtype="datetime64[us]"), peak=0.0, peak_source="")
    kind = cohort.choose_kind(None) if cohort.kinds else "fear"
    rated = summarise_exposures(cohort, kind)[["peak", "peak_source"]]
    held = cohort.sessions[["patient_id", "session_id", "date", "session_number"]]
    table = pd.concat([table, rated], axis=1)
    table = table.merge(held, on=["patient_id", "session_id"], how="left")
    table["date"] = table["started_at"].fillna(table["date"]).fillna(table["planned_on"])
    table = table[table["what"] == "exposure"]
    order = ["patient_id", "date", "session_number"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def _order_sessions(cohort: Cohort) -> pd.DataFrame:
    attended = find_attendance(cohort)
    own = cohort.sessions[["patient_id", "session_id", "date", "session_number"]]
    table = attended.merge(own, on=["patient_id", "session_id"], how="left")
    order = ["patient_id", "date", "session_number"]
    return table.sort_values(order, kind="stable", ignore_index=True)

"""What does one patient's page show of each exposure, and why not of the others?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.exposures import EARLY_STOPS, KEYS, summarise_exposures

CALENDAR, SESSIONS = "calendar days", "session numbers"
#: a day's or session's exposures stand side by side, at most this far apart
WIDEST_STEP, WIDEST_SPREAD = 0.3, 0.9
SHOWN = [
    *KEYS, "item_id", "session_id", "session_number", "therapist_id", "date", "at", "time",
    "is_homework", "context", "state", "stopped_early", "stopped_by", "stop_cause", "peak",
    "peak_source", "expected_peak_fear", "expectancy_before", "occurrence", "occurrence_100",
    "expectancy_after", "pain_before", "pain_24h", "flare",
]  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Exposures:
    """All exposures of a patient, with ``reason`` where the page cannot show one.

    ``at`` is measured in days since ``first_day``, or in sessions where ``axis`` says so.
    """

    table: pd.DataFrame
    axis: str
    first_day: pd.Timestamp


def list_exposures(part: Cohort, kind: str) -> Exposures:
    """List the exposures of a cohort of one patient in their order of time.

    ``time`` counts the exposures to the same item that were carried out; ``peak`` is on 0 to 100;
    ``at`` is the place on the axis that all panels share.
    """
    if part.exposures.empty:
        table = pd.DataFrame(columns=[*SHOWN, "reason"]).astype({"at": "float64"})
        return Exposures(table=table, axis=CALENDAR, first_day=_first_day(part))
    table = _describe(part, kind)
    axis = CALENDAR if table["date"].notna().any() else SESSIONS
    place = "date" if axis == CALENDAR else "session_number"
    table = table.sort_values([place, "started_at"], kind="stable", ignore_index=True)
    first_day = _first_day(part, table["date"])
    if axis == CALENDAR:
        whole = (table["date"] - first_day).dt.total_seconds() / 86_400
    else:
        whole = table["session_number"].astype("float64")
    table["at"] = whole + _side_by_side(whole)
    done = table[table["carried_out"] & table["item_id"].notna()]
    table["time"] = (done.groupby("item_id").cumcount() + 1).reindex(table.index).astype("Int64")
    table["reason"] = _why_not(table, kind)
    return Exposures(table=table[[*SHOWN, "reason"]], axis=axis, first_day=first_day)


def _describe(part: Cohort, kind: str) -> pd.DataFrame:
    """Join an exposure's own columns, its ratings and its session."""
    states = state_exposures(part)
    rated = summarise_exposures(part, kind)[["peak", "peak_source", "peak_gap"]]
    sessions = part.sessions.set_index("session_id")[["session_number", "date", "therapist_id"]]
    session = states["session_id"].fillna(states["assigned_in"])
    own = sessions.reindex(session).reset_index(drop=True)
    # homework lies between sessions: only its own date says when it was done
    held = own["date"].where(states["homework"] != "yes")
    date = states["started_at"].fillna(held).fillna(states["planned_on"]).dt.normalize()
    stopped = states["carried_out"] & states["stopped_by"].isin(EARLY_STOPS)
    own = own[["session_number", "therapist_id"]].assign(
        date=date, stopped_early=stopped, pain_before=_pain_before(part)
    )
    return pd.concat([states, rated, own], axis=1)


def _pain_before(part: Cohort) -> pd.Series:
    """Return the pain before each exercise on 0 to 10."""
    ratings = part.ratings
    before = ratings[(ratings["kind"] == "pain") & (ratings["moment"] == "before")]
    latest = before.dropna(subset="value_100").groupby("exposure")["value_100"].last()
    return latest.reindex(range(len(part.exposures))) / 10


def _first_day(part: Cohort, *dates: pd.Series) -> pd.Timestamp:
    first: pd.Timestamp = pd.concat([part.sessions["date"], *dates]).dt.normalize().min()
    return first


def _side_by_side(whole: pd.Series) -> pd.Series:
    """Return how far each is moved, so that those of one day or session do not hide each other."""
    grouped = whole.groupby(whole, dropna=False)
    n = grouped.transform("size")
    step = np.minimum(WIDEST_STEP, WIDEST_SPREAD / n)
    return (grouped.cumcount() - (n - 1) / 2) * step


def _why_not(table: pd.DataFrame, kind: str) -> pd.Series:
    lacks = table["peak"].isna()
    reason = pd.Series("", index=table.index, dtype="str")
    reason[lacks] = f"no peak of {kind}"
    behind_gap = lacks & (table["peak_gap"] != "")
    reason[behind_gap] = "a rating " + table["peak_gap"] + ": it may have been the highest"
    reason[table["state"] == "unknown"] = "nothing says whether it was carried out"
    reason[table["state"] == "not_done"] = "planned and not done"
    reason[table["state"] == "refused"] = "refused"
    reason[(reason == "") & table["at"].isna()] = "neither a date nor a session number"
    return reason

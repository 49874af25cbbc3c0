"""What else stands on a patient's page: sessions, education, changes, flares and weekly pain?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import find_attendance
from gradex_analysis.patient.exposures import CALENDAR, Exposures

EDUCATION = "education"
DIARY, BEFORE_EXERCISE, NOT_RECORDED = "diary", "before exercise", "not recorded"
EVENTS = ["kind", "at", "label"]


def list_events(part: Cohort, exposures: Exposures) -> pd.DataFrame:
    """List what is marked along the time axis: ``kind, at, label``.

    Kinds: session attended, missed or of unknown attendance; another therapist than in the session
    before; another context than at the item's exposure before; a flare; an adverse event.
    """
    found = [pd.DataFrame({name: pd.Series(dtype="str") for name in EVENTS})]
    for part_of in (_sessions(part, exposures), _from_exposures(exposures.table)):
        found += list(part_of)
    events = part.adverse_events
    if exposures.axis == CALENDAR and len(events):
        kind = events["serious"].map({True: "serious adverse event"}).fillna("adverse event")
        at = _days(events["onset"], exposures)
        found.append(pd.DataFrame({"kind": kind, "at": at, "label": events["event_id"]}))
    table = pd.concat(found, ignore_index=True).astype({"at": "float64"})
    return table.dropna(subset="at").sort_values(["kind", "at"], ignore_index=True)[EVENTS]


def find_education(part: Cohort, exposures: Exposures) -> tuple[float, float] | None:
    """Return where the sessions of education begin and end on the axis; None without any."""
    taught = part.sessions["content"].fillna("").str.split(";").map(_is_education)
    at = _session_places(part, exposures)[taught.astype(bool)].dropna()
    return (float(at.min()), float(at.max())) if len(at) else None


def measure_weekly_pain(part: Cohort, exposures: Exposures) -> tuple[pd.DataFrame, str]:
    """Average pain, 0 to 10, by weeks of 7 days from the first day, or by session; and its source.

    The diary where there is one; else the ratings before exercises.

    Returns
    -------
    tuple
        ``start, end`` (on the axis), ``estimate``, ``n`` of entries; and where they came from.
    """
    diary = part.diary.dropna(subset="pain")
    if exposures.axis == CALENDAR and len(diary):
        return _average(_days(diary["date"], exposures), diary["pain"], 7), DIARY
    own = exposures.table.dropna(subset=["pain_before", "at"])
    if own.empty:
        return _average(own["at"], own["pain_before"], 7), NOT_RECORDED
    length = 7 if exposures.axis == CALENDAR else 1
    average = _average(own["at"].round(), own["pain_before"].astype("float64"), length)
    return average, BEFORE_EXERCISE


def _average(at: pd.Series, value: pd.Series, length: int) -> pd.DataFrame:
    start = (at // length * length).rename("start")
    table = value.groupby(start).agg(estimate="mean", n="size").reset_index()
    # a session stands in the middle of its own place
    begins = table["start"] - (0.5 if length == 1 else 0.0)
    return table.assign(start=begins, end=begins + length)[["start", "end", "estimate", "n"]]


def _is_education(contents: list[str]) -> bool:
    return EDUCATION in [content.strip() for content in contents]


def _days(dates: pd.Series, exposures: Exposures) -> pd.Series:
    days: pd.Series = (dates.dt.normalize() - exposures.first_day).dt.total_seconds() / 86_400
    return days


def _session_places(part: Cohort, exposures: Exposures) -> pd.Series:
    if exposures.axis == CALENDAR:
        return _days(part.sessions["date"], exposures)
    return part.sessions["session_number"].astype("float64")


def _sessions(part: Cohort, exposures: Exposures) -> Iterator[pd.DataFrame]:
    sessions = part.sessions.assign(at=_session_places(part, exposures))
    attended = find_attendance(part).set_index("session_id")["attended"]
    sessions["attended"] = sessions["session_id"].map(attended)
    words = {"yes": "session", "late_cancel": "missed session", "no_show": "missed session"}
    kind = sessions["attended"].map(words).fillna("session, attendance not recorded")
    number = sessions["session_number"].astype("str")
    yield pd.DataFrame({"kind": kind, "at": sessions["at"], "label": number})
    held = sessions[sessions["attended"] != "no_show"].dropna(subset=["at", "therapist_id"])
    held = held.sort_values("at", kind="stable")
    before = held["therapist_id"].shift()
    changed = held[before.notna() & (held["therapist_id"] != before)]
    yield _mark("other therapist", changed, "therapist_id")


def _from_exposures(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    done = table[table["time"].notna()].dropna(subset="context")
    before = done.groupby("item_id")["context"].shift()
    yield _mark("other context", done[before.notna() & (done["context"] != before)], "context")
    flares = table[table["flare"].fillna(value=False).astype(bool)]
    yield _mark("flare within 24 h", flares, "exposure_id")


def _mark(kind: str, rows: pd.DataFrame, label: str) -> pd.DataFrame:
    return pd.DataFrame({"kind": kind, "at": rows["at"], "label": rows[label]})

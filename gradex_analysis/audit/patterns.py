"""What is looked for in the records? Each returns its findings; None where it cannot look.

A finding has ``patient_id, count, since, about`` (the id of an item or event, or "") and
``is_ongoing``: whether it still held at the latest record. One about a site or therapist has its
id in ``place`` instead of a patient.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import pandas as pd

from gradex_analysis.audit.places import OUTSIDE, audit_places
from gradex_analysis.audit.records import Records
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.occasions import BASELINE

FOUND = ["patient_id", "place", "count", "since", "about", "is_ongoing"]
Find = Callable[[Records, float], pd.DataFrame | None]
UNRELATED = ("no", "not_related", "unrelated")


def serious_events(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients with a serious adverse event."""
    events = records.cohort.adverse_events
    if not records.cohort.has_table("adverse_events"):
        return None
    return _by_event(events[events["serious"].fillna(value=False).astype(bool)], threshold)


def related_events(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients with an adverse event that is not said to be unrelated to treatment."""
    events = records.cohort.adverse_events
    if not records.cohort.has_table("adverse_events"):
        return None
    related = events["related"].notna() & ~events["related"].str.lower().isin(UNRELATED)
    return _by_event(events[related], threshold)


def no_later_form(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients without a questionnaire after the baseline, long after treatment ended."""
    cohort = records.cohort
    answers = cohort.assessment_items.dropna(subset="response")
    forms = pd.concat([cohort.assessments.dropna(subset="score"), answers])
    if forms.empty:
        return None
    later = set(forms.loc[forms["occasion"] != BASELINE, "patient_id"])
    end = records.treatment_end.fillna(records.last_seen)
    days = _days_since(end, records.today)
    due = (days >= threshold) & ~end.index.isin(later) & ~records.has_left
    found = pd.DataFrame({"patient_id": end.index[due], "since": end[due].to_numpy()})
    found["count"] = days[due].to_numpy()
    return found.assign(about="", is_ongoing=True).reindex(columns=FOUND)


def rising_peaks(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find items whose peak was above that of the exposure before, several times running."""
    own = records.exposures
    own = own[own["carried_out"] & own["item_id"].notna() & own["peak"].notna()]
    if own.empty:
        return None
    # a peak recalled afterwards and one rated meanwhile are not compared with each other
    series = ["patient_id", "item_id", "peak_source"]
    own = own.sort_values(series, kind="stable", ignore_index=True)
    rose = own["peak"] > own.groupby(series)["peak"].shift()
    found = _runs(own, rose, series, threshold)
    return found.assign(about=found["item_id"]).reindex(columns=FOUND)


def stops_by_patient(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find exposures in a row that the patient stopped early."""
    own = records.exposures[records.exposures["carried_out"]]
    if own["stopped_by"].isna().all():
        return None
    stopped = own["stopped_by"] == "patient"
    return _runs(own, stopped, ["patient_id"], threshold).assign(about="").reindex(columns=FOUND)


def missed_sessions(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find sessions missed in a row."""
    own = records.sessions
    if records.cohort.sessions["attended"].isna().all():
        return None  # that exposures were done tells of no session missed
    missed = own["attended"].isin(["late_cancel", "no_show"])
    return _runs(own, missed, ["patient_id"], threshold).assign(about="").reindex(columns=FOUND)


def homework_not_done(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find homework not done in a row."""
    own = records.exposures[records.exposures["homework"] == "yes"]
    if own["status"].isna().all():
        return None  # without a status nothing says that homework was not done
    not_done = own["state"].isin(["not_done", "refused"])
    return _runs(own, not_done, ["patient_id"], threshold).assign(about="").reindex(columns=FOUND)


def flare_then_nothing(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients whose latest exposure brought a flare and who have done none since."""
    own = records.exposures[records.exposures["carried_out"]]
    if own["flare"].isna().all():
        return None
    latest = own.drop_duplicates("patient_id", keep="last").set_index("patient_id")
    days = _days_since(latest["date"], records.today)
    over = records.completed.reindex(latest.index)
    flared = latest["flare"].fillna(value=False).astype(bool) & (days >= threshold) & ~over
    found: pd.DataFrame = latest[flared].reset_index().rename(columns={"date": "since"})
    return found.assign(count=days[flared].to_numpy(), about="", is_ongoing=True).reindex(
        columns=FOUND
    )


def safety_not_recorded(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients for whom safety behaviours are mostly not recorded."""
    if not records.cohort.has_table("safety_behaviours"):
        return None
    noted = records.cohort.safety_behaviours
    noted = noted[noted["used"].notna() & (noted["used"] != "not_recorded")]
    keys = ["patient_id", "exposure_id"]
    own = records.exposures[records.exposures["carried_out"]]
    known = pd.MultiIndex.from_frame(own[keys]).isin(pd.MultiIndex.from_frame(noted[keys]))
    return _shares(own, pd.Series(~known, index=own.index), threshold)


def ratings_missing(records: Records, threshold: float) -> pd.DataFrame | None:
    """Find patients many of whose exposures have no peak that can be used."""
    own = records.exposures[records.exposures["carried_out"]]
    return None if own.empty else _shares(own, own["peak"].isna(), threshold)


def early_stops(by: Literal["site", "therapist"]) -> Find:
    """Return what finds sites or therapists outside the outer limits of early stops."""

    def find(records: Records, threshold: float) -> pd.DataFrame | None:
        try:
            table = audit_places(records.cohort, by=by).table
        except CannotAnswerError:  # fewer than three
            return None
        outside = table[table["position"] == OUTSIDE].reset_index(drop=True)
        found = outside.assign(place=by + " " + outside[by], is_ongoing=True)
        return found.assign(count=found["n_early"], about=found["n"]).reindex(columns=FOUND)

    return find


def _days_since(dates: pd.Series, today: pd.Timestamp) -> pd.Series:
    days: pd.Series = (today - dates).dt.total_seconds() / 86_400
    return days


def _by_event(events: pd.DataFrame, threshold: float) -> pd.DataFrame:
    ordered = events.sort_values("onset", kind="stable")
    by_patient = ordered.groupby("patient_id")
    found = by_patient.agg(count=("event_id", "size"), since=("onset", "first"),
                           about=("event_id", "first")).reset_index()  # fmt: skip
    return found[found["count"] >= threshold].assign(is_ongoing=True).reindex(columns=FOUND)


def _runs(table: pd.DataFrame, flag: pd.Series, by: list[str], threshold: float) -> pd.DataFrame:
    """Return each group's latest run of at least ``threshold`` flagged rows."""
    new_group = (table[by] != table[by].shift()).any(axis=1)
    run = (new_group | (flag != flag.shift())).cumsum()
    is_last = table.groupby(by)[by[0]].cumcount(ascending=False) == 0
    rows = table[[*by, "date"]].assign(flag=flag, run=run, is_last=is_last)
    by_run = rows[rows["flag"]].groupby("run")
    runs = by_run.agg(
        **{name: (name, "first") for name in by},
        count=("flag", "size"), since=("date", "first"), is_ongoing=("is_last", "any"),
    )  # fmt: skip
    long = runs[runs["count"] >= threshold]
    return long.drop_duplicates(by, keep="last").reset_index(drop=True)


def _shares(own: pd.DataFrame, flag: pd.Series, threshold: float) -> pd.DataFrame:
    by_patient = flag.groupby(own["patient_id"])
    many = by_patient.mean() > threshold
    n = by_patient.sum()[many]
    found = pd.DataFrame({"patient_id": n.index, "count": n.to_numpy()})
    never = pd.Series(pd.NaT, index=found.index, dtype="datetime64[us]")
    return found.assign(since=never, about="", is_ongoing=True).reindex(columns=FOUND)

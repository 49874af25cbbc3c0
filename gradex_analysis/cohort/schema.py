"""Which tables and columns are there, and what may stand in them?

Every column name of the data model is born here. ``TABLES`` holds the columns that a question
reads: they are typed and checked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import pandas as pd

ColumnKind = Literal["id", "number", "integer", "date", "code", "yes_no"]

MOMENTS = ("before", "start", "during", "peak_recalled", "end", "after")
STOPPED_BY = ("plan", "patient", "therapist", "other")
STOP_CAUSES = ("criterion", "fear", "pain", "fatigue", "time", "event", "unknown")
STATUSES = ("done", "partial", "refused", "not_done")
MISSING_CODES = ("missing", "not_asked", "refused", "not_done")


@dataclass(frozen=True)
class Column:
    """A column that is read: its kind, the codes it may hold, the smallest value allowed.

    ``scale`` is that on which the table holds a number; a file's own may be another.
    """

    kind: ColumnKind
    codes: tuple[str, ...] = ()
    at_least: float | None = None
    scale: str = ""


@dataclass(frozen=True)
class Table:
    """A table that is read: what identifies a row, and its columns in order.

    ``may_lack`` names the parts of the key that a row may leave empty.
    """

    key: tuple[str, ...]
    columns: dict[str, Column]
    may_lack: tuple[str, ...] = ()


ID, DATE, NUMBER, YES_NO = Column("id"), Column("date"), Column("number"), Column("yes_no")
COUNT = Column("integer", at_least=0)
AMOUNT = Column("number", at_least=0)
PERCENT = Column("number", scale="0-100")
TEN = Column("number", scale="0-10")

TABLES: dict[str, Table] = {
    "participants": Table(
        ("patient_id",),
        {
            "patient_id": ID,
            "site_id": ID,
            "therapist_id": ID,
            "arm": ID,
            "randomised_on": DATE,
            "birth_year": COUNT,
            "sex": ID,
            "diagnosis": ID,
            "pain_duration_months": AMOUNT,
        },
    ),
    "episodes": Table(
        ("patient_id", "episode"),
        {
            "patient_id": ID,
            "episode": ID,
            "arm": ID,
            "treatment": ID,
            "start": DATE,
            "treatment_end": DATE,
            "treatment_end_reason": ID,
            "study_end": DATE,
            "study_end_reason": ID,
        },
    ),
    "items": Table(
        ("patient_id", "item_id"),
        {
            "patient_id": ID,
            "item_id": ID,
            "planned_rank": COUNT,
            "feared_outcome_code": ID,
            "hierarchy_version": ID,
        },
        may_lack=("patient_id",),  # a list that all patients share
    ),
    "item_ratings": Table(
        ("patient_id", "item_id", "occasion"),
        {
            "patient_id": ID,
            "item_id": ID,
            "occasion": ID,
            "rated_on": DATE,
            "expected_fear": PERCENT,
        },
    ),
    "sessions": Table(
        ("patient_id", "session_id"),
        {
            "patient_id": ID,
            "session_id": ID,
            "session_number": COUNT,
            "date": DATE,
            "day": NUMBER,
            "therapist_id": ID,
            "phase": Column("code", ("baseline", "preparation", "exposure", "followup")),
            "content": ID,
            "attended": Column("code", ("yes", "late_cancel", "no_show")),
            "planned_minutes": AMOUNT,
        },
    ),
    "exposures": Table(
        ("patient_id", "exposure_id"),
        {
            "patient_id": ID,
            "exposure_id": ID,
            "item_id": ID,
            "session_id": ID,
            "assigned_in": ID,
            "exposure_number": COUNT,
            "planned_on": DATE,
            "started_at": DATE,
            "utc_offset": ID,
            "end_marked": YES_NO,
            "is_homework": YES_NO,
            "planned_minutes": AMOUNT,
            "done_minutes": AMOUNT,
            "planned_repetitions": AMOUNT,
            "done_repetitions": AMOUNT,
            "planned_quantity": AMOUNT,
            "done_quantity": AMOUNT,
            "quantity_unit": ID,
            "companion": ID,
            "context": ID,
            "expected_peak_fear": PERCENT,
            "expected_pain": TEN,
            "prediction_code": ID,
            "expectancy_before": PERCENT,
            "occurrence": Column("code", ("no", "partly", "yes", "not_testable")),
            "occurrence_100": PERCENT,
            "expectancy_after": PERCENT,
            "surprise": PERCENT,
            "confidence_before": PERCENT,
            "confidence_after": PERCENT,
            "status": Column("code", STATUSES),
            "stopped_by": Column("code", STOPPED_BY),
            "stop_cause": Column("code", STOP_CAUSES),
            "next_step": Column("code", ("repeat", "step_up", "step_down", "vary_context", "drop")),
            "pain_24h": TEN,
            "flare": YES_NO,
        },
    ),
    "ratings": Table(
        ("patient_id", "exposure_id", "kind", "moment", "minute", "repetition"),
        {
            "patient_id": ID,
            "exposure_id": ID,
            "kind": ID,
            "moment": Column("code", MOMENTS),
            "minute": NUMBER,
            "repetition": COUNT,
            "value": NUMBER,
            "scale_id": ID,
        },
        may_lack=("minute", "repetition"),
    ),
    "exposure_breaks": Table(
        ("patient_id", "exposure_id", "start_minute"),
        {"patient_id": ID, "exposure_id": ID, "start_minute": NUMBER, "end_minute": NUMBER},
    ),
    "safety_behaviours": Table(
        ("patient_id", "exposure_id", "code"),
        {
            "patient_id": ID,
            "exposure_id": ID,
            "code": ID,
            "used": Column("code", ("none", "some", "full", "not_recorded")),
        },
    ),
    "diary": Table(
        ("patient_id", "date", "prompt"),
        {"patient_id": ID, "date": DATE, "prompt": ID, "fear": PERCENT, "pain": TEN},
        may_lack=("prompt",),
    ),
    "adverse_events": Table(
        ("patient_id", "event_id"),
        {
            "patient_id": ID,
            "event_id": ID,
            "exposure_id": ID,
            "onset": DATE,
            "severity": ID,
            "serious": YES_NO,
            "related": ID,
        },
    ),
    "assessments": Table(
        ("patient_id", "instrument", "occasion"),
        {
            "patient_id": ID,
            "instrument": ID,
            "version": ID,
            "occasion": ID,
            "day": NUMBER,
            "score": NUMBER,
            "n_missing": COUNT,
        },
    ),
    "assessment_items": Table(
        ("patient_id", "instrument", "occasion", "item"),
        {
            "patient_id": ID,
            "instrument": ID,
            "version": ID,
            "occasion": ID,
            "item": COUNT,
            "response": NUMBER,
        },
    ),
}

#: Tables of the data model that no question reads yet: kept whole, as text, and counted.
UNREAD_TABLES = ("goals", "concomitant_treatments")

#: Tables whose rows a log may describe, beside the ratings themselves.
LOG_TABLES = ("participants", "episodes", "sessions", "exposures", "ratings", "exposure_breaks")


def scale_of(column: str) -> str:
    """Return the scale on which the tables hold a column; "" where it has none."""
    scales = [table.columns[column].scale for table in TABLES.values() if column in table.columns]
    return next(filter(None, scales), "")


def empty_table(name: str) -> pd.DataFrame:
    """Return the table's columns without rows, with the types it has when filled."""
    return _empty_table(name).copy(deep=False)


@cache
def _empty_table(name: str) -> pd.DataFrame:
    types = {
        "id": "str",
        "code": "str",
        "number": "float64",
        "integer": "Int64",
        "date": "datetime64[us]",
        "yes_no": "boolean",
    }
    columns = TABLES[name].columns.items()
    return pd.DataFrame({key: pd.Series(dtype=types[column.kind]) for key, column in columns})


def split_occurrence(said: pd.Series) -> dict[str, pd.Series]:
    """Part what occurred: in words (ordinal, never turned into numbers), or from 0 to 100."""
    text = said.astype("str").fillna("")
    is_number = text.str.fullmatch(r"-?\d+(\.\d+)?(e[-+]?\d+)?")  # a tiny float is 5e-05 as text
    number = pd.to_numeric(text.where(is_number, ""), errors="coerce")
    return {"occurrence": text.where(number.isna(), ""), "occurrence_100": number}

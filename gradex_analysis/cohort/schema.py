"""Which tables and columns are there, what may stand in them, and under which names do they load?

Every column name of the data model is born here. ``TABLES`` holds the columns that a question
reads (they are typed and checked); ``KEPT_AS_TEXT`` names those of the data model that nobody
reads yet: they load as raw text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
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
    """A column that is read: its kind, the codes it may hold, the smallest value allowed."""

    kind: ColumnKind
    codes: tuple[str, ...] = ()
    at_least: float | None = None


@dataclass(frozen=True)
class Table:
    """A table that is read: what identifies a row, and its columns in order."""

    key: tuple[str, ...]
    columns: dict[str, Column]


ID, DATE, NUMBER, YES_NO = Column("id"), Column("date"), Column("number"), Column("yes_no")
COUNT = Column("integer", at_least=0)

TABLES: dict[str, Table] = {
    "participants": Table(
        ("patient_id",),
        {"patient_id": ID, "site_id": ID, "therapist_id": ID, "arm": ID},
    ),
    "episodes": Table(("patient_id", "episode"), {"patient_id": ID, "episode": ID, "arm": ID}),
    "sessions": Table(
        ("patient_id", "session_id"),
        {
            "patient_id": ID,
            "session_id": ID,
            "session_number": COUNT,
            "date": DATE,
            "therapist_id": ID,
            "phase": Column("code", ("baseline", "preparation", "exposure", "followup")),
            "attended": Column("code", ("yes", "late_cancel", "no_show")),
        },
    ),
    "exposures": Table(
        ("patient_id", "exposure_id"),
        {
            "patient_id": ID,
            "exposure_id": ID,
            "item_id": ID,
            "session_id": ID,
            "exposure_number": COUNT,
            "started_at": DATE,
            "utc_offset": ID,
            "end_marked": YES_NO,
            "is_homework": YES_NO,
            "status": Column("code", STATUSES),
            "stopped_by": Column("code", STOPPED_BY),
            "stop_cause": Column("code", STOP_CAUSES),
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
    ),
    "exposure_breaks": Table(
        ("patient_id", "exposure_id", "start_minute"),
        {"patient_id": ID, "exposure_id": ID, "start_minute": NUMBER, "end_minute": NUMBER},
    ),
    "assessments": Table(
        ("patient_id", "instrument", "occasion"),
        {
            "patient_id": ID,
            "instrument": ID,
            "occasion": ID,
            "day": NUMBER,
            "score": NUMBER,
        },
    ),
}

#: Tables of the data model that no question reads yet: kept whole, as text, and counted.
UNREAD_TABLES = (
    "items",
    "item_ratings",
    "safety_behaviours",
    "diary",
    "assessment_items",
    "goals",
    "concomitant_treatments",
    "adverse_events",
)

ALIASES: dict[str, str] = {
    alias: name
    for name, aliases in {
        "patient_id": "patient participant_id participant subject_id subject record_id user_id",
        "session_number": "session session_no visit_no",
        "exposure_id": "exposure exposure_uuid",
        "exposure_number": "exposure_no",
        "item_id": "item item_no hierarchy_item activity exercise",
        "minute": "minutes elapsed_min",
        "second": "seconds elapsed_s",
        "repetition": "rep repetition_no",
        "pain": "pain_nrs",
    }.items()
    for alias in aliases.split()
}

#: A rating column under our own name has our scale; a foreign name never has a silent one.
TEMPLATE_SCALES = {"fear": "0-100", "pain": "0-10"}
TEMPLATE_RATINGS: dict[str, tuple[str, str | None]] = {
    **{kind: (kind, None) for kind in TEMPLATE_SCALES},
    **{
        f"{kind}_{short}": (kind, moment)
        for kind in TEMPLATE_SCALES
        for short, moment in {
            "before": "before",
            "start": "start",
            "peak": "peak_recalled",
            "end": "end",
            "after": "after",
        }.items()
    },
}

#: Words in a column's name that make it a rating whose meaning and scale have to be asked.
RATING_WORDS = frozenset(
    "suds distress anxiety fear angst rating score vas nrs pain unpleasantness".split()
)
#: Words that make it a prediction: of what has to be asked; it is kept as text until then.
PREDICTION_WORDS = frozenset("predicted prediction expected expect expectancy belief exp".split())
#: Words that mark free text or a direct identifier: dropped at the door, and the loss is said.
PRIVATE_WORDS = frozenset(
    "note notes comment comments remark remarks bemerkung label title text name surname "
    "firstname lastname dob birthdate birthday geburtsdatum email mail phone telephone "
    "address street vorname nachname arzt telefon adresse strasse geburtstag initials initialen "
    "doctor physician".split()
)

#: Columns of the data model that no question reads yet: they load as raw text without a question.
KEPT_AS_TEXT = frozenset(
    "randomised_on birth_year sex diagnosis pain_duration_months treatment start "
    "treatment_end treatment_end_reason study_end study_end_reason content setting mode "
    "delivered_by planned_minutes done_minutes planned_repetitions done_repetitions "
    "planned_quantity done_quantity quantity_unit assigned_in planned_on companion assistance "
    "context expected_peak_fear prediction_code expectancy_before occurrence expectancy_after "
    "expected_pain surprise confidence_before confidence_after next_step pain_24h flare "
    "recorded_at cause filled_with version n_missing key_version hierarchy_version "
    "planned_rank".split()
)

_LOG_ONLY = {"second", "date", "kind", "day"}


def normalise(name: str) -> str:
    """Fold case, blanks and hyphens: the form in which column names are compared."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def words(name: str) -> set[str]:
    """Split a column's name into its words."""
    return set(re.split(r"[\W_]+", name.strip().lower()))


def known_columns() -> set[str]:
    """Return every column name that is read, in whatever table."""
    return {column for table in TABLES.values() for column in table.columns} | _LOG_ONLY


def empty_table(name: str) -> pd.DataFrame:
    """Return the table's columns without rows, with the types it has when filled."""
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

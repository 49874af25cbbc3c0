"""Under which names does a file's column load, and which names have to be asked about?"""

from __future__ import annotations

import re

from gradex_analysis.cohort.schema import LOG_TABLES, TABLES

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
    "suds distress anxiety fear angst rating score vas nrs pain schmerz unpleasantness".split()
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
    "setting mode delivered_by assistance recorded_at cause filled_with key_version".split()
)

#: What these names mean in a log has to be said; in a table that has them they are ours.
ASK_IN_A_LOG = frozenset(
    "value kind score day scale_id instrument start version code used item response".split()
)
#: Columns that a log's rows say of another table than this one.
NOT_FROM_A_LOG = {"sessions": frozenset({"planned_minutes", "day"})}


def normalise(name: str) -> str:
    """Fold case, blanks and hyphens: the form in which column names are compared."""
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def words(name: str) -> set[str]:
    """Split a column's name into its words."""
    return set(re.split(r"[\W_]+", name.strip().lower()))


def columns_of(table: str) -> set[str]:
    """Return the columns that can be said of a row of this table (or of a ``log``)."""
    own = set(TABLES[table].columns) if table in TABLES else set()
    if table != "log" and table not in LOG_TABLES:
        return own
    of_logs = {column for name in LOG_TABLES for column in TABLES[name].columns}
    return (of_logs | {"second", "date", "occasion"}) - ASK_IN_A_LOG | own


def named_columns(table: str) -> set[str]:
    """Return the columns that a mapping may name for a file of this table."""
    return columns_of(table) | {"kind", "day", "instrument", "version"}

"""Which rules can a row break, what happens to it then, and what is the remedy?

``severity`` is ``breach`` (would corrupt an answer: a strict load refuses) or ``note`` (harmless or
asked for). ``fate`` says what is set aside: the ``row``, the rating ``value``, one descriptive
``cell``, or nothing (``kept``).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

Fate = Literal["row", "value", "cell", "kept"]


@dataclass(frozen=True)
class Rule:
    """What is wrong, what is set aside, and what to do about it."""

    what: str
    remedy: str
    fate: Fate
    severity: Literal["breach", "note"] = "breach"


RULES: dict[str, Rule] = {
    "ragged_row": Rule(
        "the row has another number of cells than the header",
        "Quote cells that hold the delimiter, or complete the row.",
        "row",
    ),
    "missing_id": Rule("the id is empty", "Fill it in, or list it under fill_down.", "row"),
    "missing_day": Rule("nothing says which day it was", "Fill in or correct the date.", "row"),
    "missing_place": Rule(
        "nothing says in which session: there is no session number, session or date",
        "Fill it in, or give a constant in the mapping.",
        "row",
    ),
    "not_a_number": Rule(
        "not a number",
        'Correct it; decimal commas: decimal = ","; a missing code: missing; two ratings in a '
        "cell: split.",
        "value",
    ),
    "not_a_number_cell": Rule(
        "not a number", "Correct it, or list it as a missing code in the mapping.", "cell"
    ),
    "bad_minute": Rule("the time in the exercise is not a number", "Correct it.", "cell"),
    "bad_number": Rule("the number of session or exposure is not a number", "Correct it.", "row"),
    "not_a_date": Rule(
        "not a date in the format said",
        "Correct it; formats other than 2026-02-03 are said under dates in the mapping.",
        "cell",
    ),
    "unknown_code": Rule(
        "not one of the codes of the data model",
        "Translate it under values in the mapping.",
        "cell",
    ),
    "outside_scale": Rule(
        "outside its scale", "Correct it, or say its scale in the mapping.", "value"
    ),
    "rating_without_exposure": Rule(
        "its row has no exposure", "Correct the row, or what the mapping says of it.", "value"
    ),
    "outside_range": Rule(
        "outside the range of its questionnaire",
        "Correct it, list it under missing, or say low and high under instruments in the mapping.",
        "value",
    ),
    "no_moment": Rule(
        "nothing says when in the exercise it was given",
        "Fill in the minute or repetition, or say the moment of its column.",
        "value",
    ),
    "minute_backwards": Rule(
        "the minute is earlier than the one before it in the same exposure",
        "Was the clock changed, or does a new exposure begin without a new exposure_id?",
        "value",
    ),
    "conflicting_values": Rule(
        "the same moment has another value as well",
        "Keep the right one in the file; both are set aside.",
        "value",
    ),
    "duplicate": Rule(
        "the same moment again, with the same value",
        "Nothing to do: it counts once.",
        "value",
        "note",
    ),
    "unknown_patient": Rule(
        "the patient is in no participants table", "Add the patient, or correct the id.", "row"
    ),
    "unknown_exposure": Rule(
        "the exposure is in no exposures table", "Add the exposure, or correct the id.", "row"
    ),
    "ambiguous_exposure": Rule(
        "several patients have an exposure of this id", "Add a column patient_id.", "row"
    ),
    "two_arms": Rule(
        "the patient has two arms in one episode",
        "Correct the arm, or add a column episode for a cross-over.",
        "row",
    ),
    "contradiction": Rule(
        "the same session, exposure or patient is described in two ways",
        "Make the rows agree; all rows of that one are set aside.",
        "row",
    ),
    "box_and_none": Rule(
        "a safety behaviour is ticked, and so is the box for none",
        "Correct the form; its safety behaviours count as not recorded.",
        "cell",
    ),
    "below_zero": Rule("an amount below zero", "Correct it.", "cell"),
    "outside_scale_cell": Rule(
        "outside its scale", "Correct it, or say its scale under scales in the mapping.", "cell"
    ),
    "two_covariates": Rule(
        "the patient's rows say two things", "Make them agree; both are set aside.", "cell"
    ),
    "dropped_by_mapping": Rule(
        "set aside because the mapping says so", "Nothing to do.", "row", "note"
    ),
    "blank_row": Rule("every cell of the row is empty", "Nothing to do.", "row", "note"),
    "no_rating": Rule(
        "the row has no rating or score", "Nothing to do: the row is kept.", "kept", "note"
    ),
    "recalled_peak_below": Rule(
        "the recalled peak is below another rating of the same exposure",
        "Nothing to do: a recalled peak is not a maximum.",
        "kept",
        "note",
    ),
}

PROBLEM_COLUMNS = [
    "table", "file", "row", "column", "raw", "rule", "severity", "fate", "remedy", "message",
]  # fmt: skip


def shown(raw: str) -> str:
    """Return a raw cell as it may stand in a message: numbers yes, words never."""
    if raw == "":
        return "empty"
    is_number_like = len(raw) <= 12 and any(c.isdigit() for c in raw) and not any(
        c.isspace() for c in raw
    )  # fmt: skip
    characters = "character" if len(raw) == 1 else "characters"
    return f'"{raw}"' if is_number_like else f"a text of {len(raw)} {characters}"


def list_problems(rule: str, table: str, places: pd.DataFrame) -> pd.DataFrame:
    """Return one problem per place; ``places`` has ``file, row, column, raw``."""
    spec = RULES[rule]
    problems = places[["file", "row", "column", "raw"]].assign(
        table=table, rule=rule, severity=spec.severity, fate=spec.fate, remedy=spec.remedy
    )
    cells = zip(problems["file"], problems["row"], problems["column"], problems["raw"], strict=True)
    problems["message"] = [
        f"{file} row {row}: {column} is {shown(raw)}: {spec.what}. {spec.remedy}"
        if column
        else f"{file} row {row}: {spec.what}. {spec.remedy}"
        for file, row, column, raw in cells
    ]
    return problems[PROBLEM_COLUMNS]


def no_problems() -> pd.DataFrame:
    """Return an empty list of problems."""
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in PROBLEM_COLUMNS})
    return frame.astype({"row": np.int64})

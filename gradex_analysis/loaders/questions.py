"""What has to be asked, once per column, and how is it answered?"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import pandas as pd

from gradex_analysis.cohort.names import words
from gradex_analysis.loaders.mapping import SCHEMA_VERSION

COLUMNS = ["kind", "file", "column", "n_waiting", "question", "answer"]


@dataclass(frozen=True)
class Question:
    """Something only the user knows; ``answer`` is the TOML that says it."""

    kind: str
    file: str
    column: str
    n_waiting: int
    question: str
    answer: str


def as_frame(questions: list[Question]) -> pd.DataFrame:
    """Return one row per question, in the order they were met."""
    if not questions:
        frame = pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})
        return frame.astype({"n_waiting": "int64"})
    return pd.DataFrame([asdict(question) for question in questions], columns=COLUMNS)


def draft_mapping(questions: pd.DataFrame, present: str) -> str:
    """Return the present mapping followed by every open question and a draft of its answer.

    Drafts are comments: to answer, take the mark away and say what is true.
    """
    lines = [present.rstrip() or f"schema = {SCHEMA_VERSION}", ""]
    for number, row in enumerate(questions.itertuples(), start=1):
        lines.append(f"# Question {number}: {row.question}")
        lines += [f"#   {line}" for line in str(row.answer).splitlines()]
        lines.append("")
    return "\n".join(lines)


def scale_of_column(file: str, column: str, kind: str, n_waiting: int) -> Question:
    """Ask for the scale of a column whose meaning is known."""
    return Question(
        "scale", file, column, n_waiting,
        f"{file}: on which scale is {column!r}? Its {n_waiting} values wait until that is said.",
        rating_block(file, column, kind, '"0-10"'),
    )  # fmt: skip


def blank_level(file: str, column: str, by: str, n_waiting: int) -> Question:
    """Ask for the scale of values in whose row the deciding column is blank."""
    return Question(
        "scale", file, column, n_waiting,
        f"{file}: the scale of {column!r} depends on {by!r}, and {by!r} is blank in the rows of "
        f"{n_waiting} values. Is it the same as above there? They wait until that is said.",
        f'[[file]]\npath = "{file}"\n'
        f'fill_down = ["{by}", ...]   # before the columns that are written more often',
    )  # fmt: skip


def prediction_meaning(file: str, column: str, n_values: int) -> Question:
    """Ask what a predicted value predicts; it is kept as text until then."""
    ours = "expected_pain" if words(column) & {"pain", "schmerz"} else "expected_peak_fear"
    return Question(
        "prediction_meaning", file, column, 0,
        f"{file}: is {column!r} ({n_values} values) the expected peak of the exposure or the "
        "expected rating at its start? It is kept as text and not read until that is said.",
        f'[[file]]\npath = "{file}"\ncolumns.{ours} = "{column}"\n'
        f'scales."{column}" = "0-100"   # where it is anything else: keep = ["{column}"]',
    )  # fmt: skip


def rating_block(file: str, column: str, kind: str, scale: str) -> str:
    """Return the TOML that describes a rating column."""
    return (
        f'[[file]]\npath = "{file}"\n[[file.ratings]]\ncolumn = "{column}"\n'
        f'kind = "{kind}"\nscale = {scale}'
    )

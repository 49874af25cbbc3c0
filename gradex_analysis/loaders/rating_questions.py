"""What does a foreign column rate, on which scale, at which moment?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.names import words
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.mapping import FileMapping
from gradex_analysis.loaders.questions import Question, rating_block

#: words by which forms call the moments of an exercise; which of ours is meant has to be asked
BEFORE = frozenset("before pre vorher beginn start".split())
PEAK = frozenset("peak max maximum highest".split())
AFTER = frozenset("after post nachher end ende last".split())
SMALL_SCALE = 10
TWO_IN_A_CELL = (
    " Its cells hold two ratings: of which moments?",
    '\nsplit = { separator = "/", moments = ["before", "after"] }',
)


def ask_about_rating(frame: pd.DataFrame, theirs: str, file: str, mapping: FileMapping) -> Question:
    """Ask what a column of ratings measures, with what its values tell of its scale."""
    cells = frame[theirs]
    n = int((cells != "").sum())
    therapist = mapping.columns.get("therapist_id")
    by = str(therapist) if therapist in frame else ""
    levels = _small_levels(frame, theirs, by, mapping) if by else []
    scale, seen = '"0-100"', ""
    if levels:
        said = ", ".join(f'{level} = "0-10"' for level in levels)
        scale = f'{{ by = "{by}", {said}, default = "0-100" }}'
        seen = f" Those of {by} {', '.join(levels)} never exceed {SMALL_SCALE}, others do."
    pairs = cells.str.fullmatch(r"[\d.,]+\s*/\s*[\d.,]+").any()
    kind = "pain" if words(theirs) & {"pain", "schmerz"} else "fear"
    moment, of_moment = TWO_IN_A_CELL if pairs else _moment(theirs)
    return Question(
        "column_meaning", file, theirs, n,
        f"{file}: what does the column {theirs!r} rate (fear, pain, distress, ...), and on which "
        f"scale?{seen}{moment} Its {n} values wait until that is said.",
        rating_block(file, theirs, kind, scale) + of_moment,
    )  # fmt: skip


def _small_levels(frame: pd.DataFrame, theirs: str, by: str, mapping: FileMapping) -> list[str]:
    """List the levels whose values never exceed 10, where those of another do."""
    values, _ = parse.numbers(frame[theirs], mapping.decimal)
    highest = values.groupby(frame[by].where(frame[by] != "")).max()
    small = highest[highest <= SMALL_SCALE]
    return [str(level) for level in small.index] if (highest > SMALL_SCALE).any() else []


def _moment(theirs: str) -> tuple[str, str]:
    said = words(theirs)
    if said & AFTER:
        return (
            " Is it the end of the exercise, or after recovery?",
            '\nmoment = "after"   # or "end"',
        )
    if said & PEAK:
        return " Is it the peak as recalled?", '\nmoment = "peak_recalled"'
    if said & BEFORE:
        return " Is it before the exercise, or at its start?", '\nmoment = "before"   # or "start"'
    return "", ""

"""What is each column of a file: ours, a rating, kept as text, dropped, or to be asked?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from gradex_analysis.cohort import names
from gradex_analysis.cohort.schema import TABLES, UNREAD_TABLES
from gradex_analysis.errors import MappingError
from gradex_analysis.loaders import questions as ask
from gradex_analysis.loaders.mapping import FileMapping, RatingColumn
from gradex_analysis.loaders.rating_questions import ask_about_rating


@dataclass(eq=False)
class Columns:
    """Every column of a file in exactly one drawer; ``header`` is all of them."""

    file: str
    header: list[str]
    ours: dict[str, str] = field(default_factory=dict)
    ratings: list[RatingColumn] = field(default_factory=list)
    template: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    waiting: list[str] = field(default_factory=list)
    questions: list[ask.Question] = field(default_factory=list)


def sort_columns(frame: pd.DataFrame, name: str, mapping: FileMapping, table: str) -> Columns:
    """Put every column of a file into its drawer.

    Names given in the mapping come first; then our own names and their aliases (case, blanks and
    hyphens ignored); the rest is kept as text unless it looks like free text or like a rating.
    """
    _check_mapped_columns(frame, name, mapping, table)
    columns = Columns(name, list(frame.columns), ratings=list(mapping.ratings))
    described = _described(mapping)
    for theirs in frame.columns:
        if theirs in described:
            continue
        if table in UNREAD_TABLES:
            _keep_as_text(columns, frame[theirs])
        else:
            _sort_one(columns, frame, theirs, table, mapping)
    if columns.ratings and all(rating.moment or rating.split for rating in columns.ratings):
        # a form's row holds several moments: its minutes are how long the exercise took
        durations = {"minute", "second"} & set(columns.ours)
        columns.unread += [columns.ours.pop(name) for name in sorted(durations)]
    return columns


def _keep_as_text(columns: Columns, cells: pd.Series) -> None:
    if reason := _private(cells):
        columns.dropped[str(cells.name)] = reason
    else:
        columns.unread.append(str(cells.name))


def _described(mapping: FileMapping) -> set[str]:
    sources = [
        source
        for said in mapping.columns.values()
        for source in ([said] if isinstance(said, str) else said)
    ]
    rated = [rating.column for rating in mapping.ratings]
    scored = [score.column for score in mapping.scores]
    answered = [column for one in mapping.questionnaires for column in one.items]
    boxes = mapping.safety_behaviours.columns if mapping.safety_behaviours else []
    return {*sources, *rated, *scored, *answered, *boxes, *mapping.covariates}


def _check_mapped_columns(frame: pd.DataFrame, name: str, mapping: FileMapping, table: str) -> None:
    named = (
        _described(mapping)
        | set(mapping.fill_down)
        | set(mapping.drop_rows)
        | set(mapping.no_exposure)
    )
    named |= set(mapping.translations) - set(mapping.columns)
    named |= set(mapping.dates) | set(mapping.keep)
    named |= {column for group in mapping.numbered.values() for column in group}
    named |= set(mapping.scales)
    named |= {mapping.events.column} if mapping.events else set()
    scales = [*(r.scale for r in mapping.ratings), *mapping.scales.values()]
    by = {scale.by for scale in scales if scale and not isinstance(scale, str)}
    ours = {names.ALIASES.get(n, n) for n in map(names.normalise, frame.columns)}
    absent = sorted((named - set(frame.columns)) | (by - set(frame.columns) - ours))
    if absent:
        raise MappingError(
            f"{name}: the mapping names the column {absent[0]!r}, which the file does not have. "
            f"It has {', '.join(map(repr, frame.columns))}."
        )
    known = names.named_columns(table) | names.KEPT_AS_TEXT
    unknown = sorted({*mapping.columns, *mapping.constants, *mapping.numbered} - known)
    if unknown:
        raise MappingError(
            f"{name}: {unknown[0]!r} is no column of ours for a file of the table {table}. There "
            f"are {', '.join(sorted(known))}. Columns that nobody reads yet need no mapping."
        )


def _sort_one(
    columns: Columns, frame: pd.DataFrame, theirs: str, table: str, mapping: FileMapping
) -> None:
    cells, file = frame[theirs], columns.file
    ours = _our_name(theirs, table)
    n_values = int((cells != "").sum())
    taken = {*columns.ours, *mapping.columns, *mapping.constants, *mapping.numbered}
    if ours in names.columns_of(table) and ours not in taken:
        columns.ours[ours] = theirs
    elif table == "log" and ours in names.TEMPLATE_RATINGS:
        kind, moment = names.TEMPLATE_RATINGS[ours]
        columns.ratings.append(RatingColumn(column=theirs, kind=kind, moment=moment))
        columns.template.add(theirs)
    elif theirs in mapping.keep or ours in names.KEPT_AS_TEXT:
        columns.unread.append(theirs)
    elif _private(cells):
        _keep_as_text(columns, cells)
    elif table == "log" and names.words(theirs) & names.PREDICTION_WORDS:
        columns.unread.append(theirs)
        columns.questions.append(ask.prediction_meaning(file, theirs, n_values))
    elif table == "log" and names.words(theirs) & names.RATING_WORDS and n_values:
        columns.waiting.append(theirs)
        columns.questions.append(ask_about_rating(frame, theirs, file, mapping))
    else:
        columns.unread.append(theirs)


def _our_name(theirs: str, table: str) -> str:
    """Return what a column is called here; a table's own name is never another one's alias."""
    name = names.normalise(theirs)
    own = TABLES[table].columns if table in TABLES else {}
    return name if name in own else names.ALIASES.get(name, name)


def _private(cells: pd.Series) -> str:
    if names.words(str(cells.name)) & names.PRIVATE_WORDS:
        return "its name says free text or a direct identifier"
    return "it holds free text" if is_free_text(cells) else ""


def is_free_text(cells: pd.Series) -> bool:
    """Tell whether a cell holds three words or more: a sentence, which may hold a name."""
    return bool(cells.str.contains(r"\S+\s+\S+\s+\S+", regex=True).any())

"""How does a file's text become rows under our names and a list of its rating cells?

``rows`` has one line per record with our columns, still text; ``cells`` one line per rating or
score that is not empty. Both carry file and row, so that whatever happens later can be told.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gradex_analysis.cohort.names import KEPT_AS_TEXT
from gradex_analysis.cohort.rules import list_problems
from gradex_analysis.errors import MappingError
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.columns import Columns, sort_columns
from gradex_analysis.loaders.mapping import FileMapping, RatingColumn
from gradex_analysis.loaders.records import Records
from gradex_analysis.loaders.rename import (
    fill_down,
    list_coded,
    mark_no_exposure,
    rename,
    translate,
    write_codes_alike,
)
from gradex_analysis.loaders.safety_boxes import read_boxes

CELL_COLUMNS = [
    "file", "row", "column", "raw", "kind", "moment", "scale_id", "scale_said", "by", "instrument",
    "occasion", "item", "version", "meaning_known",
]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Shaped:
    """One file under our names."""

    name: str
    table: str
    mapping: FileMapping
    columns: Columns
    rows: pd.DataFrame
    cells: pd.DataFrame
    unread: pd.DataFrame
    problems: pd.DataFrame
    n_rows: int
    prefix: str
    coded: pd.DataFrame
    boxes: pd.DataFrame


def shape(records: Records, mapping: FileMapping, table: str, prefix: str = "") -> Shaped:
    """Apply a file's mapping: drop, fill, translate, rename, gather the rating cells.

    ``prefix`` tells the numbered exposures of several form files apart.
    """
    frame, problems = _drop_rows(records, mapping)
    columns = sort_columns(frame, records.name, mapping, table)
    frame = fill_down(frame, mapping.fill_down)
    for column in set(mapping.translations) & set(frame.columns):
        frame[column] = translate(frame[column], mapping.translations[column])
    frame = write_codes_alike(frame, mapping)
    cancelled = mark_no_exposure(frame, mapping)
    boxes, contradicted = read_boxes(frame, records.name, mapping.safety_behaviours)
    cells = gather_cells(frame, records.name, mapping, columns, table)
    rows = rename(frame, mapping, columns, table).assign(file=records.name, no_exposure=cancelled)
    coded = list_coded(rows, mapping)
    if mapping.missing:
        rows = rows.mask(rows.isin([raw for raw in mapping.missing if raw]), "")
    renamed = [name for name in rows if name in KEPT_AS_TEXT]
    unread = frame[columns.unread].join(rows[renamed])
    problems = pd.concat([records.problems, problems, contradicted], ignore_index=True)
    return Shaped(
        records.name, table, mapping, columns, rows, cells, unread, problems, records.n_rows,
        prefix, coded, boxes,
    )  # fmt: skip


def _drop_rows(records: Records, mapping: FileMapping) -> tuple[pd.DataFrame, pd.DataFrame]:
    frame = records.frame
    blank = (frame == "").all(axis=1)
    said = pd.Series(data=False, index=frame.index)
    for column, unwanted in mapping.drop_rows.items():
        if column in frame:
            said |= frame[column].isin(unwanted)
    lists = [
        list_problems(
            rule, "", pd.DataFrame({"row": frame.index[mask]}).assign(
                file=records.name, column="", raw="")
        )
        for rule, mask in (("blank_row", blank), ("dropped_by_mapping", said & ~blank))
    ]  # fmt: skip
    return frame[~(blank | said)].copy(), pd.concat(lists, ignore_index=True)


def gather_cells(
    frame: pd.DataFrame, name: str, mapping: FileMapping, columns: Columns, table: str
) -> pd.DataFrame:
    """List every rating and score that is not empty, one line each."""
    parts = [_rating_cells(frame, rating, columns) for rating in columns.ratings]
    for score in mapping.scores:
        cells = _cells(frame[score.column], score.column).assign(instrument=score.instrument)
        cells["occasion"] = score.occasion or cells["row"].map(
            _theirs("occasion", name, frame, mapping, columns)
        )
        parts.append(cells)
    parts += _item_cells(frame, name, mapping, columns)
    for waiting in columns.waiting:
        parts.append(_cells(frame[waiting], waiting).assign(meaning_known=False))
    if table == "ratings":
        parts.append(_long_cells(frame, name, mapping, columns))
    if table in ("assessments", "assessment_items"):
        parts.append(_score_cells(frame, name, mapping, columns, table))
    parts = [part for part in parts if len(part)] or [_cells(pd.Series(dtype="str"), "")]
    cells = pd.concat(parts, ignore_index=True)
    return cells.assign(file=name).sort_values("row", kind="stable")[CELL_COLUMNS]


def _cells(raw: pd.Series, column: str) -> pd.DataFrame:
    raw = raw[raw != ""]
    return pd.DataFrame(
        {"row": raw.index, "raw": raw.to_numpy(dtype=object)},
    ).assign(
        column=column, kind="", moment="", scale_id="", scale_said=False, by="", instrument="",
        occasion="", item=0, version="", meaning_known=True,
    )  # fmt: skip


def _rating_cells(frame: pd.DataFrame, rating: RatingColumn, columns: Columns) -> pd.DataFrame:
    cells = _cells(frame[rating.column], rating.column).assign(
        kind=rating.kind, moment=rating.moment or ""
    )
    if isinstance(rating.scale, str):
        cells = cells.assign(scale_id=rating.scale, scale_said=True)
    elif rating.scale is not None:
        by, levels, default = rating.scale.by, rating.scale.levels, rating.scale.default or ""
        level = cells["row"].map(frame[by if by in frame else columns.ours[by]])
        scale = level.map(lambda value: levels.get(value, default))
        cells = cells.assign(scale_id=scale, scale_said=scale != "", by=level)
    if rating.split is None:
        return cells
    pieces = [str(raw).split(rating.split.separator) for raw in cells["raw"]]
    parts = [
        cells.assign(
            raw=[part[i].strip() if i < len(part) else "" for part in pieces], moment=moment
        )
        for i, moment in enumerate(rating.split.moments)
    ]
    split = pd.concat(parts, ignore_index=True)
    return split[split["raw"] != ""]


def _theirs(
    ours: str, name: str, frame: pd.DataFrame, mapping: FileMapping, columns: Columns
) -> pd.Series:
    if ours in mapping.constants:
        return pd.Series(mapping.constants[ours], index=frame.index, dtype="str")
    theirs = mapping.columns.get(ours) or columns.ours.get(ours)
    if not isinstance(theirs, str):
        raise MappingError(
            f"{name}: no column for {ours}. Name it under columns, or say it under constants."
        )
    return frame[theirs]


def _long_cells(
    frame: pd.DataFrame, name: str, mapping: FileMapping, columns: Columns
) -> pd.DataFrame:
    value = _theirs("value", name, frame, mapping, columns)
    kind = _theirs("kind", name, frame, mapping, columns)
    cells = _cells(value, str(value.name))
    cells["kind"] = cells["row"].map(kind)
    if "scale_id" in columns.ours or "scale_id" in {**mapping.columns, **mapping.constants}:
        scale = cells["row"].map(_theirs("scale_id", name, frame, mapping, columns))
        cells = cells.assign(scale_id=scale, scale_said=scale != "")
    return cells


def _item_cells(
    frame: pd.DataFrame, name: str, mapping: FileMapping, columns: Columns
) -> list[pd.DataFrame]:
    parts = []
    for one in mapping.questionnaires:
        for number, column in enumerate(one.items, start=1):
            cells = _cells(frame[column], column).assign(
                instrument=one.instrument, item=number, version=one.version or ""
            )
            cells["occasion"] = one.occasion or cells["row"].map(
                _theirs("occasion", name, frame, mapping, columns)
            )
            parts.append(cells)
    return parts


def _score_cells(
    frame: pd.DataFrame, name: str, mapping: FileMapping, columns: Columns, table: str
) -> pd.DataFrame:
    score = _theirs(
        "score" if table == "assessments" else "response", name, frame, mapping, columns
    )
    cells = _cells(score, str(score.name))
    for ours in ("instrument", "occasion"):
        cells[ours] = cells["row"].map(_theirs(ours, name, frame, mapping, columns))
    if table == "assessment_items":
        number, bad = parse.integers(_theirs("item", name, frame, mapping, columns), ".")
        if bad.any() or number.isna().any():
            row = (bad | number.isna()).idxmax()
            raise MappingError(f"{name} row {row}: the item's number is not a whole number.")
        cells["item"] = cells["row"].map(number).astype("int64")
    return cells

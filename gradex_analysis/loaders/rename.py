"""What does a file say under our names? Blanks filled, codes translated, scales named."""

from __future__ import annotations

import re

import pandas as pd

from gradex_analysis.loaders.columns import Columns
from gradex_analysis.loaders.described_scales import say_scales
from gradex_analysis.loaders.mapping import FileMapping
from gradex_analysis.loaders.ticks import ask_about_empty_boxes

COVARIATE = "covariate:"
ANY_OTHER = "*"


def fill_down(frame: pd.DataFrame, said: list[str]) -> pd.DataFrame:
    """Fill blank cells from above, as merged cells mean it.

    A blank cell is filled where every column named before it is blank too or repeats what stands
    above: a row with a day of its own begins a block, and what it leaves blank is blank.
    """
    frame = frame.copy()
    in_block = pd.Series(data=True, index=frame.index)
    for column in said:
        given = frame[column]
        above = given.replace("", pd.NA).ffill().fillna("")
        frame[column] = given.mask((given == "") & in_block, above)
        in_block &= (given == "") | (given == frame[column].shift())
    return frame


def write_codes_alike(frame: pd.DataFrame, mapping: FileMapping) -> pd.DataFrame:
    """Write every cell that holds a missing code as the mapping does: ``-88,0`` as ``-88``.

    A spreadsheet adds the decimal; ids such as ``007`` are never taken for the number 7.
    """
    codes = [code for code in mapping.missing if re.fullmatch(r"[+-]?\d+", code)]
    if not codes:
        return frame
    alike = re.compile(rf"({'|'.join(map(re.escape, codes))}){re.escape(mapping.decimal)}0+")
    written = {}
    for column in frame:
        distinct = frame[column].unique()
        found = {cell: match[1] for cell in distinct if (match := alike.fullmatch(cell))}
        written[column] = frame[column].replace(found) if found else frame[column]
    return pd.DataFrame(written, index=frame.index)


def translate(cells: pd.Series, said: dict[str, str]) -> pd.Series:
    """Return the cells in our words; ``"*"`` stands for every cell that is not named."""
    others = said.get(ANY_OTHER)
    if others is None:
        return cells.replace(said)
    return cells.map({**dict.fromkeys(cells.unique(), others), **said}).astype("str")


def mark_no_exposure(frame: pd.DataFrame, mapping: FileMapping) -> pd.Series:
    """Mark the rows whose cell says that no exposure took place, and empty that cell.

    The frame is changed in place: the mark is no rating.
    """
    marked = pd.Series(data=False, index=frame.index)
    for column, cells in mapping.no_exposure.items():
        said = frame[column].isin(cells)
        frame[column] = frame[column].mask(said, "")
        marked |= said
    return marked


def list_coded(rows: pd.DataFrame, mapping: FileMapping) -> pd.DataFrame:
    """List the described cells that hold a missing code: ``row, column, code``."""
    parts = [pd.DataFrame({"row": [], "column": [], "code": []}).astype({"row": "int64"})]
    for column in rows:
        code = rows[column].map({raw: c for raw, c in mapping.missing.items() if raw})
        held = code.dropna()
        if len(held):
            parts.append(
                pd.DataFrame({"row": held.index, "column": column, "code": held.to_numpy()})
            )
    return pd.concat(parts, ignore_index=True)


def rename(frame: pd.DataFrame, mapping: FileMapping, columns: Columns, table: str) -> pd.DataFrame:
    """Return the file's rows under our names, still text.

    A number that is given on a scale has it beside it, as ``name@scale``, "" where nobody said.
    """
    ours: dict[str, pd.Series] = {}
    for name, said in mapping.columns.items():
        ours[name] = (
            frame[said] if isinstance(said, str) else frame[said].agg(" ".join, axis=1).str.strip()
        )
    ours |= {name: frame[theirs] for name, theirs in columns.ours.items()}
    for name, constant in mapping.constants.items():
        ours[name] = pd.Series(constant, index=frame.index, dtype="str")
    for name, group in mapping.numbered.items():
        ours[name] = _number(frame, group)
    for name in set(mapping.translations) & set(ours) - set(frame.columns):
        ours[name] = translate(ours[name], mapping.translations[name])
    for theirs, kind in mapping.covariates.items():
        ours[f"{COVARIATE}{kind}:{theirs}"] = frame[theirs]
    if mapping.events:
        _read_events(ours, frame[mapping.events.column], mapping)
    ask_about_empty_boxes(ours, mapping, columns)
    say_scales(ours, frame, mapping, columns)
    ours["decimal"] = pd.Series(mapping.decimal, index=frame.index, dtype="str")
    return pd.DataFrame(ours, index=frame.index)


def _number(frame: pd.DataFrame, group: list[str]) -> pd.Series:
    if not group:
        return pd.Series(range(1, len(frame) + 1), index=frame.index).astype("str")
    return (frame.groupby(group, sort=False).cumcount() + 1).astype("str")


def _read_events(ours: dict[str, pd.Series], events: pd.Series, mapping: FileMapping) -> None:
    said = mapping.events
    if said is None:
        return
    marks = {
        **dict.fromkeys(said.before, "before"),
        **dict.fromkeys(said.end, "end"),
        **dict.fromkeys(said.break_start, "break_start"),
        **dict.fromkeys(said.break_end, "break_end"),
    }
    ours["event"] = events.map(lambda event: marks.get(event, "")).astype("str")
    if stops := said.stopped_by:
        ours["stopped_by"] = events.map(lambda event: stops.get(event, "")).astype("str")
    if said.end:
        ours["end_marked"] = pd.Series("yes", index=events.index, dtype="str")

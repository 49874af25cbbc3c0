"""How does a file become text with row numbers? Nothing is converted, nothing is guessed.

A CSV file is read as UTF-8 (or by its byte order mark) unless the mapping says otherwise; every
cell stays text; the row number is the line of the file at which the record begins, or the record's
number in a Parquet file.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from gradex_analysis.cohort.rules import list_problems, no_problems
from gradex_analysis.errors import UnreadableFileError

MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Dialect:
    """How a text file is written; None means: by the file's own mark or ending."""

    encoding: str | None = None
    delimiter: str | None = None
    skip_lines: int = 0


@dataclass(frozen=True, eq=False)
class Records:
    """A file as text: one row per record, indexed by its row number in the file."""

    name: str
    frame: pd.DataFrame
    n_rows: int
    problems: pd.DataFrame
    sha256: str


def read_records(path: Path, name: str, dialect: Dialect) -> Records:
    """Read a CSV, TSV or Parquet file as text.

    Raises ``UnreadableFileError`` where the file is empty, has no rows, a doubled header, another
    encoding or another delimiter than said.
    """
    data = path.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    if path.suffix == ".parquet":
        frame = _parquet_as_text(data)
        return Records(name, frame, len(frame), no_problems(), sha256)
    delimiter = dialect.delimiter or ("\t" if path.suffix == ".tsv" else ",")
    text = _decode(data, name, dialect.encoding)
    header, rows, numbers = _parse(text, name, delimiter, dialect.skip_lines)
    _check_header(header, name, delimiter)
    if not rows:
        raise UnreadableFileError(f"{name} has a header and no rows. Is it the whole export?")
    width = len(header)
    fits = np.array([len(row) == width for row in rows])
    ragged = pd.DataFrame({"row": numbers[~fits]}).assign(file=name, column="", raw="")
    frame = pd.DataFrame(
        [row for row in rows if len(row) == width],
        columns=header,
        index=pd.Index(numbers[fits], name="row"),
        dtype="str",
    )
    frame = frame.apply(lambda column: column.str.strip())
    return Records(name, frame, len(rows), list_problems("ragged_row", "", ragged), sha256)


def _decode(data: bytes, name: str, encoding: str | None) -> str:
    mark = next((codec for mark, codec in MARKS.items() if data.startswith(mark)), None)
    try:
        text = data.decode(mark or encoding or "utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UnreadableFileError(
            f"{name} row {line}: not {error.encoding}. Say how the file is written: "
            'encoding = "cp1252" is what spreadsheets on Windows write.'
        ) from error
    if "\0" in text:
        raise UnreadableFileError(
            f"{name} holds zero bytes: it is not a text file, or is UTF-16 without its mark. "
            'Say encoding = "utf-16-le", or export it as CSV again.'
        )
    if not text.strip():
        raise UnreadableFileError(f"{name} is empty. Is it the whole export?")
    return text


def _parse(
    text: str, name: str, delimiter: str, skip_lines: int
) -> tuple[list[str], list[list[str]], np.ndarray]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    numbers: list[int] = []
    begins = 1
    try:
        for row in reader:
            if row and begins > skip_lines:
                rows.append(row)
                numbers.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        raise UnreadableFileError(
            f"{name} row {begins}: {error}. Is a quotation mark left open?"
        ) from error
    if not rows:
        raise UnreadableFileError(f"{name} has no rows after skip_lines = {skip_lines}.")
    header = [cell.strip() for cell in rows[0]]
    return header, rows[1:], np.array(numbers[1:], dtype=np.int64)


def _check_header(header: list[str], name: str, delimiter: str) -> None:
    doubled = sorted({column for column in header if header.count(column) > 1 and column})
    if doubled:
        raise UnreadableFileError(
            f"{name}: the header names {', '.join(doubled)} twice. Rename one of them."
        )
    others = {mark: header[0].count(mark) for mark in ",;\t|" if mark != delimiter}
    mark, count = max(others.items(), key=lambda item: item[1])
    if len(header) == 1 and count:
        raise UnreadableFileError(
            f"{name}: the header is a single cell that holds {count} times {mark!r}. "
            f"Say delimiter = {mark!r} in the mapping."
        )
    if "" in header:
        raise UnreadableFileError(
            f"{name}: column {header.index('') + 1} of the header has no name. Name it, or say "
            "skip_lines where the table begins further down."
        )


def _parquet_as_text(data: bytes) -> pd.DataFrame:
    frame = pd.read_parquet(io.BytesIO(data))
    text = {
        column: ["" if missing else _cell_as_text(value) for value, missing in zip(
            frame[column], frame[column].isna(), strict=True)]
        for column in frame.columns
    }  # fmt: skip
    index = pd.RangeIndex(1, len(frame) + 1, name="row")
    return pd.DataFrame(text, index=index, dtype="str")


def _cell_as_text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if hasattr(value, "isoformat") else str(value).strip()

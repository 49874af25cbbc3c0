"""How does a cell of text become a number, a date, a code? What cannot be read is listed."""

from __future__ import annotations

import re

import pandas as pd

from gradex_analysis.cohort.schema import Column

YES = frozenset("yes y true 1 x ja oui si".split())
NO = frozenset("no n false 0 nein non".split())


def numbers(cells: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Return the cells as floats, and a mask of those that are not numbers.

    Empty cells are NaN and no fault. Thousands separators, ``inf`` and ``nan`` are faults.
    """
    distinct = pd.Series(cells.unique(), dtype="str")
    pattern = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
    text = distinct.str.replace(",", ".", regex=False) if decimal == "," else distinct
    both = distinct.str.contains(".", regex=False) & (decimal == ",")
    good = text.str.fullmatch(pattern) & ~both
    values = pd.to_numeric(text.where(good), errors="coerce").astype("float64")
    lookup = dict(zip(distinct, values, strict=True))
    result = cells.map(lookup).astype("float64")
    return result, result.isna() & (cells != "")


def numbers_by_mark(cells: pd.Series, decimal: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the cells as floats, each read with its own file's decimal mark."""
    with_comma = decimal == ","
    values, bad = numbers(cells, ".")
    if not with_comma.any():
        return values, bad
    comma_values, comma_bad = numbers(cells, ",")
    return values.mask(with_comma, comma_values), bad.mask(with_comma, comma_bad)


def integers(cells: pd.Series, decimal: str) -> tuple[pd.Series, pd.Series]:
    """Return the cells as whole numbers, and a mask of those that are not."""
    values, bad = numbers(cells, decimal)
    bad = bad | (values.notna() & (values % 1 != 0))
    return values.mask(bad).astype("Int64"), bad


def dates(cells: pd.Series, formats: list[str]) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return local wall times, offsets as written, and a mask of cells that are not dates.

    Without formats only ISO dates are read (2026-02-03, with or without time and offset); the
    offset is kept as text and never applied, so that an evening stays on its day.
    """
    distinct = pd.Series(cells.unique(), dtype="str")
    parsed, offset = {}, {}
    for cell in distinct:
        match = re.fullmatch(r"(.+?\d)\s*(Z|[+-]\d\d:?\d\d)?", cell)
        wall = match[1] if match and not formats else cell
        offset[cell] = (match[2] or "") if match and not formats else ""
        parsed[cell] = _one_date(wall, formats)
    values = cells.map(parsed).astype("datetime64[us]")
    return values, cells.map(offset).astype("str"), values.isna() & (cells != "")


def _one_date(text: str, formats: list[str]) -> pd.Timestamp | None:
    if not formats and not re.match(r"\d{4}-\d\d-\d\d", text):
        return None
    for pattern in formats or ["ISO8601"]:
        value = pd.to_datetime(text, format=pattern, errors="coerce")
        if not pd.isna(value):
            return pd.Timestamp(value)
    return None


def codes(cells: pd.Series, column: Column) -> tuple[pd.Series, pd.Series]:
    """Return the cells as codes of the data model, and a mask of those that are none."""
    text = cells.str.lower().str.replace(r"[\s\-]+", "_", regex=True)
    bad = (text != "") & ~text.isin(column.codes)
    return text.mask(bad | (text == "")), bad


def yes_no(cells: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return the cells as true or false, and a mask of those that are neither."""
    text = cells.str.lower()
    values = pd.Series(pd.NA, index=cells.index, dtype="boolean")
    values[text.isin(YES)] = True
    values[text.isin(NO)] = False
    return values, values.isna() & (text != "")


def parse_column(
    cells: pd.Series, column: Column, decimal: str, formats: list[str]
) -> tuple[pd.Series, pd.Series]:
    """Parse a column by its kind; return the values and a mask of unreadable cells."""
    if column.kind == "number":
        return numbers(cells, decimal)
    if column.kind == "integer":
        return integers(cells, decimal)
    if column.kind == "date":
        values, _, bad = dates(cells, formats)
        return values, bad
    if column.kind == "yes_no":
        return yes_no(cells)
    if column.kind == "code":
        return codes(cells, column)
    return cells.mask(cells == ""), pd.Series(data=False, index=cells.index)

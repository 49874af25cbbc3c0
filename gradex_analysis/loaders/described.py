"""What do the described cells of a table say: as numbers on our scales, codes, days, yes and no?"""

from __future__ import annotations

import math

import pandas as pd

from gradex_analysis.cohort.scales import parse_scale, scale_ends
from gradex_analysis.cohort.schema import TABLES, Column
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.dates import date_columns
from gradex_analysis.loaders.findings import Findings

ALREADY_READ = {"session_number", "exposure_number", *date_columns()}


def read_columns(
    own: pd.DataFrame, table: str, columns: list[str], findings: Findings
) -> pd.DataFrame:
    """Return the columns typed; cells that cannot be read are listed and left empty."""
    typed = {}
    for name in columns:
        column = TABLES[table].columns[name]
        if name in ALREADY_READ:
            typed[name] = own[name]
        elif column.scale:
            typed[name] = _on_our_scale(own, name, table, findings)
        else:
            typed[name] = _read(own, name, (table, column), findings)
    return pd.DataFrame(typed, index=own.index)


def read_cells(rows: pd.DataFrame, name: str, table: str, findings: Findings) -> pd.Series:
    """Return a column of numbers; cells that are none are listed and left empty."""
    values, bad = parse.numbers_by_mark(rows[name].fillna("").astype("str"), rows["decimal"])
    _report(rows, bad, name, ("not_a_number_cell", table), findings)
    return values


def _report(
    rows: pd.DataFrame, bad: pd.Series, name: str, what: tuple[str, str], findings: Findings
) -> None:
    rule, table = what
    places = rows.loc[bad, ["file", "row"]].assign(column=name, raw=rows.loc[bad, name])
    findings.report(rule, table, places)


def _read(own: pd.DataFrame, name: str, place: tuple[str, Column], findings: Findings) -> pd.Series:
    table, column = place
    if column.kind == "number":
        values = read_cells(own, name, table, findings)
        negative = values < (-math.inf if column.at_least is None else column.at_least)
        _report(own, negative, name, ("below_zero", table), findings)
        return values.mask(negative)
    cells = own[name].fillna("").astype("str")
    values, bad = parse.parse_column(cells, column, ".", [])
    rule = "unknown_code" if column.codes or column.kind == "yes_no" else "not_a_number_cell"
    _report(own, bad, name, (rule, table), findings)
    return values


def _on_our_scale(own: pd.DataFrame, name: str, table: str, findings: Findings) -> pd.Series:
    """Return numbers on the scale of our table; a number outside its scale is listed.

    It is left empty then, and where nobody said its scale (which was asked).
    """
    values = read_cells(own, name, table, findings)
    scale = own.get(f"{name}@scale", pd.Series("", index=own.index)).fillna("")
    low, high = scale_ends(scale.mask(scale == ""))
    outside = (values < low) | (values > high)
    _report(own, outside, name, ("outside_scale_cell", table), findings)
    ours = parse_scale(TABLES[table].columns[name].scale)
    converted = ours.low + (values - low) / (high - low) * (ours.high - ours.low)
    # where the scales are the same, to convert would leave 4.999999999999993
    same = pd.Series((low == ours.low) & (high == ours.high), index=own.index)
    return values.where(same, converted).mask(outside)

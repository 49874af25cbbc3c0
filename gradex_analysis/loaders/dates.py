"""Which day does a cell name? What can be read in two ways, or in none, is asked."""

from __future__ import annotations

import re

import pandas as pd

from gradex_analysis.cohort.schema import TABLES
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.mapping import Answers
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.shape import Shaped

#: columns of days whose clock and text matter: a session may be named by them
OF_SESSIONS = ("started_at", "date")
RANGE = r"\d{1,2}\.?\s*(-|–|bis|to)\s*\d{1,2}\..*"


def date_columns() -> list[str]:
    """Return every column of the data model that holds a day."""
    names = [
        name
        for table in TABLES.values()
        for name, column in table.columns.items()
        if column.kind == "date"
    ]
    return list(dict.fromkeys([*OF_SESSIONS, *names]))


def read_dates(
    rows: pd.DataFrame, shaped: Shaped, answers: Answers, findings: Findings
) -> pd.DataFrame:
    """Read every column of days; cells that cannot be read are empty, and listed or asked about."""
    for name in date_columns():
        if name not in rows:
            continue
        column = str(shaped.columns.ours.get(name) or shaped.mapping.columns.get(name, name))
        said = shaped.mapping.dates.get(column, [])
        formats = [said] if isinstance(said, str) else list(said)
        text = rows[name]
        rows[name], offset, bad = parse.dates(text, formats)
        if name in OF_SESSIONS:
            # the offset of the time of day, also where a column of days stands beside it
            rows["utc_offset"] = offset.mask(offset == "", rows.get("utc_offset", ""))
            rows[f"{name}_text"] = text
            _ask_about_clocks(rows, column, answers, findings)
        bad = _ask_about_ranges(rows, text, bad, column, findings)
        bad = _ask_about_impossible(rows, text, bad, (column, formats), findings)
        iso = text.str.match(r"\d{4}-\d\d-\d\d") | bool(formats)
        places = rows.loc[bad & iso, ["file", "row"]].assign(column=column, raw=text[bad & iso])
        findings.report("not_a_date", "", places)
        _ask_about_formats(rows, text[bad & ~iso], column, findings)
    return rows


def _ask_about_ranges(
    rows: pd.DataFrame, text: pd.Series, bad: pd.Series, column: str, findings: Findings
) -> pd.Series:
    ranges = bad & text.str.fullmatch(RANGE)
    if ranges.any():
        file, first = str(rows["file"].iloc[0]), text[ranges].iloc[0]
        findings.questions.append(
            Question(
                "date_range", file, column, 0,
                f"{file}: {int(ranges.sum())} cells of {column!r} hold several days (first at row "
                f"{rows.loc[ranges, 'row'].iloc[0]}). Is such a row one exposure or several? It is "
                "read as one without a date; several exposures want a row each in the file.",
                f'[[file]]\npath = "{file}"\n[file.values."{column}"]\n"{first}" = "..."   # a day',
            )
        )  # fmt: skip
    return bad & ~ranges


def _ask_about_impossible(
    rows: pd.DataFrame,
    text: pd.Series,
    bad: pd.Series,
    said: tuple[str, list[str]],
    findings: Findings,
) -> pd.Series:
    column, formats = said
    # without a format: no order of day and month makes it one
    tried = formats or [f"%{a}.%{b}.%{y}" for a, b in ("dm", "md") for y in "yY"]
    shapes = {re.sub(r"%[dm]", r"\\d{1,2}", re.escape(one)) for one in tried}
    shape = "|".join(one.replace("%y", r"\d{2}").replace("%Y", r"\d{4}") for one in shapes)
    cells = text if formats else text.str.replace(r"[/-]", ".", regex=True)
    impossible = bad & cells.str.fullmatch(shape) & parse.dates(cells, tried)[2]
    for cell, group in rows[impossible].groupby(text[impossible]):
        file = str(rows["file"].iloc[0])
        findings.questions.append(
            Question(
                "impossible_date", file, column, 0,
                f"{file} row {group['row'].iloc[0]}: {column!r} is {cell}, and the calendar has no "
                f"such day ({len(group)} cells). Which day was it? It is left empty until that is "
                "said.",
                f'[[file]]\npath = "{file}"\n[file.values."{column}"]\n"{cell}" = "..."',
            )
        )  # fmt: skip
    return bad & ~impossible


def _ask_about_formats(
    rows: pd.DataFrame, unread: pd.Series, column: str, findings: Findings
) -> None:
    if unread.empty:
        return
    file = str(rows["file"].iloc[0])
    short = unread.str.fullmatch(r"\d{1,2}([./-])\d{1,2}\1\d{2}").sum()
    years = f" {int(short)} have years of two digits: 26 for 2026?" if short else ""
    findings.questions.append(
        Question(
            "date_format", file, column, 0,
            f"{file}: how are the {len(unread)} dates in {column!r} written that are not like "
            f"2026-02-03, the day or the month first?{years} They are left empty until that is "
            "said.",
            f'[[file]]\npath = "{file}"\ndates."{column}" = [{_likely_formats(unread)}]',
        )
    )  # fmt: skip


def _ask_about_clocks(
    rows: pd.DataFrame, column: str, answers: Answers, findings: Findings
) -> None:
    offsets = sorted(set(rows["utc_offset"]) - {""})
    if len(offsets) > 1 and answers.clock is None:
        file = str(rows["file"].iloc[0])
        findings.questions.append(
            Question(
                "time_zone", file, column, 0,
                f"{file}: {column!r} mixes the clocks {', '.join(offsets)}. Is each the local wall "
                "time where it was written? It is read so, and no time is shifted.",
                '[answers]\nclock = "local"',
            )
        )  # fmt: skip


def _likely_formats(dates: pd.Series) -> str:
    """Propose formats by mark and length of the year; that the day is first, the user checks."""
    shapes = {
        (match[1], len(match[2]))
        for match in (re.fullmatch(r"\d{1,2}([./-])\d{1,2}\1(\d{2}|\d{4})", d) for d in dates)
        if match
    }
    formats = [
        f'"%d{mark}%m{mark}{"%y" if digits == 2 else "%Y"}"' for mark, digits in sorted(shapes)
    ]
    return ", ".join(formats or ['"%d.%m.%Y"'])

"""Whose row is it, in which session and which exposure?

Keys are made from what the file says, in a fixed order: ``exposure_id``; else ``exposure_number``
within session and item; else, in a form, one exposure a row; else the run of one item in one
session, where a restart of the clock has to be asked.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.errors import MappingError
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.blanks import ask_about_blanks
from gradex_analysis.loaders.dates import read_dates
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.homework import is_homework, place_homework
from gradex_analysis.loaders.mapping import Answers
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.shape import Shaped

#: what else a row of the table cannot do without
NAMED_BY = {
    "exposures": ("exposure_id",),
    "ratings": ("exposure_id",),
    "exposure_breaks": ("exposure_id",),
    "assessments": ("instrument", "occasion"),
    "assessment_items": ("instrument", "occasion", "item"),
    "safety_behaviours": ("exposure_id", "code"),
    "items": ("item_id",),
    "item_ratings": ("item_id", "occasion"),
    "adverse_events": ("event_id",),
    "episodes": ("episode",),
}
#: tables whose rows need not name their patient: the exposure does, or all patients share it
MAY_LACK_PATIENT = ("ratings", "safety_behaviours", "items")
#: the columns that a file of this table cannot do without
NEEDS = {
    "log": ["patient_id"],
    "sessions": ["patient_id"],
    "exposures": ["patient_id", "exposure_id", "item_id"],
    "ratings": ["exposure_id"],
    "exposure_breaks": ["exposure_id", "start_minute"],
    "safety_behaviours": ["exposure_id", "code", "used"],
    "items": ["item_id"],
    "item_ratings": ["patient_id", "item_id", "occasion"],
    "diary": ["patient_id", "date"],
    "adverse_events": ["patient_id", "event_id"],
}
TIMES = ("minute", "second", "repetition")
KEY_NUMBERS = ("minute", "second", "repetition", "session_number", "exposure_number")


def place_rows(shaped: Shaped, answers: Answers, findings: Findings) -> pd.DataFrame:
    """Return the file's rows with numbers read and ``session_id``, ``exposure_id`` filled in.

    ``order_open`` marks rows whose ratings cannot be put in order until a question is answered.
    Rows without a patient are set aside and listed.
    """
    rows = shaped.rows.reset_index(names="row").assign(table=shaped.table)
    _check_columns(rows, shaped)
    if shaped.table == "episodes" and "episode" not in rows:
        rows["episode"] = "1"  # one treatment a patient
    rows = _read_numbers(rows, shaped, findings)
    rows = read_dates(rows, shaped, answers, findings)
    if "patient_id" in rows and shaped.table not in MAY_LACK_PATIENT:
        rows = ask_about_blanks(rows, shaped, findings)
        rows = findings.reject_rows(rows, rows["patient_id"] == "", "missing_id", "patient_id")
    if shaped.table in ("log", "sessions", "exposures"):
        rows = _name_sessions(rows, shaped, findings)
    rows["order_open"] = False
    if shaped.table == "log":
        rows = _name_exposures(rows, shaped, answers, findings)
        rows = place_homework(rows, shaped, answers, findings)
    if shaped.table == "diary":
        rows = _need_a_day(rows, shaped, findings)
    for name in NAMED_BY.get(shaped.table, ()):
        if name in rows:
            rows = findings.reject_rows(rows, rows[name] == "", "missing_id", name)
    return rows


def _need_a_day(rows: pd.DataFrame, shaped: Shaped, findings: Findings) -> pd.DataFrame:
    """Let rows wait whose day waits for its format, and set aside those that name none."""
    without = rows["date"].isna()
    column = str(shaped.columns.ours.get("date") or shaped.mapping.columns.get("date", "date"))
    asked = {q.column for q in findings.questions if q.file == shaped.name}
    waits = without & (rows["date_text"] != "") & (column in asked)
    rows = findings.let_wait(rows, waits)
    return findings.reject_rows(rows, without[rows.index], "missing_day", "date_text")


def _check_columns(rows: pd.DataFrame, shaped: Shaped) -> None:
    needs = NEEDS.get(shaped.table, ["patient_id"])
    has_ratings = bool(shaped.columns.ratings or shaped.columns.waiting)
    if shaped.table == "log" and has_ratings:
        needs = [*needs, "item_id"]
        if not {"session_id", "session_number", "started_at", "date"} & set(rows.columns):
            needs = [*needs, "session_number"]
    lacking = [name for name in needs if name not in rows]
    if lacking:
        raise MappingError(
            f"{shaped.name}: no column for {', '.join(lacking)}. It has "
            f"{', '.join(map(repr, shaped.columns.header))}. "
            f'Name it in a mapping, as in [[file]] columns.{lacking[0]} = "their name", give it '
            "under constants, or say ignore = true."
        )


def _read_numbers(rows: pd.DataFrame, shaped: Shaped, findings: Findings) -> pd.DataFrame:
    for name in KEY_NUMBERS:
        if name in rows:
            read = parse.numbers if name in ("minute", "second") else parse.integers
            values, bad = read(rows[name], shaped.mapping.decimal)
            if name in TIMES:  # its ratings are set aside later, and leave a gap in the exposure
                places = rows.loc[bad, ["file", "row"]].assign(column=name, raw=rows.loc[bad, name])
                findings.report("bad_minute", "", places)
            else:
                rows = findings.reject_rows(rows, bad, "bad_number", name)
            rows = rows.assign(**{name: values[rows.index]})
    if "second" in rows:
        minute = rows.pop("second") / 60
        rows["minute"] = rows["minute"].fillna(minute) if "minute" in rows else minute
    return rows


def _name_sessions(rows: pd.DataFrame, shaped: Shaped, findings: Findings) -> pd.DataFrame:
    """Fill ``session_id``: as given, else patient and session number, else patient and date.

    In a table of exposures the date makes no session: homework is done on days without one.
    """
    name = rows.get("session_id", pd.Series("", index=rows.index, dtype="str")).copy()
    if "session_number" in rows:
        number = rows["session_number"]
        made = rows["patient_id"] + "-S" + number.astype("str")
        name = name.mask((name == "") & number.notna(), made)
    for date in ("date", "started_at"):
        if date in rows and shaped.table != "exposures":
            day = rows[date].dt.strftime("%Y-%m-%d").fillna(rows[f"{date}_text"])
            name = name.mask((name == "") & (day != ""), rows["patient_id"] + "-" + day)
    rows = rows.assign(session_id=name)
    if shaped.table == "exposures":
        return rows
    # homework is done on days without a session
    name = name.mask((name == "") & is_homework(rows), rows["patient_id"] + "-homework")
    nowhere = (name == "") & (_has_cells(rows, shaped) | (shaped.table == "sessions"))
    rows = rows.assign(session_id=name)
    return findings.reject_rows(rows, nowhere, "missing_place", "session_id")


def _has_cells(rows: pd.DataFrame, shaped: Shaped) -> pd.Series:
    exercise = shaped.cells.loc[shaped.cells["instrument"] == "", "row"]
    return rows["row"].isin(exercise)


def _is_exposure(rows: pd.DataFrame, shaped: Shaped) -> pd.Series:
    """Mark the rows that are rated or name an item or exposure, but for those said to be none."""
    is_exposure = _has_cells(rows, shaped) | (rows["item_id"] != "")
    if "exposure_id" in rows:
        is_exposure |= rows["exposure_id"] != ""
    return is_exposure & ~rows["no_exposure"]


def _name_exposures(
    rows: pd.DataFrame, shaped: Shaped, answers: Answers, findings: Findings
) -> pd.DataFrame:
    if "item_id" not in rows:
        return rows.assign(exposure_id=pd.Series("", index=rows.index, dtype="str"))
    is_exposure = _is_exposure(rows, shaped)
    no_item = is_exposure & (rows["item_id"] == "")
    rows = findings.reject_rows(rows, no_item, "missing_id", "item_id")
    is_exposure = is_exposure[rows.index]
    is_timed = "minute" in rows or "repetition" in rows or "moment" in rows
    is_form = not is_timed and all(r.moment or r.split for r in shaped.columns.ratings)
    if not is_timed and not is_form:
        rows = _ask_for_order(rows, is_exposure, shaped, findings)
    if "exposure_id" in rows:
        bad = is_exposure & (rows["exposure_id"] == "")
        return findings.reject_rows(rows, bad, "missing_id", "exposure_id")
    run = rows["session_id"] + "/" + rows["item_id"]
    if "exposure_number" in rows:
        made = run + "/" + rows["exposure_number"].astype("str")
    elif is_form:
        number = is_exposure.groupby(rows["patient_id"]).cumsum()
        made = shaped.prefix + rows["patient_id"] + "-E" + number.astype("str")
    elif is_timed:
        rows, made = _split_restarts(rows, run, is_exposure, answers, findings)
    else:
        made = run
    return rows.assign(exposure_id=made.where(is_exposure, ""))


def _ask_for_order(
    rows: pd.DataFrame, is_exposure: pd.Series, shaped: Shaped, findings: Findings
) -> pd.DataFrame:
    own = [f'"{column}"' for column in shaped.columns.header]
    findings.questions.append(
        Question(
            "order", shaped.name, "minute", int(is_exposure.sum()),
            f"{shaped.name}: nothing says when in the exercise a rating was given. Is there a "
            "column of minutes or seconds, or are the rows in the order of the ratings, or is each "
            "column one moment (before, during, after)? Its ratings wait until that is said.",
            f'[[file]]\npath = "{shaped.name}"\n'
            f'columns.minute = "..."   # one of {", ".join(own)}\n'
            "# or, in the order of the rows, numbered within patient, session and item:\n"
            "# numbered.repetition = [...]\n"
            "# or, per rating column, its moment:\n"
            '# [[file.ratings]] with moment = "before"',
        )
    )  # fmt: skip
    return rows.assign(order_open=is_exposure)


def _split_restarts(
    rows: pd.DataFrame,
    run: pd.Series,
    is_exposure: pd.Series,
    answers: Answers,
    findings: Findings,
) -> tuple[pd.DataFrame, pd.Series]:
    time = rows["minute"] if "minute" in rows else rows["repetition"].astype("float64")
    earlier = time < time.groupby(run).shift()
    restarts = (earlier & is_exposure).groupby(run).cumsum()
    if answers.restart == "new_exposure":
        number = (restarts + 1).astype("str")
        return rows, run.where(restarts == 0, run + "#" + number)
    open_runs = run.isin(run[restarts > 0]) & is_exposure
    if open_runs.any() and answers.restart is None:
        rows = rows.assign(order_open=open_runs)
        file, n_runs = str(rows["file"].iloc[0]), run[open_runs].nunique()
        first = rows.loc[earlier & is_exposure, "row"].iloc[0]
        findings.questions.append(
            Question(
                "restart", file, "minute", int(open_runs.sum()),
                f"{file}: the minute goes back within one item of one session (in {n_runs}; first "
                f"at row {first}). Does a new exposure of the same item begin there? Their ratings "
                "wait until that is said.",
                '[answers]\nrestart = "new_exposure"   # or "fault"',
            )
        )  # fmt: skip
    return rows, run

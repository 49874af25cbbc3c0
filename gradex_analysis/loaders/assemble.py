"""How do the files of a study become one cohort?

Files are shaped, rows placed, references and descriptions checked, values read; what is left is
the cohort, and everything else is listed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import CODED_COLUMNS, Cohort
from gradex_analysis.cohort.origin import Origin
from gradex_analysis.cohort.schema import TABLES, empty_table
from gradex_analysis.errors import InvalidCohortError
from gradex_analysis.loaders import values
from gradex_analysis.loaders.accounting import account
from gradex_analysis.loaders.breaks import find_breaks
from gradex_analysis.loaders.entities import build_table, check_agreement, check_references
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.gaps import find_gaps
from gradex_analysis.loaders.instruments import describe_instrument
from gradex_analysis.loaders.item_codes import code_items
from gradex_analysis.loaders.mapping import Mapping
from gradex_analysis.loaders.places import place_rows
from gradex_analysis.loaders.questions import as_frame, draft_mapping
from gradex_analysis.loaders.records import Records
from gradex_analysis.loaders.safety_boxes import add_boxes
from gradex_analysis.loaders.scores import find_answers, find_scores
from gradex_analysis.loaders.shape import Shaped
from gradex_analysis.loaders.study_questions import ask_about_study, note_recalled_peaks


def assemble(
    files: list[Shaped],
    records: list[Records],
    mapping: Mapping,
    mapping_text: str,
    *,
    strict: bool,
) -> Cohort:
    """Make the cohort; a strict load raises ``InvalidCohortError`` listing every breach."""
    findings = Findings(file.table for file in files)
    for file in files:
        findings.problems.append(file.problems)
        findings.questions += file.columns.questions
    files, item_labels = code_items(files, mapping.answers, findings)
    rows = _place_all(files, mapping, findings)
    rows = check_agreement(check_references(rows, findings), findings)
    cells = _read_cells(files, rows, mapping, findings)
    tables = _described_tables(files, rows, findings)
    kept = cells[cells["state"] == "kept"]
    ratings = kept[kept["instrument"] == ""].reset_index(drop=True)
    tables |= {
        "ratings": _typed_ratings(ratings),
        "assessments": find_scores(kept, rows, findings),
        "assessment_items": find_answers(kept),
    }
    _note_rows_without_rating(rows, cells, findings)
    note_recalled_peaks(ratings, findings)
    ask_about_study(tables, mapping, _id_place(files[0]), findings)
    problems = findings.all_problems()
    breaches = problems[problems["severity"] == "breach"]
    if strict and len(breaches):
        raise InvalidCohortError(_list_breaches(breaches), problems)
    questions = as_frame(findings.questions)
    origin = Origin(
        sources=pd.DataFrame(
            {"file": [r.name for r in records], "sha256": [r.sha256 for r in records]}
        ),
        columns=tuple(sorted(cells["column"].unique())),
        provenance={"ratings": _provenance(ratings, records, cells)},
        problems=problems,
        questions=questions,
        accounting=account(files, cells, problems, findings.waiting_rows()),
        dropped_columns=_dropped(files, records),
        mapping_text=mapping_text,
        draft=draft_mapping(questions, mapping_text),
    )
    return Cohort(
        tables=tables,
        origin=origin,
        unread={file.name: file.unread for file in files if len(file.unread.columns)},
        words=_words(files),
        answers=mapping.answers.model_dump(exclude_none=True),
        simulated=mapping.simulated,
        gaps=find_gaps(files, rows, cells),
        coded_missing=_coded(files, rows, cells),
        instruments={name: describe_instrument(mapping, name) for name in mapping.instruments},
        item_labels=item_labels,
        present=frozenset(file.table for file in files) & set(TABLES),
    )


def _typed_ratings(ratings: pd.DataFrame) -> pd.DataFrame:
    types = empty_table("ratings").dtypes.to_dict()
    return ratings.reindex(columns=[*types, "code"]).astype(types)


def _id_place(file: Shaped) -> tuple[str, str]:
    said = file.mapping.columns.get("patient_id") or file.columns.ours.get("patient_id")
    return file.name, said if isinstance(said, str) else "patient_id"


def _described_tables(
    files: list[Shaped], rows: pd.DataFrame, findings: Findings
) -> dict[str, pd.DataFrame]:
    """Return every table whose rows describe a thing; those of cells come from the cells."""
    of_cells = ("ratings", "exposure_breaks", "assessments", "assessment_items")
    tables = {name: build_table(rows, name, findings) for name in TABLES if name not in of_cells}
    tables["exposure_breaks"] = find_breaks(rows, findings)
    tables["safety_behaviours"] = add_boxes(tables, files, rows)
    return tables


def _place_all(files: list[Shaped], mapping: Mapping, findings: Findings) -> pd.DataFrame:
    read = [file for file in files if file.table in ("log", *TABLES)]
    placed = [place_rows(file, mapping.answers, findings) for file in read]
    rows = pd.concat(placed, ignore_index=True)
    for name in ("patient_id", "session_id", "exposure_id", "event"):
        if name not in rows:
            rows[name] = ""
    text = [str(name) for name in rows if rows[name].dtype == "str"]
    rows[text] = rows[text].fillna("")
    rows["order_open"] = rows["order_open"].fillna(value=False).astype(bool)
    for name in ("started_at", "date"):
        if name not in rows:
            rows[name] = pd.NaT
        rows[name] = rows[name].astype("datetime64[us]")
    rows["started_at"] = rows["started_at"].fillna(rows["date"])
    rows["date"] = rows["date"].fillna(rows["started_at"].dt.normalize())
    return rows


def _read_cells(
    files: list[Shaped], rows: pd.DataFrame, mapping: Mapping, findings: Findings
) -> pd.DataFrame:
    cells = pd.concat([file.cells for file in files], ignore_index=True)
    cells = values.place_cells(cells, rows, findings.waiting_rows())
    cells = values.check_owners(cells, findings)
    cells = values.read_values(cells, mapping, findings)
    cells = values.check_totals(cells, mapping, findings)
    cells = values.apply_scales(cells, mapping, findings)
    cells = values.check_order(cells, findings)
    return values.check_twice(cells, findings)


def _note_rows_without_rating(rows: pd.DataFrame, cells: pd.DataFrame, findings: Findings) -> None:
    expected = (rows["table"] == "log") & (rows["exposure_id"] != "") & (rows["event"] == "")
    expected |= rows["table"].isin(["ratings", "assessments", "assessment_items"])
    if "status" in rows:
        expected &= ~rows["status"].isin(["refused", "not_done"])
    rated = pd.MultiIndex.from_frame(cells[["file", "row"]])
    own = pd.MultiIndex.from_frame(rows[["file", "row"]])
    findings.report("no_rating", "ratings", rows.loc[expected & ~own.isin(rated), ["file", "row"]])


def _coded(files: list[Shaped], rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """List what holds a missing code: described cells, scores and answers."""
    coded = pd.concat([file.coded.assign(file=file.name) for file in files], ignore_index=True)
    scores = cells[(cells["instrument"] != "") & (cells["code"] != "")]
    both = pd.concat([coded, scores[["file", "row", "column", "code"]]], ignore_index=True)
    keys = ["file", "row", "patient_id", "session_id", "exposure_id"]
    return both.merge(rows[keys], on=["file", "row"])[CODED_COLUMNS]


def _provenance(ratings: pd.DataFrame, records: list[Records], cells: pd.DataFrame) -> pd.DataFrame:
    names = {record.name: code for code, record in enumerate(records)}
    columns = {name: code for code, name in enumerate(sorted(cells["column"].unique()))}
    return pd.DataFrame(
        {
            "source": ratings["file"].map(names).astype(np.int16),
            "column": ratings["column"].map(columns).astype(np.int16),
            "row": ratings["row"].astype(np.int32),
        }
    )


def _dropped(files: list[Shaped], records: list[Records]) -> pd.DataFrame:
    lines = [
        (file.name, column, _count_given(record.frame, column), reason)
        for file, record in zip(files, records, strict=True)
        for column, reason in file.columns.dropped.items()
    ]
    return pd.DataFrame(lines, columns=["file", "column", "n_values", "reason"])


def _count_given(frame: pd.DataFrame, column: str) -> int:
    return int((frame[column] != "").sum()) if column in frame else len(frame)


def _words(files: list[Shaped]) -> dict[str, str]:
    return {
        rating.kind: rating.word
        for file in files
        for rating in file.columns.ratings
        if rating.word is not None
    }


def _list_breaches(breaches: pd.DataFrame, most: int = 20) -> str:
    lines = list(breaches["message"].head(most))
    if len(breaches) > most:
        lines.append(f"... and {len(breaches) - most} more: see the problems of this error.")
    n = len(breaches)
    return (
        f"{n} breach{'es' if n != 1 else ''} of the data model:\n  "
        + "\n  ".join(lines)
        + "\nCorrect the files, or load with strict=False to set these aside and go on."
    )

"""Which patients, sessions and exposures do the rows describe, and do they agree?

A table of its own declares its things (``participants.csv`` says who is in the study); other files
then refer to it. Without such a table every log declares what it names.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.schema import TABLES, empty_table
from gradex_analysis.loaders import parse
from gradex_analysis.loaders.findings import Findings

#: columns that a log describes but whose home is another table
ALREADY_READ = {"session_number", "exposure_number", "started_at", "date"}


def check_references(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside rows of unknown patients and exposures, and find the patient of bare ratings."""
    rows = _find_patients(rows, findings)
    for table, rule in (("participants", "unknown_patient"), ("exposures", "unknown_exposure")):
        key = list(TABLES[table].key)
        declared = rows["table"] == table
        if declared.any():
            own = pd.MultiIndex.from_frame(rows[key])
            refers = ~declared & (rows[key[-1]].fillna("") != "")
            known = own.isin(pd.MultiIndex.from_frame(rows.loc[declared, key]))
            rows = findings.reject_rows(rows, refers & ~known, rule, key[-1])
    return rows


def _find_patients(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    bare = rows["table"].isin(["ratings", "exposure_breaks"]) & (rows["patient_id"] == "")
    if not bare.any():
        return rows
    owners = rows.loc[rows["table"] == "exposures", ["exposure_id", "patient_id"]]
    owners = owners.drop_duplicates()
    shared = owners.loc[owners["exposure_id"].duplicated(keep=False), "exposure_id"]
    ambiguous = bare & rows["exposure_id"].isin(shared)
    rows = findings.reject_rows(rows, ambiguous, "ambiguous_exposure", "exposure_id")
    bare = bare[rows.index]
    owner = owners[~owners["exposure_id"].isin(shared)].set_index("exposure_id")["patient_id"]
    found = rows["exposure_id"].map(owner)
    rows = findings.reject_rows(
        rows, bare & found.isna(), "unknown_exposure", "exposure_id", "ratings"
    )
    return rows.assign(patient_id=rows["patient_id"].mask(bare[rows.index], found[rows.index]))


def check_agreement(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside all rows of a patient, session or exposure that are described in two ways."""
    episode = ["patient_id", "episode"] if "episode" in rows else ["patient_id"]
    rows = _reject_disagreeing(rows, episode, "arm", "two_arms", findings)
    for table, column in _described_columns():
        if column in rows:
            key = list(TABLES[table].key)
            rows = _reject_disagreeing(rows, key, column, "contradiction", findings)
    return rows


def _described_columns() -> list[tuple[str, str]]:
    return [
        (table, column)
        for table in ("participants", "sessions", "exposures")
        for column in TABLES[table].columns
        if column not in (*TABLES[table].key, "arm", "date", "started_at", "therapist_id")
    ]


def _reject_disagreeing(
    rows: pd.DataFrame, key: list[str], column: str, rule: str, findings: Findings
) -> pd.DataFrame:
    if column not in rows or not set(key) <= set(rows.columns):
        return rows
    said = rows[column].notna() & (rows[column] != "") & (rows[key[-1]].fillna("") != "")
    pairs = rows.loc[said, [*key, column]].drop_duplicates()
    bad_keys = pairs.loc[pairs.duplicated(key, keep="first"), key].drop_duplicates()
    if bad_keys.empty:
        return rows
    index = pd.MultiIndex.from_frame(rows[key])
    bad = pd.Series(index.isin(pd.MultiIndex.from_frame(bad_keys)), index=rows.index)
    return findings.reject_rows(rows, bad & said, rule, column)


def build_table(rows: pd.DataFrame, table: str, findings: Findings) -> pd.DataFrame:
    """Return one typed row per key of the table, from its own file and from logs."""
    spec = TABLES[table]
    empty = empty_table(table)
    own = rows[rows["table"].isin([table, "log"])]
    if table in ("participants", "exposures") and not (rows["table"] == table).any():
        own = rows  # nothing declares them, so that every row does
    columns = [name for name in spec.columns if name in own]
    if not set(spec.key) <= set(columns):
        return empty
    for name in spec.key:
        own = own[own[name].notna() & (own[name] != "")]
    if own.empty:
        return empty
    typed = _typed(own, table, columns, findings)
    # the first value said; rows that contradict each other were set aside before
    combined = typed.groupby(list(spec.key), sort=False, as_index=False)[columns].first()
    combined = combined.reindex(columns=list(spec.columns))
    return combined.astype(empty.dtypes.to_dict())


def read_cells(rows: pd.DataFrame, name: str, table: str, findings: Findings) -> pd.Series:
    """Return a column of numbers; cells that are none are listed and left empty."""
    values, bad = parse.numbers(rows[name].fillna("").astype("str"), ".")
    places = rows.loc[bad, ["file", "row"]].assign(column=name, raw=rows.loc[bad, name])
    findings.report("not_a_number_cell", table, places)
    return values


def _typed(own: pd.DataFrame, table: str, columns: list[str], findings: Findings) -> pd.DataFrame:
    typed = {}
    for name in columns:
        column = TABLES[table].columns[name]
        if name in ALREADY_READ:
            typed[name] = own[name]
            continue
        cells = own[name].fillna("").astype("str")
        typed[name], bad = parse.parse_column(cells, column, ".", [])
        if bad.any():
            rule = (
                "unknown_code" if column.codes or column.kind == "yes_no" else "not_a_number_cell"
            )
            places = own.loc[bad, ["file", "row"]].assign(column=name, raw=cells[bad])
            findings.report(rule, table, places)
    return pd.DataFrame(typed, index=own.index)

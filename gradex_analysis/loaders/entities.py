"""Which patients, sessions and exposures do the rows describe, and do they agree?

A table of its own declares its things (``participants.csv`` says who is in the study); other files
then refer to it. Without such a table every log declares what it names.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gradex_analysis.cohort.names import NOT_FROM_A_LOG
from gradex_analysis.cohort.schema import LOG_TABLES, TABLES, Table, empty_table
from gradex_analysis.loaders.covariates import find_covariates
from gradex_analysis.loaders.described import read_columns
from gradex_analysis.loaders.findings import Findings

#: their files hold cells, which are checked one by one
SCORES = ("assessments", "assessment_items")
#: tables whose rows say that an exposure was there
DECLARE_EXPOSURES = ("log", "ratings", "exposure_breaks")


def check_references(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside rows of unknown patients and exposures, and find the patient of bare ratings."""
    rows = _find_patients(rows, findings)
    for table, rule in (("participants", "unknown_patient"), ("exposures", "unknown_exposure")):
        key = list(TABLES[table].key)
        declared = rows["table"] == table
        is_declared = table in findings.present
        if table == "exposures" and not is_declared:
            declared, is_declared = rows["table"].isin(DECLARE_EXPOSURES), True
        if is_declared:
            own = pd.MultiIndex.from_frame(rows[key])
            refers = ~declared & (rows[key[-1]].fillna("") != "")
            known = own.isin(pd.MultiIndex.from_frame(rows.loc[declared, key]))
            rows = findings.reject_rows(rows, refers & ~known, rule, key[-1])
    return rows


def _find_patients(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    bare = rows["table"].isin(["ratings", "exposure_breaks", "safety_behaviours"]) & (
        rows["patient_id"] == ""
    )
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
    rows = findings.reject_rows(rows, bare & found.isna(), "unknown_exposure", "exposure_id")
    return rows.assign(patient_id=rows["patient_id"].mask(bare[rows.index], found[rows.index]))


def check_agreement(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside all rows of a patient, session or exposure that are described in two ways."""
    episode = ("patient_id", "episode") if "episode" in rows else ("patient_id",)
    if "arm" in rows:
        bad = _disagreeing(rows[rows["patient_id"] != ""], episode, "arm")
        bad = bad.reindex(rows.index, fill_value=False)
        rows = findings.reject_rows(rows, bad, "two_arms", "arm")
    for table, column in _described_columns():
        if column in rows:
            own = _with_whole_key(_rows_of(rows, table, findings), TABLES[table])
            bad = _disagreeing(own, TABLES[table].key, column)
            bad = bad.reindex(rows.index, fill_value=False)
            rows = findings.reject_rows(rows, bad, "contradiction", column)
    # what belongs to a thing that was set aside now belongs to nothing
    return check_references(rows, findings)


def _described_columns() -> list[tuple[str, str]]:
    return [
        (table, column)
        for table in TABLES
        if table not in ("ratings", "exposure_breaks", *SCORES)
        for column in TABLES[table].columns
        if column not in (*TABLES[table].key, "arm", "date", "started_at", "therapist_id")
    ]


def _with_whole_key(own: pd.DataFrame, spec: Table) -> pd.DataFrame:
    """Return the rows that have every part of the key they need; what they may lack is blank."""
    own = own.assign(**{name: "" for name in spec.may_lack if name not in own})
    for name in [name for name in spec.key if name not in spec.may_lack and name in own]:
        own = own[own[name].notna() & (own[name] != "")]
    return own


def _disagreeing(rows: pd.DataFrame, key: Sequence[str], column: str) -> pd.Series:
    """Mark the rows that say one of several things of the same key."""
    nowhere = pd.Series(data=False, index=rows.index)
    if not set(key) <= set(rows.columns):
        return nowhere
    said = rows[column].notna() & (rows[column] != "")
    pairs = rows.loc[said, [*key, column]].drop_duplicates()
    bad_keys = pairs.loc[pairs.duplicated(list(key), keep="first"), list(key)].drop_duplicates()
    if bad_keys.empty:
        return nowhere
    index = pd.MultiIndex.from_frame(rows[list(key)])
    return said & index.isin(pd.MultiIndex.from_frame(bad_keys))


def build_table(rows: pd.DataFrame, table: str, findings: Findings) -> pd.DataFrame:
    """Return one typed row per key of the table, from its own file and from logs."""
    spec = TABLES[table]
    empty = empty_table(table)
    own = _with_whole_key(_rows_of(rows, table, findings), spec)
    columns = [name for name in spec.columns if name in own]
    if own.empty or not set(spec.key) <= set(columns):
        return empty
    typed = read_columns(own, table, columns, findings)
    by = typed.groupby(list(spec.key), sort=False, as_index=False, dropna=False)
    # the first value said; rows that contradict each other were set aside before
    combined = by[columns].first().reindex(columns=list(spec.columns))
    combined = combined.astype(empty.dtypes.to_dict())
    if table == "participants":
        return combined.merge(find_covariates(own, findings), on="patient_id", how="left")
    return combined


def _rows_of(rows: pd.DataFrame, table: str, findings: Findings) -> pd.DataFrame:
    """Return the rows that say something of this table's things."""
    declared = table in findings.present
    if table == "participants" and not declared:
        return rows[rows["patient_id"] != ""]  # nothing declares them, so that every row does
    if table == "exposures" and not declared:
        return rows[rows["table"].isin(DECLARE_EXPOSURES)]
    own = rows[rows["table"].isin([table, "log"] if table in LOG_TABLES else [table])]
    elsewhere = [name for name in NOT_FROM_A_LOG.get(table, ()) if name in own]
    return own.assign(**{name: own[name].mask(own["table"] == "log", "") for name in elsewhere})

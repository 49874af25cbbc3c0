"""Do tables made in memory follow the data model?

Files pass the gate of ``loaders``; this is the same contract for tables a program made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gradex_analysis.cohort.rules import list_problems, no_problems
from gradex_analysis.cohort.scales import parse_scale, scale_ends
from gradex_analysis.cohort.schema import (
    TABLES,
    UNREAD_TABLES,
    Table,
    empty_table,
    split_occurrence,
)
from gradex_analysis.errors import InvalidCohortError, UnknownNameError


def check_tables(
    tables: Mapping[str, pd.DataFrame],
) -> tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]:
    """Return the typed tables and the rest as text; raise one error listing every breach."""
    typed: dict[str, pd.DataFrame] = {}
    unread: dict[str, pd.DataFrame] = {}
    problems = [no_problems()]
    for name, frame in tables.items():
        if name not in TABLES:
            unread[name] = _unread_table(name, frame)
            continue
        frame, unreadable = _set_aside_words(frame, name)
        problems += unreadable
        typed[name], others = _part(frame, name)
        if len(others.columns):
            unread[name] = others.astype("str")
        problems += _check_key(typed[name], name, TABLES[name])
        problems += [*_check_codes(typed[name], name), *_check_ends(typed[name], name)]
    problems += _check_references(typed)
    if "ratings" in typed:
        problems += _check_scales(typed["ratings"])
    found = pd.concat(problems, ignore_index=True)
    if len(found):
        raise InvalidCohortError("\n".join(found["message"].head(20)), found)
    return typed, unread


def _unread_table(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    if name not in UNREAD_TABLES:
        raise UnknownNameError("table", name, [*TABLES, *UNREAD_TABLES])
    return frame.astype("str")


def _set_aside_words(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Return the table without what is no number where one is needed, and what that was."""
    problems: list[pd.DataFrame] = []
    for column, spec in TABLES[name].columns.items():
        if spec.kind not in ("number", "integer") or column not in frame:
            continue
        cells = frame[column]
        if not pd.api.types.is_numeric_dtype(cells):
            cells = cells.astype("object").replace("", None)
        found = pd.to_numeric(cells, errors="coerce").astype("float64")
        is_bad = found.isna() | ((spec.kind == "integer") & (found % 1 != 0))
        is_bad &= cells.notna()
        problems += _list("not_a_number_cell", frame, is_bad, name, column)
        if is_bad.any():
            frame = frame.assign(**{column: cells.mask(is_bad)})
    return frame, problems


def _part(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the typed columns of a table and those that nobody reads."""
    others = frame.drop(columns=[c for c in TABLES[name].columns if c in frame])
    if name == "participants":
        return _typed(frame, name).join(_covariates(others)), others[[]]
    return _typed(frame, name), others


def _covariates(others: pd.DataFrame) -> pd.DataFrame:
    """Return what else is said of patients: numbers as numbers, all else as text."""
    return pd.DataFrame(
        {
            str(name): cells.astype("float64")
            if pd.api.types.is_numeric_dtype(cells)
            else cells.replace("", None).astype("str")
            for name, cells in others.items()
        },
        index=others.index,
    ).reset_index(drop=True)


def _typed(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if "occurrence" in frame and name == "exposures":
        frame = frame.assign(**split_occurrence(frame["occurrence"]))
    columns = frame.reindex(columns=list(TABLES[name].columns)).replace("", None)
    for column, spec in TABLES[name].columns.items():
        if spec.kind == "yes_no":
            columns[column] = columns[column].replace({"yes": True, "no": False})
    return columns.astype(empty_table(name).dtypes.to_dict()).reset_index(drop=True)


def _check_codes(frame: pd.DataFrame, name: str) -> Iterator[pd.DataFrame]:
    for column, spec in TABLES[name].columns.items():
        if spec.codes:
            unknown = frame[column].notna() & ~frame[column].isin(spec.codes)
            yield from _list("unknown_code", frame, unknown, name, column)


def _check_ends(frame: pd.DataFrame, name: str) -> Iterator[pd.DataFrame]:
    for column, spec in TABLES[name].columns.items():
        if spec.scale:
            end = parse_scale(spec.scale)
            outside = (frame[column] < end.low) | (frame[column] > end.high)
            yield from _list("outside_scale", frame, outside, name, column)


def _list(
    rule: str, frame: pd.DataFrame, bad: pd.Series, table: str, column: str
) -> Iterator[pd.DataFrame]:
    """List the problem of every row of the mask; nothing where there is none."""
    if bad.any():
        raw = frame.loc[bad, column].astype("str").fillna("")
        places = pd.DataFrame(
            {"row": np.flatnonzero(bad) + 1, "raw": raw.to_numpy(dtype=object)}
        ).assign(file=table, column=column)
        yield list_problems(rule, table, places)


def _check_key(frame: pd.DataFrame, name: str, spec: Table) -> Iterator[pd.DataFrame]:
    key = list(spec.key)
    twice = frame.duplicated(key, keep=False)
    rule = "conflicting_values" if name == "ratings" else "contradiction"
    missing = frame[key[0]].isna() & (key[0] not in spec.may_lack)
    yield from _list(rule, frame, twice & ~missing, name, key[-1])
    for part in set(key) - set(spec.may_lack):
        yield from _list("missing_id", frame, frame[part].isna(), name, part)


def _check_references(typed: dict[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for parent, key, rule in (
        ("participants", ["patient_id"], "unknown_patient"),
        ("exposures", ["patient_id", "exposure_id"], "unknown_exposure"),
    ):
        known = pd.MultiIndex.from_frame(typed.get(parent, empty_table(parent))[key])
        for name, frame in typed.items():
            if name != parent and set(key) <= set(frame.columns):
                own = pd.MultiIndex.from_frame(frame[key])
                unknown = pd.Series(~own.isin(known), index=frame.index)
                yield from _list(rule, frame, unknown & frame[key[-1]].notna(), name, key[-1])


def _check_scales(ratings: pd.DataFrame) -> Iterator[pd.DataFrame]:
    low, high = scale_ends(ratings["scale_id"])
    outside = (ratings["value"] < low) | (ratings["value"] > high)
    yield from _list("outside_scale", ratings, outside, "ratings", "value")

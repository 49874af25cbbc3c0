"""Do tables made in memory follow the data model?

Files pass the gate of ``loaders``; this is the same contract for tables a program made.
"""

from __future__ import annotations

from collections.abc import Mapping

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
            if name not in UNREAD_TABLES:
                raise UnknownNameError("table", name, [*TABLES, *UNREAD_TABLES])
            unread[name] = frame.astype("str")
            continue
        spec = TABLES[name]
        others = frame.drop(columns=[c for c in spec.columns if c in frame])
        typed[name] = _typed(frame, name)
        if name == "participants":
            typed[name] = typed[name].join(_covariates(others))
        elif len(others.columns):
            unread[name] = others.astype("str")
        problems += [_check_key(typed[name], name, spec), *_check_codes(typed[name], name)]
        problems += _check_ends(typed[name], name)
    problems += _check_references(typed)
    if "ratings" in typed:
        problems.append(_check_scales(typed["ratings"]))
    found = pd.concat(problems, ignore_index=True)
    if len(found):
        raise InvalidCohortError("\n".join(found["message"].head(20)), found)
    return typed, unread


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


def _check_codes(frame: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    coded = {column: spec.codes for column, spec in TABLES[name].columns.items() if spec.codes}
    unknown = {c: frame[c].notna() & ~frame[c].isin(codes) for c, codes in coded.items()}
    return [
        list_problems("unknown_code", name, _places(frame, bad, name, column))
        for column, bad in unknown.items()
    ]


def _check_ends(frame: pd.DataFrame, name: str) -> list[pd.DataFrame]:
    scaled = {column: spec.scale for column, spec in TABLES[name].columns.items() if spec.scale}
    ends = {column: parse_scale(scale) for column, scale in scaled.items()}
    return [
        list_problems(
            "outside_scale",
            name,
            _places(frame, (frame[c] < end.low) | (frame[c] > end.high), name, c),
        )
        for c, end in ends.items()
    ]


def _places(frame: pd.DataFrame, bad: pd.Series, table: str, column: str) -> pd.DataFrame:
    raw = frame.loc[bad, column].astype("str").fillna("")
    return pd.DataFrame({"row": np.flatnonzero(bad) + 1, "raw": raw.to_numpy(dtype=object)}).assign(
        file=table, column=column
    )


def _check_key(frame: pd.DataFrame, name: str, spec: Table) -> pd.DataFrame:
    key = list(spec.key)
    twice = frame.duplicated(key, keep=False)
    rule = "conflicting_values" if name == "ratings" else "contradiction"
    missing = frame[key[0]].isna() & (key[0] not in spec.may_lack)
    found = [
        list_problems(rule, name, _places(frame, twice & ~missing, name, key[-1])),
        list_problems("missing_id", name, _places(frame, missing, name, key[0])),
    ]
    return pd.concat(found, ignore_index=True)


def _check_references(typed: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    found = []
    for parent, key, rule in (
        ("participants", ["patient_id"], "unknown_patient"),
        ("exposures", ["patient_id", "exposure_id"], "unknown_exposure"),
    ):
        known = pd.MultiIndex.from_frame(typed.get(parent, empty_table(parent))[key])
        for name, frame in typed.items():
            if name != parent and set(key) <= set(frame.columns):
                own = pd.MultiIndex.from_frame(frame[key])
                refers = frame[key[-1]].notna() | (key[-1] in _needed(name))
                bad = pd.Series(~own.isin(known), index=frame.index) & refers
                found.append(list_problems(rule, name, _places(frame, bad, name, key[-1])))
    return found


def _needed(name: str) -> set[str]:
    """Return the parts of the table's key that no row may lack."""
    return set(TABLES[name].key) - set(TABLES[name].may_lack)


def _check_scales(ratings: pd.DataFrame) -> pd.DataFrame:
    low, high = scale_ends(ratings["scale_id"])
    outside = (ratings["value"] < low) | (ratings["value"] > high)
    return list_problems("outside_scale", "ratings", _places(ratings, outside, "ratings", "value"))

"""Which rating cells are values on a known scale, which are set aside, and which wait?

Works on the list of all rating and score cells of a study; ``state`` is ``kept``, ``rejected`` or
``waiting`` and every cell keeps exactly one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.names import TEMPLATE_SCALES, normalise
from gradex_analysis.cohort.scales import scale_ends
from gradex_analysis.loaders import parse
from gradex_analysis.loaders import questions as ask
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.instruments import describe_instrument
from gradex_analysis.loaders.mapping import Mapping
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.suspicion import hold_suspects

ROW_KEYS = ["patient_id", "exposure_id", "session_id", "order_open", "event", "therapist_id"]
RATING_KEY = ["patient_id", "exposure_id", "kind", "when"]
SCORE_KEY = ["patient_id", "instrument", "occasion", "item"]


def place_cells(cells: pd.DataFrame, rows: pd.DataFrame, waiting: pd.DataFrame) -> pd.DataFrame:
    """Give every cell its row's keys; cells of rows that were set aside are ``rejected``.

    Those of the ``waiting`` rows wait.
    """
    present = [name for name in (*ROW_KEYS, "minute", "repetition", "moment") if name in rows]
    keys = rows[["file", "row", *present]].rename(columns={"moment": "row_moment"})
    placed = cells.merge(keys, on=["file", "row"], how="left", indicator="state")
    placed["state"] = placed["state"].map({"both": "kept", "left_only": "rejected"}).astype("str")
    own = pd.MultiIndex.from_frame(placed[["file", "row"]])
    placed.loc[own.isin(pd.MultiIndex.from_frame(waiting)), "state"] = "waiting"
    for name in (*ROW_KEYS, "row_moment", "minute", "repetition"):
        if name not in placed:
            placed[name] = np.nan if name in ("minute", "repetition") else ""
    placed["moment_said"] = placed["moment"] != ""
    placed["moment"] = _moments(placed)
    return placed


def _moments(cells: pd.DataFrame) -> pd.Series:
    """Tell each cell's moment: as said, else by the row's event, else by the minute's sign."""
    moment = cells["moment"].mask(cells["moment"] == "", cells["row_moment"].fillna(""))
    timed = cells["minute"].notna() | cells["repetition"].notna()
    by_time = pd.Series("during", index=cells.index).mask(cells["minute"] < 0, "before")
    event = cells["event"].fillna("")
    by_time = by_time.mask(event.isin(["before", "end"]), event)
    return moment.mask((moment == "") & timed & (cells["instrument"] == ""), by_time)


def check_owners(cells: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside ratings in rows that have no exposure."""
    bare = (cells["state"] == "kept") & (cells["instrument"] == "")
    bare &= cells["exposure_id"].fillna("") == ""
    return _reject(cells, cells.index[bare], "rating_without_exposure", findings)


def read_values(cells: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Turn cells into numbers; coded missing values are kept with their code."""
    cells = cells.assign(value=np.nan, code="")
    cells.loc[(cells["state"] == "kept") & ~cells["meaning_known"], "state"] = "waiting"
    for file, group in cells[cells["state"] == "kept"].groupby("file", sort=False):
        said = mapping.for_file(str(file))
        code = pd.Series("", index=group.index, dtype="str")
        for raw, meaning in said.missing.items():
            code[group["raw"] == raw] = meaning
        text = group["raw"].astype("str").mask(code != "", "")
        value, bad = parse.numbers(text, said.decimal)
        cells.loc[group.index, "value"] = value
        cells.loc[group.index, "code"] = code
        cells = _reject(cells, bad[bad].index, "not_a_number", findings)
    return cells


def _reject(cells: pd.DataFrame, index: pd.Index, rule: str, findings: Findings) -> pd.DataFrame:
    findings.report(rule, "ratings", cells.loc[index, ["file", "row", "column", "raw"]])
    cells.loc[index, "state"] = "rejected"
    return cells


def apply_scales(cells: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Let cells without a scale wait, ask for it, and set aside values outside their scale."""
    is_rating = cells["instrument"] == ""
    kept = (cells["state"] == "kept") & is_rating
    template = kept & ~cells["scale_said"] & (cells["by"] == "") & _has_our_name(cells)
    cells.loc[template, "scale_id"] = cells.loc[template, "kind"].map(TEMPLATE_SCALES)
    unknown = kept & (cells["scale_id"] == "")
    _ask_for_scales(cells[unknown], mapping, findings)
    cells.loc[unknown, "state"] = "waiting"
    cells.loc[kept & cells["order_open"].fillna(value=False).astype(bool), "state"] = "waiting"
    cells = hold_suspects(cells, template & ~unknown, findings)
    low, high = scale_ends(cells["scale_id"].mask(cells["scale_id"] == ""))
    kept = (cells["state"] == "kept") & is_rating
    outside = kept & ((cells["value"] < low) | (cells["value"] > high))
    cells["value_100"] = 100 * (cells["value"] - low) / (high - low)
    return _reject(cells, cells.index[outside], "outside_scale", findings)


def _has_our_name(cells: pd.DataFrame) -> pd.Series:
    ours = pd.Series(data=False, index=cells.index)
    for kind in TEMPLATE_SCALES:
        names = [
            column
            for column in cells["column"].unique()
            if normalise(column) in (kind, f"{kind}_nrs", "value")
            or normalise(column).startswith(f"{kind}_")
        ]
        ours |= (cells["kind"] == kind) & cells["column"].isin(names)
    return ours


def _ask_for_scales(unknown: pd.DataFrame, mapping: Mapping, findings: Findings) -> None:
    for (file, column, kind), group in unknown.groupby(["file", "column", "kind"], sort=False):
        levels = group.loc[group["by"] != "", "by"].value_counts()
        by = mapping.scale_column(str(file), str(column))
        if levels.empty and by:
            findings.questions.append(ask.blank_level(str(file), str(column), by, len(group)))
            continue
        if levels.empty:
            question = ask.scale_of_column(str(file), str(column), str(kind), len(group))
            findings.questions.append(question)
            continue
        said = ", ".join(f"{count} with {level!r}" for level, count in levels.items())
        answers = ", ".join(f'"{level}" = "0-100"' for level in levels.index)
        findings.questions.append(
            Question(
                "scale", str(file), str(column), len(group),
                f"{file}: on which scale are the values of {column!r} whose scale the mapping does "
                f"not say ({said})? They wait until that is said.",
                f'[[file]]\npath = "{file}"\n[[file.ratings]]\ncolumn = "{column}"\n'
                f'kind = "{kind}"\nscale = {{ by = "{by}", {answers} }}',
            )
        )  # fmt: skip


def check_totals(cells: pd.DataFrame, mapping: Mapping, findings: Findings) -> pd.DataFrame:
    """Set aside totals outside the range of their questionnaire, where that is known."""
    totals = (cells["state"] == "kept") & (cells["instrument"] != "") & (cells["item"] == 0)
    known = {
        name: describe_instrument(mapping, str(name))
        for name in cells.loc[totals, "instrument"].unique()
    }
    low = cells["instrument"].map({n: one.low for n, one in known.items()}).astype("float64")
    high = cells["instrument"].map({n: one.high for n, one in known.items()}).astype("float64")
    outside = totals & ((cells["value"] < low) | (cells["value"] > high))
    return _reject(cells, cells.index[outside], "outside_range", findings)


def check_order(cells: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Set aside ratings without a moment, and those whose minute goes backwards in the file."""
    nowhen = (cells["state"] == "kept") & (cells["instrument"] == "") & (cells["moment"] == "")
    cells = _reject(cells, cells.index[nowhen], "no_moment", findings)
    kept = cells[(cells["state"] == "kept") & (cells["instrument"] == "")]
    latest = kept.groupby(RATING_KEY[:3], sort=False)["minute"].transform("cummax")
    return _reject(cells, kept.index[kept["minute"] < latest], "minute_backwards", findings)


def check_twice(cells: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Count equal values of one moment once, and set aside both where they differ."""
    timed = cells["minute"].fillna(cells["repetition"].astype("float64"))
    # a moment that was said stands beside the row's minute: 5/7 before and after in one row
    moment = cells["moment"].where(cells["moment_said"] | timed.isna(), "")
    cells["when"] = timed.astype("str").fillna("") + moment
    for key, group in (
        (RATING_KEY, cells["instrument"] == ""),
        (SCORE_KEY, cells["instrument"] != ""),
    ):
        kept = cells[(cells["state"] == "kept") & group]
        again = kept.duplicated([*key, "value", "code"])
        cells = _reject(cells, kept.index[again], "duplicate", findings)
        kept = kept[~again]
        twice = kept.duplicated(key, keep=False)
        cells = _reject(cells, kept.index[twice], "conflicting_values", findings)
    return cells

"""Which ratings under our own name look as if they were given on another scale?

A column that mixes 0-10 and 0-100 has no value out of range; it shows only by groups.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.questions import Question, rating_block

#: A group is asked about when it has at least this many values, this many different ones, and none
#: above ``MAXIMUM`` of 100.
FEWEST_VALUES, FEWEST_DISTINCT, MAXIMUM = 5, 3, 10
GROUPS = {"file": "all", "therapist_id": "therapist", "patient_id": "patient"}


def hold_suspects(cells: pd.DataFrame, template: pd.Series, findings: Findings) -> pd.DataFrame:
    """Let groups wait that never exceed 10 on a 0-100 scale which nobody confirmed, and ask.

    Checked for the whole file, then by therapist, then by patient. ``template`` marks the cells
    whose scale follows from our own column name only.
    """
    for by in GROUPS:
        checked = template & (cells["state"] == "kept") & (cells["scale_id"] == "0-100")
        group = cells[checked & (cells[by].fillna("") != "")]
        by_group = group.assign(by=group[by]).groupby(["file", "column", "by"], sort=False)
        summary = by_group["value"].agg(["size", "max", "nunique"])
        suspects = summary[
            (summary["size"] >= FEWEST_VALUES)
            & (summary["max"] <= MAXIMUM)
            & (summary["nunique"] >= FEWEST_DISTINCT)
        ]
        for (file, column), some in suspects.groupby(level=[0, 1], sort=False):
            names = [str(name) for name in some.index.get_level_values("by")]
            same = (cells["file"] == file) & (cells["column"] == column)
            waits = checked & same & cells[by].isin(names)
            cells.loc[waits, "state"] = "waiting"
            counts = int(waits.sum()), int(same.sum())
            findings.questions.append(_question(str(file), str(column), by, names, counts))
    return cells


def _question(
    file: str, column: str, by: str, names: list[str], counts: tuple[int, int]
) -> Question:
    who = "" if by == "file" else f", those of {GROUPS[by]} {', '.join(names)},"
    levels = ", ".join(f'"{name}" = "0-10"' for name in names)
    answer = (
        '"0-10"   # or "0-100"'
        if by == "file"
        else f'{{ by = "{by}", {levels}, default = "0-100" }}   # or scale = "0-100"'
    )
    return Question(
        "scale", file, column, counts[0],
        f"{file}: {counts[0]} of {counts[1]} values of {column!r}{who} never exceed {MAXIMUM} on a "
        "scale of 0-100. Is that a 0-10 scale? They wait until that is said.",
        rating_block(file, column, "fear", answer),
    )  # fmt: skip

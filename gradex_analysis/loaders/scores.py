"""Which of the cells that were kept are scores of questionnaires, and which answers to items?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.schema import TABLES
from gradex_analysis.loaders.described import read_cells
from gradex_analysis.loaders.findings import Findings

#: what a row says of its score, beside the score
BESIDE = ("day", "n_missing", "version")


def find_scores(kept: pd.DataFrame, rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Return the table of assessments, with the day that each row names."""
    scores = kept[(kept["instrument"] != "") & (kept["item"] == 0)].rename(
        columns={"value": "score"}
    )
    own = rows[rows["table"].isin(["assessments", "log"])]
    beside = own[["file", "row"]]
    for name in BESIDE:
        if name == "version" and name in own:
            beside = beside.assign(version=own[name])
        elif name in own:
            beside = beside.assign(**{name: read_cells(own, name, "assessments", findings)})
    scores = scores.drop(columns="version").merge(beside, on=["file", "row"], how="left")
    table = scores.reindex(columns=list(TABLES["assessments"].columns))
    return _without_blanks(table.astype({"n_missing": "Int64"}))


def find_answers(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the table of answers to items."""
    answers = kept[kept["item"] > 0].rename(columns={"value": "response"})
    table = answers.reindex(columns=list(TABLES["assessment_items"].columns))
    return _without_blanks(table.reset_index(drop=True))


def _without_blanks(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(version=table["version"].mask(table["version"] == ""))

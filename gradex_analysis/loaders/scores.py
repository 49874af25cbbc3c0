"""Which of the cells that were kept are scores of questionnaires, and which answers to items?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.schema import empty_table
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
    return _typed(scores, "assessments")


def find_answers(kept: pd.DataFrame) -> pd.DataFrame:
    """Return the table of answers to items."""
    answers = kept[kept["item"] > 0].rename(columns={"value": "response"})
    return _typed(answers, "assessment_items")


def _typed(cells: pd.DataFrame, table: str) -> pd.DataFrame:
    types = empty_table(table).dtypes.to_dict()
    typed = cells.reindex(columns=list(types)).astype(types)
    return typed.assign(version=typed["version"].replace("", None)).reset_index(drop=True)

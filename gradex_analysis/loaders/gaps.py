"""At which moments of an exercise was a rating expected that cannot be used?

A course whose first rating was set aside has no first rating: the second must not stand in for it.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import GAP_COLUMNS, GAP_MISSING
from gradex_analysis.loaders.shape import Shaped

WHY = {"rejected": "was set aside", "waiting": "waits for an answer"}
PLACE = GAP_COLUMNS[:-1]


def find_gaps(files: list[Shaped], rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    """List ratings that were set aside or wait, and blank cells of columns rated over time.

    Returns
    -------
    DataFrame
        ``patient_id, exposure_id, kind, minute, repetition, reason``. A duplicate is no gap: its
        moment has a rating.
    """
    own = cells[(cells["instrument"] == "") & (cells["kind"] != "")]
    withheld = own[own["state"].isin(list(WHY))]
    withheld = withheld.assign(reason=withheld["state"].map(WHY))
    blanks = [_blank_cells(file, rows, cells) for file in files if file.table in ("log", "ratings")]
    gaps = pd.concat([withheld, *blanks], ignore_index=True).reindex(
        columns=[*GAP_COLUMNS, "moment"]
    )
    # a rating of one moment of a form hides only itself; one whose moment is unknown may be any
    during = gaps["minute"].notna() | gaps["repetition"].notna() | (gaps["moment"] == "")
    gaps = gaps.loc[during, GAP_COLUMNS]
    gaps = gaps[gaps["exposure_id"].fillna("") != ""]
    rated = pd.MultiIndex.from_frame(own.loc[own["state"] == "kept", PLACE])
    return gaps[~pd.MultiIndex.from_frame(gaps[PLACE]).isin(rated)].reset_index(drop=True)


def _blank_cells(file: Shaped, rows: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    own = rows[(rows["file"] == file.name) & ~rows["event"].isin(["break_start", "break_end"])]
    if file.table == "ratings":
        rated = cells.loc[cells["file"] == file.name, "row"]
        return own[~own["row"].isin(rated)].assign(reason=GAP_MISSING)
    parts = [pd.DataFrame(columns=GAP_COLUMNS)]
    for rating in file.columns.ratings:
        if rating.moment is None and rating.split is None:
            same = (cells["file"] == file.name) & (cells["column"] == rating.column)
            blank = own[~own["row"].isin(cells.loc[same, "row"])]
            parts.append(blank.assign(kind=rating.kind, reason=GAP_MISSING))
    return pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)

"""When did an exposure pause?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.schema import TABLES, empty_table
from gradex_analysis.loaders.described import read_cells
from gradex_analysis.loaders.findings import Findings

TABLE = "exposure_breaks"
COLUMNS = list(TABLES["exposure_breaks"].columns)


def find_breaks(rows: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    """Pair each row that begins a break with the next that ends one, in the order of the file.

    A break whose end was not recorded has no ``end_minute``. A table ``exposure_breaks`` adds its
    rows as they are.
    """
    parts = [empty_table("exposure_breaks")]
    own = rows[rows["table"] == "exposure_breaks"]
    if len(own):
        minutes = {
            name: read_cells(own.assign(**{name: own.get(name, "")}), name, TABLE, findings)
            for name in COLUMNS[2:]
        }
        parts.append(own[COLUMNS[:2]].assign(**minutes))
    events = rows[rows["event"].isin(["break_start", "break_end"])]
    if len(events):
        following = events.groupby(["patient_id", "exposure_id"], sort=False)
        ends = following["minute"].shift(-1).where(following["event"].shift(-1) == "break_end")
        starts = events["event"] == "break_start"
        pairs = events.assign(start_minute=events["minute"], end_minute=ends)
        parts.append(pairs.loc[starts, COLUMNS])
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True)[COLUMNS]

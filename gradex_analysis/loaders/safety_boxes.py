"""Which safety behaviours do the boxes of a form say were used?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from gradex_analysis.cohort.rules import list_problems, no_problems
from gradex_analysis.loaders.mapping import SafetyBoxes

if TYPE_CHECKING:  # shape.py imports this module
    from gradex_analysis.loaders.shape import Shaped

KEYS = ["patient_id", "exposure_id"]
COLUMNS = ["row", "code", "used"]


def read_boxes(
    frame: pd.DataFrame, file: str, said: SafetyBoxes | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``row, code, used`` and the problems met.

    A ticked behaviour was used, though not how much of it: ``some``. The others of a form with
    any tick were not. All boxes empty is not recorded; a behaviour ticked beside ``none`` is a
    contradiction, and the form is not recorded.
    """
    if said is None:
        return pd.DataFrame(columns=COLUMNS), no_problems()
    ticked = frame[list(said.boxes)].isin(said.ticked)
    none = (
        frame[said.none].isin(said.ticked)
        if said.none
        else pd.Series(data=False, index=frame.index)
    )
    contradicts = none & ticked.any(axis=1)
    recorded = (none | ticked.any(axis=1)) & ~contradicts
    parts = [
        pd.DataFrame(
            {
                "row": frame.index,
                "code": code,
                "used": pd.Series("none", index=frame.index)
                .mask(ticked[column], "some")
                .where(recorded, "not_recorded"),
            }
        )
        for column, code in said.boxes.items()
    ]
    places = _places(frame[contradicts], file).assign(column=said.none or "")
    return pd.concat(parts, ignore_index=True), list_problems("box_and_none", "", places)


def _places(frame: pd.DataFrame, file: str) -> pd.DataFrame:
    return pd.DataFrame({"row": frame.index}).assign(file=file, column="", raw="")


def add_boxes(
    tables: dict[str, pd.DataFrame], files: list[Shaped], rows: pd.DataFrame
) -> pd.DataFrame:
    """Return the table of safety behaviours: as it came, and what forms ticked.

    An exposure that was refused or not done has none to record, unless one is ticked.
    """
    table = tables["safety_behaviours"]
    parts = [file.boxes.assign(file=file.name) for file in files if len(file.boxes)]
    if not parts:
        return table
    boxes = pd.concat(parts).merge(rows[["file", "row", *KEYS]], on=["file", "row"])
    status = tables["exposures"].set_index(KEYS)["status"]
    own = pd.MultiIndex.from_frame(boxes[KEYS]).map(status.to_dict())
    carried_out = ~pd.Series(own, index=boxes.index).isin(["refused", "not_done"])
    boxes = boxes[(boxes["exposure_id"] != "") & (carried_out | (boxes["used"] != "not_recorded"))]
    return pd.concat([table, boxes[list(table.columns)]], ignore_index=True).astype(table.dtypes)

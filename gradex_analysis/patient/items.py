"""How did the fear of each item of a patient's hierarchy go, first and latest time?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.hierarchy_items import compare_peaks
from gradex_analysis.measures.occasions import BASELINE

BY_EXPOSURE, BY_ITEM, NOT_RECORDED = "before each exposure", "of the item at baseline", ""


def list_items(part: Cohort, exposures: pd.DataFrame) -> pd.DataFrame:
    """List the items of one patient, by planned rank, those never done as well.

    Returns
    -------
    DataFrame
        ``item_id, item`` (without the patient's id), ``planned_rank``, ``expected_fear`` (at
        baseline), ``n_done``, ``n_peaks``, ``peak_source`` (``ratings`` or ``recalled``, whichever
        more of the item's peaks are, the former in a tie), and of these ``n_compared, first_time,
        first_peak, latest_time, latest_peak``: 0 to 100, and the how-manieth time it was done.
    """
    planned = part.items.drop_duplicates("item_id", keep="last")
    ids = pd.concat([planned["item_id"], exposures["item_id"]]).dropna().drop_duplicates()
    table = pd.DataFrame({"item_id": ids}).merge(
        planned[["item_id", "planned_rank"]], on="item_id", how="left"
    )
    expected = part.item_ratings
    expected = expected[expected["occasion"] == BASELINE].drop_duplicates("item_id", keep="last")
    table["expected_fear"] = table["item_id"].map(expected.set_index("item_id")["expected_fear"])
    peaks = _peaks(exposures).reindex(table["item_id"]).reset_index(drop=True)
    table = pd.concat([table, peaks], axis=1)
    counts = ["n_done", "n_peaks", "n_compared"]
    table[counts] = table[counts].fillna(0).astype("int64")
    table.insert(1, "item", shorten(table["item_id"], part))
    order = ["planned_rank", "item_id"]
    return table.sort_values(order, kind="stable", ignore_index=True)


def shorten(item_ids: pd.Series, part: Cohort) -> pd.Series:
    """Return item ids without the patient's id in front, which the page names once."""
    owner = part.participants["patient_id"].iloc[0]
    return item_ids.str.removeprefix(f"{owner}-")


def say_expected(exposures: pd.DataFrame, items: pd.DataFrame) -> str:
    """Say where expected fear comes from: before each exposure, else the item's; "" for neither."""
    if exposures["expected_peak_fear"].notna().any():
        return BY_EXPOSURE
    return BY_ITEM if items["expected_fear"].notna().any() else NOT_RECORDED


def _peaks(exposures: pd.DataFrame) -> pd.DataFrame:
    done = exposures[exposures["time"].notna()].rename(columns={"time": "number"})
    peaks = compare_peaks(done).droplevel("patient_id")
    return peaks.rename(columns={"first_number": "first_time", "latest_number": "latest_time"})

"""Which items tell whether a patient's hierarchy was in the right order, and which cannot?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.hierarchy_items import (
    ITEM,
    RATED,
    RECALLED,
    list_exposed,
    list_hierarchies,
    refuse_no_items,
)
from gradex_analysis.stats.kendall import kendall_tau

PLANS = {"planned_rank": "planned rank", "expected_fear": "fear expected at first"}
PLAN_AXES = {"planned_rank": "Planned rank", "expected_fear": "Fear expected at first (0\u2013100)"}
WHERE = {"planned_rank": "items.planned_rank", "expected_fear": "item_ratings.expected_fear"}
NOT_EXPOSED = "no exposure to it was carried out"
NO_PEAK = "no peak in its first exposure"
ALIKE_PLANNED, ALIKE_OBSERVED = "all of its items planned alike", "all of its peaks alike"


def list_compared(cohort: Cohort, kind: str, by: str) -> pd.DataFrame:
    """List every item with its planned place and the peak of its first exposure.

    A peak recalled on a form and a rated one are not compared: within a patient the source that
    most first peaks have counts, the rated ones in a tie.

    Returns
    -------
    DataFrame
        One row per patient and item: ``patient_id, item_id, group, planned, observed,
        peak_source, reason`` ("" where it counts).
    """
    table = list_hierarchies(cohort)
    refuse_no_items(table)
    if table[by].isna().all():
        raise CannotAnswerError(
            f"No item has a {PLANS[by]} ({WHERE[by]}): without it nothing says in which order "
            "the items were planned."
        )
    exposed = list_exposed(cohort, kind)
    first = exposed[exposed["number"] == 1]
    table = table.merge(first[[*ITEM, "number", "peak", "peak_source"]], on=ITEM, how="left")
    table = table.rename(columns={by: "planned", "peak": "observed"})
    lacks = {
        NOT_EXPOSED: table["number"].isna(),
        f"no {PLANS[by]}": table["planned"].isna(),
        NO_PEAK: table["observed"].isna(),
    }
    table["reason"] = np.select(list(lacks.values()), list(lacks), "")
    table["reason"] = table["reason"].mask(table["reason"] == "", _of_other_source(table))
    table["planned"] = table["planned"].astype("float64")
    columns = [*ITEM, "group", "planned", "observed", "peak_source", "reason"]
    return table[columns]


def _of_other_source(table: pd.DataFrame) -> pd.Series:
    """Say of an item whose first peak has not the source that most of its patient's have."""
    own = table[table["reason"] == ""]
    more_rated = (own["peak_source"] == RATED).groupby(own["patient_id"]).mean() >= 0.5
    rated = table["patient_id"].map(more_rated).eq(other=True)
    why = pd.Series("", index=table.index, dtype="str")
    why[rated & (table["peak_source"] == RECALLED)] = "its first peak was recalled, most were rated"
    why[~rated & (table["peak_source"] == RATED)] = "its first peak was rated, most were recalled"
    return why


def compare_orders(items: pd.DataFrame, fewest: int) -> pd.DataFrame:
    """Compare the two orders of each patient.

    Returns
    -------
    DataFrame
        One row per patient: ``patient_id, group, estimate, ci_low, ci_high, n`` (items compared),
        ``n_items`` (of the hierarchy), ``reason`` ("" where there is an estimate).
    """
    rows = []
    for (patient, group), own in items.groupby(["patient_id", "group"], sort=False):
        used = own[own["reason"] == ""]
        found = kendall_tau(used["planned"], used["observed"])
        why = _why_not(used, fewest)
        rows.append({"patient_id": patient, "group": group, **found, "n_items": len(own),
                     "reason": why})  # fmt: skip
    return pd.DataFrame(rows)


def _why_not(used: pd.DataFrame, fewest: int) -> str:
    if used.empty:
        return "no item with both a planned place and a first peak"
    if len(used) < fewest:
        return f"fewer than {fewest} items to compare"
    if np.ptp(used["planned"]) == 0:
        return ALIKE_PLANNED
    return ALIKE_OBSERVED if np.ptp(used["observed"]) == 0 else ""

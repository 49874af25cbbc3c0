"""How sure of an activity is a patient, before and after an exposure to it? In points of 100."""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
NOT_RECORDED = (
    "No exposure says how confident the patient was{when}: it would come from "
    "exposures.confidence_before and exposures.confidence_after."
)


def list_gains(cohort: Cohort) -> pd.DataFrame:
    """List the gain of every exposure that was carried out: confidence after less before.

    Returns ``patient_id, exposure_id, estimate``; exposures without both numbers have no row.
    """
    rows = state_exposures(cohort)
    gain = (rows["confidence_after"] - rows["confidence_before"]).where(rows["carried_out"])
    gains = rows[["patient_id", "exposure_id"]].assign(estimate=gain).dropna(subset="estimate")
    if gains.empty:
        raise CannotAnswerError(NOT_RECORDED.format(when=" before and after it"))
    return gains.reset_index(drop=True)


def list_gains_by_item(cohort: Cohort) -> pd.DataFrame:
    """List how confidence before an exposure rose from the first to the last with the same item.

    Returns ``patient_id, item_id, estimate``; items with fewer than two such numbers have no row.
    """
    rows = number_exposures(cohort, same_context=False)
    rows["confidence"] = cohort.exposures["confidence_before"]
    rows = rows[rows["number"].notna() & rows["confidence"].notna()]
    by_item = rows.sort_values("number").groupby(ITEM)["confidence"]
    gains = by_item.agg(["first", "last", "size"]).reset_index()
    gains = gains[gains["size"] > 1]
    if gains.empty:
        raise CannotAnswerError(NOT_RECORDED.format(when=" before two exposures to the same item"))
    gains["estimate"] = gains["last"] - gains["first"]
    return gains[[*ITEM, "estimate"]].reset_index(drop=True)

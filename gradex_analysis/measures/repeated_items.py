"""Which exposures repeat the same item, and which of them is the first, the second, the third?

A series is one patient's exposures to one item, by default in one context. Refused exposures and
those that were not done are no part of it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import state_exposures

CONTEXT_NOT_RECORDED = "not recorded"
NO_ITEM = "no item: it repeats nothing"
NOT_CARRIED_OUT = {
    "refused": "refused",
    "not_done": "planned and not done",
    "unknown": "neither a status nor a rating: not known to be carried out",
}


def number_exposures(cohort: Cohort, *, same_context: bool = True) -> pd.DataFrame:
    """Count the exposures that were carried out within patient, item and context.

    Their order is the recorded exposure number where it is complete and unique within a patient's
    item; else the date, where all have one; else the session's number; ties are in row order. They
    are counted from 1, so that an exposure that was not done leaves no hole.

    Returns
    -------
    DataFrame
        One row per exposure, in the order of ``cohort.exposures``: keys, ``item_id``, ``context``
        (where any is recorded and counts; a missing one is ``not recorded``), ``session_number``,
        ``date``, ``number`` and the ``reason`` why there is none ("" where there is one).
    """
    states = state_exposures(cohort)
    table = date_exposures(cohort)
    if same_context and states["context"].notna().any():
        table["context"] = states["context"].fillna(CONTEXT_NOT_RECORDED)
    reason = states["state"].map(NOT_CARRIED_OUT).astype("str").fillna("")
    table["reason"] = reason.mask((reason == "") & table["item_id"].isna(), NO_ITEM)
    has_number = table["reason"] == ""
    recorded = cohort.exposures["exposure_number"]
    numbers = _number(table[has_number].assign(recorded=recorded), series_keys(table))
    return table.assign(number=numbers.reindex(table.index))


def date_exposures(cohort: Cohort) -> pd.DataFrame:
    """Return keys, ``item_id``, ``session_number`` and ``date`` (its own or its session's)."""
    exposures = cohort.exposures[["patient_id", "exposure_id", "item_id", "session_id"]]
    sessions = cohort.sessions[["patient_id", "session_id", "session_number", "date", "day"]]
    table = exposures.merge(sessions, on=["patient_id", "session_id"], how="left")
    return table.assign(date=cohort.exposures["started_at"].fillna(table["date"]))


def series_keys(table: pd.DataFrame) -> list[str]:
    """Return the columns that identify a series: the context counts where it is a column."""
    return [name for name in ("patient_id", "item_id", "context") if name in table]


def _number(done: pd.DataFrame, keys: list[str]) -> pd.Series:
    item = done.groupby(["patient_id", "item_id"], sort=False).ngroup()
    recorded = pd.DataFrame({"item": item, "recorded": done["recorded"]})
    is_unique = ~recorded.duplicated(keep=False)
    ranks = [
        _order_by(done["recorded"], item, done["recorded"].notna() & is_unique),
        _order_by(done["date"], item, done["date"].notna()),
        _order_by(done["session_number"], item, done["session_number"].notna()),
    ]
    in_order = done.iloc[np.lexsort([rank.to_numpy() for rank in ranks[::-1]])]
    return in_order.groupby(keys, sort=False).cumcount().add(1).astype("Int64")


def _order_by(values: pd.Series, item: pd.Series, usable: pd.Series) -> pd.Series:
    """Rank the values; where one of the item's is not usable, none of them orders anything."""
    ranks = values.rank(method="dense").astype("float64")
    return ranks.where(usable.groupby(item).transform("all"), 0.0)

"""Which items were rated before and after treatment, which of them were exposed in between?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.follow_up import list_rerated
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.hierarchy_items import ITEM
from gradex_analysis.measures.repeated_items import date_exposures

NO_EXPOSURE = "no rated item of its patient was exposed before the second rating"
DISTANCES = {"planned_rank": "planned_rank", "expected_fear": "pre"}


def list_changes(cohort: Cohort, occasions: tuple[str, str]) -> pd.DataFrame:
    """List the items that were rated apart from exposures, with their change.

    An exposure counts where it was carried out before the patient's second rating: by date where
    both are dated; exposures in sessions of the phase ``followup`` never do.

    Returns
    -------
    DataFrame
        One row per patient and item: ``group, planned_rank, is_exposed, pre, post`` (0 to 100),
        ``fall`` = pre - post, ``distance_planned_rank, distance_expected_fear`` (of items not
        exposed, to the nearest exposed one), ``reason`` ("" where it is used).
    """
    table = list_rerated(cohort, occasions)
    table["group"] = table["patient_id"].map(arm_of(cohort))
    exposed = _exposed_before(cohort, occasions[1])
    table["is_exposed"] = pd.MultiIndex.from_frame(table[ITEM]).isin(exposed)
    table["planned_rank"] = _ranks(cohort, table)
    table["fall"] = table["pre"] - table["post"]
    lacks = {
        NO_EXPOSURE: ~table.groupby("patient_id")["is_exposed"].transform("any"),
        "not rated before treatment": table["pre"].isna(),
        "not rated after treatment": table["post"].isna(),
    }
    table["reason"] = np.select(list(lacks.values()), list(lacks), "")
    for name, column in DISTANCES.items():
        table[f"distance_{name}"] = _distances(table, column)
    own = ["group", "planned_rank", "is_exposed", "pre", "post", "fall"]
    return table[[*ITEM, *own, *[f"distance_{name}" for name in DISTANCES], "reason"]]


def _exposed_before(cohort: Cohort, occasion: str) -> pd.MultiIndex:
    states = state_exposures(cohort)
    sessions = cohort.sessions[["patient_id", "session_id", "phase"]]
    own = states[["patient_id", "session_id"]].merge(sessions, how="left")
    counts = states["carried_out"] & states["item_id"].notna() & (own["phase"] != "followup")
    ratings = cohort.item_ratings
    rated = ratings[ratings["occasion"] == occasion].groupby("patient_id")["rated_on"].max()
    until = states["patient_id"].map(rated).dt.normalize()
    counts &= ~(date_exposures(cohort)["date"].dt.normalize() > until)
    return pd.MultiIndex.from_frame(states.loc[counts, ITEM])


def _ranks(cohort: Cohort, table: pd.DataFrame) -> pd.Series:
    """Return the planned rank of the patient's own item, else that of the list all share."""
    items = cohort.items
    own = items.dropna(subset="patient_id").set_index(ITEM)["planned_rank"].astype("float64")
    shared = items[items["patient_id"].isna()].set_index("item_id")["planned_rank"]
    ranks = pd.Series(
        own.reindex(pd.MultiIndex.from_frame(table[ITEM])).to_numpy(), index=table.index
    )
    return ranks.fillna(table["item_id"].map(shared.astype("float64")))


def _distances(table: pd.DataFrame, column: str) -> pd.Series:
    """Return how far each item that was not exposed is from the nearest exposed one."""
    near = pd.Series(np.nan, index=table.index)
    for _, own in table.groupby("patient_id"):
        places = own.loc[own["is_exposed"], column].dropna().to_numpy("float64")
        others = own.loc[~own["is_exposed"], column].astype("float64")
        if len(places) and len(others):
            near[others.index] = np.abs(others.to_numpy()[:, None] - places).min(axis=1)
    return near


def compare_patients(used: pd.DataFrame) -> pd.DataFrame:
    """Set the fall of items not exposed beside that of exposed ones, patient by patient.

    Returns
    -------
    DataFrame
        ``patient_id, group, n_exposed, n_unexposed, pre_exposed, pre_unexposed, fall_exposed,
        fall_unexposed, ratio`` (unexposed / exposed; none unless the exposed items fell) and
        ``no_ratio``: why there is none.
    """
    parts = {}
    for name, is_exposed in (("exposed", True), ("unexposed", False)):
        own = used[used["is_exposed"] == is_exposed].groupby("patient_id")
        parts[f"n_{name}"] = own.size()
        parts[f"pre_{name}"], parts[f"fall_{name}"] = own["pre"].mean(), own["fall"].mean()
    owners = used[["patient_id", "group"]].drop_duplicates().set_index("patient_id")
    table = owners.join(pd.DataFrame(parts)).rename_axis("patient_id").reset_index()
    counts = ["n_exposed", "n_unexposed"]
    table[counts] = table[counts].fillna(0).astype("int64")
    why = np.select(
        [table["n_unexposed"] == 0, table["n_exposed"] == 0, ~(table["fall_exposed"] > 0)],
        ["no item left unexposed", "no exposed item rated twice", "its exposed items did not fall"],
        "",
    )
    table["no_ratio"] = why
    ratio = table["fall_unexposed"] / table["fall_exposed"].where(table["no_ratio"] == "")
    order = ["patient_id", "group", *counts, "pre_exposed", "pre_unexposed", "fall_exposed",
             "fall_unexposed"]  # fmt: skip
    return table[order].assign(ratio=ratio, no_ratio=table["no_ratio"])


def describe_ratios(patients: pd.DataFrame) -> pd.DataFrame:
    """Describe the patients' ratios by group; they have no usable mean.

    Returns
    -------
    DataFrame
        ``group, median, q1, q3, n`` (with a ratio), ``n_undefined`` (items of both sorts, but the
        exposed ones did not fall), ``n_one_sort`` (only exposed, or only unexposed items).
    """
    rows = []
    for group, own in patients.groupby("group", sort=True):
        both = (own["n_exposed"] > 0) & (own["n_unexposed"] > 0)
        known = own["ratio"].dropna()
        q1, median, q3 = known.quantile([0.25, 0.5, 0.75]) if len(known) else [np.nan] * 3
        counts = {
            "n": len(known),
            "n_undefined": int(both.sum()) - len(known),
            "n_one_sort": int((~both).sum()),
        }
        rows.append({"group": group, "median": median, "q1": q1, "q3": q3, **counts})
    names = ["group", "median", "q1", "q3", "n", "n_undefined", "n_one_sort"]
    return pd.DataFrame(rows, columns=names)

"""Which items make up each patient's hierarchy, in which order, and how feared were they first?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.follow_up import order_rerated
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
RATED, RECALLED = "ratings", "recalled"


def list_hierarchies(cohort: Cohort) -> pd.DataFrame:
    """List the items of every patient who has any: planned, rated apart, or met in an exposure.

    A list that all patients share belongs to each who rated an item apart or met one.

    Returns
    -------
    DataFrame
        One row per patient and item: ``patient_id, item_id, group, planned_rank, expected_fear``
        (0 to 100, on the first occasion; missing where nobody asked). Patients in the order of
        the participants, their items by rank, then by expected fear, then by id.
    """
    met = pd.concat([cohort.exposures[ITEM], cohort.item_ratings[ITEM]]).dropna()
    items = cohort.items[[*ITEM, "planned_rank"]]
    shared = items[items["patient_id"].isna()].drop(columns="patient_id")
    of_all = met[["patient_id"]].drop_duplicates().merge(shared, how="cross")
    listed = pd.concat([items.dropna(subset="patient_id"), of_all, met], ignore_index=True)
    table = listed.drop_duplicates(ITEM, ignore_index=True)
    occasions = order_rerated(cohort)
    ratings = cohort.item_ratings
    first = ratings[ratings["occasion"].isin(occasions[:1])]
    table = table.merge(first[[*ITEM, "expected_fear"]], on=ITEM, how="left")
    arm = arm_of(cohort)
    table["group"] = table["patient_id"].map(arm)
    place = {patient: at for at, patient in enumerate(arm.index)}
    table["owner"] = table["patient_id"].map(place)
    order = ["owner", "planned_rank", "expected_fear", "item_id"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    return table[[*ITEM, "group", "planned_rank", "expected_fear"]]


def refuse_no_items(table: pd.DataFrame) -> None:
    """Refuse where no patient has an item."""
    if table.empty:
        raise CannotAnswerError(
            "The cohort names no items: a hierarchy needs item_id in exposures, items or "
            "item_ratings."
        )


def list_exposed(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the exposures to items that were carried out, by patient, item and number.

    Returns
    -------
    DataFrame
        The columns of ``number_exposures``, ``row`` (in ``cohort.exposures``), ``peak`` (0 to
        100) and ``peak_source`` (``ratings`` or ``recalled``).
    """
    rows = number_exposures(cohort, same_context=False)
    rows = rows.join(summarise_exposures(cohort, kind)[["peak", "peak_source"]])
    rows = rows.rename_axis("row").reset_index()
    rows = rows[rows["number"].notna()].drop(columns="reason")
    return rows.sort_values([*ITEM, "number"], ignore_index=True)


def compare_peaks(exposed: pd.DataFrame) -> pd.DataFrame:
    """Return the first and the latest peak of each item, both of one source.

    A peak recalled afterwards and one rated meanwhile are not compared with each other: those of
    the source that most of the item's peaks have stand for it, of the rated ones in a tie.

    Returns
    -------
    DataFrame
        By ``patient_id, item_id``: ``n_done, n_peaks, peak_source, n_compared, first_number,
        first_peak, latest_number, latest_peak``.
    """
    rated = exposed[exposed["peak"].notna()].sort_values("number", kind="stable")
    by_source = rated.groupby([*ITEM, "peak_source"]).size().rename("n").reset_index()
    by_source = by_source.sort_values(
        ["n", "peak_source"], ascending=[True, False], kind="stable"
    ).drop_duplicates(ITEM, keep="last")
    alike = rated.merge(by_source[[*ITEM, "peak_source"]], on=[*ITEM, "peak_source"])
    by_item = alike.groupby(ITEM)
    return pd.DataFrame(
        {
            "n_done": exposed.groupby(ITEM).size(),
            "n_peaks": rated.groupby(ITEM).size(),
            "peak_source": by_item["peak_source"].first(),
            "n_compared": by_item.size(),
            "first_number": by_item["number"].first(),
            "first_peak": by_item["peak"].first(),
            "latest_number": by_item["number"].last(),
            "latest_peak": by_item["peak"].last(),
        }
    )

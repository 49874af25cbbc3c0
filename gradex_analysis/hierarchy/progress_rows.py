"""How far did each patient climb: which items were mastered, skipped, not reached; which way?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.hierarchy.progress_rule import Rule, judge_items
from gradex_analysis.measures.carried_out import EXPOSURE, state_exposures
from gradex_analysis.measures.dose import tally_patients
from gradex_analysis.measures.hierarchy_items import (
    ITEM,
    list_exposed,
    list_hierarchies,
    refuse_no_items,
)

MASTERED, TRIED, SKIPPED = "mastered", "not mastered", "skipped"
NOT_REACHED, NO_RANK = "not reached", "not tried"
STATES = (MASTERED, TRIED, SKIPPED, NOT_REACHED, NO_RANK)
NO_PEAK = "carried out, but never with a peak"
UP, REPEAT, DOWN, NOT_KNOWN = "up", "repeat", "down", "not_known"
OF_DOSE = [
    "n_sessions", "n_attended", "n_exposures", "n_carried_out", "n_refused", "n_not_done",
    "n_stopped_patient", "minutes_planned", "minutes_done", "n_without_minutes", "n_homework",
    "n_homework_done",
]  # fmt: skip


def order_exposures(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the exposures to items that were carried out as each patient did them.

    By date where all of a patient's have one, else by session (homework stands with the session
    that assigned it); within a day or session by their number, then as the table has them.

    Returns
    -------
    DataFrame
        ``list_exposed`` in that order, with ``session`` (its number, of homework that of the
        session that assigned it) and ``place`` (from 1 in each patient).
    """
    rows = list_exposed(cohort, kind)
    sessions = cohort.sessions.set_index(["patient_id", "session_id"])["session_number"]
    assigned = cohort.exposures.loc[rows["row"], ["patient_id", "assigned_in"]]
    keys = pd.MultiIndex.from_frame(assigned)
    by_assignment = sessions.reindex(keys).astype("float64").to_numpy()
    rows["session"] = rows["session_number"].astype("float64").fillna(pd.Series(by_assignment))
    owner = rows["patient_id"]
    dated = rows["date"].notna().groupby(owner).transform("all")
    moment = rows["date"].rank(method="dense").where(dated, rows["session"])
    rows = rows.assign(moment=moment).sort_values(
        ["patient_id", "moment", "number", "row"], kind="stable", ignore_index=True
    )
    rows["place"] = rows.groupby("patient_id").cumcount() + 1
    return rows.drop(columns="moment")


def find_moves(ordered: pd.DataFrame, ranks: pd.Series) -> pd.Series:
    """Say how each exposure follows the patient's one before: ``up, repeat, down, not_known``.

    ``ranks`` is by patient and item; a patient's first exposure has no move.
    """
    rank = ranks.reindex(pd.MultiIndex.from_frame(ordered[ITEM])).to_numpy("float64")
    now = ordered.assign(rank=rank)
    before = now.groupby("patient_id")[["item_id", "rank"]].shift()
    same = now["item_id"] == before["item_id"]
    step = now["rank"] - before["rank"]
    move = np.select([same, step > 0, step < 0], [REPEAT, UP, DOWN], NOT_KNOWN)
    return pd.Series(move, index=ordered.index, dtype="str").where(before["item_id"].notna())


def list_progress(cohort: Cohort, kind: str, rule: Rule) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List every item of every hierarchy with what became of it; and the exposures in order.

    *Skipped*: never tried though a harder item of the patient was; *not reached*: never tried and
    none harder was; *not tried*: without a rank that could tell. ``was_passed_over``: a harder item
    was tried before it.

    Returns
    -------
    tuple
        One row per patient and item, with ``reason`` where mastery cannot be judged ("" where it
        can); and ``order_exposures`` with its ``move``.
    """
    table = list_hierarchies(cohort)
    refuse_no_items(table)
    ordered = order_exposures(cohort, kind)
    ranks = table.set_index(ITEM)["planned_rank"].astype("float64")
    ordered["move"] = find_moves(ordered, ranks)
    table = table.merge(_tally_items(cohort), on=ITEM, how="left")
    # an item's own exposures follow their number, also where a date was written down late
    judged = judge_items(ordered.sort_values([*ITEM, "number"]), rule)
    table = table.merge(judged.reset_index(), on=ITEM, how="left")
    downs = ordered[ordered["move"] == DOWN].groupby(ITEM).size().rename("n_returns")
    table = table.merge(downs.reset_index(), on=ITEM, how="left")
    counts = ["n_planned", "n_carried_out", "n_refused", "n_not_done", "n_peaks", "n_recalled",
              "n_returns"]  # fmt: skip
    table[counts] = table[counts].fillna(0).astype("int64")
    table["is_mastered"] = table["is_mastered"].eq(other=True)
    table["was_passed_over"] = _passed_over(table, ordered)
    table["state"] = _state(table)
    no_peak = (table["n_carried_out"] > 0) & (table["n_peaks"] == 0)
    table["reason"] = np.where(no_peak, NO_PEAK, "")
    return table, ordered


def _tally_items(cohort: Cohort) -> pd.DataFrame:
    """Count the planned and the carried out of each item, with their minutes and repetitions."""
    states = state_exposures(cohort)
    own = states[(states["what"] == EXPOSURE) & states["item_id"].notna()]
    done = own[own["carried_out"]]
    by_item, by_done = own.groupby(ITEM), done.groupby(ITEM)
    return pd.DataFrame(
        {
            "n_planned": by_item.size(),
            "n_carried_out": by_done.size(),
            "n_refused": own[own["state"] == "refused"].groupby(ITEM).size(),
            "n_not_done": own[own["state"] == "not_done"].groupby(ITEM).size(),
            **{
                f"{unit}_planned": by_item[f"planned_{unit}"].sum(min_count=1)
                for unit in ("minutes", "repetitions")
            },
            **{
                f"{unit}_done": by_done[f"done_{unit}"].sum(min_count=1)
                for unit in ("minutes", "repetitions")
            },
        }
    ).reset_index()


def _passed_over(table: pd.DataFrame, ordered: pd.DataFrame) -> pd.Series:
    """Return whether an item of a higher rank was tried before the item, or though it never was."""
    first = ordered.groupby(ITEM)["place"].min()
    own = table[[*ITEM, "planned_rank"]].merge(first.reset_index(), on=ITEM, how="left")
    if own["planned_rank"].isna().all():
        return pd.Series(data=False, index=table.index)
    own["place"] = own["place"].astype("float64").fillna(np.inf)
    own = own.reset_index().sort_values("planned_rank", ascending=False, kind="stable")
    own = own[own["planned_rank"].notna()]
    # the earliest place of all items of a higher rank: ties of one rank do not pass each other over
    by_rank = own.groupby(["patient_id", "planned_rank"], sort=False)["place"].min()
    earliest = by_rank.groupby("patient_id").cummin().groupby("patient_id").shift(fill_value=np.inf)
    keys = pd.MultiIndex.from_frame(own[["patient_id", "planned_rank"]])
    passed = earliest.reindex(keys).to_numpy() < own["place"].to_numpy()
    return pd.Series(passed, index=own["index"]).reindex(table.index, fill_value=False)


def _state(table: pd.DataFrame) -> pd.Series:
    tried = table["n_carried_out"] > 0
    state = np.select(
        [table["is_mastered"], tried, table["planned_rank"].isna(), table["was_passed_over"]],
        [MASTERED, TRIED, NO_RANK, SKIPPED],
        NOT_REACHED,
    )
    return pd.Series(state, index=table.index, dtype="str")


def count_patients(cohort: Cohort, table: pd.DataFrame, ordered: pd.DataFrame) -> pd.DataFrame:
    """Count items by state, moves and what was delivered, one row per patient.

    Returns
    -------
    DataFrame
        ``patient_id, group, n_items`` = the sum of ``n_mastered, n_not_mastered, n_skipped,
        n_not_reached, n_not_tried``; ``n_passed_over``; ``n_up, n_repeat, n_down, n_not_known``
        (moves); the counts of ``tally_patients`` that speak of exposures; ``share_refused`` (of the
        exposures planned), ``share_stopped`` (by the patient, of those carried out),
        ``share_attended``, ``share_homework``. A share of nothing is missing.
    """
    owners = table[["patient_id", "group"]].drop_duplicates(ignore_index=True)
    counts = {"n_items": table.groupby("patient_id").size()}
    for state in STATES:
        own = table[table["state"] == state]
        counts[f"n_{state.replace(' ', '_')}"] = own.groupby("patient_id").size()
    counts["n_passed_over"] = table.groupby("patient_id")["was_passed_over"].sum()
    for move in (UP, REPEAT, DOWN, NOT_KNOWN):
        counts[f"n_{move}"] = ordered[ordered["move"] == move].groupby("patient_id").size()
    frame = pd.DataFrame(counts).fillna(0).astype("int64")
    frame = owners.merge(frame.rename_axis("patient_id").reset_index(), on="patient_id")
    dose = tally_patients(cohort)[["patient_id", *OF_DOSE]]
    frame = frame.merge(dose, on="patient_id", how="left")
    for name, part, whole in (
        ("share_refused", "n_refused", "n_exposures"),
        ("share_stopped", "n_stopped_patient", "n_carried_out"),
        ("share_attended", "n_attended", "n_sessions"),
        ("share_homework", "n_homework_done", "n_homework"),
    ):
        of = frame[whole].astype("float64")
        frame[name] = frame[part].astype("float64") / of.where(of > 0)
    return frame

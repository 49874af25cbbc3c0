"""How is it said how far hierarchies were climbed?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.hierarchy.progress_rows import NO_RANK, NOT_REACHED, SKIPPED
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]
#: of the items at first, the share that must still be watched where a share mastered is said
STILL_WATCHED = 0.2
UNTRIED = (SKIPPED, NOT_REACHED, NO_RANK)
SHARES = {
    "exposures refused": ("n_refused", "n_exposures"),
    "exposures ended early by the patient": ("n_stopped_patient", "n_carried_out"),
    "sessions attended": ("n_attended", "n_sessions"),
    "homework carried out": ("n_homework_done", "n_homework"),
}


def say_progress(
    curve: pd.DataFrame, half: pd.DataFrame, patients: pd.DataFrame, settings: Settings
) -> Iterator[str]:
    """Say what was mastered by which rule, after how many exposures, and what was never tried."""
    yield f"An item counts as mastered after {settings['rule']}."
    groups = patients.groupby("group", sort=True)
    for group, own in groups:
        where = _where(group)
        yield from _say_mastered(curve, half, str(group), where)
        yield _say_untried(own, where, settings)
    yield (
        "Times are Kaplan-Meier's: items no longer exposed are censored, as if they were like the "
        "others; intervals by leaving out one patient at a time."
    )
    if len(groups) > 1 and not settings["is_randomised"]:
        yield "Groups were not randomised."


def say_steps(patients: pd.DataFrame, settings: Settings) -> str:
    """Say which way exposures followed one another, and what of the planned was carried out."""
    said = []
    for group, own in patients.groupby("group", sort=True):
        said += [_say_moves(own, _where(group), settings), _say_delivery(own, _where(group))]
    return " ".join(filter(None, said))


def _where(group: object) -> str:
    return "" if group == EVERYBODY else f" in {named(group)}"


def _say_mastered(
    curves: pd.DataFrame, halves: pd.DataFrame, group: str, where: str
) -> Iterator[str]:
    if halves.empty or group not in set(halves["group"]):
        yield f"No item with a peak{where}."
        return
    half = halves[(halves["group"] == group) & (halves["clock"] == "exposures")].iloc[0]
    n, patients = int(half["n"]), wording.count(int(half["n_patients"]), "patient")
    yield (
        f"{int(half['n_mastered']):,} of {wording.count(n, 'item')} tried by {patients}{where} "
        "were mastered."
    )
    curve = curves[(curves["group"] == group) & (curves["clock"] == "exposures")]
    yield f"{_say_half(half)}{_say_share(curve)}."


def _say_half(half: pd.Series) -> str:
    if pd.isna(half["estimate"]):
        return "Half of the items were not mastered as long as they were watched; "
    low, high = (
        f"{half[end]:.0f}" if pd.notna(half[end]) else "not known" for end in ("ci_low", "ci_high")
    )
    exposures = wording.count(int(half["estimate"]), "exposure")
    return f"Half were mastered after {exposures} ({wording.LEVEL} CI {low} to {high}); "


def _say_share(curve: pd.DataFrame) -> str:
    watched = curve[curve["n_at_risk"] >= STILL_WATCHED * curve["n_at_risk"].iloc[0]].iloc[-1]
    share = wording.percent(watched["estimate"], 1)
    exposures = wording.count(int(watched["time"]), "exposure")
    interval = ""
    if pd.notna(watched["ci_low"]):
        ends = wording.between(100 * watched["ci_low"], 100 * watched["ci_high"], 0)
        interval = f" ({wording.LEVEL} CI {ends}{wording.NO_BREAK}%)"
    return f"after {exposures} {share} were{interval}"


def _say_untried(own: pd.DataFrame, where: str, settings: Settings) -> str:
    if not settings["has_ranks"]:
        return "No ranks are recorded (items.planned_rank): what was skipped cannot be told."
    n_items = int(own["n_items"].sum())
    n = {state: int(own[f"n_{state.replace(' ', '_')}"].sum()) for state in UNTRIED}
    said = (
        f"Of {wording.count(n_items, 'item')} in the hierarchies{where}, {n[SKIPPED]:,} were "
        f"skipped (a harder one was tried) and {n[NOT_REACHED]:,} not reached"
    )
    return said + (f"; {n[NO_RANK]:,} were not tried and have no rank." if n[NO_RANK] else ".")


def _say_moves(own: pd.DataFrame, where: str, settings: Settings) -> str:
    up, repeat, down, unknown = (
        int(own[f"n_{move}"].sum()) for move in ("up", "repeat", "down", "not_known")
    )
    if not up + repeat + down + unknown:
        return ""
    said = f"From one exposure to the next{where}, the item was repeated {repeat:,} times"
    if not settings["has_ranks"]:
        return f"{said} and changed {unknown:,} times (without ranks, up or down is not known)."
    said += f", a harder one came {up:,} times and an easier one {down:,} times"
    return said + (f"; {unknown:,} times the ranks do not tell." if unknown else ".")


def _say_delivery(own: pd.DataFrame, where: str) -> str:
    said = []
    planned, done = own["minutes_planned"].sum(min_count=1), own["minutes_done"].sum(min_count=1)
    if pd.notna(planned) and pd.notna(done):
        said.append(f"minutes carried out: {done:,.0f} of {planned:,.0f} planned")
    for words, (part, whole) in SHARES.items():
        both = own.dropna(subset=[part, whole])
        of = int(both[whole].sum())
        if of:
            n = int(both[part].sum())
            said.append(f"{words}: {n:,} of {of:,} ({wording.percent(n, of)})")
    return f"Delivered{where}: {'; '.join(said)}." if said else ""

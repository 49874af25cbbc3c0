"""What does a clinician say of one patient in the meeting? Counts and items, no judgement."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import find_attendance, state_exposures
from gradex_analysis.results import wording


def count_delivery(part: Cohort, table: pd.DataFrame) -> dict[str, int]:
    """Count sessions, exposures to items, activities without one, and homework of one patient."""
    attended = find_attendance(part)["attended"]
    own = state_exposures(part)
    exposures = own[own["what"] == "exposure"]
    homework = own[own["homework"] == "yes"]
    carried_out = set(exposures.loc[exposures["carried_out"], "exposure_id"])
    done = table[table["exposure_id"].isin(carried_out)]
    counts: dict[str, pd.Series | int] = {
        "sessions": len(attended),
        "sessions attended": attended.eq("yes"),
        "sessions missed": attended.isin(["late_cancel", "no_show"]),
        "sessions without a note of attendance": attended.eq("not_recorded"),
        "exposures": len(exposures),
        "exposures carried out": len(done),
        "exposures partly done": exposures["state"].eq("partial"),
        "exposures not done": exposures["state"].eq("not_done"),
        "exposures refused": exposures["state"].eq("refused"),
        "exposures of unknown state": exposures["state"].eq("unknown"),
        "exposures with a note of who ended them": done["stopped_by"].notna(),
        "exposures stopped early": done["stopped_early"],
        "exposures stopped early by the patient": done["stopped_early"]
        & done["stopped_by"].eq("patient"),
        "exposures without a peak": done["peak"].isna(),
        "activities": len(own) - len(exposures),
        "activities carried out": own["carried_out"] & own["what"].ne("exposure"),
        "homework": len(homework),
        "homework carried out": homework["carried_out"],
        "items": done["item_id"].nunique(),
    }
    return {what: int(np.sum(n)) for what, n in counts.items()}


def say_sessions(n: Mapping[str, int]) -> str:
    """Return ``14 of 16 sessions attended`` and what else there is to say of them."""
    if not n["sessions"]:
        return "no session recorded"
    unknown = n["sessions without a note of attendance"]
    words = f"{n['sessions attended']} of {wording.count(n['sessions'], 'session')} attended"
    return f"{words} ({unknown} without a note of attendance)" if unknown else words


def say_exposures(n: Mapping[str, int]) -> str:
    """Return what became of the exposures that were planned."""
    if not n["exposures"]:
        return "no exposure recorded"
    done = f"{n['exposures carried out']} of {wording.count(n['exposures'], 'exposure')} done"
    others = [
        (n["exposures partly done"], "of them partly"),
        (n["exposures not done"], "planned and not done"),
        (n["exposures refused"], "refused"),
        (n["exposures of unknown state"], "of unknown state"),
    ]
    said = [done, *(f"{count} {what}" for count, what in others if count)]
    stopped = n["exposures stopped early"]
    by_patient = f" ({n['exposures stopped early by the patient']} by the patient)"
    if n["exposures carried out"] and not n["exposures with a note of who ended them"]:
        return f"{', '.join(said)}; early stops not recorded"
    return f"{', '.join(said)}, {stopped} stopped early{by_patient if stopped else ''}"


def say_homework(n: Mapping[str, int]) -> str:
    """Return how much of the homework was done."""
    if not n["homework"]:
        return "no homework recorded"
    return f"homework {n['homework carried out']} of {n['homework']} done"


def say_activities(n: Mapping[str, int]) -> str:
    """Return how many activities without a feared item there were; "" without any."""
    if not n["activities"]:
        return ""
    all_of_them = f"{n['activities']:,} activit{'y' if n['activities'] == 1 else 'ies'}"
    return f"{n['activities carried out']} of {all_of_them} without a feared item done"


def say_unrated(n: Mapping[str, int], subject: str) -> str:
    """Return how many exposures were done without a peak that can be used."""
    if not n["exposures carried out"]:
        return ""
    return f"{n['exposures without a peak']} done without a peak of {subject}"


def say_item(items: pd.DataFrame, subject: str) -> str:
    """Say the first and the latest peak of the item done most often; "" where none was repeated."""
    repeated = items[items["n_compared"] > 1]
    if repeated.empty:
        return ""
    item = repeated.sort_values("n_compared", kind="stable", ascending=False).iloc[0]
    kind = "Recalled peak" if item["peak_source"] == "recalled" else "Peak"
    return (
        f"{kind} {subject} of item {item['item']} was {wording.number(item['first_peak'], 0)} "
        f"the {wording.ordinal(int(item['first_time']))} time and "
        f"{wording.number(item['latest_peak'], 0)} the {wording.ordinal(int(item['latest_time']))}."
    )

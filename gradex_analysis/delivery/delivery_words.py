"""How does a paper's paragraph on delivery read?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.delivery.harms import ANY
from gradex_analysis.measures.carried_out import ACTIVITY, CARRIED_OUT, EXPOSURE, NOT_RECORDED
from gradex_analysis.measures.dose import STOPPERS
from gradex_analysis.measures.groups import WITHOUT_ARM
from gradex_analysis.results import wording

NOUNS = {
    EXPOSURE: ("exposure", "exposures"),
    ACTIVITY: ("activity without an item", "activities"),
}
STATE_WORDS = {
    "done": "done",
    "partial": "done in part",
    "rated": "rated without a status",
    "refused": "refused",
    "not_done": "not done",
    "unknown": "not recorded",
}


def say_dose(arm: str, tally: pd.DataFrame, dose: pd.DataFrame) -> str:
    """Say how many patients had how much of what was on offer; ``arm`` is "" without arms."""
    offered = set(dose["measure"])
    who = f"{len(tally):,} {'patient' if len(tally) == 1 else 'patients'}"
    who += f" {'' if arm == WITHOUT_ARM else 'in '}{named(arm)}" if arm else ""
    told = []
    for what, column in ((EXPOSURE, "n_carried_out"), (ACTIVITY, "n_activities_done")):
        one, many = NOUNS[what]
        if f"{many} carried out" in offered:
            some = f"{int((tally[column] > 0).sum()):,} of {who} carried out at least one {one}"
            items = _say_items(dose) if what == EXPOSURE else ""
            over = f" over all {len(tally):,}" if len(tally) > 1 else ""
            told.append(
                f"{some}: median{over} {_median(dose, f'{many} carried out')} {many}{items}"
            )
    if not told:
        told = [f"0 of {who} carried out an exposure or activity"]
    if "sessions attended" not in offered:
        return f"{'; '.join(told)}; no session is recorded."
    return f"{'; '.join(told)}, with {_median(dose, 'sessions attended')} sessions attended."


def say_statuses(statuses: pd.DataFrame) -> str:
    """Say what became of what was planned, and of the homework."""
    if statuses.empty:
        return "No exposure or activity is recorded."
    told = []
    for what, own in statuses.groupby("what", sort=False):
        counts = own.groupby("state", sort=False)["n"].sum()
        many = NOUNS[str(what)][1]
        listed = _list({STATE_WORDS[str(state)]: n for state, n in counts.items()})
        told.append(f"Of {counts.sum():,} {many} planned: {listed}.")
    homework = statuses[(statuses["homework"] == "yes") & (statuses["what"] == EXPOSURE)]
    done = homework.loc[homework["state"].isin(CARRIED_OUT), "n"].sum()
    if len(homework):
        told.append(f"Homework: {done:,} of {homework['n'].sum():,} carried out.")
    elif (statuses["homework"] == NOT_RECORDED).all():
        told.append("Homework is not recorded.")
    else:
        told.append("No homework was assigned.")
    return " ".join(told)


def say_stops(stops: pd.DataFrame) -> str:
    """Say how many of the exposures carried out were stopped early, by whom and why."""
    own = stops[stops["what"] == EXPOSURE]
    total, early = own["n"].sum(), own[own["stopped_by"].isin(STOPPERS)]
    if not total:
        return ""
    unknown = own.loc[own["stopped_by"] == NOT_RECORDED, "n"].sum()
    if unknown == total:
        return "Whether exposures were stopped early is not recorded."
    by = early.groupby("stopped_by")["n"].sum().reindex([*STOPPERS], fill_value=0)
    cause = early.groupby("stop_cause")["n"].sum().sort_values(ascending=False, kind="stable")
    told = [f"{early['n'].sum():,} of {total:,} exposures carried out were stopped early"]
    if len(early):
        whom = _list({"something else" if b == "other" else f"the {b}": n for b, n in by.items()})
        why = _list({named(c): n for c, n in cause.items()})
        told.append(f"(by {whom}; cause: {why})")
    if unknown:
        told.append(f"({unknown:,} not recorded)")
    return f"{' '.join(told)}."


def say_breaks(breaks: pd.DataFrame) -> str:
    """Say how many had a break."""
    if breaks.empty:
        return ""
    if breaks["n_breaks"].isna().all():
        return "Breaks are not recorded."
    total = breaks["n_carried_out"].sum()
    return f"{breaks['n_with_break'].sum():,} of {total:,} carried out had a break."


def say_safety(safety: pd.DataFrame) -> str:
    """Say in how many exposures any safety behaviour was used."""
    sums = safety[safety["code"] == ANY].groupby("level")["n"].sum(min_count=1).dropna()
    n = {str(level): int(count) for level, count in sums.items()}
    total = sum(n.values())
    if not total:
        return ""
    if "used" not in n:
        return "Safety behaviours are not recorded."
    return (
        f"Safety behaviours: used in {n['used']:,} of {total:,} exposures, none in "
        f"{n['none']:,}, not recorded in {n[NOT_RECORDED]:,}."
    )


def say_harms(harms: pd.DataFrame, n_patients: int) -> str:
    """Say adverse events and flares: how many, none, or not recorded."""
    # a sum without any number is left out: not recorded
    sums = harms.groupby(["by", "level"])["n"].sum(min_count=1).dropna().reset_index()
    keys = zip(sums["by"], sums["level"], strict=True)
    n = dict(zip(keys, map(int, sums["n"]), strict=True))
    whose = int(harms.loc[harms["by"] == "event", "n_patients"].sum())
    return f"{_say_events(n, whose, n_patients)} {_say_flares(n)}".strip()


def _say_events(n: dict[tuple[str, str], int], whose: int, n_patients: int) -> str:
    if ("event", ANY) not in n:
        return "Adverse events are not recorded."
    if not n["event", ANY]:
        return f"Adverse events: none in {wording.count(n_patients, 'patient')}."
    told = [f"{_or_none(n['serious', 'yes'])} serious", f"{_or_none(n['related', 'yes'])} related"]
    told += [
        f"{count:,} {by} {named(level)}"
        for (by, level), count in n.items()
        if count and by in ("serious", "related") and level not in ("yes", "no")
    ]
    return (
        f"Adverse events: {n['event', ANY]:,} in {whose:,} of {n_patients:,} patients "
        f"({', '.join(told)})."
    )


def _say_flares(n: dict[tuple[str, str], int]) -> str:
    if ("exposure", NOT_RECORDED) not in n:
        return ""
    if ("exposure", "yes") not in n:
        return "Flares are not recorded."
    known = n["exposure", "yes"] + n["exposure", "no"]
    unsaid = n["exposure", NOT_RECORDED]
    said = f"Flares: after {n['exposure', 'yes']:,} of {known:,} for which it is recorded"
    return f"{said} ({unsaid:,} not recorded)." if unsaid else f"{said}."


def _say_items(dose: pd.DataFrame) -> str:
    named = bool(dose.loc[dose["measure"] == "items", "n"].sum())
    return f" to {_median(dose, 'items')} items" if named else ", their items not recorded"


def _median(dose: pd.DataFrame, measure: str) -> str:
    row = dose.loc[dose["measure"] == measure, ["median", "q1", "q3"]].to_numpy(dtype="float64")
    median, q1, q3 = (float(value) for value in row[0])
    digits = 0 if all(value.is_integer() for value in (median, q1, q3)) else 1
    return f"{wording.number(median, digits)} (IQR {wording.between(q1, q3, digits)})"


def _list(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {n:,}" for name, n in counts.items() if n)


def _or_none(n: int) -> str:
    return f"{n:,}" if n else "none"

"""How is a return of fear said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.measures.return_of_fear import KEPT, RERATED, RETURN, SITTINGS, TESTED, WITHIN
from gradex_analysis.results import wording

Settings = Mapping[str, Any]


def direction(settings: Settings, *, upright: bool = False) -> str:
    """Return which way on the axis is which; ``upright`` along a vertical one."""
    low, high = {
        RETURN: ("lower later", "higher later"),
        KEPT: ("less was kept", "more was kept"),
    }.get(settings["sign"], ("rose", "fell"))
    return f"← {low}      {high} →" if not upright else f"← {low}     {high} →"


def counted(n: int, noun: str) -> str:
    """Return ``2 sittings`` or ``1 patient-item``."""
    return wording.count(n, noun)


def say_groups(average: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the mean of each group with its interval."""
    return [_say_group(row, settings) for _, row in average.iterrows()]


def _say_group(row: pd.Series, settings: Settings) -> str:
    noun = "patient-item" if settings["pairs"] in (RERATED, TESTED) else "sitting"
    where = f"{counted(int(row['n']), noun)} of {counted(int(row['n_patients']), 'patient')}"
    if row["group"] != EVERYBODY:
        where += f" in {named(row['group'])}"
    if settings["sign"] == KEPT:
        return _say_kept(row, where, settings)
    # a negative difference is said the other way round, so that none is higher by minus 5
    flip = -1 if row["estimate"] < 0 else 1
    low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
    amount = f"{wording.number(flip * row['estimate'])} {settings['unit']}"
    what = f"{settings['subject']} {settings['compared']}"
    if settings["sign"] == RETURN:
        said = f"{what} was on average {amount} {'lower' if flip < 0 else 'higher'}"
    else:
        said = f"{what} {'rose' if flip < 0 else 'fell'} on average by {amount}"
    return (
        f"In {where}, {said} {settings['in_words']} (mean of the patients' means, "
        f"{wording.interval(low, high)})."
    )


def _say_kept(row: pd.Series, where: str, settings: Settings) -> str:
    return (
        f"In {where} after which {settings['subject']} had fallen {settings['compared']}, "
        f"{wording.number(row['estimate'], 2)} of the fall was kept on average "
        f"{settings['in_words']} (mean of the patients' means, "
        f"{wording.interval(row['ci_low'], row['ci_high'], 2)}; median "
        f"{wording.number(row['median'], 2)}; 1 is all of it)."
    )


def say_gap(gap: pd.DataFrame, settings: Settings) -> list[str]:
    """Say what each week more between two sittings changes, or why it cannot be told."""
    if settings["pairs"] != SITTINGS:
        return []
    if gap.empty:
        return [f"Whether more comes back over longer gaps cannot be told: {settings['no_slope']}."]
    row = gap.iloc[0]
    digits = 2 if settings["sign"] == KEPT else 1
    return [
        f"For each week more between the two, it changes by "
        f"{wording.number(row['estimate'], digits)} "
        f"({wording.interval(row['ci_low'], row['ci_high'], digits)})."
    ]


def say_beside(beside: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the difference from sittings with only time between, at the same place."""
    if beside.empty:
        return []
    row = beside.iloc[0]
    flip = -1 if row["estimate"] < 0 else 1
    low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
    return [
        f"At the same place among an item's sittings, {settings['subject']} came back by "
        f"{wording.number(flip * row['estimate'])} points {'less' if flip < 0 else 'more'} than "
        f"in the {counted(int(row['n_time_only']), 'sitting')} before which only time came between "
        f"({wording.interval(low, high)})."
    ]


def say_unknown(settings: Settings) -> list[str]:
    """Say what could not be known to have come between two sittings."""
    if settings["pairs"] not in (SITTINGS, WITHIN):
        return []
    said = []
    if settings["when"]:
        missing = [
            what
            for what, recorded in (
                ("the context", settings["records_contexts"]),
                ("flares or adverse events", settings["records_events"]),
            )
            if not recorded
        ]
        said += [f"Not recorded: {' and '.join(missing)}."] if missing else []
        if n := settings["undated_events"]:
            said.append(f"{counted(n, 'adverse event')} without a date could not be placed.")
    return said

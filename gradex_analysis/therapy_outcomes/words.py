"""How are the four outcomes said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording
from gradex_analysis.therapy_outcomes.components import NUMBERS, OUTCOMES

Settings = Mapping[str, Any]


def say_page(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Say each outcome by its components; numbers that stand twice are said once."""
    said = [
        "The four headings are theories; the numbers describe ratings and questionnaires, and "
        f"none of them says that a process took place. Means over patients, {wording.LEVEL} "
        "intervals in brackets."
    ]
    met: set[str] = set()
    for outcome, own in table.groupby("outcome", sort=False):
        parts = [
            _say_component(name, rows, settings, again=name in met)
            for name, rows in ((str(n), r) for n, r in own.groupby("component", sort=False))
        ]
        met |= set(own["component"])
        said.append(f"{OUTCOMES[str(outcome)]}: {'; '.join(parts)}.")
    if twice := _say_twice(table):
        said.append(twice)
    if len(table["group"].unique()) > 1 and not settings["is_randomised"]:
        said.append("Groups were not randomised.")
    return said


def say_unanswered(unanswered: pd.DataFrame) -> str:
    """Name the components that cannot be measured."""
    names = [NUMBERS[name].words for name in unanswered["component"]]
    return f"Not measured: {'; '.join(names)}." if names else "Every component was measured."


def say_rows(table: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Return the rows of the figure.

    ``heading, label, direction`` in words, the ``group`` (for its look), ``place, low, high`` in
    points of 100 and ``said``, the number with its interval, unit and count.
    """
    rows = []
    for row in table.to_dict("records"):
        number = NUMBERS[row["component"]]
        about = settings["components"][row["component"]]
        again = f" (also: {named(row['also_in'])})" if row["also_in"] else ""
        scale, what = about["per_100"], _what(row["component"], settings)
        rows.append(
            {
                "heading": OUTCOMES[row["outcome"]],
                "component": row["component"],
                "label": f"{what[:1].upper()}{what[1:]}{again}",
                "direction": _direction(row["component"]),
                "group": row["group"],
                "place": scale * row["estimate"],
                "low": scale * row["ci_low"],
                "high": scale * row["ci_high"],
                "said": _numbers(row, number.digits, about["counted"]),
            }
        )
    return pd.DataFrame(rows)


def _what(component: str, settings: Settings) -> str:
    detail = settings["components"][component]["detail"]
    return f"{NUMBERS[component].words}{f' {detail}' if detail else ''}"


def _direction(component: str) -> str:
    number = NUMBERS[component]
    if not number.better:
        return "a level, of which more is not asked for"
    return f"above 0: {number.positive_means}; {number.better} is better"


def _say_component(name: str, rows: pd.DataFrame, settings: Settings, *, again: bool) -> str:
    what = _what(name, settings)
    if again:
        return f"{what} (as above)"
    number = NUMBERS[name]
    counted = settings["components"][name]["counted"]
    groups = [
        f"{'' if row['group'] == EVERYBODY else named(row['group']) + ' '}"
        f"{_numbers(row, number.digits, counted)}"
        for row in rows.to_dict("records")
    ]
    better = f", {number.better} is better" if number.better else ""
    return f"{what}{better}: {', '.join(groups)}"


def _numbers(row: Mapping[Any, Any], digits: int, counted: str) -> str:
    amount = f"{wording.number(row['estimate'], digits)} {row['unit']}"
    n_patients = wording.count(int(row["n_patients"]), "patient")
    of_what = "" if counted == "patient" else f"{wording.count(int(row['n']), counted)} of "
    if row["n_patients"] == 1:
        return f"{amount} ({of_what}{n_patients}, no interval)"
    ends = wording.between(row["ci_low"], row["ci_high"], digits)
    return f"{amount} ({ends}; {of_what}{n_patients})"


def _say_twice(table: pd.DataFrame) -> str:
    twice = table[table["also_in"] != ""].drop_duplicates("component")
    if twice.empty:
        return ""
    names = " and ".join(NUMBERS[name].words for name in twice["component"])
    owners = {twice["outcome"].iloc[0], *twice["also_in"]}
    theories = " and ".join(named(one) for one in OUTCOMES if one in owners)
    return f"The same numbers stand for {theories}: {names}."

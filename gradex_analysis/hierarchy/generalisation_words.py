"""How is it said how far the fear of untouched items fell?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.hierarchy.generalisation_fit import (
    AS_RATED,
    DIFFERENCE,
    EXPOSED,
    HELD,
    RATIO,
    UNEXPOSED,
)
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]
Rows = Mapping[str, pd.Series]
PER = {"planned_rank": "planned rank", "expected_fear": "10 points of the fear expected at first"}


def say_falls(table: pd.DataFrame, balance: pd.DataFrame, settings: Settings) -> Iterator[str]:
    """Say the falls of each group, as rated and with the first rating held, and what confounds."""
    for group, own in table.groupby("group", sort=True):
        by_model = {
            str(model): {str(row["quantity"]): row for _, row in part.iterrows()}
            for model, part in own.groupby("model")
        }
        if AS_RATED in by_model:
            yield _say_as_rated(by_model[AS_RATED], str(group), settings)
        if HELD in by_model:
            yield _say_held(by_model[HELD])
    for _, row in balance.iterrows():
        yield _say_balance(row)
    yield (
        "Time and being asked again may lower ratings of every item alike; nothing here tells "
        "that from what was learned."
    )
    if len(balance) > 1 and not settings["is_randomised"]:
        yield "Groups were not randomised."


def _say_as_rated(own: Rows, group: str, settings: Settings) -> str:
    where = wording.count(int(own[UNEXPOSED]["n_patients"]), "patient")
    where += "" if group == EVERYBODY else f" in {named(group)}"
    before, after = (named(name) for name in settings["occasions"])
    return (
        f"In {where}, {settings['subject']} expected of items that were not exposed fell from "
        f"{before} to {after} by {_points(own[UNEXPOSED])}, of exposed items by "
        f"{_points(own[EXPOSED])} (negative: a rise); unexposed minus exposed "
        f"{_points(own[DIFFERENCE])}, ratio {_share(own[RATIO])}."
    )


def _say_held(own: Rows) -> str:
    return (
        "At the same first rating (the mean of a patient's items), unexposed items fell by "
        f"{_points(own[UNEXPOSED])}, exposed ones by {_points(own[EXPOSED])} (difference "
        f"{_points(own[DIFFERENCE])}, ratio {_share(own[RATIO])})."
    )


def _points(row: pd.Series) -> str:
    return (
        f"{wording.number(row['estimate'])} points of 100 "
        f"({wording.interval(row['ci_low'], row['ci_high'])})"
    )


def _share(row: pd.Series) -> str:
    if pd.isna(row["ci_low"]):
        return (
            f"{wording.number(row['estimate'], 2)} (no interval: the fall of the exposed items is "
            "not told from 0)"
        )
    return (
        f"{wording.number(row['estimate'], 2)} "
        f"({wording.interval(row['ci_low'], row['ci_high'], 2)}, Fieller)"
    )


def _say_balance(row: pd.Series) -> str:
    where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
    amount = _flipped(_reversed(row), "more", "less")
    said = (
        f"Within patients, unexposed items were feared {amount} than exposed ones at first{where}"
    )
    if row["ci_low"] <= 0 <= row["ci_high"] or pd.isna(row["ci_low"]):
        return f"{said}; that alone does not say that they were left out at random."
    return (
        f"{said}: they were not left out at random, and being exposed is mixed up with difficulty; "
        "holding the first rating takes out only what is linear in it."
    )


def _reversed(row: pd.Series) -> pd.Series:
    """Return the difference the other way round."""
    numbers = {
        "estimate": -row["estimate"], "ci_low": -row["ci_high"], "ci_high": -row["ci_low"]
    }  # fmt: skip
    return pd.Series(numbers)


def _flipped(row: pd.Series, above: str, below: str) -> str:
    """Say a difference without a minus: ``3.0 points more (95 % CI 1.0 to 5.0)``."""
    flip = -1 if row["estimate"] < 0 else 1
    low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
    return (
        f"{wording.number(flip * row['estimate'])} points {below if flip < 0 else above} "
        f"({wording.interval(low, high)})"
    )


def say_ratios(ratios: pd.DataFrame) -> Iterator[str]:
    """Say the median of the patients' own ratios, and how many have none."""
    for _, row in ratios.iterrows():
        where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
        spread = wording.median_range(row["median"], row["q1"], row["q3"], 2)
        yield (
            f"The patients' own ratios{where}, median and quartiles: {spread} in {row['n']:.0f}; "
            f"undefined in {row['n_undefined']:.0f}, whose exposed items did not fall; "
            f"{row['n_one_sort']:.0f} have items of one sort only. Ratios have no usable mean."
        )


def say_gradients(gradients: pd.DataFrame) -> Iterator[str]:
    """Say whether items nearer to an exposed one fell more."""
    for _, row in gradients.iterrows():
        yield (
            f"Per {PER[row['distance']]} farther from the nearest exposed item, an unexposed one "
            f"fell by {_flipped(row, 'more', 'less')}; difficulty is not held."
        )
    if gradients.empty:
        yield "Whether nearer items fall more cannot be told: too few unexposed items or distances."


def say_breadth(breadth: pd.DataFrame, settings: Settings) -> Iterator[str]:
    """Say which share of items fell by the reliable change that the user gave."""
    least = settings["reliable_change"]
    if least is None:
        yield "Breadth is not given: say reliable_change, in points of 100."
    for _, row in breadth.iterrows():
        where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
        sort = "exposed" if row["is_exposed"] else "unexposed"
        yield (
            f"{wording.number(100 * row['estimate'], 0)}{wording.NO_BREAK}% of the {sort} items"
            f"{where} fell by {least:g} points or more (mean of the patients' shares, "
            f"{wording.interval(100 * row['ci_low'], 100 * row['ci_high'], 0)}; "
            f"{wording.count(int(row['n_patients']), 'patient')})."
        )

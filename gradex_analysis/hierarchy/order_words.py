"""How is it said whether a hierarchy was in the right order?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]
READ_AS = "1 is the same order, 0 none, \u22121 the reverse"


def say_orders(table: pd.DataFrame, average: pd.DataFrame, settings: Settings) -> Iterator[str]:
    """Say the mean of every group, how sure single patients are, and what makes it too low."""
    for _, row in average.iterrows():
        yield _say_group(row, settings)
    if len(average) > 1 and not settings["is_randomised"]:
        yield "Groups were not randomised."
    yield _say_single(table)
    yield (
        "Harder items are met later, when something may have been learned on easier ones, and "
        "ratings err: both make the agreement lower than that with the items' difficulty."
    )


def _say_group(row: pd.Series, settings: Settings) -> str:
    where = wording.count(int(row["n_patients"]), "patient")
    if row["group"] != EVERYBODY:
        where += f" in {named(row['group'])}"
    return (
        f"In {where}, the {settings['plan']} of the items and the peak of {settings['subject']} in "
        f"their first exposures agreed with a mean Kendall's tau-b of "
        f"{wording.number(row['estimate'], 2)} (mean of the patients' values, "
        f"{wording.interval(row['ci_low'], row['ci_high'], 2)}; {READ_AS})."
    )


def _say_single(table: pd.DataFrame) -> str:
    low, high = int(table["n"].min()), int(table["n"].max())
    items = wording.count(high, "item") if low == high else f"{low} to {high} items"
    wide = (table["ci_high"] - table["ci_low"]).median()
    said = f"A patient's value rests on {items}"
    if pd.isna(wide):
        return f"{said}: too few for intervals of single patients."
    without = int(table["ci_low"].isna().sum())
    said += f": its interval (Fieller) is {wording.number(wide, 2)} wide in the median"
    return f"{said}; {without} have none (fewer than 5 items, or all in one order)."

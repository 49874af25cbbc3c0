"""How is it said what goes with the fear at the next exposure?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.expectancy.next_fear_fit import WITHIN
from gradex_analysis.expectancy.next_fear_predictors import PREDICTORS
from gradex_analysis.results import wording

Settings = Mapping[str, Any]


def say_parts(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the part within patients, the part between them, and what neither is."""
    first = table.iloc[0]
    following = "sitting" if settings["followed_by"] == "sitting" else "exposure"
    among = (
        f"Among {wording.count(int(first['n']), 'exposure')} of "
        f"{wording.count(int(first['n_patients']), 'patient')} that were followed by another "
        f"{following} with the same item, "
    )
    said = [_say_part(row, settings) for _, row in table.iterrows()]
    said[0] = f"{among}{said[0]}"
    said.append(
        "The current rating, the time between and the exposure number are held as far as they are "
        "known. Associations, not effects: who used what, and when, was not assigned."
    )
    return said


def _say_part(row: pd.Series, settings: Settings) -> str:
    predictor = PREDICTORS[settings["predictor"]]
    is_within = row["part"] == WITHIN
    flip = -1 if row["estimate"] < 0 else 1
    low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
    what = f"{settings['subject']} {settings['compared']}"
    number = wording.number(flip * row["estimate"])
    amount = f"{number} points of 100 {'lower' if flip < 0 else 'higher'}"
    sure = f"({wording.interval(low, high)}; lower is better)"
    if is_within:
        return f"{predictor.within} was followed by {what} that was {amount} {sure}."
    return f"{predictor.between} had {what} that was {amount} next time {sure}."


def say_numbers(table: pd.DataFrame) -> list[str]:
    """Return each part's estimate with its interval, for the figure."""
    return [
        f"{wording.number(row['estimate'])} ({wording.between(row['ci_low'], row['ci_high'])})"
        for _, row in table.iterrows()
    ]


def axis_of(settings: Settings) -> str:
    """Name the axis: of which difference, and which way is better."""
    step = {10.0: "10 points more ", 1.0: ""}[settings["step"]]
    name = settings["predictor"].replace("_", " ")
    return (
        f"Next {settings['subject']} {settings['compared']}, by {step}{name}\n"
        "← lower (points of 100)      higher →"
    )

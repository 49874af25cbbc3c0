"""How is the change over sessions said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.habituation.between_items.fit import HELD, IGNORED
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording


def say_fit(
    slopes: pd.DataFrame, difficulty: pd.DataFrame, settings: Mapping[str, Any]
) -> list[str]:
    """Say both slopes of each group, and what a point of expected fear goes with."""
    said = [_say_group(own, str(group), settings) for group, own in slopes.groupby("group")]
    row = difficulty.iloc[0]
    said.append(
        f"Each point of fear expected of an item goes with {wording.number(row['estimate'], 2)} "
        f"points ({wording.interval(row['ci_low'], row['ci_high'], 2)})."
    )
    if len(slopes) > len(settings["models"]) and not settings["is_randomised"]:
        said.append("Groups were not randomised.")
    return said


def _say_group(own: pd.DataFrame, group: str, settings: Mapping[str, Any]) -> str:
    by_model = {str(row["model"]): row for _, row in own.iterrows()}
    held, ignored = by_model[HELD], by_model[IGNORED]
    where = "" if group == EVERYBODY else f" in {named(group)}"
    return (
        f"With the difficulty of items held, {settings['subject']} {settings['compared']} changed"
        f"{where} by {wording.number(held['estimate'])} points of 100 per {settings['per']} "
        f"({wording.interval(held['ci_low'], held['ci_high'])}; negative when it falls, which is "
        f"better); with difficulty left out, by {wording.number(ignored['estimate'])} "
        f"({wording.interval(ignored['ci_low'], ignored['ci_high'])})."
    )

"""By which definition does a rating fall within an exposure? Rivals as data; none is the score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named

POINTS, PERCENT = "points of 100", "percent"
SLOPE_UNIT = "points of 100 per {time}"
FALL, RISE = "positive when the rating falls", "negative when the rating falls"
LEVEL = "a level, not a fall"
HIGHEST = "the highest rating of the exercise"
COMMON = "common usage; no full text with the formula was read"
FOA_KOZAK = "after Foa & Kozak 1986, doi:10.1037/0033-2909.99.1.20; common usage"


@dataclass(frozen=True)
class Definition:
    """A named, versioned formula over the summary of one exposure."""

    name: str
    formula: str
    needs: tuple[str, ...]
    compute: Callable[[pd.DataFrame], pd.Series]
    unit: str
    sign: str
    source: str = COMMON
    verified: bool = False
    version: int = 1
    in_words: str = ""

    def settings(self, time_unit: str, *, only_recalled: bool) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values.

        ``only_recalled``: every peak was recalled on a form, and is not called the highest rating.
        """
        peak = "the peak recalled on the form" if only_recalled else HIGHEST
        return {
            "definition": self.name,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": self.unit.format(time=time_unit),
            "label": named(self.name).capitalize(),
            "in_words": self.in_words.format(peak=peak),
            "verified": self.verified,
        }


def _percent_of_peak(table: pd.DataFrame) -> pd.Series:
    # 0 of 100 is the floor on every scale; a peak at the floor has no percentage
    return 100 * (table["peak"] - table["end"]) / table["peak"].replace(0.0, np.nan)


DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            "initial_to_end", "initial - end", ("initial", "end"),
            lambda table: table["initial"] - table["end"], POINTS, FALL,
            in_words="from the first rating of the exercise to the rating at its end",
        ),
        Definition(
            "initial_to_last", "initial - last", ("initial", "last"),
            lambda table: table["initial"] - table["last"], POINTS, FALL,
            in_words="from the first to the last rating of the exercise, early stops included",
        ),
        Definition(
            "peak_to_end", "peak - end", ("peak", "end"),
            lambda table: table["peak"] - table["end"], POINTS, FALL, FOA_KOZAK,
            in_words="from {peak} to the rating at its end",
        ),
        Definition(
            "peak_to_last", "peak - last", ("peak", "last"),
            lambda table: table["peak"] - table["last"], POINTS, FALL,
            in_words="from {peak} to the last one, early stops included",
        ),
        Definition(
            "peak_to_after", "peak - after", ("peak", "after"),
            lambda table: table["peak"] - table["after"], POINTS, FALL,
            in_words="from {peak} to the rating after it",
        ),
        Definition(
            "before_to_after", "before - after", ("before", "after"),
            lambda table: table["before"] - table["after"], POINTS, FALL,
            in_words="from the rating before the exercise to the rating after it",
        ),
        Definition(
            "percent_of_peak", "100 (peak - end) / peak; none where the peak is 0",
            ("peak", "end"), _percent_of_peak, PERCENT, FALL,
            in_words="from {peak} to its end, in percent of the peak",
        ),
        Definition(
            "slope", "least-squares slope of the ratings on time", ("slope",),
            lambda table: table["slope"], SLOPE_UNIT, RISE,
            in_words="(least-squares slope)",
        ),
        Definition(
            "mean_level", "area under the ratings (trapezoids) / duration", ("mean_level",),
            lambda table: table["mean_level"], POINTS, LEVEL,
            in_words="over the exercise (area under the ratings over its duration)",
        ),
    )
}  # fmt: skip

"""By which definition has a rating come down, and when? Rivals as data; none is the score.

A rating is seen now and then, so that the time at which it comes down lies between two ratings.
"Staying there" is confirmed by the next rating; without one the last rating above is all that is
known, and the time is censored there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.measures.course_columns import list_from_peak
from gradex_analysis.measures.within_session import COMMON

SOONER = "a time: shorter is sooner"
REACHED, NOT_CONFIRMED, NOT_REACHED = "reached", "not confirmed", "not reached"
OUTCOMES = (REACHED, NOT_CONFIRMED, NOT_REACHED)
NEVER_ABOVE = "its peak is not above the threshold: nothing to wait for"

#: from when time counts: word of the argument, and in a sentence
ORIGINS = {"peak": "the highest rating", "start": "the start of the exercise"}


@dataclass(frozen=True)
class Definition:
    """A named, versioned threshold on the ratings from the peak of an exposure on."""

    name: str
    formula: str
    threshold: Callable[[pd.Series, float], pd.Series]
    in_words: str
    needs_criterion: bool = False
    unit: str = "{time}"
    sign: str = SOONER
    source: str = COMMON
    verified: bool = False
    version: int = 1
    kind: str = "time"

    def settings(self, time_unit: str, criterion: float | None) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values."""
        words = self.in_words if criterion is None else self.in_words.format(criterion=criterion)
        return {
            "definition": self.name,
            "of": self.kind,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": time_unit,
            "in_words": words,
            "verified": self.verified,
        }


_RULE = "first rating from the peak on that is {} and followed by another such rating"

DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            "time_to_50", _RULE.format("peak / 2 or less"), lambda peak, _: peak / 2,
            "half of its peak or less",
        ),
        Definition(
            "time_to_criterion", _RULE.format("at the criterion or below"),
            lambda peak, criterion: pd.Series(criterion, index=peak.index),
            "{criterion:g} of 100 or less", needs_criterion=True,
        ),
    )
}  # fmt: skip


def find_times(summary: pd.DataFrame, series: pd.DataFrame, threshold: pd.Series) -> pd.DataFrame:
    """Find between which two ratings each exposure comes down to its threshold and stays.

    ``threshold`` has the exposures as its index and lies below their peaks.

    Returns
    -------
    DataFrame
        By exposure ``left, right`` on the clock of ``series``: it came down in ``(left, right]``;
        ``right`` is infinite where that was not seen or not confirmed, and ``left`` is then the
        last rating above. ``outcome`` is one of ``OUTCOMES``.
    """
    rows = list_from_peak(summary, series[series["exposure"].isin(threshold.index)])
    exposure = rows["exposure"]
    # half of a rating on another scale differs in the last digits
    is_down = (rows["value"] - exposure.map(threshold)).round(9) <= 0
    stays = is_down & is_down.groupby(exposure).shift(-1, fill_value=False)
    # the peak is above, so that a first confirmed rating has one before it
    before = rows["time"].groupby(exposure).shift()
    came = rows.assign(before=before)[stays].drop_duplicates("exposure").set_index("exposure")
    last_above = rows[~is_down].groupby("exposure")["time"].last()
    ends_down = is_down.groupby(exposure).last()
    table = pd.DataFrame({"left": last_above, "right": np.inf}, index=threshold.index)
    table.loc[came.index, "left"] = came["before"]
    table.loc[came.index, "right"] = came["time"]
    down_at_end = ends_down.reindex(threshold.index, fill_value=False).to_numpy(dtype=bool)
    table["outcome"] = np.select(
        [np.isfinite(table["right"]), down_at_end], [REACHED, NOT_CONFIRMED], NOT_REACHED
    )
    return table

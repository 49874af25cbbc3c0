"""When is an item mastered? By a rule that the user states; none is the usual one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.hierarchy_items import ITEM


@dataclass(frozen=True)
class Rule:
    """An item is mastered at the last of ``running`` exposures with a peak of at most so much."""

    peak_at_most: float
    running: int

    def __post_init__(self) -> None:
        if not 0 <= self.peak_at_most < 100:
            raise CannotAnswerError(
                f"peak_at_most is {self.peak_at_most}: it is a rating from 0 to below 100, on "
                "0 to 100 whatever the patients' own scales."
            )
        if self.running < 1 or self.running != int(self.running):
            raise CannotAnswerError(f"running is {self.running}: it is a number of exposures.")

    def settings(self) -> dict[str, Any]:
        """Return the rule as JSON values."""
        return {"peak_at_most": float(self.peak_at_most), "running": int(self.running)}

    def say(self, subject: str) -> str:
        """Say the rule."""
        times = f"in {self.running} exposures running" if self.running > 1 else "in one exposure"
        return f"a peak of {subject} of at most {self.peak_at_most:g} of 100 {times}"


def judge_items(exposed: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Find the exposure at which each item is mastered.

    ``exposed`` is in order, with ``number, peak, session``. Exposures without a peak are passed
    over: they neither end a run nor add to it.

    Returns
    -------
    DataFrame
        By ``patient_id, item_id``: ``n_peaks``, ``n_recalled`` of them, ``is_mastered``,
        ``exposures_to_mastery`` (exposures with a peak up to and with that one),
        ``sessions_to_mastery`` (sessions since the item's first, that one counted as 1),
        ``mastered_number`` and ``mastered_session``, and ``sessions_watched``, ``peaks_watched``:
        how long an item was watched, whether or not it was mastered.
    """
    rated = exposed[exposed["peak"].notna()].copy()
    rated["nth"] = rated.groupby(ITEM).cumcount() + 1
    low = rated["peak"] <= rule.peak_at_most + 1e-9
    # a run ends with every peak above: the runs of an item are numbered by those so far
    run = (~low).groupby([rated[key] for key in ITEM]).cumsum()
    length = low.groupby([*[rated[key] for key in ITEM], run]).cumsum()
    done = rated[low & (length >= rule.running)].drop_duplicates(ITEM).set_index(ITEM)
    by_item = rated.groupby(ITEM)
    first, last = by_item["session"].min(), by_item["session"].max()
    table = pd.DataFrame(
        {"n_peaks": by_item.size(), "n_recalled": by_item["peak_source"].agg(_recalled)}
    )
    table["is_mastered"] = table.index.isin(done.index)
    table["exposures_to_mastery"] = done["nth"].reindex(table.index).astype("Int64")
    table["sessions_to_mastery"] = done["session"].reindex(table.index) - first + 1
    table["mastered_number"] = done["number"].reindex(table.index).astype("Int64")
    table["mastered_session"] = done["session"].reindex(table.index)
    table["mastered_row"] = done["row"].reindex(table.index)
    table["peaks_watched"] = table["exposures_to_mastery"].fillna(table["n_peaks"])
    watched = last - first + 1
    # mastered outside any numbered session: how many sessions it took is not known
    table["sessions_watched"] = np.where(
        table["is_mastered"], table["sessions_to_mastery"], watched
    )
    return table


def _recalled(source: pd.Series) -> int:
    return int((source == "recalled").sum())

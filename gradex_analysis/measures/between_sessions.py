"""By which definition does a rating fall from one exposure to the next? Rivals as data.

All of them compare exposures to the same item: across items a rating rises because the hierarchy
is climbed. A peak that was rated and one that was recalled on a form are not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.within_session import COMMON, FALL, POINTS, RISE

PER_EXPOSURE, PER_WEEK = "points of 100 per exposure", "points of 100 per week"
PEAK_TO_PEAK = "after van Minnen & Hagenaars 2002 (sessions 1 and 2); formula not read"
MEAN = "after Sripada & Rauch 2015, doi:10.1016/j.janxdis.2015.01.002; formula not read"
ENDS_DIFFER = "its first peak was rated and its last recalled, or the reverse: not compared"
NO_NEIGHBOURS = "no two successive exposures with {what}, rated in the same way"
MIXED = "some peaks were rated and some recalled: no line through both"
NO_DAYS = "no line on time: a day is not known, or all were on one day"
NO_LINE = "no line through one exposure"

Compute = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Definition:
    """A named, versioned formula over the numbered exposures of one patient's item.

    ``column`` is what it compares (a column of ``summarise_exposures``), called ``what``;
    ``no_value`` is the reason where two exposures have it and still cannot be compared.
    """

    name: str
    formula: str
    column: str
    compute: Compute
    unit: str
    sign: str
    compared: str
    in_words: str
    no_value: str
    source: str = COMMON
    verified: bool = False
    version: int = 1
    kind: str = "between_sessions"

    @property
    def what(self) -> str:
        """Say in words what is compared, with its article."""
        return WORDS[self.column]

    def settings(self, *, only_recalled: bool) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values.

        ``only_recalled``: every peak was recalled on a form, which is said.
        """
        recalled = " as recalled on the form" if only_recalled else ""
        return {
            "definition": self.name,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": self.unit,
            "label": named(self.name).capitalize(),
            "compared": f"{self.compared}{recalled}",
            "in_words": self.in_words,
            "verified": self.verified,
        }


WORDS = {
    "peak": "a peak",
    "initial": "a first rating",
    "before": "a rating before",
    "mean_level": "a mean level",
}


def _first_to_last(values: pd.DataFrame) -> pd.Series:
    series = values.groupby("series")
    first, last = series.nth(0).set_index("series"), series.nth(-1).set_index("series")
    comparable = first["source"] == last["source"]
    return (first["value"] - last["value"]).where(comparable & (first["number"] < last["number"]))


def _consecutive(values: pd.DataFrame) -> pd.Series:
    before = values.groupby("series")[["number", "value", "source"]].shift()
    follows = (values["number"] - before["number"] == 1) & (values["source"] == before["source"])
    falls = (before["value"] - values["value"]).where(follows)
    return falls.groupby(values["series"]).mean()


def _slope(values: pd.DataFrame) -> pd.Series:
    return _slope_on(values["number"].astype("float64"), values)


def _slope_per_week(values: pd.DataFrame) -> pd.Series:
    dates = values["date"].dt.normalize()
    days = (dates - dates.groupby(values["series"]).transform("min")).dt.days
    known = dates.notna().groupby(values["series"]).all()
    return _slope_on(days.fillna(0.0) / 7, values).where(known)


def _slope_on(time: pd.Series, values: pd.DataFrame) -> pd.Series:
    series = values.groupby("series")
    x = time - time.groupby(values["series"]).transform("mean")
    y = values["value"] - series["value"].transform("mean")
    sums = pd.DataFrame({"xy": x * y, "xx": x * x}).groupby(values["series"]).sum()
    one_way = series["source"].min() == series["source"].max()
    return (sums["xy"] / sums["xx"].replace(0.0, np.nan)).where(one_way)


def _two(
    name: str, column: str, words: str, compared: str, *, source: str = COMMON
) -> tuple[Definition, ...]:
    """Make the two falls of one column: from first to last, and from one to the next."""
    return (
        Definition(
            f"first_to_last_{name}", f"{words}, first exposure - last exposure", column,
            _first_to_last, POINTS, FALL, compared,
            "from the first to the last exposure to the same item", ENDS_DIFFER, source,
        ),
        Definition(
            f"consecutive_{name}", f"mean of ({words}, exposure k - exposure k + 1)", column,
            _consecutive, POINTS, FALL, compared,
            "from one exposure to the same item to the next",
            NO_NEIGHBOURS.format(what=WORDS[column]), source,
        ),
    )  # fmt: skip


def _slopes(name: str, words: str, compared: str, *, mixed: str) -> tuple[Definition, ...]:
    """Make the two slopes of one column: on the exposure's number, and on weeks."""
    line = f"least-squares slope of the {words}"
    return (
        Definition(
            f"slope_{name}", f"{line} on the exposure number", name, _slope, PER_EXPOSURE, RISE,
            compared, "to the same item (least squares)", mixed or NO_LINE,
        ),
        Definition(
            f"slope_{name}_per_week", f"{line} on the weeks since the first exposure", name,
            _slope_per_week, PER_WEEK, RISE, compared,
            "over the exposures to the same item (least squares)",
            f"{NO_DAYS}{', or some were recalled' if mixed else ''}",
        ),
    )  # fmt: skip


DEFINITIONS = {
    definition.name: definition
    for definition in (
        *_two("peak", "peak", "peak", "at its peak", source=PEAK_TO_PEAK),
        *_two("initial", "initial", "first rating", "at the first rating"),
        *_two("before", "before", "rating before the exercise", "before the exercise"),
        *_two("mean", "mean_level", "mean level of the exercise", "over the exercise", source=MEAN),
        *_slopes("peak", "peaks", "at its peak", mixed=MIXED),
        *_slopes("initial", "first ratings", "at the first rating", mixed=""),
    )
}  # fmt: skip

"""By which definition does fear come back after an exposure? Rivals as data; none is the score.

What is compared is always one item: two exposures of one sitting, two sittings that follow one
another, or treatment and follow-up (re-rated, or tested by an exposure).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.sittings import EVENT, NEW_CONTEXT, TIME_ONLY
from gradex_analysis.measures.within_session import COMMON, FALL, POINTS

RETURN = "positive when the rating is higher later"
KEPT = "1 when all of the fall is kept, lower when the rating comes back"
SHARE = "of the fall"
PERCENT_OF_GAIN = "percent of the fall in treatment"

#: which list of pairs a definition reads
WITHIN, SITTINGS, RERATED, TESTED = "within_sitting", "sittings", "re-rated", "tested"

Compute = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Definition:
    """A named, versioned formula over pairs of moments of one patient's item.

    ``pairs`` names the list of pairs it reads, ``needs`` the columns of that list with their words;
    ``when`` is what must have come between the two, "" for whatever; ``no_value`` is the reason
    where a pair has the columns and still no value.
    """

    name: str
    formula: str
    pairs: str
    needs: dict[str, str]
    compute: Compute
    unit: str
    sign: str
    compared: str
    in_words: str
    when: str = ""
    no_value: str = ""
    label: str = ""
    source: str = COMMON
    verified: bool = False
    version: int = 1
    kind: str = "return_of_fear"

    def settings(self) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values."""
        return {
            "definition": self.name,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": self.unit,
            "label": self.label or named(self.name).capitalize(),
            "compared": self.compared,
            "in_words": self.in_words,
            "pairs": self.pairs,
            "when": self.when,
            "verified": self.verified,
        }


def _minus(one: str, other: str) -> Compute:
    return lambda pairs: pairs[one] - pairs[other]


def _kept(later: str, earlier: str, end: str) -> Compute:
    def _compute(pairs: pd.DataFrame) -> pd.Series:
        fall = pairs[earlier] - pairs[end]
        return 1 - (pairs[later] - pairs[end]) / fall.where(fall > 0)

    return _compute


def _percent_back(pairs: pd.DataFrame) -> pd.Series:
    fall = pairs["pre"] - pairs["post"]
    return 100 * (pairs["follow_up"] - pairs["post"]) / fall.where(fall > 0)


FIRST, LAST_BEFORE = "no first rating", "no last rating in the sitting before"
BEFORE = "no rating before the exercise"
NO_FINAL = "neither a rating after the sitting before nor a last one"


def _decline(name: str, words: str, compared: str) -> Definition:
    first, last = f"first_{name}", f"last_{name}"
    needs = {first: f"no {words} at the first exposure", last: f"no {words} at the last exposure"}
    return Definition(
        f"between_trial_decline_{name}",
        f"{words}, first exposure of a sitting - last exposure of the sitting",
        WITHIN, needs, _minus(first, last), POINTS, FALL, compared,
        "from the first to the last exposure to the same item in one sitting",
    )  # fmt: skip


def _retention(name: str, start: str, end: str, needs: dict[str, str]) -> Definition:
    return Definition(
        name, f"1 - ({start}, next - {end}) / ({start} - {end}), of two sittings", SITTINGS,
        needs, _kept(*needs), SHARE, KEPT, f"from the {start} to the {end}",
        "until the next sitting with the same item",
        no_value="no fall in the sitting before: nothing to keep",
    )  # fmt: skip


def _recoveries(name: str, when: str, came_between: str) -> tuple[Definition, Definition]:
    """Make the two returns between sittings: of first ratings, and of those before and after."""
    return (
        Definition(
            name, "first rating of a sitting - last rating of the sitting before", SITTINGS,
            {"initial": FIRST, "last_earlier": LAST_BEFORE}, _minus("initial", "last_earlier"),
            POINTS, RETURN, "at the first rating",
            f"than the last rating of the sitting before with the same item, {came_between}",
            when=when,
        ),
        Definition(
            f"{name}_before",
            "rating before a sitting - rating after the sitting before, or its last without one",
            SITTINGS, {"before": BEFORE, "final_earlier": NO_FINAL},
            _minus("before", "final_earlier"), POINTS, RETURN, "before the exercise",
            f"than after the sitting before with the same item, {came_between}", when=when,
        ),
    )  # fmt: skip


def _follow_up(
    suffix: str, pairs: str, compared: str, in_words: str, needs: dict[str, str]
) -> tuple[Definition, Definition]:
    """Make the two returns after treatment: in points, and in percent of the fall in treatment."""
    two = {name: needs[name] for name in ("post", "follow_up")}
    return (
        Definition(
            f"rof_abs{suffix}", "follow-up - post", pairs, two,
            _minus("follow_up", "post"), POINTS, RETURN, compared, in_words,
            label="Return of fear at follow-up",
        ),
        Definition(
            f"rof_pct{suffix}", "100 (follow-up - post) / (pre - post); none unless pre > post",
            pairs, needs, _percent_back, PERCENT_OF_GAIN, RETURN, compared, in_words,
            no_value="no fall in treatment, of which a share could come back",
            label="Return of fear at follow-up",
        ),
    )  # fmt: skip


DEFINITIONS = {
    definition.name: definition
    for definition in (
        _decline("peak", "peak", "at its peak"),
        _decline("initial", "first rating", "at the first rating"),
        _retention(
            "retention", "first rating", "last rating",
            {"initial": FIRST, "initial_earlier": "no first rating in the sitting before",
             "last_earlier": LAST_BEFORE},
        ),
        _retention(
            "retention_before", "rating before", "rating after",
            {"before": BEFORE, "before_earlier": "no rating before the sitting before",
             "final_earlier": NO_FINAL},
        ),
        *_recoveries("spontaneous_recovery", TIME_ONLY, "nothing else known between the two"),
        *_recoveries("renewal_like", NEW_CONTEXT, "in a context new for the item"),
        *_recoveries("reinstatement_like", EVENT, "after a flare or an adverse event"),
        *_follow_up(
            "", RERATED, "expected of the items", "at follow-up than after treatment",
            {"pre": "not rated before treatment", "post": "not rated after treatment",
             "follow_up": "not rated at follow-up"},
        ),
        *_follow_up(
            "_peak", TESTED, "at its peak",
            "in the first exposure at follow-up than in the last of treatment",
            {"pre": "no peak in the first exposure", "post": "no peak in the last of treatment",
             "follow_up": "no peak in the first exposure at follow-up"},
        ),
    )
}  # fmt: skip

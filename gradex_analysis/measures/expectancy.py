"""By which definition was an expectancy violated, and what became of it? Rivals as data.

What was expected, what occurred and what was expected afterwards are on 0 to 100. What occurred may
also stand in words (no, partly, yes, not testable): words are counted and never made numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.within_session import COMMON, POINTS

PITTIG = "Pittig 2023, doi:10.1177/21677026221101379, in the words of its abstract"
AFTER_PITTIG = "after Pittig 2023, doi:10.1177/21677026221101379: the abstract's words as a ratio"
YOUTH_OCD = "doi:10.1177/0145445518813624, in the words of its abstract"
LESS = "positive when less occurred than was expected"
FELL = "positive when expectancy falls"
OVER = "positive when more was expected than was felt"
LEVEL = "a level: higher is more surprised"
SHARE = "1 when all of the violation became change, 0 when none did"

#: a share of 0 or 100 % has no logit: it is taken for this far from the end, in percent
CLAMP = 0.5

BEFORE, OCCURRED, AFTER = "expectancy_before", "occurrence_100", "expectancy_after"
NO_BEFORE = "no expectancy before the exercise"
NO_OCCURRED = "not recorded what occurred"
NO_AFTER = "no expectancy after the exercise"
IN_WORDS = "what occurred is said in words, which are no numbers"

Compute = Callable[[pd.DataFrame], pd.Series]


@dataclass(frozen=True)
class Definition:
    """A named, versioned formula over what one exposure's expectancies are (``list_expected``).

    ``needs`` are the columns it reads with the reason where one is missing; ``ends`` those that
    are drawn and said as expected and found. ``takes_words``: where what occurred is in words, the
    exposure is counted without a value. ``has_mean``: whether a mean of it says anything.
    """

    name: str
    formula: str
    needs: Mapping[str, str]
    compute: Compute
    unit: str
    sign: str
    said: tuple[str, str]
    ends: tuple[str, ...] = ()
    takes_words: bool = False
    has_mean: bool = True
    no_value: str = ""
    digits: int = 1
    source: str = COMMON
    verified: bool = False
    version: int = 1
    kind: str = "expectancy"

    def settings(self) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values."""
        return {
            "definition": self.name,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": self.unit,
            "label": named(self.name).capitalize(),
            "ends": list(self.ends),
            "digits": self.digits,
            "verified": self.verified,
        }


def _minus(one: str, other: str) -> Compute:
    return lambda rows: rows[one] - rows[other]


def _logit(percent: pd.Series) -> pd.Series:
    share = percent.clip(CLAMP, 100 - CLAMP) / 100
    return pd.Series(np.log(share / (1 - share)))


def _ratio(rows: pd.DataFrame) -> pd.Series:
    violation = rows[BEFORE] - rows[OCCURRED]
    return (rows[BEFORE] - rows[AFTER]) / violation.where(violation != 0)


def _over_prediction(of: str, expected: str, peak: str, source: str) -> Definition:
    return Definition(
        f"overprediction_{of}", f"expected peak {of} - peak {of}",
        {expected: f"no peak {of} expected", peak: f"no peak of {of}"}, _minus(expected, peak),
        POINTS, OVER, (f"more {of} was expected than was felt at the peak, by",
                       f"less {of} was expected than was felt at the peak, by"),
        (expected, peak), source=source,
    )  # fmt: skip


DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            "expectancy_violation", "expectancy before - occurrence",
            {BEFORE: NO_BEFORE, OCCURRED: NO_OCCURRED}, _minus(BEFORE, OCCURRED), POINTS, LESS,
            ("less occurred than was expected, by", "more occurred than was expected, by"),
            (BEFORE, OCCURRED), takes_words=True, source=PITTIG,
        ),
        Definition(
            "expectancy_change",
            "expectancy before - expectancy after (the change of belief, in points)",
            {BEFORE: NO_BEFORE, AFTER: NO_AFTER}, _minus(BEFORE, AFTER), POINTS, FELL,
            ("expectancy fell by", "expectancy rose by"), (BEFORE, AFTER),
            source=PITTIG,
        ),
        Definition(
            "belief_change_logit",
            f"logit(before) - logit(after); 0 and 100 % are taken for {CLAMP} and {100 - CLAMP} %",
            {BEFORE: NO_BEFORE, AFTER: NO_AFTER},
            lambda rows: _logit(rows[BEFORE]) - _logit(rows[AFTER]), "logits", FELL,
            ("expectancy fell by", "expectancy rose by"), (BEFORE, AFTER), digits=2,
        ),
        Definition(
            "learning_ratio",
            "(before - after) / (before - occurrence); none where what occurred was expected",
            {BEFORE: NO_BEFORE, OCCURRED: NO_OCCURRED, AFTER: NO_AFTER}, _ratio,
            "of the violation", SHARE, ("", ""), (BEFORE, OCCURRED, AFTER), has_mean=False,
            no_value="what occurred was what was expected: no ratio", digits=2,
            source=AFTER_PITTIG,
        ),
        _over_prediction("fear", "expected_peak_fear", "peak", YOUTH_OCD),
        _over_prediction("pain", "expected_peak_pain", "pain_peak", COMMON),
        Definition(
            "surprise", "surprise as rated after the exercise", {"surprise": "no surprise rated"},
            lambda rows: rows["surprise"], POINTS, LEVEL, ("surprise was", "surprise was"),
        ),
    )
}  # fmt: skip

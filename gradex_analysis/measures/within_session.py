"""By which definition does a rating rise, fall and vary in an exposure? Rivals as data.

None is the score. Three kinds: how high a rating goes (activation), how far it falls within the
exposure, and how much it varies.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.course_columns import measure_from_peak, measure_rate, measure_spread

#: kinds of definitions over the ratings of one exposure
ACTIVATION, WITHIN_SESSION, VARIABILITY = "activation", "within_session", "variability"

POINTS, PERCENT = "points of 100", "percent"
SLOPE_UNIT = "points of 100 per {time}"
FALL, RISE = "positive when the rating falls", "negative when the rating falls"
LEVEL, SPREAD = "a level, not a fall", "a spread, not a fall"
RISEN = "positive when the rating rises"
HALVED = "1 where the rating falls to half of its peak, else 0"
SHARE = "of exposures"
OF_LARGEST = "of the largest SD possible at that mean"
HIGHEST = "the highest rating of the exercise"
COMMON = "common usage; no full text with the formula was read"
CULVER = "after Culver, Stoyanova & Craske 2012 (the idea, as read in the abstract); common usage"
PORTELO = "after Portelo, Shiban & Maia 2021, doi:10.1016/j.bpsc.2021.01.005; formula not read"
THERAPISTS_LOG = "the 50 % rule of exposure logs; no full text with the formula was read"
FOA_KOZAK = "after Foa & Kozak 1986, doi:10.1037/0033-2909.99.1.20; common usage"


AT_FLOOR = "the peak is at the floor of the scale"
NOTHING_AFTER = "its highest rating is its last: no line from the peak on"
NO_RATE = "fewer than three ratings from the peak on, or no decay that has a rate"
AT_AN_END = "all ratings are at one end of the scale: no spread is possible"
NO_LINE = "all ratings at one time: no line to take out"

Derive = Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]


@dataclass(frozen=True)
class Definition:
    """A named, versioned formula over the summary of one exposure.

    ``derive`` adds the columns that the summary lacks, from it and the ratings (``list_series``);
    ``fewest`` is the number of ratings during the exercise that it needs, where there are any;
    ``no_value`` the reason where it has all that it needs and still no value.
    """

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
    kind: str = WITHIN_SESSION
    derive: Derive | None = None
    fewest: int = 2
    no_value: str = AT_FLOOR
    digits: int = 1

    @property
    def is_per_time(self) -> bool:
        """Say whether its unit is one of time, so that minutes and repetitions do not mix."""
        return "{time}" in self.unit

    def prepare(self, summary: pd.DataFrame, series: pd.DataFrame) -> pd.DataFrame:
        """Return the summary of exposures with all columns that the formula reads."""
        return summary if self.derive is None else summary.join(self.derive(summary, series))

    def settings(self, time_unit: str, *, only_recalled: bool) -> dict[str, Any]:
        """Return what a result says of its definition, as JSON values.

        ``only_recalled``: every peak was recalled on a form, and is not called the highest rating.
        """
        peak = "the peak recalled on the form" if only_recalled else HIGHEST
        return {
            "definition": self.name,
            "of": self.kind,
            "version": self.version,
            "formula": self.formula,
            "sign": self.sign,
            "unit": self.unit.format(time=time_unit),
            "label": named(self.name).capitalize(),
            "in_words": self.in_words.format(peak=peak),
            "digits": self.digits,
            "verified": self.verified,
        }


def _percent_of_peak(table: pd.DataFrame) -> pd.Series:
    # 0 of 100 is the floor on every scale; a peak at the floor has no percentage
    return 100 * (table["peak"] - table["end"]) / table["peak"].replace(0.0, np.nan)


def _halved(table: pd.DataFrame) -> pd.Series:
    # half of a rating on another scale differs in the last digits
    halved = ((table["end"] - table["peak"] / 2).round(9) <= 0).astype("float64")
    return halved.where(table["peak"] > 0)


def _spread(
    name: str,
    formula: str,
    column: str,
    in_words: str,
    *,
    unit: str = POINTS,
    source: str = CULVER,
    no_value: str = AT_AN_END,
    digits: int = 1,
) -> Definition:
    """Make a definition of variability: of five ratings or more, in the order they were given."""
    return Definition(
        f"variability_{name}", formula, (column,), lambda table: table[column], unit, SPREAD,
        source, in_words=in_words, kind=VARIABILITY, derive=measure_spread, fewest=5,
        no_value=no_value, digits=digits,
    )  # fmt: skip


DEFINITIONS = {
    definition.name: definition
    for definition in (
        Definition(
            "activation_peak", "peak", ("peak",), lambda table: table["peak"], POINTS, LEVEL,
            FOA_KOZAK, in_words="at {peak}", kind=ACTIVATION, fewest=1,
        ),
        Definition(
            "activation_rise", "peak - before", ("peak", "before"),
            lambda table: table["peak"] - table["before"], POINTS, RISEN,
            in_words="from the rating before the exercise to {peak}", kind=ACTIVATION, fewest=1,
        ),
        Definition(
            "activation_initial", "initial", ("initial",), lambda table: table["initial"], POINTS,
            LEVEL, in_words="at the first rating of the exercise", kind=ACTIVATION, fewest=1,
        ),
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
            "halved_from_peak", "1 if end <= peak / 2, else 0; none where the peak is 0",
            ("peak", "end"), _halved, SHARE, HALVED, THERAPISTS_LOG,
            in_words="from {peak} to its end", digits=2,
        ),
        Definition(
            "slope_from_peak", "least-squares slope on time of the ratings from the peak on",
            ("peak", "slope_from_peak"), lambda table: table["slope_from_peak"], SLOPE_UNIT, RISE,
            in_words="from {peak} on (least-squares slope)", derive=measure_from_peak,
            no_value=NOTHING_AFTER,
        ),
        Definition(
            "rate_from_peak", "k of A exp(-k time), least squares on the ratings from the peak on",
            ("peak", "rate_from_peak"), lambda table: table["rate_from_peak"], "per {time}", FALL,
            PORTELO, in_words="from {peak} on (rate of a decay to 0)", derive=measure_rate,
            no_value=NO_RATE, digits=2,
        ),
        Definition(
            "mean_level", "area under the ratings (trapezoids) / duration", ("mean_level",),
            lambda table: table["mean_level"], POINTS, LEVEL,
            in_words="over the exercise (area under the ratings over its duration)",
        ),
        _spread(
            "sd", "standard deviation of the ratings, n - 1", "sd",
            "about the mean of an exposure (standard deviation)",
        ),
        _spread(
            "successive", "root of (sum of squared successive differences / (n - 1))",
            "successive", "from one rating to the next (root mean squared successive difference)",
        ),
        _spread(
            "detrended", "residual SD about the least-squares line on time, n - 2", "detrended",
            "about a straight line over time (residual standard deviation)", no_value=NO_LINE,
        ),
        _spread(
            "relative", "SD with n / sqrt(mean (100 - mean)); none where the mean is 0 or 100",
            "relative", "about the mean of an exposure", unit=OF_LARGEST, digits=2,
        ),
    )
}  # fmt: skip


def names_of(kind: str) -> tuple[str, ...]:
    """Return the names of the definitions of one kind."""
    return tuple(name for name, definition in DEFINITIONS.items() if definition.kind == kind)

"""How fast does fear fall within an exposure?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.habituation.curves.courses import (
    LEVELS,
    choose_courses,
    minimum_ratings,
)
from gradex_analysis.habituation.curves.fit import (
    LIKELIHOODS,
    choose_steps,
    count_statuses,
    fit_courses,
)
from gradex_analysis.habituation.curves.forms import FormsCompared, summarise_forms
from gradex_analysis.habituation.curves.words import say_curves
from gradex_analysis.measures.courses import bin_times
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.plots import lines, style
from gradex_analysis.progress import Progress, silent
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped
from gradex_analysis.stats.intervals import mean_over_patients

#: fewer than this share still in the exercise: the mean course is drawn dashed
THIN_SHARE = 0.2
#: where fewer patients remain the mean course is not drawn; the table keeps it
FEWEST_PATIENTS = 5

TIME_AXIS = {
    "exposure": "since the first rating",
    "item": "since the first rating of each exposure; own start by exposure, the rest by item",
    "patient": (
        "since the first rating of each exposure; own start by exposure, own asymptote or slope by "
        "item, one rate"
    ),
}


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class HabituationCurves(Result):
    """A curve per exposure (per item, per patient), and the mean course.

    ``table`` has one row per curve: keys, ``status`` and the fit (``start, asymptote, rate,
    half_life`` with standard errors, the profile interval of the rate, ``rss, n``); ``rate`` is per
    minute (or repetition), ``half_life`` in minutes (or repetitions). The half-life and the
    standard errors of rate and asymptote are given only where the interval of the rate is closed
    (``identified``). ``statuses`` counts them. ``starts`` has one row per exposure considered where
    several share a curve: its own start, or the reason why it has no part. ``course`` is the mean
    course by time with its interval over patients; ``series`` the ratings behind it.
    """

    statuses: pd.DataFrame
    starts: pd.DataFrame
    course: pd.DataFrame
    series: pd.DataFrame

    perhaps: ClassVar[tuple[str, ...]] = ("starts",)

    headline: ClassVar[str] = "statuses"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw single courses thin, the mean strong, n under the axis, a rug where they ended."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.course.empty:
                return style.say_instead(ax, self.sentence())
            lines.value_axis(ax, f"{self.settings['subject'].capitalize()} (0\u2013100)")
            by_minute = self.settings["time_unit"] == "minute"
            first = 0 if by_minute else 1  # repetitions are counted from 1, as people do
            series = self.series.assign(time=self.series["time"] + first)
            course = self.course.assign(time=self.course["time"] + first)
            lines.courses(ax, series)
            fewest = min(FEWEST_PATIENTS, course["n_patients"].max())
            drawn = course[course["n_patients"] >= fewest]
            lines.mean_course(ax, drawn, color=self._color())
            lines.stop_rug(ax, series.groupby("series")["time"].max())
            lines.counts_below(ax, course["time"], course["n"])
            ax.set_xlabel("Minutes since the exposure began" if by_minute else "Repetition")
            ax.set_xlim(first, series["time"].max() * 1.02)
        return ax

    def _color(self) -> str:
        """Return the colour of the one arm that was rated; of several, that of all together."""
        arms = set(self.table["arm"]) if "arm" in self.table else set()
        return self.looks()[str(arms.pop())].color if len(arms) == 1 else style.BLUE

    def sentence(self) -> str:
        """Say how many courses fell, and for how many the rate can be told."""
        said = say_curves(self.table, self.statuses, self.settings)
        return f"{said} {self.say_left_out()}"

    def compare_forms(self, *, progress: Progress = silent) -> FormsCompared:
        """Compare the five forms in the same courses by AICc, within the same likelihood."""
        keys = self.table[list(self.unit)]
        heaped = None if self.settings["grid"] is None else Heaped(grid=self.settings["grid"])
        return summarise_forms(keys, self.series, self, heaped=heaped, progress=progress)

    def alt_text(self) -> str:
        """Describe the courses by their first and last mean."""
        if self.course.empty:
            return self.sentence()
        first, last = self.course.iloc[0], self.course[~self.course["is_thin"]].iloc[-1]
        unit = self.settings["time_unit"]
        return (
            f"Line plot of {self.series['series'].nunique()} courses of {self.settings['subject']} "
            f"over {unit}s with their mean: {wording.number(first['estimate'])} of 100 at "
            f"{wording.number(first['time'])} and {wording.number(last['estimate'])} at "
            f"{wording.number(last['time'])} {unit}s. {self.sentence()}"
        )


def fit_habituation_curves(
    cohort: Cohort,
    *,
    form: str = "exponential",
    level: str = "exposure",
    likelihood: str = "normal",
    grid: float | None = None,
    kind: str | None = None,
    flat_range: float = 10.0,
    progress: Progress = silent,
) -> HabituationCurves:
    """Fit a curve to every exposure, item of a patient, or patient; values are on 0 to 100.

    Parameters
    ----------
    form
        ``exponential`` A + (S - A) exp(-k t), ``exponential_to_zero`` S exp(-k t), ``power``
        S (1 + t)^-k, ``linear`` S + b t, ``flat`` S.
    level
        ``exposure``; ``item`` of a patient, where each exposure has its own start S; or
        ``patient``, where each item has its own A or b too. t counts from each first rating.
    likelihood, grid
        ``normal`` (least squares) or ``interval_censored``: a rating in steps of ``grid`` (1, 5 or
        10 of 100) stands for its cell, one of 0 or 100 for all beyond.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    flat_range
        A course whose ratings differ by no more than this many points of 100 is called flat.

    Returns
    -------
    HabituationCurves
        One row per curve with its ``status``. Exposures with fewer than four ratings (two where
        they share a curve), or with a break, are left out. ``compare_forms()`` gives AICc.
    """
    kind = cohort.choose_kind(kind)
    if form not in FORMS:
        raise UnknownNameError("form", form, FORMS)
    if likelihood not in LIKELIHOODS:
        raise UnknownNameError("likelihood", likelihood, LIKELIHOODS)
    courses = choose_courses(cohort, kind, level)
    heaped = choose_steps(likelihood, grid, courses.series["value"])
    table, starts = fit_courses(courses, FORMS[form], heaped, flat_range, progress)
    return HabituationCurves(
        table=table,
        statuses=count_statuses(table),
        starts=starts,
        course=_mean_course(courses.series, courses.summary),
        series=courses.series.rename(columns={"exposure": "series"}),
        unit=LEVELS[level],
        n_considered=courses.n_considered,
        n_used=len(table),
        excluded=courses.excluded,
        settings={
            "model": FORMS[form].formula,
            "form": form,
            "level": level,
            "time": TIME_AXIS[level],
            "likelihood": likelihood,
            "grid": grid,
            "flat_range": flat_range,
            "minimum_ratings": minimum_ratings(level),
            "confidence": 0.95,
            "kind": kind,
            "subject": cohort.word(kind),
            "time_unit": courses.time_unit,
            "arms": list_arms(cohort),
        },
    )


def _mean_course(series: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Average the courses by time: patients' means, with intervals over patients."""
    if series.empty:
        return pd.DataFrame(columns=["time", "estimate", "ci_low", "ci_high", "n", "is_thin"])
    by_place = series.assign(place=bin_times(series)).groupby(["exposure", "place"])["value"]
    values = by_place.mean().reset_index()  # an exposure counts once at each place
    patient = values["exposure"].map(summary["patient_id"])
    course = mean_over_patients(values["place"], patient, values["value"])
    course = course.rename(columns={"group": "time"}).sort_values("time", ignore_index=True)
    ends = series.groupby("exposure")["time"].max().to_numpy()
    share = np.array([(ends >= t).mean() for t in course["time"]])
    return course.assign(share_remaining=share, is_thin=share < THIN_SHARE)

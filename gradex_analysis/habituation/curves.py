"""How fast does fear fall within an exposure?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.units import UNIT, describe, list_excluded
from gradex_analysis.measures.courses import MINIMUM_RATINGS, bin_times, list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures
from gradex_analysis.plots import lines, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.curves import fit_decays
from gradex_analysis.stats.intervals import mean_over_patients

#: fewer than this share still in the exercise: the mean course is drawn dashed
THIN_SHARE = 0.2
#: where fewer patients remain the mean course is not drawn; the table keeps it
FEWEST_PATIENTS = 5
#: with fewer identified exposures their half-lives are not summarised in the sentence
FEWEST_HALF_LIVES = 10


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class HabituationCurves(Result):
    """An exponential decay per exposure, and the mean course.

    ``table`` has one row per exposure: keys, ``status`` and the fit (``start, asymptote, rate,
    half_life`` with standard errors, the profile interval of the rate, ``rss, n``); ``rate`` is per
    minute (or repetition), ``half_life`` in minutes (or repetitions). The half-life and the
    standard errors of rate and asymptote are given only where the interval of the rate is closed
    (``identified``). ``statuses`` counts them. ``course`` is the mean course by time with its
    interval over patients; ``series`` the ratings behind it.
    """

    statuses: pd.DataFrame
    course: pd.DataFrame
    series: pd.DataFrame

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
            lines.mean_course(ax, course[course["n_patients"] >= fewest])
            lines.stop_rug(ax, series.groupby("series")["time"].max())
            lines.counts_below(ax, course["time"], course["n"])
            ax.set_xlabel("Minutes since the exposure began" if by_minute else "Repetition")
            ax.set_xlim(first, series["time"].max() * 1.02)
        return ax

    def sentence(self) -> str:
        """Say how many courses fell, and for how many the rate can be told."""
        counts = dict(zip(self.statuses["status"], self.statuses["n"], strict=True))
        known = self.table.loc[self.table["status"] == "ok", "half_life"]
        n_fitted = wording.count(self.n_used, "exposure")
        said = (
            f"Of {n_fitted} with ratings enough for a curve, the rate of decay can be told in "
            f"{counts['ok']} and cannot in {counts['not_identified'] + counts['at_bound']}; "
            f"{counts['flat']} were flat and {counts['rising']} rose."
        )
        if len(known) >= FEWEST_HALF_LIVES:
            low, middle, high = map(wording.number, known.quantile([0.25, 0.5, 0.75]))
            unit = self.settings["time_unit"]
            said += (
                f" Where it can be told the median half-life was {middle} {unit}s (quartiles {low} "
                f"and {high}); these are the clearest falls, not a sample of all."
            )
        return f"{said} {self.say_left_out()}"

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
    cohort: Cohort, *, kind: str | None = None, flat_range: float = 10.0
) -> HabituationCurves:
    """Fit an exponential decay to every exposure: asymptote + (start - asymptote) exp(-rate t).

    Time is minutes (or repetitions) since the first rating, values are on 0 to 100. Exposures
    with fewer than four ratings, or with a break (no curve is drawn through one), are left out.

    Parameters
    ----------
    cohort
        Exposures with their ratings.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    flat_range
        A course whose ratings differ by no more than this many points of 100 is called flat.

    Returns
    -------
    HabituationCurves
        One row per exposure with its ``status``: ok, flat, rising, at_bound, not_identified,
        too_few. With six ratings over ten minutes the rate of most single exposures cannot be
        told, and no half-life is given for them.
    """
    kind = cohort.choose_kind(kind)
    summary = summarise_exposures(cohort, kind)
    series, reason, time_unit = list_courses(summary, list_series(cohort, kind), kind)
    if reason.eq("").sum() == 0 and summary["n"].sum() == 0:
        raise CannotAnswerError(
            f"Nobody rated {cohort.word(kind)} during an exercise (forms only say before, peak and "
            "after): a course over minutes cannot be drawn."
        )
    # counted from the first rating, so that ``start`` is never extrapolated to before it
    since = series["time"] - series.groupby("exposure")["time"].transform("min")
    fits = fit_decays(series["exposure"], since, series["value"], flat_range=flat_range)
    # where the rate cannot be told, neither can the asymptote: symmetric intervals do not hold
    fits.loc[~fits["identified"], ["asymptote_std_error", "rate_std_error"]] = np.nan
    used = summary[reason == ""]
    table = describe(used).join(fits.set_index("series"))
    statuses = ["ok", "not_identified", "at_bound", "flat", "rising", "too_few"]
    counts = table["status"].value_counts().reindex(statuses, fill_value=0)
    return HabituationCurves(
        table=table.reset_index(drop=True),
        statuses=pd.DataFrame({"status": statuses, "n": counts.to_numpy()}),
        course=_mean_course(series, summary),
        series=series.rename(columns={"exposure": "series"}),
        unit=UNIT,
        n_considered=len(summary),
        n_used=len(table),
        excluded=list_excluded(summary, reason),
        settings={
            "model": "asymptote + (start - asymptote) * exp(-rate * time)",
            "flat_range": flat_range,
            "minimum_ratings": MINIMUM_RATINGS,
            "confidence": 0.95,
            "kind": kind,
            "subject": cohort.word(kind),
            "time_unit": time_unit,
        },
    )


def _mean_course(series: pd.DataFrame, summary: pd.DataFrame) -> pd.DataFrame:
    """Average the courses by time: patients' means, with intervals over patients."""
    if series.empty:
        return pd.DataFrame(columns=["time", "estimate", "ci_low", "ci_high", "n", "is_thin"])
    time = bin_times(series)
    patient = series["exposure"].map(summary["patient_id"])
    course = mean_over_patients(time, patient, series["value"])
    course = course.rename(columns={"group": "time"}).sort_values("time", ignore_index=True)
    ends = series.groupby("exposure")["time"].max().to_numpy()
    share = np.array([(ends >= t).mean() for t in course["time"]])
    return course.assign(share_remaining=share, is_thin=share < THIN_SHARE)

"""How far and how fast does fear fall within an exposure?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures import within_session as rivals
from gradex_analysis.measures.courses import MINIMUM_RATINGS, bin_times, list_courses
from gradex_analysis.measures.exposures import KEYS, list_series, summarise_exposures
from gradex_analysis.plots import lines, patients, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.curves import fit_decays
from gradex_analysis.stats.intervals import mean_over_patients

UNIT = tuple(KEYS)
DESCRIBED = ["arm", "session_number", "item_id", "exposure_number"]
WITHOUT_ARM = "all"
#: fewer than this share still in the exercise: the mean course is drawn dashed
THIN_SHARE = 0.2


@dataclass(frozen=True, eq=False, kw_only=True)
class WithinSessionChange(Result):
    """How far ratings changed within each exposure, by one named definition.

    ``table`` has one row per exposure: its keys and description, ``definition``, ``estimate`` (in
    ``settings["unit"]``; the sign is in ``settings["sign"]``), ``n`` ratings and the ratings it was
    made of. ``average`` has one row per arm (or ``all``): the mean of the patients' means with its
    t interval over patients.
    """

    average: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 90 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one line per patient, the exposures pale, the mean of the patient means strong."""
        with style.context():
            ax = plt.subplots(layout="constrained")[1] if ax is None else ax
            values = _with_group(self.table)
            if values.empty:
                return style.say_instead(ax, self.sentence())
            label = f"{self.settings['label']} ({self.settings['unit']})\n{self._direction()}"
            patients.patient_rows(ax, values, self.average, label)
        return ax

    def _direction(self) -> str:
        return {
            rivals.FALL: "← rose      fell →",
            rivals.RISE: "← fell      rose →",
        }.get(self.settings["sign"], "")

    def sentence(self) -> str:
        """Say the mean of every group, its interval, and how many were left out."""
        if self.table.empty:
            return f"{self._none_used()} {self.say_left_out()}"
        said = [self._say_group(row) for _, row in self.average.iterrows()]
        return f"{' '.join(said)} {self.say_left_out()}"

    def _none_used(self) -> str:
        exposures = wording.count(self.n_considered, "exposure")
        return f"None of {exposures} can be measured by {self.settings['definition']}."

    def _say_group(self, row: pd.Series) -> str:
        who = "" if row["group"] == WITHOUT_ARM else f" in {row['group']}"
        what = self.settings["subject"]
        where = (
            f"{wording.count(int(row['n']), 'exposure')} of "
            f"{wording.count(int(row['n_patients']), 'patient')}{who}"
        )
        spread = wording.interval(row["ci_low"], row["ci_high"])
        amount = f"{wording.number(row['estimate'])} {self.settings['unit']}"
        if self.settings["sign"] == rivals.FALL:
            verb = "fell" if row["estimate"] >= 0 else "rose"
            amount = f"{wording.number(abs(row['estimate']))} {self.settings['unit']}"
            low, high = sorted((row["ci_low"], row["ci_high"]))
            if verb == "rose":
                low, high = -high, -low
            spread = wording.interval(low, high)
            return (
                f"In {where}, {what} {verb} on average by {amount} {self.settings['in_words']} "
                f"(mean of the patients' means, {spread})."
            )
        verb = "changed" if self.settings["sign"] == rivals.RISE else "was"
        return (
            f"In {where}, {what} {verb} on average {amount} {self.settings['in_words']} "
            f"(mean of the patients' means, {spread}; {self.settings['sign']})."
        )

    def alt_text(self) -> str:
        """Describe the dot plot."""
        return (
            "Dot plot with one line per patient: pale points are exposures, dark points the "
            f"patients' means, the band is the 95 % interval of their mean. {self.sentence()}"
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class HabituationCurves(Result):
    """An exponential decay per exposure, and the mean course.

    ``table`` has one row per exposure: keys, ``status`` and the fit (``start, asymptote, rate,
    half_life`` with standard errors, the profile interval of the rate, ``rss, n``); ``rate`` is per
    minute (or repetition), ``half_life`` in minutes (or repetitions), only where the interval of
    the rate is closed. ``statuses`` counts them. ``course`` is the mean course by time with its
    interval over patients; ``series`` the ratings behind it.
    """

    statuses: pd.DataFrame
    course: pd.DataFrame
    series: pd.DataFrame

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw single courses thin, the mean strong, n under the axis, a rug where they ended."""
        with style.context():
            ax = plt.subplots(layout="constrained")[1] if ax is None else ax
            if self.course.empty:
                return style.say_instead(ax, self.sentence())
            lines.value_axis(ax, f"{self.settings['subject'].capitalize()} (0\u2013100)")
            by_minute = self.settings["time_unit"] == "minute"
            first = 0 if by_minute else 1  # repetitions are counted from 1, as people do
            series = self.series.assign(time=self.series["time"] + first)
            course = self.course.assign(time=self.course["time"] + first)
            lines.courses(ax, series)
            lines.mean_course(ax, course)
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
            f"A decay was fitted to {n_fitted} of {self.n_considered:,}: the rate can be told in "
            f"{counts['ok']}; it cannot in {counts['not_identified'] + counts['at_bound']}; "
            f"{counts['flat']} were flat and {counts['rising']} rose."
        )
        if len(known):
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


def measure_within_session(
    cohort: Cohort, *, definition: str, kind: str | None = None
) -> WithinSessionChange:
    """Measure how far ratings changed within each exposure, by a named definition.

    All values are on 0 to 100, whatever the patient's own scale. ``gx.list_definitions()`` shows
    formula, sign and source of each; falls are positive, slopes keep the scale's sign.

    Parameters
    ----------
    cohort
        Exposures with their ratings.
    definition
        For example ``"initial_to_end"`` or ``"peak_to_end"``. Peak to end cannot be negative and
        is therefore positive under noise alone: show initial to end beside it.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    WithinSessionChange
        One row per exposure; every other exposure is in ``excluded`` with its reason.

    Raises
    ------
    UnknownNameError, CannotAnswerError
        For a definition or kind that is not on offer; for a cohort without exposure ratings.
    """
    chosen = rivals.choose_definition(definition)
    kind = cohort.choose_kind(kind)
    summary = summarise_exposures(cohort, kind)
    reason = rivals.why_not(summary, chosen, kind)
    used = summary[reason == ""]
    keys = [*UNIT, *[name for name in DESCRIBED if used[name].notna().any()]]
    table = used[keys].assign(definition=chosen.name, estimate=chosen.compute(used))
    table = table.join(used[["n", *dict.fromkeys((*chosen.needs, "peak_source"))]].drop(
        columns="estimate", errors="ignore"))  # fmt: skip
    time_unit = _time_unit(used)
    groups = _with_group(table)
    average = mean_over_patients(groups["group"], groups["patient_id"], groups["estimate"])
    return WithinSessionChange(
        table=table.reset_index(drop=True),
        average=average.sort_values("group", ignore_index=True),
        unit=UNIT,
        n_considered=len(summary),
        n_used=len(table),
        excluded=_excluded(summary, reason),
        settings={
            "definition": chosen.name,
            "version": chosen.version,
            "formula": chosen.formula,
            "sign": chosen.sign,
            "unit": chosen.unit.format(time=time_unit),
            "label": chosen.name.replace("_", " ").capitalize(),
            "in_words": chosen.in_words,
            "verified": chosen.verified,
            "kind": kind,
            "subject": cohort.word(kind),
            "last_before_stop": cohort.answers.get("last_before_stop", "last"),
            "confidence": 0.95,
        },
    )


def list_definitions() -> pd.DataFrame:
    """List the definitions of within-session change: formula, unit, sign, source, verified.

    ``verified`` says whether the formula was read in the source named.
    """
    return rivals.definition_frame()


def fit_habituation_curves(
    cohort: Cohort, *, kind: str | None = None, flat_range: float = 10.0
) -> HabituationCurves:
    """Fit an exponential decay to every exposure: asymptote + (start - asymptote) exp(-rate t).

    Time is minutes since onset (or repetitions since the first), values are on 0 to 100. Exposures
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
    fits = fit_decays(series["exposure"], series["time"], series["value"], flat_range=flat_range)
    used = summary[reason == ""]
    keys = [*UNIT, *[name for name in DESCRIBED if used[name].notna().any()]]
    table = used[keys].join(fits.set_index("series"))
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
        excluded=_excluded(summary, reason),
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


def _with_group(table: pd.DataFrame) -> pd.DataFrame:
    if "arm" not in table:
        return table.assign(group=WITHOUT_ARM)
    return table.assign(group=table["arm"].fillna("without an arm"))


def _excluded(summary: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    left_out = reason != ""
    keys = summary.loc[left_out, list(UNIT)]
    return keys.assign(reason=reason[left_out]).reset_index(drop=True)


def _time_unit(used: pd.DataFrame) -> str:
    units = used.loc[used["time_unit"] != "", "time_unit"].unique()
    return str(units[0]) if len(units) else "minute"

"""How does fear fall within exposures in the whole population, and how do patients differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation.population_curve import words
from gradex_analysis.habituation.population_curve.arms import (
    check_design,
    compare_rates,
    why_no_contrast,
)
from gradex_analysis.habituation.population_curve.fit import WHY, Told, fit_rated
from gradex_analysis.habituation.population_curve.rows import (
    MINIMUM_RATINGS,
    Covariates,
    Rated,
    list_ratings,
)
from gradex_analysis.habituation.units import UNIT, list_excluded
from gradex_analysis.measures.groups import EVERYBODY, arm_of, list_arms
from gradex_analysis.plots import lines, style
from gradex_analysis.plots.population_curve import population_course
from gradex_analysis.progress import Progress, silent
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PopulationCurve(Result):
    """The typical course of ratings within an exposure, and how patients differ from it.

    ``table`` has one row per group and ``quantity`` (start, asymptote, fall, rate, half_life) of
    the typical patient, whose own deviations are 0, with its normal interval and a ``status``:
    ``not_identified``, ``no_fall`` (no number), ``extrapolated``, ``outside_scale``, ``no_end`` or
    ``ok``; the fall, start less asymptote, is positive when the rating falls.
    ``components`` are SDs and correlations between patients and exposures, ``coefficients`` those
    of the model (of the rate on its logarithm), ``patients`` the patients' own values, drawn
    towards what the others let expect (``*_kept``: the share of the spread that is not told).
    ``contrasts`` are ratios of the arms' rates. ``course`` has the typical and the mean course by
    time with pointwise bands; ``series`` the ratings behind it.
    """

    coefficients: pd.DataFrame
    components: pd.DataFrame
    patients: pd.DataFrame
    contrasts: pd.DataFrame
    course: pd.DataFrame
    series: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (110 * style.MILLIMETRE, 80 * style.MILLIMETRE)
    perhaps: ClassVar[tuple[str, ...]] = ("contrasts",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the courses pale, the mean course of the model strong with its band."""
        with style.context():
            ax = style.given_or_new(ax)
            lines.value_axis(ax, f"{self.settings['subject'].capitalize()} (0\u2013100)")
            by_minute = self.settings["time_unit"] == "minute"
            shift = 0 if by_minute else 1  # repetitions are counted from 1, as people do
            series = self.series.assign(time=self.series["time"] + shift)
            course = self.course[self.course["level"] == "mean"]
            course = course.assign(time=course["time"] + shift)
            population_course(ax, series, course, self._looks(), one=EVERYBODY)
            ax.set_xlabel("Minutes since the exposure began" if by_minute else "Repetition")
        return ax

    def _looks(self) -> style.Looks:
        """Return how groups are drawn; all together as the arm, where only one was rated."""
        looks, arm = self.looks(), self.settings["only_arm"]
        return {**looks, EVERYBODY: looks[arm]} if arm else looks

    def sentence(self) -> str:
        """Say the typical course, how patients differ, what cannot be told, who was left out."""
        said = words.say_groups(self.table, self.settings)
        said.append(words.say_spread(self.components))
        said += words.say_contrasts(self.contrasts, self.settings)
        said += words.say_limits(self.table, self.settings)
        return " ".join([*said, self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return variances, coefficients and the patients' own values."""
        drawn = (
            "Values are drawn towards what the other patients let expect, the more so the fewer "
            "ratings a patient gave; they are not to be counted or correlated as if measured."
        )
        return {
            "Variance components": ("Standard deviations and correlations.", self.components),
            "Coefficients": ("Those of the rate are of its logarithm.", self.coefficients),
            "Patients": (drawn, self.patients),
        }

    def alt_text(self) -> str:
        """Describe the figure by the first and last firm value of each group."""
        unit, said = self.settings["time_unit"], []
        firm = self.course[(self.course["level"] == "mean") & ~self.course["is_thin"]]
        for group, part in firm.groupby("group", sort=False):
            first, last = part.iloc[0], part.iloc[-1]
            name = "the mean course" if group == EVERYBODY else f"the mean course of {named(group)}"
            said.append(
                f"{name} goes from {wording.number(first['estimate'])} to "
                f"{wording.number(last['estimate'])} of 100 at {wording.number(last['time'])} "
                f"{unit}s"
            )
        n = self.series["series"].nunique()
        return f"{n:,} courses pale; {'; '.join(said)}. {self.sentence()}"


def fit_population_curve(
    cohort: Cohort,
    *,
    method: str,
    by: str | None = None,
    random: Sequence[str] = ("asymptote", "rate"),
    covariates: Covariates | None = None,
    design: str | None = None,
    kind: str | None = None,
    progress: Progress = silent,
) -> PopulationCurve:
    """Fit ``A + (R - A) exp(-k t)`` to the ratings of all exposures together (max. likelihood).

    Each exposure has its own start ``R``; ``random`` names what patients differ in. All ratings
    from the onset on count, so that stopping early, which depends on them, can be ignored.

    Parameters
    ----------
    method
        ``quadrature`` (exact up to a stated error), or ``linearized`` as in R's nlme (biased).
    by
        ``arm``, ``sex``, ``diagnosis`` or ``site_id``: each group with its own start, lowest level
        and rate; by default all patients together.
    random
        Of ``asymptote``, ``rate`` (on its logarithm) and ``start``, normal between patients.
    covariates
        ``{"asymptote": ["expected_fear"], ...}`` for start, asymptote, rate: ``expected_fear``,
        ``number_with_item``, ``session_number``, ``is_homework``, ``expectancy_before``.
    design
        ``two_exposures`` says that all arms expose alike: the arms' rates are then compared, where
        patients were randomised.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    """
    kind = cohort.choose_kind(kind)
    check_design(cohort, by, design)
    covariates = covariates or {}
    rated = list_ratings(cohort, kind, by, covariates)
    told = fit_rated(rated, random, covariates, method, progress)
    why = why_no_contrast(cohort, by, design, rated)
    if not why and told.table["status"].isin(["not_identified", "no_end", "no_fall"]).any():
        why = "a rate cannot be told" if len(rated.groups) > 1 else ""
    settings = _describe(told, rated, covariates) | {
        "by": by, "method": method, "design": design, "no_contrast": why,
        "kind": kind, "subject": cohort.word(kind),
        "arms": list_arms(cohort) if by in (None, "arm") else rated.groups,
        "only_arm": _only_arm(cohort, rated),
        "is_randomised": cohort.is_randomised,
    }  # fmt: skip
    return PopulationCurve(
        table=told.table,
        coefficients=told.fit.coefficients,
        components=told.components,
        patients=told.patients,
        contrasts=compare_rates(told.fit, rated.groups, why),
        course=told.course,
        series=rated.ratings.rename(columns={"exposure": "series"})[
            ["series", "patient_id", "group", "time", "value"]
        ],
        unit=UNIT,
        n_considered=len(rated.summary),
        n_used=int((rated.reason == "").sum()),
        excluded=list_excluded(rated.summary, rated.reason),
        settings=settings,
    )


def _only_arm(cohort: Cohort, rated: Rated) -> str:
    if not cohort.has_arms:
        return ""
    arms = arm_of(cohort)[rated.ratings["patient_id"]].unique()
    return str(arms[0]) if len(arms) == 1 else ""


def _describe(told: Told, rated: Rated, covariates: Covariates) -> dict[str, Any]:
    fit = told.fit
    return {
        "model": "A + (R - A) exp(-k t)",
        "time": "since the exposure began",
        "time_unit": rated.time_unit,
        "random": told.random,
        "covariates": {part: list(names) for part, names in covariates.items()},
        "covariate_means": rated.means,
        "minimum_ratings": MINIMUM_RATINGS,
        "without": rated.without,
        "log_likelihood": fit.log_likelihood,
        "n_nodes": fit.n_nodes,
        "converged": fit.converged,
        "notes": list(fit.notes),
        "statuses": {name: why for name, why in WHY.items() if why},
        "confidence": 0.95,
    }

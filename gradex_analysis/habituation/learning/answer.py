"""How far does fear fall within exposures and between them, and how much returns over a gap?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.habituation.curves.answer import HabituationCurves, fit_habituation_curves
from gradex_analysis.habituation.learning import words
from gradex_analysis.habituation.learning.basis import Bases, add_columns, choose_bases
from gradex_analysis.habituation.learning.curve import (
    RATINGS,
    Curve,
    average_expected,
    fit_curve,
)
from gradex_analysis.habituation.learning.fit import (
    Asked,
    Learned,
    correlate,
    learn,
    refuse,
)
from gradex_analysis.habituation.learning.rows import LearningRows, list_learning
from gradex_analysis.habituation.units import UNIT
from gradex_analysis.measures.groups import EVERYBODY, list_arms
from gradex_analysis.plots import learning as figure
from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LearningModel(Result):
    """Fall within exposures, fall between them and return over a gap, from one model.

    ``table`` has one row per ``quantity`` and group: falls are positive when the rating falls, the
    return keeps the scale's sign; ``start`` and ``end`` say over what (minutes, exposure numbers,
    days); ``n`` counts exposures. ``differences`` are those of groups. ``coefficients`` and
    ``variances`` are the model's, ``exposures`` its rows, with ``number`` and ``difficulty`` less
    their patient's mean. ``means`` are the figure's by exposure number, ``change`` that from the
    first to the third, both of ``settings["shown"]``; ``expected`` is what patients expected.
    ``curves`` is the answer of ``fit_habituation_curves`` that ``plot_both`` draws at the right.
    """

    differences: pd.DataFrame
    coefficients: pd.DataFrame
    variances: pd.DataFrame
    means: pd.DataFrame
    change: pd.DataFrame
    expected: pd.DataFrame
    exposures: pd.DataFrame
    curves: HabituationCurves

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 82 * style.MILLIMETRE)
    perhaps: ClassVar[tuple[str, ...]] = ("differences", "expected")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the rating by exposure number: items thin, the model's mean with its band."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.means.empty:
                return style.say_instead(ax, self.sentence())
            self._draw_numbers(ax)
        return ax

    def plot_both(self, ax: Axes | None = None) -> Axes:
        """Draw, two columns wide, the figure of ``plot`` and beside it the course in minutes."""
        with style.context():
            left, right = figure.halve(style.given_or_new(ax), is_new=ax is None)
            if self.means.empty:
                style.say_instead(left, self.sentence())
            else:
                self._draw_numbers(left)
            self.curves.plot(right)
            if self.curves.n_used:
                least = self.curves.settings["minimum_ratings"]
                n = wording.count(self.curves.n_used, "exposure")
                whose = ", all groups" if len(self.table["group"].unique()) > 1 else ""
                figure.say_n(right, f"{n} with {least} or more ratings{whose}")
        return left

    def _draw_numbers(self, ax: Axes) -> None:
        shown = self.settings["shown"]
        items = self.exposures.rename(columns={"group": "arm", "exposure_number": "time"})
        items = items.assign(
            series=items.groupby(["patient_id", "item_id"]).ngroup(), value=items[shown]
        ).dropna(subset=["value"])
        means = self.means.rename(columns={"group": "arm", "number": "time"})
        expected = self.expected.rename(columns={"group": "arm"}).head(
            len(self.expected) if shown == "peak" else 0  # a peak is what was expected
        )
        label = f"{self.settings['subject']} {RATINGS[shown]} (0\u2013100)"
        figure.learned(
            ax, items.sort_values(["series", "time"]), means, expected,
            label=label[:1].upper() + label[1:],
            changes=words.say_change(self.change), looks=self.looks(),
        )  # fmt: skip

    def sentence(self) -> str:
        """Say the quantities of every group with their intervals, and who was left out."""
        settings = self.settings
        said = words.say_learning(self.table, settings) + words.say_design(settings)
        return " ".join([*said, *settings["notes"], self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return coefficients, variances, the means of the figure and differences of groups."""
        held = "Means at the usual difficulty and gap, from the model of one rating an exposure."
        found = {
            "Coefficients": (f"{self.settings['model']}.", self.coefficients),
            "Variance components": ("Between exposures, items and patients.", self.variances),
            "Means by exposure number": (held, self.means),
        }
        if len(self.differences):
            found["Differences between groups"] = ("By the same model.", self.differences)
        return found

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every frame, the course in minutes among them."""
        return {**super().frames(), "course": self.curves.course}

    def alt_text(self) -> str:
        """Describe the figure by its means."""
        shown = RATINGS[self.settings["shown"]]
        each = "; ".join(
            f"{wording.number(row['estimate'])} at {row['number']:.0f}"
            f"{'' if row['group'] == EVERYBODY else ' in ' + named(row['group'])}"
            for _, row in self.means.iterrows()
        )
        return (
            f"Line plot of {self.settings['subject']} {shown} by the number of the exposure to the "
            f"same item, one thin line per item of a patient, the model's mean with its band: "
            f"{each}. {self.sentence()}"
        )


def fit_learning(
    cohort: Cohort,
    *,
    minute: str = "decay",
    number: str = "log",
    gap: str = "log",
    interaction: bool = True,
    shown: str = "peak",
    rate: float | None = None,
    kind: str | None = None,
) -> LearningModel:
    """Fit all ratings at once: ratings in exposures, exposures to items, items of patients.

    ``rating ~ minute * (number + gap + difficulty) + (minute | exposure) + (1 | item) + (1 |
    patient) + (0 + minute | patient) + (0 + number | patient)``, by REML; a random part that cannot
    be estimated is left out, and said. Standard errors are robust (CR2 by patient), Kenward-Roger's
    below ten patients. Groups have each their own terms but difficulty.

    Parameters
    ----------
    minute, rate
        ``"decay"``: 1 - exp(-rate minute), with one rate for all by least squares or as given,
        taken as known; ``"log"``: log(1 + minute).
    number
        Of the exposure to the same item: ``"log"`` (alike at each doubling) or ``"linear"``.
    gap
        Days since the exposure before to that item, 0 at the first: ``"log"`` or ``"linear"``.
    interaction
        Without it number, gap and difficulty shift all minutes alike, which is not so where fear
        starts lower each time but falls to the same level.
    shown
        The figure's rating: ``"peak"`` or ``"initial"``.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    """
    kind = cohort.choose_kind(kind)
    if shown not in RATINGS:
        raise UnknownNameError("shown", shown, RATINGS)
    rows = list_learning(cohort, kind)
    bases = choose_bases(rows, minute=minute, number=number, gap=gap, rate=rate)
    exposures, ratings = add_columns(rows, bases)
    refuse(exposures, ratings)
    end = float(exposures["last_time"].median())
    learned = learn(
        exposures, ratings, bases, Asked(end, rows.has_gap, rows.is_common, interaction)
    )
    curve = fit_curve(exposures, bases, shown, has_gap=rows.has_gap, is_common=rows.is_common)
    left_out = rows.listed[rows.listed["reason"] != ""].reset_index(drop=True)
    return LearningModel(
        table=learned.table,
        differences=learned.differences,
        coefficients=learned.fit.coefficients,
        variances=learned.fit.variance_components,
        means=curve.means,
        change=curve.change,
        expected=average_expected(exposures),
        exposures=exposures.drop(columns=["patient", "exposure", "listed", "number_basis"]),
        curves=fit_habituation_curves(cohort, kind=kind),
        unit=UNIT,
        n_considered=len(rows.listed),
        n_used=len(exposures),
        excluded=left_out,
        settings={
            **_describe(cohort, kind, rows, exposures),
            **_describe_model(rows, bases, learned, curve),
            **{"interaction": interaction, "shown": shown, "end": end},
        },
    )


def _say_errors(settings: Mapping[str, Any]) -> str:
    return "CR2 by patient" if settings["robust"] else str(settings["df"])


def _describe(
    cohort: Cohort, kind: str, rows: LearningRows, exposures: pd.DataFrame
) -> dict[str, Any]:
    r = correlate(exposures)
    return {
        "n_ratings": len(rows.ratings),
        "has_gap": rows.has_gap,
        "items": "crossed" if rows.is_common else "nested",
        "expected_fear_at": rows.occasion or None,
        "correlation": None if math.isnan(r) else r,
        "kind": kind,
        "subject": cohort.word(kind),
        "time_unit": rows.time_unit,
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }


def _describe_model(
    rows: LearningRows, bases: Bases, learned: Learned, curve: Curve
) -> dict[str, Any]:
    return {
        "model": f"rating ~ {learned.fixed} + {learned.random}",
        "terms": bases.words,
        "minute": bases.minute,
        "rate": bases.rate,
        "rate_from": bases.sharing,
        "standard_errors": _say_errors(learned.fit.settings),
        "figure_model": curve.model,
        "notes": [*rows.notes, *bases.notes, *learned.notes, *curve.lacking],
        "figure_notes": curve.notes,
    }

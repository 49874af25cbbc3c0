"""Did the arms differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Unpack

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import answer, estimand, figures, missingness, say, tipping
from gradex_analysis.comparison.design import choose_arms
from gradex_analysis.comparison.options import Options, choose
from gradex_analysis.comparison.outcomes import read_outcome
from gradex_analysis.comparison.study import gather
from gradex_analysis.plots import forest, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ArmComparison(Result):
    """How far each arm is from the reference in one outcome.

    ``table`` has one row per arm that is not the reference (and occasion): ``estimate`` is arm
    minus reference, on the outcome's own scale; ``hedges_g`` the same in SD (``standardiser``);
    ``n`` those analysed then. ``display`` is the same as a paper prints it; ``means`` the adjusted
    mean of every arm (at every occasion in the model) with who is missing; ``coefficients`` the
    whole model; ``assumptions`` what speaks for and against it; ``slopes`` those over weeks;
    ``analysed`` the values behind it and ``courses`` the same with the baseline; ``missing`` who
    has no value and why; ``tipping`` what adding points to those would do; ``sets`` who belongs to
    the analysis set.
    """

    display: pd.DataFrame
    means: pd.DataFrame
    coefficients: pd.DataFrame
    assumptions: pd.DataFrame
    slopes: pd.DataFrame
    analysed: pd.DataFrame
    courses: pd.DataFrame
    missing: pd.DataFrame
    tipping: pd.DataFrame
    sets: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = style.DOUBLE_COLUMN
    headline: ClassVar[str] = "display"
    perhaps: ClassVar[tuple[str, ...]] = ("courses", "slopes", "missing", "tipping", "sets")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the differences from the reference; left of it, where there is room, the arms.

        There is room where ``ax`` stands alone in its figure.
        """
        with style.context():
            ax = style.given_or_new(ax)
            if self._has_courses():
                return figures.draw_one(ax, self._compared(), self.looks())
            return self._plot_one_occasion(ax)

    def _compared(self) -> figures.Compared:
        return figures.Compared(
            table=self.table, means=self.means, observed=self.courses, settings=self.settings
        )

    def _has_courses(self) -> bool:
        return "occasion" in self.means and len(set(self.means["occasion"])) > 1

    def _plot_one_occasion(self, ax: Axes) -> Axes:
        settings, digits = self.settings, say.digits_for(self.settings["outcome_sd"])
        if beside := forest.make_room(ax):
            forest.arm_columns(
                beside, self.analysed, self.means, self.looks(), label=self._value_label(),
                note=f"pale: patients; strong: {self._mean()}, {wording.LEVEL} CI",
                ends=(settings["low"], settings["high"]),
            )  # fmt: skip
        names = self.table["arm"].map(named) + f" − {named(settings['reference'])}"
        said = [say.say_difference(row, digits) for _, row in self.table.iterrows()]
        forest.contrast_rows(
            ax, self.table, list(zip(names, said, strict=True)), self.looks(),
            label=self._label(), reference=named(settings["reference"]), better=settings["better"],
        )  # fmt: skip
        return ax

    def _mean(self) -> str:
        return "adjusted mean" if self.settings["adjusted_for"] else "mean"

    def _label(self) -> str:
        settings = self.settings
        unit = f" ({settings['unit']})" if settings["unit"] else ""
        word = say.word_for(settings).capitalize()
        return f"{word} in {settings['outcome']}{unit}, {wording.LEVEL} CI"

    def _value_label(self) -> str:
        settings = self.settings
        at = f" at {named(settings['at'])}" if settings["at"] else ""
        better = f"\n{settings['better']} is better" if settings["better"] else ""
        return f"{settings['outcome']}{at}{better}"

    def sentence(self) -> str:
        """Say each difference, its interval, how many were analysed and who was left out."""
        settings, digits = self.settings, say.digits_for(self.settings["outcome_sd"])
        said = say.say_contrasts(self.table, settings, digits)
        said.append(say.say_course_slopes(self.slopes, settings, digits))
        said.append(say.say_slopes(self.assumptions, settings))
        said.append(say.say_surroundings(settings, len(self.table)))
        return " ".join(filter(None, [*said, self.say_left_out()]))

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return what is estimated, who is missing, and what assumptions about them do."""
        names = {"Slopes per week": self.slopes, "The analysis set": self.sets}
        return {
            "What is estimated (ICH E9(R1))": (self.say_estimand(), pd.DataFrame()),
            "Values that are missing, and why": (self.say_missing(), self.missing),
            "If what is missing were worse": (self.say_tipping(), self.tipping),
            **{title: ("", frame) for title, frame in names.items() if len(frame)},
            "Assumptions": ("", self.assumptions),
        }

    def say_tipping(self) -> str:
        """Say from how many points added to what is missing the answer turns."""
        settings = self.settings
        return "" if self.tipping.empty else tipping.say_tipping(
            tipping.find_tipping(self.tipping), unit=settings["unit"], better=settings["better"],
            digits=say.digits_for(settings["outcome_sd"]),
        )  # fmt: skip

    def say_estimand(self) -> str:
        """Say what exactly is estimated (ICH E9(R1))."""
        return estimand.say(self.settings["estimand"])

    def say_missing(self) -> str:
        """Say how many values are missing, by arm and occasion."""
        return missingness.say_missing(self.missing)

    def alt_text(self) -> str:
        """Describe both panels with their numbers."""
        if self._has_courses():
            return f"{figures.describe(self._compared())} {self.sentence()}"
        digits = say.digits_for(self.settings["outcome_sd"])
        means = "; ".join(
            f"{named(row['arm'])} {wording.number(row['estimate'], digits)} "
            f"({wording.interval(row['ci_low'], row['ci_high'], digits)}, n = {row['n']})"
            for _, row in self.means.iterrows()
        )
        return (
            f"Left: one pale point per patient and the {self._mean()} of each "
            f"{self.settings['word']}: {means}. Right: differences from "
            f"{named(self.settings['reference'])} with their intervals and a line at 0. "
            f"{self.sentence()}"
        )


def compare_arms(
    cohort: Cohort,
    outcome: str | pd.DataFrame,
    *,
    method: str,
    reference: str,
    at: str | None = None,
    covariates: Sequence[str] = (),
    **options: Unpack[Options],
) -> ArmComparison:
    """Compare each arm with the reference, adjusted for the baseline.

    A difference is arm minus reference, on the outcome's scale. Hedges' g is that over the pooled
    SD of the baseline of both arms. Missing values are not imputed: ``mmrm`` and ``growth`` use
    whoever has any value after the baseline, the others whoever has one at the occasion.

    Parameters
    ----------
    outcome
        An instrument, or a frame keyed by ``patient_id`` (and ``occasion``, ``day``) with
        ``value`` and perhaps ``baseline``.
    method
        ``"mmrm"`` (all occasions, correlated freely), ``"growth"`` (straight courses over weeks),
        ``"ancova"``, ``"change_score"`` (one occasion).
    at
        The occasion; None for all of them (``mmrm``, ``growth``) or for a frame without any.
    covariates
        Columns of the participants' table; what the randomisation was stratified by belongs here.
    **options
        See ``Options``: covariance, df, therapist, baseline, analysis_set, multiplicity, ...

    References
    ----------
    Vickers & Altman (2001), doi:10.1136/bmj.323.7321.1123
    """
    plan = choose(method, at, covariates, options)
    arms = choose_arms(cohort, reference)
    study = gather(cohort, read_outcome(cohort, outcome, plan), plan, arms)
    instrument = outcome if isinstance(outcome, str) else None
    return ArmComparison(**answer.give(cohort, study, instrument))

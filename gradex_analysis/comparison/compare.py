"""Did the arms differ?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import ancova, say
from gradex_analysis.comparison.design import (
    choose_arms,
    fit_design,
    gather,
    make_design,
    why_not,
)
from gradex_analysis.comparison.outcomes import Outcome, read_outcome
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.plots import forest, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result

METHODS = ("ancova",)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ArmComparison(Result):
    """How far each arm is from the reference in one outcome.

    ``table`` has one row per arm that is not the reference: ``estimate`` is arm minus reference, on
    the outcome's own scale; ``hedges_g`` the same in SD (``standardiser``). ``display`` is the same
    as a paper prints it; ``means`` the adjusted mean of every arm with who is missing;
    ``coefficients`` the whole model; ``assumptions`` what speaks for and against it; ``analysed``
    the patients behind it.
    """

    display: pd.DataFrame
    means: pd.DataFrame
    coefficients: pd.DataFrame
    assumptions: pd.DataFrame
    analysed: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = style.DOUBLE_COLUMN
    headline: ClassVar[str] = "display"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the differences from the reference; left of it, where there is room, the arms.

        There is room where ``ax`` stands alone in its figure.
        """
        with style.context():
            ax = style.given_or_new(ax)
            settings = self.settings
            if beside := forest.make_room(ax):
                forest.arm_columns(
                    beside, self.analysed, self.means, self.looks(), label=self._value_label(),
                    note=f"pale: patients; strong: {self._mean()}, {wording.LEVEL} CI",
                    ends=(settings["low"], settings["high"]),
                )  # fmt: skip
            names = self.table["arm"].map(named) + f" − {named(settings['reference'])}"
            forest.contrast_rows(
                ax, self.table, list(zip(names, self.display.iloc[:, 2], strict=True)),
                self.looks(), label=self._label(), reference=named(settings["reference"]),
                better=settings["better"],
            )  # fmt: skip
        return ax

    def _mean(self) -> str:
        return "adjusted mean" if self.settings["adjusted_for"] else "mean"

    def _label(self) -> str:
        settings = self.settings
        unit = f" ({settings['unit']})" if settings["unit"] else ""
        word = "Adjusted difference" if settings["adjusted_for"] else "Difference"
        return f"{word} in {settings['outcome']}{unit}, {wording.LEVEL} CI"

    def _value_label(self) -> str:
        settings = self.settings
        at = f" at {named(settings['at'])}" if settings["at"] else ""
        better = f"\n{settings['better']} is better" if settings["better"] else ""
        return f"{settings['outcome']}{at}{better}"

    def sentence(self) -> str:
        """Say each difference, its interval, how many were analysed and who was left out."""
        digits = say.digits_for(self.settings["outcome_sd"])
        said = [say.say_contrast(row, self.settings, digits) for _, row in self.table.iterrows()]
        said.append(say.say_slopes(self.assumptions, self.settings))
        said.append(say.say_surroundings(self.settings, len(self.table)))
        return " ".join(filter(None, [*said, self.say_left_out()]))

    def alt_text(self) -> str:
        """Describe both panels with their numbers."""
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
    at: str | None,
    reference: str,
    covariates: Sequence[str] = (),
) -> ArmComparison:
    """Compare each arm with the reference, adjusted for the baseline.

    ANCOVA: ``value = b0 + arms + b baseline + covariates``, one model over all arms; a difference
    is arm minus reference, on the outcome's scale. Hedges' g is that over the pooled SD of the
    baseline of both arms. Patients without the outcome are left out, not imputed.

    Parameters
    ----------
    outcome
        An instrument, or a frame keyed by ``patient_id`` (and ``occasion``) with ``value`` and
        perhaps ``baseline``.
    method
        ``"ancova"``.
    at
        The occasion; None only for a frame without occasions.
    covariates
        Columns of the participants' table.

    References
    ----------
    Vickers & Altman (2001), doi:10.1136/bmj.323.7321.1123
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    arms = choose_arms(cohort, reference)
    measured = read_outcome(cohort, outcome, at)
    everyone = gather(cohort, measured, covariates)
    reason = why_not(everyone, measured, covariates)
    used = everyone[reason == ""]
    arms = _with_patients(arms, used, measured)
    return _answer(everyone, reason, measured, arms, covariates, randomised=cohort.is_randomised)


def _with_patients(arms: list[str], used: pd.DataFrame, outcome: Outcome) -> list[str]:
    left = [arm for arm in arms if arm in set(used["arm"])]
    if arms[0] not in left or len(left) == 1:
        few = ", ".join(arm for arm in arms if arm not in left)
        raise CannotAnswerError(
            f"Too few patients can be analysed in {few}: two or more of them need {outcome.name}"
            f"{f' at {outcome.at}' if outcome.at else ''}"
            f"{', its baseline' if outcome.has_baseline else ''} and every covariate."
        )
    return left


def _answer(
    everyone: pd.DataFrame,
    reason: pd.Series,
    outcome: Outcome,
    arms: list[str],
    covariates: Sequence[str],
    *,
    randomised: bool,
) -> ArmComparison:
    used = everyone[reason == ""].reset_index(drop=True)
    design = make_design(used, arms, covariates, has_baseline=outcome.has_baseline)
    fit = fit_design(design, used, outcome)
    table = ancova.contrast(everyone, used, fit, arms)
    settings: dict[str, Any] = {
        "outcome": outcome.name,
        "at": outcome.at,
        "method": "ancova",
        "reference": arms[0],
        "adjusted_for": [*(["baseline"] if outcome.has_baseline else []), *covariates],
        "standardised_by": "baseline" if outcome.has_baseline else "outcome",
        "outcome_sd": float(used["value"].std()),
        "unit": outcome.unit,
        "better": outcome.better,
        "low": None if pd.isna(outcome.low) else outcome.low,
        "high": None if pd.isna(outcome.high) else outcome.high,
        "arms": sorted(everyone["arm"].unique()),
        "randomised": randomised,
        "word": "arm" if randomised else "group",
        "confidence": 0.95,
    }
    left_out = everyone.loc[reason != "", ["patient_id"]].assign(reason=reason[reason != ""])
    return ArmComparison(
        table=table,
        display=say.lay_out(table, settings, say.digits_for(settings["outcome_sd"])),
        means=ancova.adjust_means(everyone, used, fit, design),
        coefficients=ancova.list_coefficients(fit),
        assumptions=ancova.check_assumptions(used, fit, design, arms),
        analysed=used,
        unit=("patient_id",),
        n_considered=len(everyone),
        n_used=len(used),
        excluded=left_out.reset_index(drop=True),
        settings=settings,
    )

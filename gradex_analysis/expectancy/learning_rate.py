"""How much of what they got wrong do patients learn from an exposure?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.expectancy import learning_words as words
from gradex_analysis.expectancy.learning_fit import fit_updates
from gradex_analysis.expectancy.learning_rows import (
    list_updates,
    name_groups,
    refuse_unlearnable,
)
from gradex_analysis.measures.exposures import KEYS
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.plots import style
from gradex_analysis.plots.learning_rate import rates_by_patient
from gradex_analysis.results.result import Result

MODEL = "after - before ~ 0 + (occurred - before) + (0 + (occurred - before) | patient)"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class LearningRate(Result):
    """The share of an error that is learned: 0 is nothing, 1 is all of it.

    ``table`` has one row per group: the learning rate with its interval. ``contrasts`` has the
    difference between groups, where several expose. ``patients`` has one row per patient: the rate
    from ``own`` exposures alone and ``estimate``, drawn towards the group's the more the less
    these say. ``variances`` has the SD of learning rates between patients. ``sensitivity`` has the
    rates with an intercept and under assumed errors of report, ``rows`` the exposures used.
    """

    contrasts: pd.DataFrame
    patients: pd.DataFrame
    variances: pd.DataFrame
    sensitivity: pd.DataFrame
    rows: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 100 * style.MILLIMETRE)
    perhaps: ClassVar[tuple[str, ...]] = ("contrasts",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each patient's rate, from own exposures and drawn in, over the group's."""
        with style.context():
            ax = style.given_or_new(ax)
            rates_by_patient(ax, self.patients, self.table, words.AXIS, self.looks())
        return ax

    def looks(self) -> style.Looks:
        """Return how each group is drawn; one look where groups are not told apart."""
        looks = super().looks()
        alone = set(self.table["group"]) - set(looks)
        return {**looks, **style.arm_styles(alone)} if alone else looks

    def sentence(self) -> str:
        """Say the learning rate of each group, how patients differ, what noise would do."""
        said = words.say_rates(self.table, self.settings)
        said += words.say_spread(self.patients, self.variances)
        said += words.say_contrasts(self.contrasts, self.settings)
        said += words.say_noise(self.sensitivity, self.table)
        return " ".join([*said, *self.settings["notes"], self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return what else could have been assumed, and every patient."""
        return {
            "Other assumptions": (words.ON_NOISE, self.sensitivity),
            "Patients": (words.ON_PATIENTS, self.patients),
            "Variance components": ("Standard deviations.", self.variances),
        }

    def alt_text(self) -> str:
        """Describe the figure."""
        return f"{words.describe_figure(self.patients)} {self.sentence()}"


def fit_learning_rate(
    cohort: Cohort, *, report_sd: float | Sequence[float] = (5.0, 10.0)
) -> LearningRate:
    """Fit how much of an error is learned: the rate in after = before + rate (occurred - before).

    A linear mixed model of the change on the error, by REML, Kenward-Roger; the rate differs by
    patient. It has no intercept: where what occurred was expected there is nothing to learn. An
    intercept takes the mean error out, and the rest is noise in a larger part; its rate is in
    ``sensitivity``. One slope through all exposures would weigh slow learners more, as they go on
    erring.

    Parameters
    ----------
    cohort
        Exposures with expectancy before and after, and what occurred as a number of 0 to 100.
    report_sd
        Assumed SDs of the errors, in points of 100, with which expectancy before is reported. Such
        an error is on both sides of the equation and draws a rate between 0 and 1 towards 1;
        ``sensitivity`` has the rate without it.

    Returns
    -------
    LearningRate
        One row per group; every exposure left out is in ``excluded`` with its reason.
    """
    assumed = _check_sds(report_sd)
    rows, left_out = list_updates(cohort)
    refuse_unlearnable(rows)
    rows["group"], notes = name_groups(rows)
    found = fit_updates(rows, assumed)
    settings: dict[str, Any] = {
        "model": MODEL,
        "df": "kenward-roger",
        "intercept": False,
        "report_sd": assumed,
        "sign": words.SIGN,
        "notes": [*notes, *found.notes],
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }
    return LearningRate(
        table=found.table,
        contrasts=found.contrasts,
        patients=found.patients,
        variances=found.variances,
        sensitivity=found.sensitivity,
        rows=rows,
        unit=tuple(KEYS),
        n_considered=len(rows) + len(left_out),
        n_used=len(rows),
        excluded=left_out,
        settings=settings,
    )


def _check_sds(report_sd: float | Sequence[float]) -> list[float]:
    assumed = [float(sd) for sd in np.atleast_1d(np.asarray(report_sd, dtype="float64"))]
    if any(not np.isfinite(sd) or sd < 0 for sd in assumed):
        raise CannotAnswerError(
            f"report_sd is {report_sd!r}: it takes standard deviations in points of 100, 0 or more."
        )
    return assumed

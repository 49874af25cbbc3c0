"""How much of an index would noise about the course give by itself?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation.noise.draws import draw_biases
from gradex_analysis.habituation.noise.rows import choose_rows
from gradex_analysis.habituation.units import UNIT
from gradex_analysis.measures import within_session as rivals
from gradex_analysis.measures.groups import EVERYBODY, list_arms
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.plots import style
from gradex_analysis.plots.noise import draw_noise
from gradex_analysis.progress import Progress, silent
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NoiseBenchmark(Result):
    """An index as observed, its value on the fitted courses, and what noise adds to that.

    ``table`` has one row per exposure: ``estimate`` (observed), ``on_curve``, ``bias`` (mean over
    series simulated about the curve, less ``on_curve``), ``bias_mc_error``, ``residual_sd`` and the
    ``curve_status``. ``average`` has one row per group: their means of the patients' means; the
    interval is that of the observed mean.
    """

    average: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (120 * style.MILLIMETRE, 60 * style.MILLIMETRE)
    headline: ClassVar[str] = "average"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the observed mean with its interval over what curve and noise give."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            draw_noise(ax, self.average, self.looks())
            ax.set_xlabel(f"{self.settings['label']} ({self.settings['unit']})")
        return ax

    def sentence(self) -> str:
        """Say the observed mean of every group, that of the curves, and what noise adds."""
        if self.table.empty:
            of_all = wording.count(self.n_considered, "exposure")
            return f"None of {of_all} has a course to add noise to. {self.say_left_out()}"
        said = [self._say_group(row) for _, row in self.average.iterrows()]
        return f"{' '.join(said)} {self.say_left_out()}"

    def _say_group(self, row: pd.Series) -> str:
        settings = self.settings
        exposures = wording.count(int(row["n"]), "exposure")
        patients = wording.count(int(row["n_patients"]), "patient")
        where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
        digits = max(settings["digits"], 1 if abs(row["estimate"]) >= 1 else 2)
        numbers = {
            name: wording.number(row[name], digits) for name in ("estimate", "on_curve", "bias")
        }
        error = wording.number(row["bias_mc_error"], digits + 1)
        return (
            f"In {exposures} of {patients}{where}, {named(settings['definition'])} of "
            f"{settings['subject']} was on average {numbers['estimate']} {settings['unit']} (mean "
            f"of the patients' means, "
            f"{wording.interval(row['ci_low'], row['ci_high'], digits)}); on curves fitted to "
            f"these ratings it is {numbers['on_curve']}, and noise as large as that about the "
            f"curves moves it by {numbers['bias']} (Monte Carlo error {error})."
        )

    def alt_text(self) -> str:
        """Describe the bars."""
        return (
            "Bars from 0 to the mean on the fitted curves, lengthened by what noise adds; a point "
            f"with its {wording.LEVEL} interval is the observed mean. {self.sentence()}"
        )


def fit_noise_benchmark(
    cohort: Cohort,
    *,
    definition: str,
    seed: int,
    n_draws: int = 500,
    grid: float | None = None,
    flat_range: float = 10.0,
    kind: str | None = None,
    progress: Progress = silent,
) -> NoiseBenchmark:
    """Fit what noise alone adds to an index of one exposure, such as peak to end.

    ``bias = mean of the index over series simulated from the fitted course - its value on that
    course``: each exposure's own exponential (its mean, where the ratings differ by ``flat_range``
    or less) at its own minutes, with normal noise of its own residual SD. A permutation of the
    ratings is no such benchmark: it takes the fall itself for noise.

    Parameters
    ----------
    definition
        Of activation, of a fall within a session, or of variability.
    seed, n_draws
        Of the simulated series, so many per exposure.
    grid
        Round simulated ratings to multiples of this (5 or 10, say), within 0 to 100; None: neither.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    NoiseBenchmark
        One row per exposure with four or more ratings; all others are in ``excluded``.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    kind = cohort.choose_kind(kind)
    rows = choose_rows(cohort, kind, chosen, flat_range)
    table = draw_biases(rows, chosen, seed=seed, n_draws=n_draws, grid=grid, progress=progress)
    return NoiseBenchmark(
        table=table.drop(columns="group"),
        average=_average(table),
        unit=UNIT,
        n_considered=rows.n_considered,
        n_used=len(table),
        excluded=rows.excluded,
        settings={
            **chosen.settings(rows.time_unit, only_recalled=False),
            "course": "A + (S - A) exp(-k t); the mean where the ratings differ by flat_range",
            "flat_range": flat_range,
            "seed": seed,
            "n_draws": n_draws,
            "grid": grid,
            "kind": kind,
            "subject": cohort.word(kind),
            "arms": list_arms(cohort),
            "confidence": 0.95,
        },
    )


def _average(table: pd.DataFrame) -> pd.DataFrame:
    def mean(column: str) -> pd.DataFrame:
        return mean_over_patients(table["group"], table["patient_id"], table[column])

    average = mean("estimate")
    for name in ("on_curve", "bias"):
        average[name] = mean(name)["estimate"]
    # an exposure's weight in the mean of the patients' means
    size = table.groupby(["group", "patient_id"])["estimate"].transform("size")
    patients = table.groupby("group")["patient_id"].transform("nunique")
    variance = (table["bias_mc_error"] / (size * patients)) ** 2
    error = np.sqrt(variance.groupby(table["group"]).sum())
    average["bias_mc_error"] = average["group"].map(error).astype("float64")
    return average.sort_values("group", ignore_index=True)

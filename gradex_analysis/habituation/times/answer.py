"""How long until fear has come down, and stays down?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.times.rows import Times, list_times
from gradex_analysis.habituation.times.tables import (
    count_at_risk,
    count_stops,
    fit_groups,
    summarise_crossings,
)
from gradex_analysis.habituation.times.words import CROSSINGS, STOPS, say_times
from gradex_analysis.habituation.units import UNIT
from gradex_analysis.measures import times as rivals
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.plots import style
from gradex_analysis.plots.survival import draw_survival
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TimesToFall(Result):
    """When the ratings of each exposure came down to a threshold, and the share that had not.

    ``table`` has one row per exposure: it came down in ``(left, right]`` (``right`` is infinite
    where that was not seen, or not confirmed), ``outcome``, who stopped it, and ``curve_time``, at
    which its fitted exponential crosses (``curve_status`` says why there is none). ``curve`` has
    the share of each group not yet down with its interval, ``medians`` the median times,
    ``at_risk`` how many are known to be still above, ``stops`` who stopped which exposures,
    ``crossings`` the fitted curves by group.
    """

    curve: pd.DataFrame
    medians: pd.DataFrame
    at_risk: pd.DataFrame
    stops: pd.DataFrame
    crossings: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (120 * style.MILLIMETRE, 80 * style.MILLIMETRE)
    headline: ClassVar[str] = "medians"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each group's share not yet down, with its band and the number still above."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            unit, origin = self.settings["unit"], rivals.ORIGINS[self.settings["origin"]]
            draw_survival(ax, self.curve, self.at_risk, self.looks())
            ax.set_xlabel(f"{unit.capitalize()}s since {origin}")
            ax.set_ylabel(
                f"Exposures (%) in which {self.settings['subject']} is\n"
                f"not yet {self.settings['in_words']}"
            )
        return ax

    def sentence(self) -> str:
        """Say how many came down, the median times, who was censored and how the stops matter."""
        if self.table.empty:
            of_all = wording.count(self.n_considered, "exposure")
            none = f"None of {of_all} has a {named_definition(self.settings)}."
            return f"{none} {self.say_left_out()}"
        said = say_times(self.table, self.medians, self.crossings, self.settings)
        return " ".join([*said, self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return who stopped which exposures, and where fitted curves cross."""
        return {
            "Who stopped": (STOPS, self.stops),
            "Fitted curves": (CROSSINGS, self.crossings),
        }

    def alt_text(self) -> str:
        """Describe the curves."""
        return (
            "Curves falling from 100 %: the share of exposures not yet down, slanted where the "
            f"moment lies between two ratings, with {wording.LEVEL} bands. {self.sentence()}"
        )


def named_definition(settings: Any) -> str:
    """Return the definition's name as words."""
    return str(settings["definition"]).replace("_", " ")


def fit_times(
    cohort: Cohort,
    *,
    definition: str,
    seed: int,
    criterion: float | None = None,
    origin: str = "peak",
    kind: str | None = None,
    n_boot: int = 500,
) -> TimesToFall:
    """Fit the share of exposures in which fear has not yet come down, by time.

    The first rating from the peak on that is at the threshold or below, and followed by another
    such rating; known to lie between two ratings. Without it, it is censored at the last rating
    above. Turnbull's curve by group; exposures count alike, patients are drawn for the interval.

    Parameters
    ----------
    definition, criterion
        ``"time_to_50"`` (half of the peak), or ``"time_to_criterion"`` and its level.
    seed, n_boot
        Of the draws of patients.
    origin
        From when time counts: the ``"peak"``, or the ``"start"`` of the exercise.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    TimesToFall
        One row per exposure. Its median is given only where it is reached. Exposures end when fear
        is down, or because it is not: such censoring is informative, and is counted in ``stops``.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    _check(chosen, criterion, origin)
    kind = cohort.choose_kind(kind)
    found = list_times(cohort, kind, chosen, criterion, origin)
    curve, medians = fit_groups(found.table, seed, n_boot)
    return TimesToFall(
        table=found.table.drop(columns="group"),
        curve=curve,
        medians=medians,
        at_risk=count_at_risk(found.table),
        stops=count_stops(found.table),
        crossings=summarise_crossings(found.table),
        unit=UNIT,
        n_considered=found.n_considered,
        n_used=len(found.table),
        excluded=found.excluded,
        settings={
            **chosen.settings(found.time_unit, criterion),
            "criterion": criterion,
            "origin": origin,
            "seed": seed,
            "n_boot": n_boot,
            **_describe(cohort, kind, found),
        },
    )


def _check(chosen: rivals.Definition, criterion: float | None, origin: str) -> None:
    if origin not in rivals.ORIGINS:
        raise UnknownNameError("origin", origin, rivals.ORIGINS)
    if chosen.needs_criterion and (criterion is None or not 0 <= criterion < 100):
        raise CannotAnswerError(
            f"{chosen.name} needs a criterion from 0 to below 100, the level on 0 to 100 that fear "
            f"is to come down to; it is {criterion}. Pass criterion=30, say."
        )
    if not chosen.needs_criterion and criterion is not None:
        raise CannotAnswerError(
            f"{chosen.name} takes half of each peak; criterion={criterion:g} would not be used. "
            'Pass none, or definition="time_to_criterion".'
        )


def _describe(cohort: Cohort, kind: str, found: Times) -> dict[str, Any]:
    return {
        "kind": kind,
        "subject": cohort.word(kind),
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "records_stops": bool(found.table["stopped_by"].notna().any()),
        "confidence": 0.95,
    }

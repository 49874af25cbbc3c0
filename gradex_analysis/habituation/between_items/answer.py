"""How does fear change from session to session, when items grow harder on the way?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.habituation.between_items.fit import HELD, IGNORED, TIMES, fit_both
from gradex_analysis.habituation.between_items.rows import RATINGS, list_rows
from gradex_analysis.habituation.between_items.words import say_fit
from gradex_analysis.habituation.units import UNIT
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.plots import style
from gradex_analysis.plots.between_items import two_lines
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BetweenSessionModel(Result):
    """How a rating changes from session to session, with the difficulty of items held.

    ``table`` has two rows per group, by ``model``: ``difficulty held`` and ``difficulty left out``
    (the same exposures without expected fear and without items), each the change per session or
    week with its interval, in points of 100, negative when the rating falls. ``difficulty`` is the
    change per point of expected fear. ``lines`` are the means behind the figure, ``rows`` the
    exposures used, ``variances`` the model's variance components.
    """

    difficulty: pd.DataFrame
    variances: pd.DataFrame
    lines: pd.DataFrame
    rows: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (120 * style.MILLIMETRE, 80 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each item's ratings pale, and both lines: difficulty held, and left out."""
        with style.context():
            ax = style.given_or_new(ax)
            settings = self.settings
            y = f"{settings['subject'].capitalize()} {settings['compared']}"
            two_lines(ax, self.rows, self.lines, (settings["time_label"], y), self.looks())
        return ax

    def sentence(self) -> str:
        """Say both slopes of each group, what difficulty goes with, and who was left out."""
        said = say_fit(self.table, self.difficulty, self.settings)
        return " ".join([*said, *self.settings["notes"], self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return the model's variances."""
        said = "Patients differ in level and slope, and the items of a patient in level."
        return {"Variance components": (said, self.variances)}

    def alt_text(self) -> str:
        """Describe the figure."""
        return (
            "Thin lines join the ratings of each patient's item over time; a strong line is the "
            f"mean with difficulty held, a dashed one with difficulty left out. {self.sentence()}"
        )


def fit_between_sessions(
    cohort: Cohort, *, rating: str = "peak", time: str = "session_number", kind: str | None = None
) -> BetweenSessionModel:
    """Fit how a rating changes from session to session with the items' difficulty held.

    ``rating ~ time + item's mean time + expected fear + (1 + time | patient) + (1 | item of the
    patient)``, by REML, Satterthwaite df; groups have their own slopes. Across items fear rises
    because the hierarchy is climbed: without the difficulty in the model its slope is no learning.
    Expected fear has an error of its own and holds difficulty only in part; the mean time at which
    an item is met takes up the rest, so that the slope is that of the same item met again.

    Parameters
    ----------
    cohort
        Exposures with items, and ``item_ratings``: the fear expected of each before treatment.
    rating
        ``"peak"``, ``"initial"``, ``"before"`` or ``"mean_level"`` of each exposure.
    time
        ``"session_number"``, or ``"days"`` (slopes are then per week), since the patient's first.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    BetweenSessionModel
        Two rows per group; every exposure left out is in ``excluded`` with its reason.
    """
    for what, given, offered in (("rating", rating, RATINGS), ("time", time, TIMES)):
        if given not in offered:
            raise UnknownNameError(what, given, offered)
    kind = cohort.choose_kind(kind)
    listed, occasion = list_rows(cohort, kind, rating=rating, time=time)
    used = listed[listed["reason"] == ""].drop(columns="reason").reset_index(drop=True)
    found = fit_both(used)
    left_out = listed.loc[listed["reason"] != "", [*UNIT, "reason"]].reset_index(drop=True)
    settings: dict[str, Any] = {
        "model": f"{rating} ~ {found.fixed} + (1 + {time} | patient) + (1 | item of patient)",
        "rating": rating,
        "time": time,
        "time_label": TIMES[time].label,
        "per": TIMES[time].per,
        "compared": RATINGS[rating],
        "expected_fear_at": occasion,
        "models": [HELD, IGNORED],
        "notes": found.notes,
        "kind": kind,
        "subject": cohort.word(kind),
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }
    return BetweenSessionModel(
        table=found.slopes,
        difficulty=found.difficulty,
        variances=found.variances,
        lines=found.lines,
        rows=used,
        unit=UNIT,
        n_considered=len(listed),
        n_used=len(used),
        excluded=left_out,
        settings=settings,
    )

"""How far was the hierarchy climbed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.hierarchy.progress_rows import count_patients, list_progress
from gradex_analysis.hierarchy.progress_rule import Rule
from gradex_analysis.hierarchy.progress_times import (
    average_mastered,
    count_mastered,
    time_to_mastery,
)
from gradex_analysis.hierarchy.progress_words import say_progress, say_steps
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.measures.hierarchy_items import ITEM
from gradex_analysis.plots import style
from gradex_analysis.plots.hierarchy_progress import draw_mastered
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class HierarchyProgress(Result):
    """What became of each item of each hierarchy, by a stated rule of mastery.

    ``table`` has one row per patient and item: its ``state`` (mastered, not mastered, skipped,
    not reached, not tried), exposures planned and carried out with their minutes and repetitions,
    ``exposures_to_mastery`` and ``sessions_to_mastery`` (missing where not mastered: then it was
    watched for ``peaks_watched`` and ``sessions_watched``), ``n_returns`` (steps down to it).
    ``patients`` has one row per patient: items by state, moves, dose, refusals, adherence.
    ``curve`` is the share mastered after so many exposures or sessions (1 - Kaplan-Meier),
    ``half`` the time by which half are; ``counts`` and ``means`` the items mastered by each
    session.
    """

    patients: pd.DataFrame
    curve: pd.DataFrame
    half: pd.DataFrame
    counts: pd.DataFrame
    means: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (110 * style.MILLIMETRE, 80 * style.MILLIMETRE)
    headline: ClassVar[str] = "patients"
    perhaps: ClassVar[tuple[str, ...]] = ("curve", "half", "counts", "means")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the items that each patient had mastered by each session, and the mean."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.counts.empty:
                return style.say_instead(ax, self.sentence())
            clock = {"session": "Session", "exposure": "Exposure of the patient"}
            labels = (clock[self.settings["clock"]], "Items mastered")
            return draw_mastered(ax, self.counts, self.means, labels, self.looks())

    def noun(self) -> str:
        """Return what one unit is called."""
        return "item"

    def sentence(self) -> str:
        """Say the rule, what was mastered, skipped and not reached, the moves and the dose."""
        said = say_progress(self.curve, self.half, self.patients, self.settings)
        return " ".join([*said, self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return which way exposures followed one another, and what of the plan was carried out."""
        said = say_steps(self.patients, self.settings)
        return {"Steps, dose and adherence": (said, self.half)}

    def alt_text(self) -> str:
        """Describe the figure."""
        ends = [
            f"{wording.number(own['estimate'].iloc[-1])} items in {own['n_all'].iloc[0]:.0f} "
            f"patients at the end{'' if len(self.settings['arms']) < 2 else f' ({group})'}"
            for group, own in self.means.groupby("group")
        ]
        return (
            f"Thin steps are single patients: items mastered by each {self.settings['clock']}; "
            f"the strong line is the mean of all patients. {'; '.join(ends)}. {self.sentence()}"
        )


def measure_progress(
    cohort: Cohort, *, peak_at_most: float, running: int, kind: str | None = None
) -> HierarchyProgress:
    """Measure how far each hierarchy was climbed, by a rule of mastery that you state.

    An item is mastered at the last of ``running`` exposures to it with a peak of at most
    ``peak_at_most``; exposures without a peak are passed over, later ones do not undo it. What is
    not mastered is censored, so that no mean of observed times is given.

    Parameters
    ----------
    cohort
        Exposures with items and ratings; ranks (``items``) tell what was skipped, and which way.
    peak_at_most
        On 0 to 100, whatever the patients' own scales.
    running
        How many exposures to the item, one after the other.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    HierarchyProgress
        One row per patient and item; items carried out without any peak are in ``excluded``.
    """
    rule = Rule(peak_at_most, running)
    kind = cohort.choose_kind(kind)
    listed, ordered = list_progress(cohort, kind, rule)
    is_used = listed["reason"] == ""
    curve, half = time_to_mastery(listed[is_used])
    patients = count_patients(cohort, listed, ordered)
    counts, clock = count_mastered(listed, ordered, patients)
    return HierarchyProgress(
        table=listed[is_used].drop(columns=["reason", "mastered_row"]).reset_index(drop=True),
        patients=patients,
        curve=curve,
        half=half,
        counts=counts,
        means=average_mastered(counts),
        unit=tuple(ITEM),
        n_considered=len(listed),
        n_used=int(is_used.sum()),
        excluded=listed.loc[~is_used, [*ITEM, "reason"]].reset_index(drop=True),
        settings={
            **rule.settings(),
            "rule": rule.say(cohort.word(kind)),
            "clock": clock,
            "has_ranks": bool(listed["planned_rank"].notna().any()),
            "kind": kind,
            "subject": cohort.word(kind),
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
            "confidence": 0.95,
        },
    )

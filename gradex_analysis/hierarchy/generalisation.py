"""Did fear of items fall that were never exposed?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.hierarchy import generalisation_words as words
from gradex_analysis.hierarchy.generalisation_fit import fit_falls, fit_gradients
from gradex_analysis.hierarchy.generalisation_rows import (
    compare_patients,
    describe_ratios,
    list_changes,
)
from gradex_analysis.measures.follow_up import choose_before_after
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.measures.hierarchy_items import ITEM
from gradex_analysis.plots import style
from gradex_analysis.plots.generalisation import draw_changes
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients

SORTS = ["group", "is_exposed"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Generalisation(Result):
    """How the fear expected of items changed that were not exposed, beside those that were.

    ``table`` has one row per patient and item: ``is_exposed``, first and second rating, ``fall``
    (first - second, positive when fear falls). ``falls`` has by group and model the fall of
    unexposed and of exposed items, their difference and their ratio; ``patients`` each patient's
    own means and ratio, ``ratios`` their median; ``gradients`` the change of the fall with the
    distance to the nearest exposed item; ``breadth`` the share of items that fell by the reliable
    change; ``balance`` by how much the exposed items were feared more at first; ``means`` the
    patients' mean ratings behind the figure.
    """

    falls: pd.DataFrame
    patients: pd.DataFrame
    ratios: pd.DataFrame
    gradients: pd.DataFrame
    breadth: pd.DataFrame
    balance: pd.DataFrame
    means: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (120 * style.MILLIMETRE, 75 * style.MILLIMETRE)
    headline: ClassVar[str] = "falls"
    perhaps: ClassVar[tuple[str, ...]] = ("falls", "gradients", "breadth", "balance")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw each patient's mean ratings before and after, exposed and unexposed items apart."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            label = f"Expected {self.settings['subject']} (0\u2013100)"
            occasions = (self.settings["occasions"][0], self.settings["occasions"][1])
            return draw_changes(ax, self.patients, self.means, label, occasions, self.looks())

    def noun(self) -> str:
        """Return what one unit is called."""
        return "item"

    def sentence(self) -> str:
        """Say the falls with their intervals, what confounds them, and who was left out."""
        said = list(words.say_falls(self.falls, self.balance, self.settings))
        if self.falls.empty:
            said.insert(0, "The falls of exposed and unexposed items cannot be compared.")
        return " ".join([*said, *self.settings["notes"], self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return the patients' ratios, the gradients and the breadth."""
        return {
            "Each patient's own ratio": (" ".join(words.say_ratios(self.ratios)), self.ratios),
            "Nearer and farther items": (
                " ".join(words.say_gradients(self.gradients)), self.gradients,
            ),
            "Breadth": (" ".join(words.say_breadth(self.breadth, self.settings)), self.breadth),
        }  # fmt: skip

    def alt_text(self) -> str:
        """Describe the figure."""
        ends = [
            f"{'exposed' if row['is_exposed'] else 'unexposed'} items, {row['occasion']}: "
            f"{wording.number(row['estimate'], 0)}"
            for _, row in self.means.iterrows()
        ]
        return (
            "Two panels, exposed and unexposed items: thin lines join each patient's mean rating "
            f"before and after, strong lines the means of patients. {'; '.join(ends)}. "
            f"{self.sentence()}"
        )


def measure_generalisation(
    cohort: Cohort,
    *,
    reliable_change: float | None = None,
    occasions: tuple[str, str] | None = None,
) -> Generalisation:
    """Measure how far fear fell of items that were not exposed, beside those that were.

    Compared are ratings of the items themselves, before and after treatment. Falls are positive.
    Items that are left out are rarely so at random: easy ones are exposed first. The falls are
    therefore given as rated and with the first rating held.

    Parameters
    ----------
    cohort
        Items rated apart from exposures on two occasions (``item_ratings``), and exposures.
    reliable_change
        How many points of 100 one re-rating must fall to count as changed; without it no breadth.
    occasions
        Before and after treatment; by default the baseline and the next.

    Returns
    -------
    Generalisation
        One row per patient and item; items not rated twice, and those of patients without an
        exposure, are in ``excluded``.

    Raises
    ------
    CannotAnswerError
        Where items were not rated on two occasions.
    """
    if reliable_change is not None and not reliable_change > 0:
        raise CannotAnswerError(f"reliable_change is {reliable_change}: points above 0 are needed.")
    before, after = choose_before_after(cohort, occasions)
    listed = list_changes(cohort, (before, after))
    used = listed[listed["reason"] == ""].drop(columns="reason").reset_index(drop=True)
    falls, notes = fit_falls(used)
    gradients, unfitted = fit_gradients(used)
    patients = compare_patients(used)
    return Generalisation(
        table=used,
        falls=falls,
        patients=patients,
        ratios=describe_ratios(patients),
        gradients=gradients,
        breadth=_breadth(used, reliable_change),
        balance=_balance(patients),
        means=_means(used, (before, after)),
        unit=tuple(ITEM),
        n_considered=len(listed),
        n_used=len(used),
        excluded=listed.loc[listed["reason"] != "", [*ITEM, "reason"]].reset_index(drop=True),
        settings={
            "occasions": [before, after],
            "reliable_change": reliable_change,
            "notes": [*notes, *unfitted],
            "subject": cohort.word("fear"),
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
            "confidence": 0.95,
        },
    )


def _balance(patients: pd.DataFrame) -> pd.DataFrame:
    """Average within patients the first rating of exposed minus that of unexposed items."""
    both = patients.dropna(subset=["pre_exposed", "pre_unexposed"])
    gap = both["pre_exposed"] - both["pre_unexposed"]
    average = mean_over_patients(both["group"], both["patient_id"], gap)
    return average.sort_values("group", ignore_index=True)


def _over_sorts(used: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """Average values over patients, by group and whether the items were exposed."""
    parts = [
        mean_over_patients(own["group"], own["patient_id"], values[own.index]).assign(
            is_exposed=is_exposed
        )
        for is_exposed, own in used.groupby("is_exposed", sort=True)
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[[*SORTS, *[name for name in table if name not in SORTS]]]


def _breadth(used: pd.DataFrame, least: float | None) -> pd.DataFrame:
    if least is None or used.empty:
        return pd.DataFrame()
    # a fall of 0.1 + 0.2 is one of 0.3
    reached = (used["fall"] >= least - 1e-9).astype("float64")
    return _over_sorts(used, reached).sort_values(SORTS, ignore_index=True)


def _means(used: pd.DataFrame, occasions: tuple[str, str]) -> pd.DataFrame:
    if used.empty:
        return pd.DataFrame()
    parts = [
        _over_sorts(used, used[name]).assign(occasion=occasion, time=time)
        for time, (name, occasion) in enumerate(zip(("pre", "post"), occasions, strict=True))
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.sort_values([*SORTS, "time"], ignore_index=True).astype({"time": np.int64})

"""Was the order of the hierarchy right?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.hierarchy.order_rows import PLAN_AXES, PLANS, compare_orders, list_compared
from gradex_analysis.hierarchy.order_words import READ_AS, say_orders
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.plots import style
from gradex_analysis.plots.hierarchy_order import draw_orders
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients

FEWEST = 3


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class HierarchyOrder(Result):
    """How far the planned order of items is that of the fear met in them.

    ``table`` has one row per patient: Kendall's tau-b (``estimate``) of ``n`` items with Fieller's
    interval; none with fewer than five items or where the two orders are the same or reversed.
    ``average`` has one row per group: the mean of the patients' values with its t interval.
    ``items`` has one row per patient and item, with the ``reason`` why it was not compared.
    """

    average: pd.DataFrame
    items: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = style.DOUBLE_COLUMN
    headline: ClassVar[str] = "average"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the items by plan and first peak, and one value per patient with their mean."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            settings = self.settings
            used = self.items[self.items["patient_id"].isin(self.table["patient_id"])]
            labels = (
                settings["plan_axis"], f"Peak {settings['subject']}, first exposure (0\u2013100)",
            )  # fmt: skip
            compared = used[used["reason"] == ""]
            return draw_orders(ax, compared, self.table, self.average, labels, self.looks())

    def sentence(self) -> str:
        """Say the mean agreement of each group, its interval, and who was left out."""
        if self.table.empty:
            patients = wording.count(self.n_considered, "patient")
            return f"No order can be judged in {patients}. {self.say_left_out()}"
        said = say_orders(self.table, self.average, self.settings)
        return " ".join([*said, self.say_left_out()])

    def alt_text(self) -> str:
        """Describe the figure."""
        return (
            f"Left, one pale point per item: its {self.settings['plan']} against the peak of its "
            "first exposure, a patient's items joined. Right, one point per patient: Kendall's "
            f"tau-b ({READ_AS}), with the mean and its {wording.LEVEL} interval. {self.sentence()}"
        )


def measure_order(
    cohort: Cohort, *, by: str, fewest: int = FEWEST, kind: str | None = None
) -> HierarchyOrder:
    """Measure whether items were planned in the order of the fear met in them.

    Per patient Kendall's tau-b of the planned order and the peaks of the items' first exposures:
    1 where every harder item met more fear, 0 where the order says nothing. Patients count alike,
    whatever the number of their items. Items never exposed cannot be judged; harder items are met
    later, so that what was learned before makes the agreement lower.

    Parameters
    ----------
    cohort
        Exposures with items and a peak each; items with a rank, or rated apart.
    by
        ``"planned_rank"`` (``items``) or ``"expected_fear"`` (``item_ratings``, first occasion).
    fewest
        Items that a patient's value rests on at least; two always give 1 or -1.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    HierarchyOrder
        One row per patient; every other patient with a hierarchy is in ``excluded``.
    """
    if by not in PLANS:
        raise UnknownNameError("by", by, PLANS)
    if fewest < 2:
        raise CannotAnswerError(f"fewest is {fewest}: an order needs two items at least.")
    kind = cohort.choose_kind(kind)
    items = list_compared(cohort, kind, by)
    compared = compare_orders(items, fewest)
    is_used = compared["reason"] == ""
    table = compared[is_used].drop(columns="reason").reset_index(drop=True)
    average = mean_over_patients(table["group"], table["patient_id"], table["estimate"])
    return HierarchyOrder(
        table=table,
        average=average.sort_values("group", ignore_index=True),
        items=items,
        unit=("patient_id",),
        n_considered=len(compared),
        n_used=len(table),
        excluded=compared.loc[~is_used, ["patient_id", "reason"]].reset_index(drop=True),
        settings={
            "by": by,
            "plan": PLANS[by],
            "plan_axis": PLAN_AXES[by],
            "statistic": "Kendall's tau-b",
            "fewest": fewest,
            "kind": kind,
            "subject": cohort.word(kind),
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
            "confidence": 0.95,
        },
    )

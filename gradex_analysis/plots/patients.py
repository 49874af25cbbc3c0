"""One line per patient: each exposure a pale point, the patient's mean a dark one."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

#: of a group's name on one line beside the rows
LETTERS = 12


def patient_rows(
    ax: Axes, values: pd.DataFrame, means: pd.DataFrame, label: str, looks: style.Looks
) -> None:
    """Draw ``patient_id, group, estimate`` by patient, patients ordered by group and mean.

    ``means`` has ``group, estimate, ci_low, ci_high`` and is drawn as a line with its band over the
    patients of the group; the groups are named at the right in a cohort with several.
    """
    own = values.groupby(["group", "patient_id"], sort=True)["estimate"].mean()
    order = own.reset_index().sort_values(["group", "estimate"], ignore_index=True)
    places = {pair: y for y, pair in enumerate(zip(order["group"], order["patient_id"]))}  # noqa: B905
    y = [places[pair] for pair in zip(values["group"], values["patient_id"], strict=True)]
    ax.scatter(values["estimate"], y, s=5, color=style.GREY, alpha=0.35, linewidths=0)
    for group, part in order.groupby("group"):
        look = looks[str(group)]
        ax.scatter(part["estimate"], part.index, s=9, color=look.color, marker=look.marker)
        _draw_mean(ax, means[means["group"] == group].iloc[0], part, look, is_named=len(looks) > 1)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_ylim(-1, len(order))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.set_xlabel(label)
    ax.set_ylabel(f"{len(order)} patients, ordered by their mean")


def _draw_mean(
    ax: Axes, mean: pd.Series, part: pd.DataFrame, look: style.LineStyle, *, is_named: bool
) -> None:
    bottom, top = part.index.min() - 0.5, part.index.max() + 0.5
    if mean["ci_low"] < mean["ci_high"]:
        ax.fill_betweenx(
            [bottom, top], mean["ci_low"], mean["ci_high"], color=look.color, alpha=0.2, linewidth=0
        )
    ax.plot([mean["estimate"]] * 2, [bottom, top], color=look.color, linewidth=1.5)
    if is_named:
        ax.annotate(
            textwrap.fill(named(mean["group"]), LETTERS), (1, (bottom + top) / 2),
            xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
            va="center", color=look.color, fontsize=7.5,
        )  # fmt: skip

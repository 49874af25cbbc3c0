"""Each patient's learning rate: from own exposures, and drawn towards the group's."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

#: rates that are drawn where they are; those beyond stand at the edge, with an arrow's head
LOW, HIGH = -0.5, 1.5
LETTERS = 12


def rates_by_patient(
    ax: Axes, patients: pd.DataFrame, table: pd.DataFrame, label: str, looks: style.Looks
) -> None:
    """Draw ``patient_id, group, own, estimate`` over ``table`` (``group, estimate, ci_...``).

    Patients are ordered by group and estimate; the marks of 0 and 1 are lines.
    """
    shown = patients.sort_values(["group", "estimate", "patient_id"], ignore_index=True)
    for edge in (0.0, 1.0):
        ax.axvline(edge, color="black", linewidth=0.6, zorder=0)
    for group, own in shown.groupby("group", sort=True):
        look = looks[str(group)]
        _draw_band(ax, table[table["group"] == group].iloc[0], own, look)
        _draw_patients(ax, own, look)
        if len(looks) > 1:
            middle = float(own.index.to_numpy().mean())
            ax.annotate(
                textwrap.fill(named(group), LETTERS), (1, middle),
                xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
                va="center", color=look.color, fontsize=7.5,
            )  # fmt: skip
    ax.set_xlim(LOW, HIGH)
    ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    ax.annotate(
        "○ own exposures alone   ● estimate", (0.5, 1), xycoords="axes fraction", xytext=(0, 2),
        textcoords="offset points", ha="center", va="bottom", fontsize=7, color=style.GREY,
    )  # fmt: skip
    ax.set_ylim(-1, len(shown))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(label)
    ax.set_ylabel(f"{len(shown)} patients, ordered by their rate")


def _draw_band(ax: Axes, row: pd.Series, own: pd.DataFrame, look: style.LineStyle) -> None:
    ends = [own.index.min() - 0.5, own.index.max() + 0.5]
    ax.fill_betweenx(ends, row["ci_low"], row["ci_high"], color=look.color, alpha=0.2, linewidth=0)
    ax.plot([row["estimate"]] * 2, ends, color=look.color, linewidth=1.5)


def _draw_patients(ax: Axes, own: pd.DataFrame, look: style.LineStyle) -> None:
    y, alone = own.index.to_numpy(), own["own"].to_numpy("float64")
    seen = np.clip(alone, LOW, HIGH)
    ax.hlines(y, seen, own["estimate"], color=style.GREY, linewidth=0.4, alpha=0.6)
    ax.scatter(seen, y, s=9, facecolors="white", edgecolors=style.GREY, linewidths=0.5, zorder=2,
               marker=look.marker)  # fmt: skip
    for beyond, edge, head in ((alone < LOW, LOW, "<"), (alone > HIGH, HIGH, ">")):
        ax.plot(np.full(int(beyond.sum()), edge), y[beyond], head, color=style.GREY, markersize=3,
                clip_on=False, linestyle="none", zorder=4)  # fmt: skip
    ax.scatter(own["estimate"], y, s=9, color=look.color, marker=look.marker, zorder=3)

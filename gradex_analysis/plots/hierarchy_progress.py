"""Items mastered by each session: one thin stair per patient, the mean strong, n under the axis."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.apart import spread
from gradex_analysis.plots.lines import counts_below

#: patients whose stairs would lie on one another stand apart by this share of an item
ASIDE = 0.3


def draw_mastered(
    ax: Axes,
    counts: pd.DataFrame,
    means: pd.DataFrame,
    labels: tuple[str, str],
    looks: style.Looks,
) -> Axes:
    """Draw ``group, patient_id, time, n_mastered`` and ``group, time, estimate, n``."""
    patients = list(dict.fromkeys(counts["patient_id"]))
    moved = np.linspace(-ASIDE / 2, ASIDE / 2, len(patients)) if len(patients) > 1 else [0.0]
    aside = dict(zip(patients, moved, strict=True))
    alpha = float(np.clip(8 / max(len(patients), 1), 0.15, 0.6))
    for patient, own in counts.groupby("patient_id", sort=False):
        look = looks[str(own["group"].iloc[0])]
        ax.step(own["time"], own["n_mastered"] + aside[str(patient)], where="post", linewidth=0.5,
                color=look.color, alpha=alpha)  # fmt: skip
    for group, own in means.groupby("group"):
        look = looks[str(group)]
        ax.step(own["time"], own["estimate"], where="post", color=look.color, linewidth=1.8,
                linestyle=look.dash)  # fmt: skip
    last = float(means["time"].max())
    ax.set_xlim(0, max(last, 1.0))
    ax.set_ylim(-0.4, max(float(counts["n_mastered"].max()), 1.0) + 0.6)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_xlabel(labels[0])
    ax.set_ylabel(f"{labels[1]}, each patient and mean")
    _say_numbers(ax, means)
    if len(looks) > 1:
        _name_groups(ax, means, looks)
    return ax


def _say_numbers(ax: Axes, means: pd.DataFrame) -> None:
    """Write how many patients still have exposures, all groups together."""
    n = means.groupby("time")["n"].sum()
    counts_below(ax, pd.Series(n.index), n)


def _name_groups(ax: Axes, means: pd.DataFrame, looks: style.Looks) -> None:
    ends = means.groupby("group").last().sort_values("estimate")
    gap = 0.11 * float(np.ptp(ax.get_ylim()))
    for (group, _), y in zip(ends.iterrows(), spread(list(ends["estimate"]), gap=gap), strict=True):
        ax.annotate(
            named(group).replace(" ", "\n", 1), (1, y), xycoords=("axes fraction", "data"),
            xytext=(4, 0), textcoords="offset points", va="center", fontsize=7,
            color=looks[str(group)].color,
        )  # fmt: skip

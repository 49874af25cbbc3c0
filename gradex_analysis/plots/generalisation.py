"""Ratings before and after: exposed items in one panel, those left alone in the other."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.apart import spread
from gradex_analysis.plots.lines import value_axis

PANELS = {True: (0.11, 0.1, 0.34, 0.78), False: (0.5, 0.1, 0.34, 0.78)}
NAMES = {True: "Exposed items", False: "Items not exposed"}
#: half the width of a bar's place beside the day it belongs to
ASIDE = 0.05


def draw_changes(
    ax: Axes,
    patients: pd.DataFrame,
    means: pd.DataFrame,
    label: str,
    occasions: tuple[str, str],
    looks: style.Looks,
) -> Axes:
    """Draw two panels on ``ax``, which becomes their frame.

    ``patients`` has ``group`` and for each sort of items ``n_, pre_, fall_`` (``exposed``,
    ``unexposed``); ``means`` has ``group, is_exposed, time`` (0, 1) ``, estimate, ci_low,
    ci_high, n, n_patients``.
    """
    ax.set_axis_off()
    for is_exposed, place in PANELS.items():
        panel = ax.inset_axes(place)
        name = "exposed" if is_exposed else "unexposed"
        own = patients.dropna(subset=[f"pre_{name}", f"fall_{name}"])
        alpha = float(np.clip(8 / max(len(own), 1), 0.15, 0.6))
        for _, row in own.iterrows():
            ends = [row[f"pre_{name}"], row[f"pre_{name}"] - row[f"fall_{name}"]]
            panel.plot([0, 1], ends, color=looks[str(row["group"])].color, lw=0.5, alpha=alpha)
        value_axis(panel, label if is_exposed else "")
        panel.set_ylim(-2, 102)
        panel.set_xlim(-0.2, 1.2)
        panel.set_xticks([0, 1], [named(name) for name in occasions])
        shown = means[means["is_exposed"] == is_exposed]
        _draw_means(panel, shown, looks)
        n_items = int(shown.loc[shown["time"] == 0, "n"].sum())
        panel.set_title(
            f"{NAMES[is_exposed]}\n{n_items} of {len(own)} patients", fontsize=8, loc="left"
        )
        if not is_exposed:
            panel.set_yticklabels([])
            _name_groups(panel, shown, looks)
    return ax


def _draw_means(panel: Axes, means: pd.DataFrame, looks: style.Looks) -> None:
    groups = list(means.groupby("group"))
    for place, (group, own) in enumerate(groups):
        look = looks[str(group)]
        at = own["time"] + ASIDE * (place - (len(groups) - 1) / 2)
        panel.vlines(at, own["ci_low"], own["ci_high"], color=look.color, linewidth=1.4)
        panel.plot(at, own["estimate"], color=look.color, linewidth=1.8, linestyle=look.dash,
                   marker=look.marker, markersize=4)  # fmt: skip


def _name_groups(panel: Axes, means: pd.DataFrame, looks: style.Looks) -> None:
    if len(looks) < 2:
        return
    ends = means[means["time"] == 1].sort_values("estimate")
    for (_, end), y in zip(ends.iterrows(), spread(list(ends["estimate"]), gap=13), strict=True):
        panel.annotate(
            named(end["group"]).replace(" ", "\n", 1), (1.2, y), xytext=(2, 0),
            textcoords="offset points", va="center", fontsize=6.5, annotation_clip=False,
            color=looks[str(end["group"])].color,
        )  # fmt: skip

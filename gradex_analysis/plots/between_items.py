"""Ratings over sessions: each item's thin, the line with difficulty held and the one without."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style, trajectories

#: the line heights that two labels at the right are apart at least, as a share of the axis
APART = 0.1


def two_lines(
    ax: Axes, rows: pd.DataFrame, lines: pd.DataFrame, labels: tuple[str, str], looks: style.Looks
) -> None:
    """Draw ``group, patient_id, item_id, time, value`` thin and ``lines`` strong.

    ``lines`` has ``group, model, time, estimate, ci_low, ci_high``; the first model is drawn whole
    with its band, the second dashed. ``labels`` name the axes.
    """
    series = rows.groupby(["patient_id", "item_id"]).ngroup()
    shown = rows.assign(series=series, arm=rows["group"]).sort_values(["series", "time"])
    trajectories.courses(ax, shown, looks, strongest=0.3)
    first = lines["model"].iloc[0]
    for (group, model), own in lines.groupby(["group", "model"], sort=False):
        look, is_first = looks[str(group)], model == first
        if is_first:
            ax.fill_between(
                own["time"], own["ci_low"], own["ci_high"], color=look.color, alpha=0.2, linewidth=0
            )
        ax.plot(own["time"], own["estimate"], color=look.color, linewidth=1.8 if is_first else 1.2,
                linestyle="-" if is_first else (0, (4, 2)))  # fmt: skip
    trajectories.value_axis(ax, labels[1], 0, 100)
    ax.set_xlim(0, float(lines["time"].max()))
    ax.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    ax.set_xlabel(labels[0])
    _label_ends(ax, lines, looks)


def _label_ends(ax: Axes, lines: pd.DataFrame, looks: style.Looks) -> None:
    """Name each line at its right end, no two on top of one another."""
    ends = lines.groupby(["group", "model"], sort=False).last().reset_index()
    place = -1.0
    for _, end in ends.sort_values("estimate").iterrows():
        place = max(float(end["estimate"]) / 100, place + APART)
        name = f"{named(end['group'])}, {end['model']}" if len(looks) > 1 else str(end["model"])
        ax.annotate(
            name.replace(", ", ",\n"), (1, place), xycoords="axes fraction", xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=7,
            color=looks[str(end["group"])].color,
        )  # fmt: skip

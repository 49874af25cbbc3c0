"""Single courses pale, the population's course with its band strong, where exposures ended."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import lines, style
from gradex_analysis.plots.apart import spread

SMALL = 6.5
#: points from one row of counts to the next, and from the axis to the first
LINE, BELOW = 8.0, 19.0
#: ticks of minutes at most, and their steps
TICKS, STEPS = 7, (1, 2, 5, 10, 15, 20, 30, 60)
#: a thousand courses lie upon each other, and the curve is to be seen
PALEST = 0.08
#: least distance of two labels, in points of the scale
APART = 6.0


def population_course(
    ax: Axes, series: pd.DataFrame, course: pd.DataFrame, looks: style.Looks, *, one: str
) -> None:
    """Draw ``series, time, value`` thin; ``group, time, estimate, ..., n, is_thin`` strong.

    ``one`` is the group that is not named, as there is no other.
    """
    lines.courses(ax, series, palest=PALEST)
    groups = list(dict.fromkeys(course["group"]))
    own = {group: course[course["group"] == group] for group in groups}
    colors = {group: looks[group].color if group in looks else style.BLUE for group in groups}
    for group, part in own.items():
        lines.mean_course(ax, part, color=colors[group])
    lines.stop_rug(ax, series.groupby("series")["time"].max())
    last = float(course["time"].max())
    ax.set_xlim(0, last)
    if groups != [one]:
        _name_ends(ax, own, colors)
    _counts(ax, own, colors, last)


def _name_ends(ax: Axes, own: dict[str, pd.DataFrame], colors: dict[str, str]) -> None:
    ends = [float(part["estimate"].iloc[-1]) for part in own.values()]
    for place, (group, part) in zip(
        spread(ends, gap=APART, low=4, high=98), own.items(), strict=True
    ):
        ax.annotate(
            named(group), (float(part["time"].iloc[-1]), place), xytext=(3, 0), va="center",
            textcoords="offset points", fontsize=SMALL, color=colors[group], annotation_clip=False,
        )  # fmt: skip


def _counts(ax: Axes, own: dict[str, pd.DataFrame], colors: dict[str, str], last: float) -> None:
    """Write under the axis how many exposures are still going on at each tick."""
    step = next((step for step in STEPS if last / step < TICKS), np.ceil(last / TICKS))
    ticks = np.arange(0.0, last + 1e-9, step)
    ax.set_xticks(ticks)
    for row, (group, part) in enumerate(own.items()):
        below = -(BELOW + row * LINE)
        for tick in ticks:
            at = part[part["time"] >= tick - 1e-9]
            n = int(at["n"].iloc[0]) if len(at) else 0
            ax.annotate(
                f"{n}", (tick, 0), xytext=(0, below), xycoords=("data", "axes fraction"),
                textcoords="offset points", ha="center", va="top", fontsize=SMALL,
                color=colors[group] if len(own) > 1 else style.GREY,
            )  # fmt: skip
    ax.annotate(
        "n", (0, 0), xytext=(-18, -BELOW), xycoords="axes fraction", ha="right", va="top",
        textcoords="offset points", fontsize=SMALL, color=style.GREY,
    )  # fmt: skip
    ax.xaxis.labelpad = 4 + LINE * len(own)

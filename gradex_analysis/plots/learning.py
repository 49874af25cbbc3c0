"""The figure to print: a rating by the number of the exposure to the same item."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style, trajectories

#: exposures shown at least, where there are as many
SHOWN = 6


def last_shown(mean: pd.DataFrame) -> float:
    """Return the last exposure number that is drawn: the sixth, or the last where many remain."""
    firm = float(mean.loc[~mean["is_thin"], "time"].max())
    return max(firm, min(SHOWN, float(mean["time"].max())))


def same_item(
    ax: Axes,
    table: pd.DataFrame,
    mean: pd.DataFrame,
    expected: pd.DataFrame,
    looks: style.Looks,
) -> None:
    """Draw ``series, arm, time, value`` thin, the means with bands, what was expected at 0.

    ``mean`` has ``arm, time, estimate, ci_low, ci_high, n, n_patients, is_thin``; ``expected`` has
    ``arm, estimate`` and may be empty.
    """
    last = last_shown(mean)
    shown = mean[mean["time"] <= last]
    trajectories.courses(ax, table[table["time"] <= last])
    trajectories.mean_bands(ax, shown, looks)
    for _, row in expected.iterrows():
        color = looks[str(row["arm"])].color
        ax.plot(0, row["estimate"], "D", markersize=5, markerfacecolor="white", color=color)
    if len(expected):
        ax.annotate(
            "expected", (0, expected["estimate"].max()), xytext=(0, 6), ha="center",
            textcoords="offset points", fontsize=trajectories.SMALL, color=style.GREY,
        )  # fmt: skip
    number_ticks(ax, shown, looks)
    if len(expected):
        ax.set_xlim(left=-0.7)


def number_ticks(ax: Axes, shown: pd.DataFrame, looks: style.Looks) -> None:
    """Mark the numbers from 1 to the last, with the items and patients that each rests on."""
    last = int(shown["time"].max())
    ax.set_xlim(0.6, last + 0.4)
    ticks = [float(number) for number in range(1, last + 1)]
    ax.set_xticks(ticks, [f"{number:.0f}" for number in ticks])
    counted = {"n": "items", "n_patients": "patients"}
    trajectories.counts_below(ax, ticks, trajectories.count_rows(shown, looks, counted))

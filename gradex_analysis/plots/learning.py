"""The figure to print: a rating by the number of the exposure to the same item."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style, trajectories

#: exposures shown at least, where there are as many
SHOWN = 6
#: two columns of a page
DOUBLE = (180 * style.MILLIMETRE, 82 * style.MILLIMETRE)


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


def learned(
    ax: Axes,
    table: pd.DataFrame,
    means: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    label: str,
    changes: Sequence[tuple[str, Sequence[str]]],
    looks: style.Looks,
) -> None:
    """Draw ``same_item`` with modelled means, its axes named, the changes written above."""
    trajectories.value_axis(ax, label, 0, 100)
    same_item(ax, table, means, expected, looks)
    ax.set_xlabel("Exposure number with the same item")
    notes = [(text, looks[group].color) for group, texts in changes for text in texts]
    # the changes name each group in its colour
    trajectories.note_above(ax, notes)


def halve(ax: Axes, *, is_new: bool) -> tuple[Axes, Axes]:
    """Part the place of the axes in two; a new figure becomes two columns wide."""
    place, whole = ax.get_subplotspec(), ax.get_figure(root=True)
    if place is None or whole is None:
        raise ValueError("The axes have no place in a grid that could be parted.")
    if is_new:
        whole.set_size_inches(DOUBLE)
    grid = place.subgridspec(1, 2)
    ax.set_subplotspec(grid[0])
    return ax, whole.add_subplot(grid[1])


def say_n(ax: Axes, text: str) -> None:
    """Write above the axes what they show."""
    trajectories.note_above(ax, [(text, style.GREY)])


def number_ticks(ax: Axes, shown: pd.DataFrame, looks: style.Looks) -> None:
    """Mark the numbers from 1 to the last, with the items and patients that each rests on."""
    last = int(shown["time"].max())
    ax.set_xlim(0.6, last + 0.4)
    ticks = [float(number) for number in range(1, last + 1)]
    ax.set_xticks(ticks, [f"{number:.0f}" for number in ticks])
    counted = {"n": "items", "n_patients": "patients"}
    trajectories.counts_below(ax, ticks, trajectories.count_rows(shown, looks, counted))

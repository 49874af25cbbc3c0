"""The four outcomes of the therapy on one page: a block each, a row per component."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

#: where the names end, the points lie and the numbers begin, in shares of the page's width
NAMES, POINTS, NUMBERS = 0.0, (0.40, 0.64), 0.655
LETTERS, NUMBER_LETTERS = 58, 55  #: on a line of the names and of the numbers
HEADING, LINE, BETWEEN, GAP, FOOT = 1.5, 1.0, 0.15, 0.4, 2.6  #: heights, in lines
SMALL = 6.3

Place = Callable[[float], float]


def draw_page(ax: Axes, rows: pd.DataFrame, looks: style.Looks) -> Axes:
    """Draw ``heading, component, label, direction, group, place, low, high, said``."""
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ticks = _ticks(rows)
    place = _scale(ticks)
    y = 0.0
    for heading, block in rows.groupby("heading", sort=False):
        y += HEADING
        ax.text(NAMES, y - 0.35, str(heading), fontweight="bold", fontsize=8, va="center")
        for _, component in block.groupby("component", sort=False):
            y = _draw_component(ax, component, y + GAP, place, looks)
    _draw_axis(ax, ticks, place, y + GAP)
    ax.set_ylim(y + GAP + FOOT, 0.5)
    return ax


def _ticks(rows: pd.DataFrame) -> list[float]:
    """Return round numbers about all intervals and 0; a single patient has no interval."""
    values = rows[["place", "low", "high"]].to_numpy().ravel()
    known = [*values[pd.notna(values)], 0.0]
    return [float(tick) for tick in MaxNLocator(nbins=5).tick_values(min(known), max(known))]


def _scale(ticks: list[float]) -> Place:
    left, right = POINTS
    span = ticks[-1] - ticks[0]
    return lambda value: left + (right - left) * (value - ticks[0]) / span


def _draw_component(
    ax: Axes, component: pd.DataFrame, top: float, place: Place, looks: style.Looks
) -> float:
    """Draw a component from ``top`` down, its groups below one another; return where it ends."""
    ax.plot([0, 1], [top, top], color="#DDDDDD", linewidth=0.5)
    names = [(line, "black") for line in textwrap.wrap(component["label"].iloc[0], LETTERS)]
    names += [(line, style.GREY) for line in textwrap.wrap(component["direction"].iloc[0], LETTERS)]
    for line, (text, color) in enumerate(names):
        ax.text(NAMES, top + LINE * (line + 0.6), text, color=color, fontsize=SMALL, va="center")
    y = top
    for row in component.to_dict("records"):
        y = _draw_row(ax, row, y, place, looks)
    return max(y, top + LINE * len(names)) + 0.2


def _draw_row(ax: Axes, row: dict[Any, Any], top: float, place: Place, looks: style.Looks) -> float:
    look = looks[str(row["group"])]
    group = f"{named(row['group'])}: " if len(looks) > 1 else ""
    lines = textwrap.wrap(f"{group}{row['said']}", NUMBER_LETTERS)
    middle = top + LINE * (0.6 + (len(lines) - 1) / 2)
    if row["low"] < row["high"]:
        ends = [place(row["low"]), place(row["high"])]
        ax.plot(ends, [middle, middle], color=look.color, linewidth=1.4)
    ax.plot([place(row["place"])], [middle], marker=look.marker, color=look.color, markersize=4)
    ax.text(NUMBERS, middle, "\n".join(lines), fontsize=SMALL, va="center", color=look.color)
    return top + LINE * len(lines) + BETWEEN


def _draw_axis(ax: Axes, ticks: list[float], place: Place, y: float) -> None:
    ax.plot([place(0.0)] * 2, [HEADING, y], color="black", linewidth=0.6, zorder=0)
    ax.plot(POINTS, [y, y], color="black", linewidth=0.6)
    for tick in ticks:
        ax.plot([place(tick)] * 2, [y, y + 0.25], color="black", linewidth=0.6)
        label = f"{tick:g}".replace("-", "\u2212")
        ax.text(place(tick), y + 0.8, label, fontsize=SMALL, ha="center", va="center")
    ax.text(sum(POINTS) / 2, y + 1.9, "points of 100 of each scale", fontsize=7, ha="center",
            va="center")  # fmt: skip

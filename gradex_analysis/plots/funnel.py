"""Shares against how many they rest on, with the limits within which chance alone keeps them."""

from __future__ import annotations

import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from gradex_analysis.plots import style
from gradex_analysis.plots.names import place_names

#: how each position looks: colour, marker
LOOKS = {
    "within 95 %": (style.GREY, "o"),
    "between the limits": (style.ORANGE, "s"),
    "outside 99.8 %": (style.VERMILLION, "D"),
}


def draw_funnel(
    ax: Axes, table: pd.DataFrame, limits: pd.DataFrame, *, overall: float, by: str
) -> Axes:
    """Draw ``n, estimate, position`` by site or therapist within ``n, low_*, high_*``."""
    for name, dash, words, side in (
        ("95", (0, (2, 2)), "95 %", "center"), ("998", "-", "99.8 %", "bottom"),
    ):  # fmt: skip
        for end in ("low", "high"):
            ax.plot(limits["n"], limits[f"{end}_{name}"], color=style.GREY, lw=0.7, ls=dash)
        _name_end(ax, limits[f"high_{name}"].iloc[-1], words, side)
    ax.axhline(overall, color=style.BLUE, linewidth=1.0)
    ax.annotate(
        f"all: {100 * overall:.0f} %", (1, overall), xycoords=("axes fraction", "data"),
        xytext=(3, 0), textcoords="offset points", va="center", fontsize=7, color=style.BLUE,
    )  # fmt: skip
    for position, (color, marker) in LOOKS.items():
        own = table[table["position"] == position]
        ax.scatter(own["n"], own["estimate"], s=20, color=color, marker=marker, lw=0, zorder=3)
    in_reach = limits.loc[limits["n"] >= table["n"].min(), "high_998"]
    highest = max(table["estimate"].max(), in_reach.max())
    ax.set_xlim(0, limits["n"].max())
    ax.set_ylim(0, min(1.0, 1.08 * highest))
    _name_points(ax, table, by)
    ax.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    ax.set_xlabel(f"Exposures carried out, by {by}")
    ax.set_ylabel("Ended before their plan")
    return ax


def _name_end(ax: Axes, y: float, words: str, side: str) -> None:
    ax.annotate(
        words, (1, y), xycoords=("axes fraction", "data"), textcoords="offset points",
        xytext=(3, 1.5 if side == "bottom" else 0), va=side, fontsize=7, color=style.GREY,
    )  # fmt: skip


def _name_points(ax: Axes, table: pd.DataFrame, by: str) -> None:
    ordered = table.sort_values("n")
    points = list(zip(ordered["n"].astype("float64"), ordered["estimate"], strict=True))
    wide, tall = 0.075 * ax.get_xlim()[1], 0.042 * ax.get_ylim()[1]
    places = place_names(points, points, wide=wide, tall=tall, side=1)
    for name, point, (at, y) in zip(ordered[by], points, places, strict=True):
        if y != point[1]:  # moved away: a hairline says whose it is
            ax.plot([point[0], at], [point[1], y], color=style.GREY, linewidth=0.4, zorder=1)
        halo = [patheffects.withStroke(linewidth=2, foreground="white")]
        ax.text(at, y, str(name), ha="center", va="center", fontsize=7, path_effects=halo)

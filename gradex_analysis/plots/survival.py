"""Shares that have not yet got there, by time: slanted where the moment is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.apart import spread
from gradex_analysis.plots.trajectories import GLYPHS, CountRow, counts_below

#: exposures still above, without which a curve is not drawn
FEWEST = 5
#: between two labels at line ends, in percent
APART = 7.0


def draw_survival(ax: Axes, curve: pd.DataFrame, at_risk: pd.DataFrame, looks: style.Looks) -> None:
    """Draw ``group, left, right, estimate, ci_low, ci_high`` by group, in percent.

    Within an interval the curve falls in a straight line: where, is not known. ``at_risk``
    (``group, time, n``) stands under the axis. Thin and dashed where few remain (``is_thin``), and
    not drawn where fewer than five do.
    """
    groups = [str(group) for group in at_risk["group"].unique()]
    shown = curve[curve["n_above"] >= min(FEWEST, at_risk["n"].max())]
    ends = [_draw_one(ax, shown[shown["group"] == group], looks[group]) for group in groups]
    last = max(1.0, *(time for time, _ in ends))
    ax.set_xlim(0, last)
    ax.set_ylim(0, 100)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.axhline(50, color=style.GREY, linewidth=0.5, linestyle=(0, (1, 2)))
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)
    if len(looks) > 1:
        _name(ax, groups, [height for _, height in ends], looks)
    ticks = [t for t in MaxNLocator(nbins=7, integer=True).tick_values(0, last) if 0 <= t <= last]
    ax.set_xticks(ticks)
    counts_below(ax, ticks, _rows(at_risk, groups, looks))


def _draw_one(ax: Axes, own: pd.DataFrame, look: style.LineStyle) -> tuple[float, float]:
    """Draw one group's curve, and return its last point."""
    n_firm = int((~own["is_thin"]).sum())
    points = _points(own)
    firm = points.iloc[: 1 + 2 * n_firm]
    thin = points.iloc[2 * n_firm :]
    for part, strength, dash in ((firm, 0.20, "-"), (thin, 0.08, (0, (3, 2)))):
        ax.fill_between(
            part["time"], part["ci_low"], part["ci_high"], color=look.color, alpha=strength,
            linewidth=0,
        )  # fmt: skip
        ax.plot(part["time"], part["estimate"], color=look.color, linestyle=dash,
                linewidth=5.0 * strength + 0.8)  # fmt: skip
    return float(points["time"].iloc[-1]), float(points["estimate"].iloc[-1])


def _points(own: pd.DataFrame) -> pd.DataFrame:
    """Return the corners of a curve: level from one interval to the next, falling within it."""
    points = {"time": np.append(0.0, own[["left", "right"]].to_numpy(dtype="float64").ravel())}
    for name in ("estimate", "ci_low", "ci_high"):
        ends = own[name].to_numpy(dtype="float64")
        before = np.append(1.0, ends)[:-1]
        points[name] = 100 * np.append(1.0, np.column_stack([before, ends]).ravel())
    return pd.DataFrame(points)


def _name(ax: Axes, groups: list[str], ends: list[float], looks: style.Looks) -> None:
    for group, place in zip(groups, spread(ends, gap=APART, low=0, high=100), strict=True):
        ax.annotate(
            named(group), (1, place / 100), xycoords="axes fraction", xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=7.5, color=looks[group].color,
        )  # fmt: skip


def _rows(at_risk: pd.DataFrame, groups: list[str], looks: style.Looks) -> list[CountRow]:
    rows: list[CountRow] = []
    for group in groups:
        own = at_risk[at_risk["group"] == group]
        counts = {float(t): int(n) for t, n in zip(own["time"], own["n"], strict=True)}
        several = len(looks) > 1
        name = f"still above {GLYPHS[looks[group].marker]}" if several else "still above"
        rows.append((name, looks[group].color if several else style.GREY, counts))
    return rows

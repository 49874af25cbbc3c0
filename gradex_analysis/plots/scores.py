"""One panel per questionnaire: every score pale, each arm's means strong, the scale in full."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.gridspec import GridSpec, GridSpecBase, SubplotSpec
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

SPREAD = 0.72  #: share of an occasion's width that its arms fill
ARROWS = {"lower": "lower is better \u2193", "higher": "higher is better \u2191", "": ""}
GOLDEN = (math.sqrt(5) - 1) / 2


def score_panels(ax: Axes, scores: pd.DataFrame, summary: pd.DataFrame, looks: style.Looks) -> None:
    """Fill the place of ``ax`` with one panel per questionnaire of ``scores`` and ``summary``.

    ``scores`` has ``instrument, occasion, arm, score``; ``summary`` the same keys, in order, with
    ``n, mean, low, high, better``. The last place explains the marks.
    """
    names = list(summary["instrument"].unique())
    drawn = {arm: looks[arm] for arm in sorted(summary["arm"].unique())}
    places = _split(ax, len(names) + 1)
    for place, name in zip(places, names, strict=False):
        panel = ax.figure.add_subplot(place)
        own = summary[summary["instrument"] == name]
        _draw_panel(panel, scores[scores["instrument"] == name], own, drawn)
    _explain(ax.figure.add_subplot(places[-1]), drawn)


def _split(ax: Axes, n: int) -> list[SubplotSpec]:
    """Part the place of the axes into ``n`` places, at most three side by side."""
    ax.set_axis_off()
    columns = min(3, n)
    rows = math.ceil(n / columns)
    whole = ax.get_subplotspec()
    grid: GridSpecBase
    if whole is None:  # axes that were put into a figure by hand
        box = ax.get_position()
        grid = GridSpec(rows, columns, left=box.x0, right=box.x1, bottom=box.y0, top=box.y1)
    else:
        grid = whole.subgridspec(rows, columns)
    return [grid[i // columns, i % columns] for i in range(n)]


def _draw_panel(ax: Axes, scores: pd.DataFrame, summary: pd.DataFrame, looks: style.Looks) -> None:
    occasions = list(summary["occasion"].unique())
    width = SPREAD / len(looks)
    for j, (arm, look) in enumerate(looks.items()):
        shift = (j - (len(looks) - 1) / 2) * width
        _draw_scores(ax, scores[scores["arm"] == arm], occasions, look, (shift, width))
        means = summary[summary["arm"] == arm]
        x = np.array([occasions.index(one) for one in means["occasion"]]) + shift
        ax.plot(x, means["mean"], zorder=3, **_mean_line(look))
    _mark_occasions(ax, summary, occasions, list(looks))
    _mark_scale(ax, summary.iloc[0])


def _draw_scores(
    ax: Axes,
    own: pd.DataFrame,
    occasions: list[str],
    look: style.LineStyle,
    strip: tuple[float, float],
) -> None:
    """Draw every score in its arm's strip (shift, width), side by side in an even pattern."""
    shift, width = strip
    within = (np.arange(len(own)) * GOLDEN) % 1 - 0.5
    x = own["occasion"].map(occasions.index).to_numpy() + shift + 0.7 * width * within
    alpha = float(np.clip(60 / max(len(own), 1), 0.08, 0.4))
    ax.scatter(x, own["score"], s=4, color=look.color, alpha=alpha, linewidths=0, clip_on=False)


def _mark_occasions(ax: Axes, summary: pd.DataFrame, occasions: list[str], arms: list[str]) -> None:
    """Write below each occasion how many forms each arm has, and the occasion's name."""
    n = summary.set_index(["occasion", "arm"])["n"]
    counts = [", ".join(f"{n.get((one, arm), 0)}" for arm in arms) for one in occasions]
    names = [named(one).replace(" ", "\n") for one in occasions]
    labels = [f"{count}\n{name}" for count, name in zip(counts, names, strict=True)]
    ax.set_xticks(range(len(occasions)), labels, fontsize=6.5)
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.55, len(occasions) - 0.45)
    ax.annotate(
        "n", (0, 0), xycoords="axes fraction", xytext=(-5, -3.5), textcoords="offset points",
        ha="right", va="top", fontsize=6.5, color=style.GREY,
    )  # fmt: skip


def _mark_scale(ax: Axes, scale: pd.Series) -> None:
    """Show the scale in full with its ends as ticks, and say which end is better."""
    ax.set_ylabel(f"{scale['instrument']}\n{ARROWS[scale['better']]}".strip())
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)
    low, high = scale["low"], scale["high"]
    if math.isnan(low) or math.isnan(high):
        return
    between = MaxNLocator(4, steps=[1, 2, 5, 10]).tick_values(low, high)
    apart = (high - low) / 10
    ax.set_yticks([low, *between[(between > low + apart) & (between < high - apart)], high])
    ax.set_ylim(low, high)


def _explain(ax: Axes, looks: style.Looks) -> None:
    """Say what points and lines are, the arms in the order of their strips and counts."""
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(-len(looks) - 1, 1.5)
    ax.scatter([0.03, 0.1, 0.17], [0, 0, 0], s=4, color=style.GREY, alpha=0.4, linewidths=0)
    several = len(looks) > 1
    text = "single scores; joined: means" if several else "single scores"
    ax.text(0.27, 0, text, va="center", color=style.GREY, fontsize=7.5)
    for y, (arm, look) in enumerate(looks.items(), start=1):
        ax.plot([0.0, 0.2], [-y, -y], clip_on=False, **_mean_line(look))
        ax.text(
            0.27,
            -y,
            named(arm) if several else "means",
            va="center",
            color=look.color,
            fontsize=7.5,
        )


def _mean_line(look: style.LineStyle) -> dict[str, Any]:
    return {
        "color": look.color,
        "linestyle": look.dash,
        "linewidth": 1.2,
        "marker": look.marker,
        "markersize": 4.5,
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
    }

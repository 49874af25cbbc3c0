"""Courses by arm: single ones pale, means strong with their intervals, n under the axis."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

CountRow = tuple[str, str, Mapping[float, int]]
SMALL = 6.5
#: the line height of small text, in points
LEADING = 8.5
#: markers as text, so that a count's row is known without its colour
GLYPHS = {"o": "\u25cf", "s": "\u25a0", "^": "\u25b2", "D": "\u25c6", "v": "\u25bc", "P": "\u271a"}
#: the least distance between two labels at line ends, as a share of the axis
APART = 0.075


def value_axis(ax: Axes, label: str, low: float, high: float, *, better: str = "") -> None:
    """Show the full scale where its ends are known, and say which end is better."""
    if np.isfinite(low + high):
        span = high - low
        # as many parts as give whole numbers: quarters of 0-100, thirds of 11-44
        parts = next((n for n in (4, 3, 5, 2) if (span / n).is_integer()), 4)
        ax.set_ylim(low, high)
        ax.set_yticks(list(np.linspace(low, high, parts + 1)))
    ax.set_ylabel(label)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)
    arrow = {"lower": "\u2193", "higher": "\u2191"}
    if better:
        ax.annotate(
            f"{better} is better {arrow[better]}", (1, 1), xycoords="axes fraction", ha="right",
            xytext=(0, 5), textcoords="offset points", fontsize=SMALL, color=style.GREY,
        )  # fmt: skip


def courses(
    ax: Axes, table: pd.DataFrame, looks: style.Looks | None = None, *, strongest: float = 0.4
) -> None:
    """Draw each series of ``series, arm, time, value`` thin and pale; grey without looks."""
    for arm, own in table.groupby("arm"):
        parts = [part[["time", "value"]].to_numpy() for _, part in own.groupby("series")]
        # the more lines, the paler each, so that a hundred do not hide the mean
        alpha = float(np.clip(10 / max(len(parts), 1), 0.13, strongest))
        color = looks[str(arm)].color if looks else style.GREY
        ax.add_collection(LineCollection(parts, colors=color, linewidths=0.5, alpha=alpha))


def mean_bands(ax: Axes, mean: pd.DataFrame, looks: style.Looks) -> None:
    """Draw each arm's mean with its band; where few remain (``is_thin``) paler and thinner."""
    for arm, own in mean.groupby("arm"):
        look = looks[str(arm)]
        first_thin = int(np.argmax(own["is_thin"])) if own["is_thin"].any() else len(own)
        firm, thin = own.iloc[:first_thin], own.iloc[max(first_thin - 1, 0) :]
        for part, strength, dash in ((firm, 0.25, "-"), (thin, 0.10, (0, (3, 2)))):
            ax.fill_between(
                part["time"], part["ci_low"], part["ci_high"], color=look.color, alpha=strength,
                linewidth=0,
            )  # fmt: skip
            ax.plot(part["time"], part["estimate"], color=look.color, linestyle=dash,
                    linewidth=6.0 * strength + 0.3)  # fmt: skip
        ax.plot(firm["time"], firm["estimate"], look.marker, color=look.color, markersize=3.5)


def mean_bars(ax: Axes, mean: pd.DataFrame, looks: style.Looks) -> None:
    """Draw each arm's mean at each occasion with its interval as a bar, the arms side by side."""
    arms = [str(arm) for arm in mean["arm"].unique()]
    step = 0.012 * max(float(np.ptp(mean["time"])), 1.0)
    for place, (arm, own) in enumerate(mean.groupby("arm")):
        look = looks[str(arm)]
        at = own["time"] + step * (place - (len(arms) - 1) / 2)
        ax.vlines(at, own["ci_low"], own["ci_high"], color=look.color, linewidth=1.2)
        ax.plot(at, own["estimate"], marker=look.marker, color=look.color, linestyle=look.dash,
                linewidth=1.5, markersize=4)  # fmt: skip


def model_bands(ax: Axes, curve: pd.DataFrame, mean: pd.DataFrame, looks: style.Looks) -> None:
    """Draw each arm's ``time, estimate, band_low, band_high``, and its observed means hollow.

    Where few remain (``is_thin``) the band is paler and the line dashed.
    """
    for arm, own in curve.groupby("arm"):
        look, seen = looks[str(arm)], mean[mean["arm"] == arm]
        n_firm = int((~own["is_thin"]).sum())
        firm, thin = own.iloc[:n_firm], own.iloc[max(n_firm - 1, 0) :]
        for part, strength, dash in ((firm, 0.18, "-"), (thin, 0.08, (0, (3, 2)))):
            ax.fill_between(
                part["time"], part["band_low"], part["band_high"], color=look.color,
                alpha=strength, linewidth=0,
            )  # fmt: skip
            ax.plot(part["time"], part["estimate"], color=look.color, linestyle=dash,
                    linewidth=9.0 * strength + 0.2)  # fmt: skip
        ax.plot(seen["time"], seen["estimate"], look.marker, color=look.color, markersize=3.5,
                markerfacecolor="white", markeredgewidth=0.8)  # fmt: skip


def mark_knot(ax: Axes, place: float) -> None:
    """Mark where courses bend, which was fixed beforehand."""
    ax.axvline(place, color=style.GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    ax.annotate(
        "slope may change", (place, 1), xycoords=("data", "axes fraction"), xytext=(2, -2),
        va="top", textcoords="offset points", fontsize=SMALL, color=style.GREY,
    )  # fmt: skip


def label_ends(ax: Axes, mean: pd.DataFrame, looks: style.Looks) -> None:
    """Name each arm at the right, as high as its mean ends, no two on top of one another."""
    ends = mean[~mean["is_thin"]].groupby("arm").last().sort_values("estimate")
    bottom, top = ax.get_ylim()
    place = -np.inf
    for arm, end in ends.iterrows():
        place = max((end["estimate"] - bottom) / (top - bottom), place + APART)
        ax.annotate(
            named(arm), (1, place), xycoords="axes fraction", xytext=(4, 0),
            textcoords="offset points", va="center", fontsize=7.5, color=looks[str(arm)].color,
        )  # fmt: skip


def note_above(ax: Axes, lines: Sequence[tuple[str, str]]) -> None:
    """Write lines of ``text, colour`` above the axes, the first on top."""
    for place, (text, color) in enumerate(reversed(lines)):
        ax.annotate(
            text, (0, 1), xycoords="axes fraction", xytext=(0, 5 + 9 * place),
            textcoords="offset points", fontsize=7, color=color,
        )  # fmt: skip


def counts_below(ax: Axes, at: Sequence[float], rows: Sequence[CountRow]) -> None:
    """Write rows of counts under the ticks: what is counted, its colour, the count by time."""
    lines = max(str(tick.get_text()).count("\n") for tick in ax.get_xticklabels()) + 1
    top = -3 - 9.5 * lines - LEADING / 2
    for row, (name, color, counts) in enumerate(rows):
        look: dict[str, Any] = {"fontsize": SMALL, "color": color, "va": "top"}
        look["textcoords"] = "offset points"
        height = top - LEADING * row
        ax.annotate(name, (0, 0), xycoords="axes fraction", xytext=(-8, height), ha="right", **look)
        for time in at:
            ax.annotate(
                f"{counts.get(time, 0)}", (time, 0), xycoords=("data", "axes fraction"),
                xytext=(0, height), ha="center", **look,
            )  # fmt: skip
    ax.xaxis.labelpad = 5 + LEADING * len(rows)


def count_rows(mean: pd.DataFrame, looks: style.Looks, what: Mapping[str, str]) -> list[CountRow]:
    """Return the rows of counts by arm: ``what`` names each column of counts.

    One arm's rows are grey and named; several are told apart by their marker.
    """
    arms = [str(arm) for arm in mean["arm"].unique()]
    rows: list[CountRow] = []
    for arm, own in mean.groupby("arm"):
        look = looks[str(arm)]
        for column, name in what.items():
            counts = {float(t): int(n) for t, n in zip(own["time"], own[column], strict=True)}
            if len(arms) == 1:
                rows.append((name, style.GREY, counts))
            else:
                rows.append((f"{name} {GLYPHS[look.marker]}", look.color, counts))
    return rows

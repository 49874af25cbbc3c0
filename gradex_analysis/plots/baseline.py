"""One line per characteristic: how far the arms are apart, or where the patients are."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
GUIDES = (0.1, 0.2)


def balance_rows(ax: Axes, balance: pd.DataFrame, variables: pd.DataFrame) -> None:
    """Draw ``variable, arm, reference, smd`` without their signs, one mark per pair of arms.

    Infinite ones stand at the right edge with an infinity sign; unknown ones are not drawn.
    """
    places = _rows(ax, variables)
    ax.hlines(list(places.values()), 0, 1, transform=ax.get_yaxis_transform(), color="#DDDDDD",
              linewidth=0.4, zorder=0)  # fmt: skip
    sizes = balance["smd"].abs()
    largest = sizes[np.isfinite(sizes)].max() if np.isfinite(sizes).any() else 0.0
    right = 1.12 * max(largest, 0.25)
    for guide in GUIDES:
        ax.axvline(guide, color=style.GREY, linewidth=0.5, linestyle=(0, (1, 2)), zorder=0)
        ax.annotate(
            f"{guide}", (guide, 1), xycoords=("data", "axes fraction"), xytext=(0, 1),
            textcoords="offset points", ha="center", fontsize=6.5, color=style.GREY,
        )  # fmt: skip
    inks = ("black", style.GREY, "#A6A6A6")
    pairs = balance.groupby(["arm", "reference"], sort=False)
    for i, ((arm, reference), own) in enumerate(pairs):
        # beside each other, lest one mark hide another
        y = own["variable"].map(places) + 0.24 * ((len(pairs) - 1) / 2 - i) / max(len(pairs) - 1, 1)
        x = own["smd"].abs()
        ax.scatter(x[np.isfinite(x)], y[np.isfinite(x)], s=16, marker=MARKS[i % len(MARKS)],
                   facecolor=inks[i % 3], edgecolor="white", linewidth=0.4, zorder=3,
                   label=f"{named(arm)} against {named(reference)}")  # fmt: skip
        for place in y[np.isinf(x)]:
            ax.text(right, place, "∞", ha="right", va="center", color=inks[i % 3])
    ax.set_xlim(0, right)
    ax.set_xlabel("Standardised difference at baseline, without its sign (SD)")
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1.03), fontsize=7, handletextpad=0.2,
              borderaxespad=0, labelspacing=0.25)  # fmt: skip


def value_rows(
    ax: Axes, values: pd.DataFrame, variables: pd.DataFrame, table: pd.DataFrame
) -> None:
    """Draw each patient as a dot, quartiles as a bar and the median as a point.

    Equal values are heaped. Each line has its own range: the scale's ends where they are known,
    else the lowest and highest value. ``table`` has ``variable, n`` and its quantiles.
    """
    places = _rows(ax, variables)
    of_variable = table.set_index("variable")
    for _, variable in variables.iterrows():
        name = variable["variable"]
        row, y = of_variable.loc[name], places[name]
        low = row["minimum"] if math.isnan(variable["low"]) else variable["low"]
        high = row["maximum"] if math.isnan(variable["high"]) else variable["high"]
        width = (high - low) or 1.0
        own = (values.loc[values["variable"] == name, "value"].dropna() - low) / width
        q1, median, q3 = ((row[column] - low) / width for column in ("q1", "median", "q3"))
        ax.plot([0, 1], [y, y], color="#DDDDDD", linewidth=0.5, zorder=0)
        ax.plot(own, y + _heaped(own), "o", color=style.GREY, alpha=0.6, markersize=2.2, mew=0)
        ax.plot([q1, q3], [y, y], color=style.BLUE, linewidth=3, alpha=0.4, solid_capstyle="butt")
        ax.plot(median, y, "o", color=style.BLUE, markersize=4)
        _ends(ax, y, low=low, high=high, n=int(row["n"]))
    ax.set_xlim(-0.1, 1.2)
    ax.set_ylim(-len(places) + 0.7, 0.95)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlabel("Grey: patients. Blue: median and quartiles.\nEach line on its own scale.")


def _heaped(own: pd.Series) -> pd.Series:
    """Return each value's height above its line: equal ones on top of one another."""
    rank = own.groupby(own).cumcount()
    return 0.16 + rank * min(0.09, 0.6 / (rank.max() + 1))


def _rows(ax: Axes, variables: pd.DataFrame) -> dict[str, int]:
    places = {name: -i for i, name in enumerate(variables["variable"])}
    ax.set_yticks(list(places.values()), list(variables["label"]))
    ax.set_ylim(-len(places) + 0.4, 0.6)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    return places


def _ends(ax: Axes, y: int, *, low: float, high: float, n: int) -> None:
    ax.text(-0.015, y, f"{low:g}", ha="right", va="center", fontsize=6.5, color=style.GREY)
    ax.text(1.015, y, f"{high:g}", ha="left", va="center", fontsize=6.5, color=style.GREY)
    ax.text(1.2, y, f"n = {n}", ha="right", va="center", fontsize=6.5, color=style.GREY)

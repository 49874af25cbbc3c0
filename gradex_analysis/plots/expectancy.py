"""Expected against found: a dumbbell per exposure; where what occurred is in words, a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Rectangle

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.apart import spread

SMALL = 7
#: units of the scale that two names above the first row stand apart
APART = 30
#: a share of the fullest cell above which ink is white on its colour
DARK = 0.55
EXPECTED, FOUND, AFTER = 0, 1, 2


def dumbbells(
    ax: Axes,
    rows: pd.DataFrame,
    ends: Mapping[str, str],
    label: str,
    note: str,
    looks: style.Looks,
) -> None:
    """Draw a row per exposure, the highest expectation on top.

    ``ends`` are the columns of what was expected (open), what was found (filled) and, where there
    is a third, what was expected afterwards (a bar), with their names.
    """
    columns = list(ends)
    # ties by what was found and then by id, so that the picture does not depend on row order
    order = [*columns, "patient_id", "exposure_id"]
    shown = rows.sort_values(order, ignore_index=True)
    for group, own in shown.groupby("group", sort=True):
        _draw_group(ax, own, columns, looks[str(group)], len(shown))
    _name_ends(ax, shown.iloc[-1], ends, len(shown))
    if len(looks) > 1:
        _name_groups(ax, sorted(shown["group"].unique()), looks)
    ax.set_xlim(-2, 102)
    ax.set_xticks([0, 25, 50, 75, 100])
    ax.set_ylim(-0.5 - 0.01 * len(shown), len(shown) - 0.5 + 0.01 * len(shown))
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)
    ax.set_xlabel(label)
    ax.set_ylabel(note)


def _draw_group(
    ax: Axes, own: pd.DataFrame, columns: list[str], look: style.LineStyle, n: int
) -> None:
    y = own.index.to_numpy("float64")
    values = own[columns].to_numpy("float64")
    segments = np.stack([values[:, [EXPECTED, FOUND]], np.column_stack([y, y])], axis=2)
    # the more rows, the smaller and paler each
    size, alpha = float(np.clip(1200 / n, 2.5, 24)), float(np.clip(60 / n, 0.3, 0.8))
    ax.add_collection(
        LineCollection(
            list(segments), colors=look.color, linewidths=min(1.0, size / 8), alpha=alpha
        )
    )
    ax.scatter(values[:, EXPECTED], y, s=size, marker=look.marker, facecolors="white",
               edgecolors=look.color, linewidths=0.5, clip_on=False, zorder=2)  # fmt: skip
    ax.scatter(values[:, FOUND], y, s=size, marker=look.marker, color=look.color, linewidths=0.5,
               clip_on=False, zorder=3)  # fmt: skip
    if len(columns) > AFTER:
        ax.scatter(values[:, AFTER], y, s=2 * size, marker="|", color="black", linewidths=0.7,
                   clip_on=False, zorder=4)  # fmt: skip


def _name_ends(ax: Axes, top: pd.Series, ends: Mapping[str, str], n: int) -> None:
    """Name the marks above the first row, where they are."""
    at = [float(top[column]) for column in ends]
    marks = ("○", "●", "|")
    for x, place, name, mark in zip(
        at, spread(at, gap=APART, low=4, high=96), ends.values(), marks, strict=False
    ):
        ax.annotate(
            f"{mark} {name}", (x, n - 1), xytext=(place, 1.02),
            textcoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=SMALL,
            arrowprops={"arrowstyle": "-", "color": style.GREY, "linewidth": 0.4, "shrinkB": 2},
        )  # fmt: skip


def _name_groups(ax: Axes, groups: Sequence[str], looks: style.Looks) -> None:
    for place, group in enumerate(reversed(groups)):
        look = looks[group]
        ax.annotate(
            named(group), (1, 0), xycoords="axes fraction", xytext=(0, 4 + 10 * place),
            textcoords="offset points", ha="right", va="bottom", fontsize=SMALL, color=look.color,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3},
        )  # fmt: skip


def word_grid(ax: Axes, counts: pd.DataFrame, names: Mapping[str, str]) -> None:
    """Draw ``expected, expected_low, occurrence, n``: a cell per band and word, its count in it.

    ``names`` holds the words in their order with what is written below each column.
    """
    bands = counts.drop_duplicates("expected_low").sort_values("expected_low")
    rows = {low: y for y, low in enumerate(bands["expected_low"])}
    columns = {word: x for x, word in enumerate(names)}
    fullest = max(int(counts["n"].max()), 1)
    for _, cell in counts.iterrows():
        x, y, share = columns[cell["occurrence"]], rows[cell["expected_low"]], cell["n"] / fullest
        ax.add_patch(
            Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, facecolor=style.BLUE, alpha=share, lw=0)
        )
        ax.text(x, y, f"{cell['n']:,}", ha="center", va="center", fontsize=8,
                color="white" if share > DARK else "black")  # fmt: skip
    totals = counts.groupby("expected_low")["n"].sum()
    for low, y in rows.items():
        ax.text(len(names) - 0.4, y, f"{totals[low]:,}", va="center", fontsize=SMALL,
                color=style.GREY)  # fmt: skip
    ax.text(len(names) - 0.4, len(rows) - 0.42, "all", fontsize=SMALL, color=style.GREY)
    ax.set_yticks(range(len(rows)), list(bands["expected"]))
    ax.set_xticks(range(len(names)), list(names.values()))
    ax.tick_params(length=0)
    ax.set_xlim(-0.5, len(names) - 0.5)
    ax.set_ylim(-0.5, len(rows) - 0.5)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_xlabel("What was feared occurred")
    ax.set_ylabel("Expected before the exercise (%)")

"""Definitions against one another: agreement below the diagonal, other classes above it."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

SMALL = 6.5
#: of the cells, and of a matrix of many definitions
CELL, TINY, MANY = 6.5, 5.5, 9
#: millimetres of a row, a line of its text, and of what stands around them; rows at least
ROW, LINE, AROUND, FEWEST = 8.0, 2.8, 15.0, 4
#: a correlation above which ink is white on its colour
DARK = 0.6


def draw_agreement(
    ax: Axes,
    means: pd.DataFrame,
    said: Mapping[str, str],
    agreement: pd.DataFrame,
    *,
    what: str,
) -> None:
    """Draw a row and a column per definition of ``means`` (``definition, role``).

    ``agreement`` has ``definition, other, spearman, n_by_sign, n_sign_differs``; ``what`` says what
    patients are classified as, if they are. What is ``said`` of a definition stands at the right.
    """
    names = list(dict.fromkeys(means["definition"]))
    _fit_height(ax, len(names), max(text.count("\n") + 1 for text in said.values()))
    place = {name: i for i, name in enumerate(names)}
    size = TINY if len(names) > MANY else CELL
    for _, row in agreement.iterrows():
        if row["definition"] in place and row["other"] in place:
            i, j = place[row["definition"]], place[row["other"]]
            _draw_correlation(ax, i, j, float(row["spearman"]), size)
            if row["n_by_sign"]:
                text = f"{row['n_sign_differs']:.0f}\nof {row['n_by_sign']:.0f}"
                ax.text(j, i, text, ha="center", va="center", fontsize=size, color=style.GREY)
    for name in names:
        ax.add_patch(Rectangle((place[name] - 0.5, place[name] - 0.5), 1, 1, color="#EEEEEE", lw=0))
        ax.text(place[name], place[name], str(place[name] + 1), ha="center", va="center",
                fontsize=size)  # fmt: skip
        ax.text(len(names) - 0.2, place[name], said[name], va="center", fontsize=TINY)
    _frame(ax, names, means)
    above = f"above: patients classified differently ({what})\n" if what else ""
    ax.set_title(
        f"{above}below: Spearman's correlation",
        fontsize=SMALL, color=style.GREY, loc="left",
    )  # fmt: skip


def _draw_correlation(ax: Axes, i: int, j: int, rho: float, size: float) -> None:
    known = not math.isnan(rho)
    if known:
        color = style.BLUE if rho >= 0 else style.VERMILLION
        ax.add_patch(Rectangle((i - 0.5, j - 0.5), 1, 1, color=color, alpha=min(abs(rho), 1), lw=0))
    text = f"{rho:.2f}".replace("0.", ".").replace("-", "\u2212") if known else "\u2013"
    ink = "white" if known and abs(rho) > DARK else "black"
    ax.text(i, j, text, ha="center", va="center", fontsize=size, color=ink)


def _fit_height(ax: Axes, n: int, lines: int) -> None:
    """Make a figure that holds nothing else as tall as its rows need."""
    figure = ax.get_figure(root=True)
    if figure is not None and len(figure.axes) == 1:
        figure.set_figheight((AROUND + max(ROW, LINE * lines) * max(n, FEWEST)) * style.MILLIMETRE)


def _frame(ax: Axes, names: list[str], means: pd.DataFrame) -> None:
    n = len(names)
    roles = means.drop_duplicates("definition").set_index("definition")["role"]
    labels = [
        f"{named(name)}{' (primary)' if roles[name] == 'primary' else ''} {i}"
        for i, name in enumerate(names, 1)
    ]
    ax.set_yticks(range(n), labels, fontsize=SMALL)
    ax.set_xticks(range(n), [str(i) for i in range(1, n + 1)], fontsize=SMALL)
    ax.tick_params(length=0)
    ax.set_xlim(-0.5, n - 0.5)
    ax.set_ylim(n - 0.5, -0.5)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)

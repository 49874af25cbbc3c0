"""Each arm's patients and adjusted mean; beside them, differences from the reference."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.apart import beside, keep_room

#: of an arm's name on one line below its column
LETTERS = 10
SMALL = 6.5  #: points
LINE = 8.5  #: points from one line of small text to the next
BEYOND = 9  #: points that a row's numbers may reach beyond the axis
FEWEST_ROWS = 2  #: fewer stand as far apart as these


@dataclass(frozen=True, kw_only=True)
class Words:
    """What is written around a forest.

    ``rows`` holds of each row the arm, when it was, and its numbers; ``axis`` names the axis;
    ``left`` and ``right`` say what lies below and above 0.
    """

    rows: Sequence[tuple[str, str, str]]
    axis: str
    left: str
    right: str


def contrasts(
    ax: Axes,
    table: pd.DataFrame,
    looks: style.Looks,
    words: Words,
    *,
    reach: float,
    important: float,
    letters: int,
    first: bool,
) -> None:
    """Draw ``arm, estimate, ci_low, ci_high``, a row each, with a line at 0.

    The axis goes as far as ``reach`` to either side; one ``important`` change is dotted there
    unless it is NaN. The ``first`` forest of a row of forests names the rows. Below, a line on
    either side of 0 holds so many ``letters``.
    """
    ax.axvline(0, color="black", linewidth=0.6, zorder=0)
    for change in () if math.isnan(important) else (-important, important):
        ax.axvline(change, color=style.GREY, linewidth=0.9, linestyle=(0, (1, 2)), zorder=0)
    for y, (_, row) in enumerate(table.iterrows()):
        look = looks[row["arm"]]
        ax.plot([row["ci_low"], row["ci_high"]], [-y, -y], color=look.color, linewidth=1.4)
        ax.plot(row["estimate"], -y, look.marker, color=look.color, markersize=5,
                markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip
        _write_row(ax, -y, words.rows[y], look.color, is_named=first)
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10], symmetric=True, min_n_ticks=3))
    spare = max(FEWEST_ROWS - len(table), 0) / 2
    ax.set_ylim(-len(table) + 0.5 - spare, 0.8 + spare)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    _write_below(ax, words, letters)


def reaches(tables: Sequence[pd.DataFrame], important: Sequence[float]) -> list[float]:
    """Return how far each forest's axis goes: as many SDs (``standardiser``) in all of them.

    So that outcomes can be compared by eye. Where no SD is known, as far as its own numbers.
    """
    far = [_furthest(table, change) for table, change in zip(tables, important, strict=True)]
    sds = [_standardiser(table) for table in tables]
    most = max((end / sd for end, sd in zip(far, sds, strict=True) if sd), default=0.0)
    return [1.08 * (most * sd if sd else end) for end, sd in zip(far, sds, strict=True)]


def _furthest(table: pd.DataFrame, important: float) -> float:
    ends = float(np.abs(table[["ci_low", "ci_high"]].to_numpy("float64")).max())
    return max(ends, 0.0 if math.isnan(important) else important) or 1.0


def _standardiser(table: pd.DataFrame) -> float:
    """Return the mean SD of the contrasts; 0 where none is known."""
    known = table["standardiser"].dropna() if "standardiser" in table else pd.Series(dtype=float)
    return float(known.mean()) if len(known) else 0.0


def _write_row(
    ax: Axes, y: float, row: tuple[str, str, str], color: str, *, is_named: bool
) -> None:
    """Write the numbers above the interval; at its left the arm, and when."""
    arm, when, numbers = row
    inside = ax.get_yaxis_transform()
    ax.annotate(numbers, (1, y), xycoords=inside, xytext=(BEYOND, 4.5), textcoords="offset points",
                ha="right", fontsize=SMALL, color=color,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.2},
                in_layout=False)  # fmt: skip
    lines = [arm, *([when] if when else [])]
    for place, text in enumerate(lines if is_named else []):
        up = LINE * ((len(lines) - 1) / 2 - place)
        ink = style.GREY if when and place == len(lines) - 1 else color
        ax.annotate(text, (0, y), xycoords=inside, xytext=(-8, up), textcoords="offset points",
                    ha="right", va="center", fontsize=SMALL, color=ink)  # fmt: skip


def _write_below(ax: Axes, words: Words, letters: int) -> None:
    """Name the axis; below it, to either side of 0, what lies there."""
    ax.annotate(words.axis, (0.5, 0), xycoords="axes fraction", xytext=(0, -15), ha="center",
                textcoords="offset points", va="top", in_layout=False, fontsize=7)  # fmt: skip
    sides = {"right": (words.left, -3), "left": (words.right, 3)}
    n_lines = 0
    for align, (text, away) in sides.items():
        lines = textwrap.wrap(text, letters)
        n_lines = max(n_lines, len(lines))
        ax.annotate("\n".join(lines), (0, 0), xycoords=("data", "axes fraction"), ha=align,
                    va="top", xytext=(away, -15 - 1.1 * LINE), textcoords="offset points",
                    color=style.GREY, in_layout=False, fontsize=SMALL)  # fmt: skip
    keep_room(ax, (1, 0), (BEYOND, -17 - 1.1 * LINE * (n_lines + 1)))


def make_room(ax: Axes) -> Axes | None:
    """Make axes at the left of these where they stand alone in their figure; else None."""
    place = ax.get_subplotspec()
    figure = ax.get_figure(root=True)
    if place is None or figure is None or len(figure.axes) > 1:
        return None
    halves = place.subgridspec(1, 2, width_ratios=[2, 3])
    ax.set_subplotspec(halves[1])
    return figure.add_subplot(halves[0])


def arm_columns(
    ax: Axes,
    points: pd.DataFrame,
    means: pd.DataFrame,
    looks: style.Looks,
    *,
    label: str,
    note: str,
    ends: tuple[float | None, float | None],
) -> None:
    """Draw ``arm, value`` as pale points and ``means`` with their intervals strong, n below.

    ``means`` has ``arm, estimate, ci_low, ci_high, n, n_missing``. ``ends`` are those of the
    value's scale, None where it has none.
    """
    for x, (_, mean) in enumerate(means.iterrows()):
        look = looks[mean["arm"]]
        own = points.loc[points["arm"] == mean["arm"], "value"]
        ax.scatter(x - 0.12 + beside(own), own, s=6, color=look.color, alpha=0.4, linewidths=0,
                   clip_on=False)  # fmt: skip
        ax.plot([x + 0.3] * 2, [mean["ci_low"], mean["ci_high"]], color=look.color, linewidth=1.5)
        ax.plot(x + 0.3, mean["estimate"], look.marker, color=look.color, markersize=5)
    ax.set_xticks(range(len(means)), [_column_name(mean) for _, mean in means.iterrows()])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(means) - 0.4)
    low, high = ends
    if low is not None and high is not None:
        ax.set_ylim(low, high)
        ax.set_yticks(_whole_steps(low, high))
    ax.set_ylabel(label)
    ax.set_xlabel(note, fontsize=7, color=style.GREY)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)


def contrast_rows(
    ax: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], looks: style.Looks, *, label: str,
    reference: str, better: str,
) -> None:  # fmt: skip
    """Draw ``arm, reference, estimate, ci_low, ci_high``, a row each, with a line at 0.

    ``rows`` holds the name and the numbers of each row as text; ``better`` is ``lower``,
    ``higher`` or "" where nobody said.
    """
    for y, (_, row) in enumerate(table.iterrows()):
        look = looks[row["arm"]]
        ax.plot([row["ci_low"], row["ci_high"]], [-y, -y], color=look.color, linewidth=1.5)
        ax.plot(row["estimate"], -y, look.marker, color=look.color, markersize=6)
        for x, side, text in ((0, "left", rows[y][0]), (1, "right", rows[y][1])):
            ax.text(x, -y + 0.16, text, transform=ax.get_yaxis_transform(), ha=side, va="bottom",
                    fontsize=7.5, color=look.color)  # fmt: skip
    ax.axvline(0, color="black", linewidth=0.6, zorder=0)
    furthest = 1.1 * float(np.abs(table[["ci_low", "ci_high"]].to_numpy()).max())
    ax.set_xlim(-furthest, furthest)
    ax.set_ylim(-len(table) + 0.6, 0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    words = {"lower": ("better", "worse"), "higher": ("worse", "better"), "": ("lower", "higher")}
    left, right = words[better]
    ax.set_xlabel(f"{label}\n← {left} than in {reference}      {right} than in {reference} →")


def _column_name(mean: pd.Series) -> str:
    name = textwrap.fill(named(mean["arm"]), LETTERS, break_long_words=False)
    return f"{name}\n{mean['n']} of {mean['n'] + mean['n_missing']}"


def _whole_steps(low: float, high: float) -> list[float]:
    """Return ticks from end to end in whole steps; else both ends and the middle."""
    steps = next((n for n in (4, 5, 3) if (high - low) % n == 0), 2)
    return [float(tick) for tick in np.linspace(low, high, steps + 1)]

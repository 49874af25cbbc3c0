"""Boxes from enrolment to the end of the study, a column per arm, the lost beside them."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from gradex_analysis.plots import style

BOX_SHARE = 0.52  #: of a column's width; the rest is for those lost
WIDEST = 45 * style.MILLIMETRE
HALF_HEIGHT = 0.31  #: of a row
FORK = 0.5  #: where the way to the arms forks
TEXT, SMALL_TEXT = 7.5, 6.0  #: points; small for more than three columns
EM, BOLD_EM = 0.58, 0.68  #: mean width of a letter, in font sizes
LINE = 1.2  #: height of a line, in font sizes
WITHIN = 0.92  #: of a box's height, for its lines
POINTS_PER_INCH = 72


@dataclass(frozen=True)
class _Grid:
    """How large columns, rows and letters are: in points, and the boxes as a share of a column."""

    width: float
    height: float
    share: float
    start: float
    size: float

    @classmethod
    def of(cls, ax: Axes, n_columns: int, n_rows: int) -> _Grid:
        inches = ax.get_figure(root=True).get_size_inches()  # type: ignore[union-attr]
        width, height = inches * POINTS_PER_INCH / (n_columns, n_rows)
        share = min(BOX_SHARE, WIDEST * POINTS_PER_INCH / width)
        # a single column stands in the middle
        start = 0.35 if n_columns == 1 else 0.01
        return cls(width, height, share, start, TEXT if n_columns <= 3 else SMALL_TEXT)

    def middle(self, column: int) -> float:
        return self.edge(column) - self.share / 2

    def edge(self, column: int) -> float:
        """Return the right edge of the column's boxes."""
        return column + self.start + self.share

    def wrap(self, text: str, share: float) -> str:
        letters = share * self.width / (EM * self.size)
        return textwrap.fill(text, max(8, int(letters)), break_long_words=False)

    def wrap_note(self, note: str) -> str:
        share = 0.96 - self.share - self.start
        return "\n".join(self.wrap(part, share) for part in note.split("; "))

    def fits(self, text: str) -> bool:
        """Return whether the lines fit within a row."""
        return (text.count("\n") + 1) * LINE * self.size <= self.height

    def size_of(self, text: str, *, bold: bool) -> float:
        """Return the size at which all lines fit within a box, at most the usual one."""
        lines = text.splitlines()
        wide = self.share * self.width / ((BOLD_EM if bold else EM) * max(map(len, lines)))
        tall = WITHIN * 2 * HALF_HEIGHT * self.height / (LINE * len(lines))
        return min(self.size, wide, tall)


def flow_chart(ax: Axes, boxes: pd.DataFrame, looks: style.Looks) -> None:
    """Draw ``arm, stage, text, count, note, short, is_known``: rows by stage, columns by arm.

    The first box is above all grid. What is not recorded stands in a dashed box. ``short``
    stands for a ``note`` that would not fit beside its box.
    """
    arms = list(boxes["arm"].iloc[1:].unique())
    stages = list(boxes["stage"].unique())
    grid = _Grid.of(ax, max(1, len(arms)), len(stages))
    ax.set_axis_off()
    ax.set_xlim(0, max(1, len(arms)))
    ax.set_ylim(len(stages) - 1 + HALF_HEIGHT + 0.05, -HALF_HEIGHT - 0.05)
    start = _draw_first(ax, boxes.iloc[0], grid, len(arms))
    for i, arm in enumerate(arms):
        color = looks[arm].color if len(arms) > 1 else "black"
        above = start
        for _, box in boxes[boxes["arm"] == arm].iterrows():
            row = stages.index(box["stage"])
            _draw_arrow(ax, grid.middle(i), above, row - HALF_HEIGHT)
            _draw_box(ax, grid.middle(i), row, box, grid, color=color)
            _draw_note(ax, i, row, box, grid)
            above = row + HALF_HEIGHT


def _draw_first(ax: Axes, box: pd.Series, grid: _Grid, n_arms: int) -> float:
    """Draw the box of all, and the fork to the arms; return where the arrows begin."""
    ends = grid.middle(0), grid.middle(max(0, n_arms - 1))
    middle = sum(ends) / 2
    _draw_box(ax, middle, 0, box, grid, color="black")
    if n_arms < 2:
        return HALF_HEIGHT
    ax.plot([middle, middle], [HALF_HEIGHT, FORK], color=style.GREY, linewidth=0.7)
    ax.plot(ends, [FORK, FORK], color=style.GREY, linewidth=0.7)
    return FORK


def _draw_box(ax: Axes, x: float, row: int, box: pd.Series, grid: _Grid, *, color: str) -> None:
    known = box["is_known"]
    ax.add_patch(
        Rectangle(
            (x - grid.share / 2, row - HALF_HEIGHT), grid.share, 2 * HALF_HEIGHT,
            facecolor="white", edgecolor=color if known else style.GREY,
            linewidth=0.9 if known else 0.7, linestyle="-" if known else (0, (3, 2)),
        )
    )  # fmt: skip
    is_name = box["stage"] == "allocated"
    text = f"{grid.wrap(box['text'], grid.share)}\n{box['count']}"
    size = grid.size_of(text, bold=is_name)
    ax.text(
        x, row, text, ha="center", va="center", fontsize=size, linespacing=LINE,
        color=color if is_name and known else "black" if known else style.GREY,
        fontweight="bold" if is_name else "normal",
    )  # fmt: skip


def _draw_arrow(ax: Axes, x: float, top: float, bottom: float) -> None:
    arrow: dict[str, Any] = {
        "arrowstyle": "-|>", "color": style.GREY, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0,
        "mutation_scale": 6,
    }  # fmt: skip
    ax.annotate("", (x, bottom), (x, top), arrowprops=arrow)


def _draw_note(ax: Axes, column: int, row: int, box: pd.Series, grid: _Grid) -> None:
    if not box["note"]:
        return
    note = grid.wrap_note(box["note"])
    if not grid.fits(note):
        note = grid.wrap_note(box["short"])
    edge = grid.edge(column)
    ax.plot([edge, edge + 0.025], [row, row], color=style.GREY, linewidth=0.7)
    ax.text(edge + 0.035, row, note, va="center", fontsize=grid.size - 0.5, color=style.GREY,
            linespacing=LINE)  # fmt: skip

"""Courses of the arms above, their contrasts below: a column for each outcome."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.gridspec import GridSpec, GridSpecBase

from gradex_analysis.plots import arm_courses, forest, style
from gradex_analysis.plots.arm_courses import Line, Panel
from gradex_analysis.plots.forest import Words

MOST = 4  #: outcomes beside one another
#: millimetres: a page's width, a panel, a forest's row, and what stands around them
WIDTH, PANEL, ONE, ROW, LINE = 180.0, 42.0, 56.0, 7.0, 3.0
AROUND_PANEL, AROUND_FOREST = 18.0, 14.0
NOTE_LETTERS = 122
POINTS = 72 * style.MILLIMETRE  #: in a millimetre
NARROW, WIDE = 26, 60  #: letters as wide as one of several panels, and as a single one
#: letters of a line on one side of 0 below a forest: beside others, half a panel; a single one
#: has its margins as well
SIDE, SIDE_ALONE = NARROW // 2, 20


def draw_one(ax: Axes, panel: Panel, words: Words, looks: style.Looks, *, note: str) -> Axes:
    """Draw one outcome: the courses at the left, the contrasts in ``ax`` at the right.

    Where ``ax`` stands beside others, the contrasts alone.
    """
    place, figure = ax.get_subplotspec(), ax.get_figure(root=True)
    if place is not None and figure is not None and len(figure.axes) == 1:
        rows = max(len(panel.table), forest.FEWEST_ROWS)
        height = max(ONE, rows * (ROW + 1))
        lines = textwrap.wrap(note, NOTE_LETTERS)
        figure.set_figheight((height + _around(panel) + LINE * len(lines)) * style.MILLIMETRE)
        grid = place.subgridspec(
            2, 2, width_ratios=[4, 3], height_ratios=[height, LINE * len(lines)]
        )
        beside = figure.add_subplot(grid[0, 0])
        head = arm_courses.head_of(panel.scale, letters=WIDE)
        filled = arm_courses.draw(beside, panel, looks, head=head, letters=WIDE, first=True)
        arm_courses.name_courses(beside, panel, looks, points=filled + 3, height=height,
                                 in_layout=True)  # fmt: skip
        _write(figure.add_subplot(grid[1, :]), lines)
        ax.set_subplotspec(grid[0, 1])
    _draw_contrasts(ax, panel, words, looks, first=True)
    return ax


def draw_many(
    ax: Axes, panels: Sequence[Panel], words: Sequence[Words], looks: style.Looks, *, note: str
) -> Axes:
    """Draw several outcomes in the place of ``ax``: courses above, contrasts below.

    Where ``ax`` stands alone in its figure, the figure becomes as tall as its rows need.
    """
    n_rows = math.ceil(len(panels) / MOST)
    n_columns = math.ceil(len(panels) / n_rows)
    forest_height = ROW * max(*(len(panel.table) for panel in panels), forest.FEWEST_ROWS)
    lines = textwrap.wrap(note, NOTE_LETTERS)
    around = max(map(_around, panels)) + max(map(_below, words))
    heights = [*[PANEL, forest_height] * n_rows, LINE * len(lines)]
    _fit_height(ax, sum(heights) + n_rows * around)
    ax.set_axis_off()
    grid = _part(ax, n_columns, heights)
    reach = forest.reaches([p.table for p in panels], [p.scale.important for p in panels])
    heads = _even([arm_courses.head_of(panel.scale, letters=NARROW) for panel in panels])
    for i, panel in enumerate(panels):
        row, column = divmod(i, n_columns)
        is_outer = column == n_columns - 1
        above = ax.figure.add_subplot(grid[2 * row, column])
        filled = arm_courses.draw(above, panel, looks, head=heads[i], letters=NARROW,
                                  first=column == 0)  # fmt: skip
        if is_outer or i == len(panels) - 1:  # beside the last of all there is an empty place
            arm_courses.name_courses(above, panel, looks, points=filled + 3, height=PANEL,
                                     in_layout=is_outer)  # fmt: skip
        below = ax.figure.add_subplot(grid[2 * row + 1, column])
        _draw_contrasts(below, panel, words[i], looks, first=column == 0, reach=reach[i])
    _write(ax.figure.add_subplot(grid[2 * n_rows, :]), lines)
    return ax


def _even(heads: Sequence[list[Line]]) -> list[list[Line]]:
    """Fill heads with empty lines above their last, so that all begin at one height."""
    most = max(map(len, heads))
    return [
        [*head[:-1], *[("", forest.SMALL, style.GREY)] * (most - len(head)), head[-1]]
        for head in heads
    ]


def _draw_contrasts(
    ax: Axes, panel: Panel, words: Words, looks: style.Looks, *, first: bool, reach: float = 0.0
) -> None:
    important, letters = panel.scale.important, SIDE if reach else SIDE_ALONE
    reach = reach or forest.reaches([panel.table], [important])[0]
    forest.contrasts(ax, panel.table, looks, words, reach=reach, important=important,
                     letters=letters, first=first)  # fmt: skip


def _around(panel: Panel) -> float:
    """Return the millimetres that the text above and below a panel of courses fills."""
    times = arm_courses.height_of_times(panel.ticks, letters=NARROW) / POINTS
    words = len(textwrap.wrap(panel.time_words, NARROW))
    return AROUND_PANEL + LINE * (panel.means["arm"].nunique() + words) + times


def _below(words: Words) -> float:
    """Return the millimetres that the text below a forest fills."""
    n_lines = max(len(textwrap.wrap(side, SIDE)) for side in (words.left, words.right))
    return AROUND_FOREST + LINE * n_lines


def _fit_height(ax: Axes, height: float) -> None:
    """Make the figure this tall, in millimetres, where the axes stand alone in it."""
    figure = ax.get_figure(root=True)
    if figure is not None and len(figure.axes) == 1:
        figure.set_size_inches(WIDTH * style.MILLIMETRE, height * style.MILLIMETRE)


def _part(ax: Axes, columns: int, heights: list[float]) -> GridSpecBase:
    """Part the place of the axes into rows of these heights."""
    whole = ax.get_subplotspec()
    if whole is not None:
        return whole.subgridspec(len(heights), columns, height_ratios=heights)
    box = ax.get_position()  # axes that were put into a figure by hand
    return GridSpec(len(heights), columns, left=box.x0, right=box.x1, bottom=box.y0, top=box.y1,
                    height_ratios=heights)  # fmt: skip


def _write(ax: Axes, lines: Sequence[str]) -> None:
    """Write the note in a place of its own."""
    ax.set_axis_off()
    ax.text(0, 1, "\n".join(lines), transform=ax.transAxes, va="top", fontsize=forest.SMALL,
            color=style.GREY, in_layout=False)  # fmt: skip

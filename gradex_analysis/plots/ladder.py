"""A patient's ladder on a page to hand over: A5 portrait, the hardest step on top."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style

PAGE = (148.0, 210.0)  #: millimetres
POINTS = 72 / 25.4  #: in a millimetre
#: left, bottom, width, height of the part with the scale, in shares of the page
PLACE = (0.43, 0.23, 0.44, 0.65)
LEFT, RIGHT = 0.04, 0.98
TEXT, SMALLEST = 11.0, 6.5
WORDS = {0: "not\nat all", 50: "somewhat", 100: "the most I\ncan imagine"}
INK, PALE, HAIRLINE = "#1B1B1B", "#A9A9A9", "#E4E4E4"
#: of the letters' size, how wide one is on average and how far lines are apart
WIDE, LEADING = 0.53, 1.15
#: peaks nearer than this stand above and below one another, without an arrow
NEAR = 8.0
WIDEST_TEXT = 58


def draw_ladder(
    ax: Axes, steps: pd.DataFrame, labels: Mapping[int, str], texts: Mapping[str, str]
) -> Axes:
    """Draw the page on ``ax``, which becomes its frame.

    ``steps`` has ``step, expected, n_done, n_compared, first_peak, latest_peak``; ``texts`` has
    the ``question`` over the scale, what is rated (``subject``), the line ``below``, a ``note``
    and a ``remark``.
    """
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.text(LEFT, 0.98, "Your ladder", fontsize=16, va="top", color=INK)
    ax.text(RIGHT, 0.98, texts["note"], fontsize=8, va="top", ha="right", color=style.GREY)
    _draw_key(ax, texts["subject"])
    scale = ax.inset_axes(PLACE)
    _draw_scale(scale, len(steps), texts["question"])
    row = PLACE[3] * PAGE[1] * POINTS / len(steps)
    size = float(np.clip(0.3 * row, 4.0, 8.0))
    for one in steps.itertuples():
        _draw_step(scale, one, size, 0.55 * size / row)
    _write_labels(ax, steps, labels, row)
    lines = textwrap.wrap(texts["below"], WIDEST_TEXT)
    _write_lines(ax, lines, (LEFT, 0.07), TEXT, {"ha": "left", "color": INK})
    if texts["remark"]:
        ax.text(LEFT, 0.005, texts["remark"], fontsize=7.5, va="bottom", color=style.GREY)
    return ax


def _draw_key(ax: Axes, subject: str) -> None:
    y = 0.92
    filled = {"color": style.BLUE}
    looks: tuple[tuple[float, str, str, dict[str, Any]], ...] = (
        (0.035, "what you expected", "o", {"facecolors": "white", "edgecolors": style.BLUE}),
        (0.34, f"highest {subject}, first time", "o", filled),
        (0.7, "the latest time", "s", filled),
    )
    for x, words, marker, look in looks:
        ax.scatter([x + 0.01], [y], s=42, linewidths=1.2, marker=marker, **look)
        ax.text(x + 0.032, y, words, fontsize=9, va="center", color=INK)


def _draw_scale(scale: Axes, n: int, question: str) -> None:
    scale.set_xlim(-4, 104)
    scale.set_ylim(0.5, n + 0.5)
    scale.set_yticks([])
    scale.spines["left"].set_visible(False)
    scale.set_xticks(list(WORDS), list(WORDS.values()), fontsize=TEXT - 1)
    scale.set_xticks([25, 75], minor=True)
    scale.set_xlabel(question, fontsize=TEXT, labelpad=6)
    for value in (0, 50, 100):
        scale.axvline(value, color=HAIRLINE, linewidth=0.6, zorder=0)
    for y in range(1, n + 1):
        scale.axhline(y, color=HAIRLINE, linewidth=0.6, zorder=0)


def _draw_step(scale: Axes, one: Any, size: float, apart: float) -> None:
    y, area = float(one.step), size**2
    tried = one.n_done > 0
    edge = style.BLUE if tried else PALE
    if pd.notna(one.expected):
        scale.scatter(one.expected, y, s=1.7 * area, facecolors="white", edgecolors=edge,
                      linewidths=1.2, zorder=3)  # fmt: skip
    beside: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center"}
    if not tried:
        scale.annotate("not yet", (1.04, y), fontsize=TEXT - 2, color=PALE, **beside)
        return
    scale.annotate(f"{one.n_done}×", (1.04, y), fontsize=TEXT, color=INK, **beside)
    if one.n_compared == 0:
        return
    first, latest = float(one.first_peak), float(one.latest_peak)
    # on one another they would hide each other
    aside = apart if one.n_compared > 1 and abs(first - latest) < NEAR else 0.0
    scale.scatter(first, y + aside, s=area, color=style.BLUE, linewidths=0, zorder=5)
    if one.n_compared == 1:
        return
    scale.scatter(latest, y - aside, s=area, marker="s", color=style.BLUE, linewidths=0, zorder=5)
    if not aside:
        scale.annotate(
            "", (latest, y), (first, y), zorder=4,
            arrowprops={"arrowstyle": "-|>", "color": style.BLUE, "linewidth": 0.8,
                        "mutation_scale": 9, "shrinkA": 0.5 * size, "shrinkB": 0.7 * size},
        )  # fmt: skip


def _write_labels(ax: Axes, steps: pd.DataFrame, labels: Mapping[int, str], row: float) -> None:
    """Write the steps' words in the largest letters in which all of them have room."""
    size, wrapped = _fit([labels[step] for step in steps["step"]], row)
    left, bottom, _, height = PLACE
    for (step, n_done), lines in zip(
        steps[["step", "n_done"]].itertuples(index=False), wrapped, strict=True
    ):
        y = bottom + height * (step - 0.5) / len(steps)
        look = {"ha": "right", "color": INK if n_done else style.GREY}
        _write_lines(ax, lines, (left - 0.03, y), size, look)


def _write_lines(
    ax: Axes, lines: list[str], at: tuple[float, float], size: float, look: dict[str, Any]
) -> None:
    """Write lines evenly apart around a height; a text of several lines is not even."""
    for place, line in enumerate(lines):
        up = ((len(lines) - 1) / 2 - place) * LEADING * size - 0.35 * size
        ax.annotate(line, at, xytext=(0, up), textcoords="offset points", fontsize=size,
                    va="baseline", **look)  # fmt: skip


def _fit(labels: list[str], row: float) -> tuple[float, list[list[str]]]:
    room = (PLACE[0] - 0.03 - LEFT) * PAGE[0] * POINTS
    for size in np.arange(TEXT, SMALLEST - 0.1, -0.5):
        letters = max(int(room / (WIDE * size)), 8)
        most = max(int(row / (LEADING * size)), 1)
        wrapped = [textwrap.wrap(label, letters) or [""] for label in labels]
        if all(len(lines) <= most for lines in wrapped):
            return float(size), wrapped
    return SMALLEST, [
        textwrap.wrap(label, letters, max_lines=most, placeholder=" …") for label in labels
    ]

"""How does every figure look? Sizes, colours, lines; no global state.

Okabe-Ito colours; arms keep colour, marker and dash through a whole report (VISUAL rules of
ARCHITECTURE.md). Sizes are inches at printed size.
"""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

MILLIMETRE = 1 / 25.4
SINGLE_COLUMN = (90 * MILLIMETRE, 70 * MILLIMETRE)
DOUBLE_COLUMN = (180 * MILLIMETRE, 80 * MILLIMETRE)

BLUE, VERMILLION, GREEN = "#0072B2", "#D55E00", "#009E73"
PURPLE, ORANGE, SKY = "#CC79A7", "#E69F00", "#56B4E9"
GREY = "#6B6B6B"

RC: dict[Any, Any] = {
    "font.size": 8.0,
    "font.family": "sans-serif",
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "savefig.dpi": 300,
    "figure.dpi": 150,
    "pdf.fonttype": 42,  # TrueType, so that a journal can edit the text
    "svg.fonttype": "path",
    "svg.hashsalt": "gradex",  # the same figure gives the same file
}


@dataclass(frozen=True)
class LineStyle:
    """One arm's colour, marker and dash."""

    color: str
    marker: str
    dash: str | tuple[int, tuple[int, ...]]


STYLES = (
    LineStyle(BLUE, "o", "-"),
    LineStyle(VERMILLION, "s", "--"),
    LineStyle(GREEN, "^", "-."),
    LineStyle(PURPLE, "D", ":"),
    LineStyle(ORANGE, "v", (0, (5, 1))),
    LineStyle(SKY, "P", (0, (3, 1, 1, 1))),
)


#: how each arm of a cohort is drawn
Looks = Mapping[str, LineStyle]


def arm_styles(arms: Iterable[str]) -> dict[str, LineStyle]:
    """Give each arm of a cohort its style, by alphabetical order.

    With all arms of the cohort, whichever of them a figure holds, each keeps its style.
    """
    return {arm: STYLES[i % len(STYLES)] for i, arm in enumerate(sorted(arms))}


def context() -> AbstractContextManager[None]:
    """Apply the house style within a ``with`` block only."""
    return mpl.rc_context(RC)


def given_or_new(ax: Axes | None) -> Axes:
    """Return the axes, or new ones of a new pyplot figure where none are given."""
    return plt.subplots(layout="constrained")[1] if ax is None else ax


def new_axes(size: tuple[float, float]) -> Axes:
    """Make axes on a figure of its own, outside pyplot: nothing stays in memory."""
    figure = Figure(figsize=size, layout="constrained")
    FigureCanvasAgg(figure)
    return figure.add_subplot()


def say_instead(ax: Axes, text: str) -> Axes:
    """Write a sentence where there is nothing to draw."""
    ax.set_axis_off()
    lines = textwrap.fill(text, 50)
    ax.text(0.5, 0.5, lines, ha="center", va="center", transform=ax.transAxes)
    return ax


def encode(figure: Figure, kind: str, title: str) -> bytes:
    """Return the figure as ``svg``, ``pdf`` or ``png``, the same bytes each time.

    ``title`` is written into the file's metadata as its description.
    """
    metadata: dict[str, dict[str, str | None]] = {
        "svg": {"Date": None, "Title": title},
        "pdf": {"CreationDate": None, "Title": title},
        "png": {"Description": title},
    }
    buffer = io.BytesIO()
    with context():
        figure.savefig(buffer, format=kind, metadata=metadata[kind])
    return buffer.getvalue()


def as_data_uri(figure: Figure, title: str) -> str:
    """Return the figure as an SVG data address for an ``img`` element.

    An image element keeps the SVG's ids apart from those of other figures on the page.
    """
    return "data:image/svg+xml;base64," + base64.b64encode(encode(figure, "svg", title)).decode()

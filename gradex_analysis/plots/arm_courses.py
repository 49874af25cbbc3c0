"""Adjusted means of the arms over real weeks, the patients' own courses pale behind them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.transforms import Affine2DBase, ScaledTranslation, blended_transform_factory

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style, trajectories
from gradex_analysis.plots.apart import beside, fewer, keep_room, spread

POINT = 1 / 72  #: of an inch
SMALL = 6.5  #: points, of all text but the names
LINE = 8.5  #: points from one line of small text to the next
LETTERS = 14  #: of an arm's name on one line at the end of its course
UNVERIFIED = "\u2020"  #: stands beside a number that was not read in its source
#: of a panel's width: how far arms stand from one another, and what a label under a tick needs
DODGE, TICK = 0.035, 0.11
#: text, its size in points, its colour
Line = tuple[str, float, str]


@dataclass(frozen=True, kw_only=True)
class Scale:
    """What is known about the axis of one outcome; NaN and "" where nobody said."""

    name: str
    label: str = ""
    unit: str = ""
    low: float = math.nan
    high: float = math.nan
    better: str = ""
    important: float = math.nan
    detectable: float = math.nan
    important_verified: bool = False
    detectable_verified: bool = False

    def changes(self) -> dict[str, tuple[float, bool]]:
        """Return the published changes that are known, each with whether its source was read."""
        both = {
            "important": (self.important, self.important_verified),
            "detectable": (self.detectable, self.detectable_verified),
        }
        return {name: known for name, known in both.items() if not math.isnan(known[0])}


@dataclass(frozen=True, eq=False, kw_only=True)
class Panel:
    """One outcome: what is drawn, in weeks or, where days are unknown, by place.

    ``means`` has ``arm, time, estimate, ci_low, ci_high, n``; ``observed`` ``series, arm, time,
    value``; ``start`` ``arm, time, estimate, n``, the mean baseline from which all arms set out;
    ``table`` ``arm, reference, occasion, time, estimate, ci_low, ci_high``. ``ticks`` names the
    times; ``time_words`` says what they are; ``names`` how each arm is called, briefly.
    """

    scale: Scale
    means: pd.DataFrame
    observed: pd.DataFrame
    start: pd.DataFrame
    table: pd.DataFrame
    ticks: Mapping[float, str] = field(default_factory=dict)
    time_words: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def call(self, arm: str, look: style.LineStyle) -> str:
        """Return an arm's marker and name."""
        return f"{trajectories.GLYPHS[look.marker]} {self.names.get(arm, named(arm))}"


def draw(
    ax: Axes,
    panel: Panel,
    looks: style.Looks,
    *,
    head: Sequence[Line],
    letters: int,
    first: bool,
) -> float:
    """Draw one panel about as wide as so many ``letters``; return the points filled at its right.

    The lines of ``head`` stand above it; the ``first`` of a row names the counts.
    """
    scale, times = panel.scale, list(panel.ticks)
    trajectories.value_axis(ax, "", scale.low, scale.high)
    room = 0.12 * (times[-1] - times[0]) or 0.5
    ax.set_xlim(times[0] - room, times[-1] + room)
    steps = _steps(panel, width=times[-1] - times[0] + 2 * room)
    _patients(ax, panel.observed, looks, steps, strength=4 + letters / 20)
    _means(ax, panel, looks, steps)
    ax.autoscale_view(scalex=False, scaley=math.isnan(scale.low + scale.high))
    _write_head(ax, head)
    _counts(ax, panel, looks, letters=letters, named_at_left=first)
    return _changes(ax, scale)


def name_courses(
    ax: Axes, panel: Panel, looks: style.Looks, *, points: float, height: float, in_layout: bool
) -> None:
    """Name each arm so many ``points`` to the right, about as high as its course ends.

    None stands on top of another in a panel ``height`` millimetres high. What is not
    ``in_layout`` has room there anyway.
    """
    ends = panel.means.groupby("arm")["estimate"].last()
    names = {
        str(arm): textwrap.fill(panel.call(arm, looks[arm]), LETTERS, break_long_words=False)
        for arm in ends.index
    }
    lines = max(name.count("\n") for name in names.values()) + 1
    gap = (LINE * lines + 1) * POINT / (height * style.MILLIMETRE)
    bottom, top = ax.get_ylim()
    places = spread(list((ends - bottom) / (top - bottom)), gap=gap, low=0, high=1)
    for (arm, name), place in zip(names.items(), places, strict=True):
        ax.annotate(
            name, (1, place), xycoords="axes fraction", xytext=(points, 0), va="center",
            textcoords="offset points", fontsize=7, color=looks[arm].color, linespacing=1.0,
            in_layout=in_layout,
        )  # fmt: skip


def head_of(scale: Scale, *, letters: int) -> list[Line]:
    """Return the lines above a panel: the outcome's name and label, which end is better."""
    arrow = {"lower": "lower is better \u2193", "higher": "higher is better \u2191", "": ""}
    names = textwrap.wrap(scale.name, letters)
    others = [*textwrap.wrap(scale.label, letters), arrow[scale.better]]
    return [*((name, 8, "black") for name in names), *((o, SMALL, style.GREY) for o in others)]


def _steps(panel: Panel, *, width: float) -> dict[str, float]:
    """Return how far each arm's means stand from their time, the nearest times kept apart."""
    arms = sorted(panel.means["arm"].unique())
    apart = 0.8 * np.diff(list(panel.ticks)).min(initial=width) / len(arms)
    is_alone = len(panel.ticks) == 1
    step = apart if is_alone else float(np.clip(apart, 0.008 * width, DODGE * width))
    return {arm: step * (place - (len(arms) - 1) / 2) for place, arm in enumerate(arms)}


def _gap(steps: Mapping[str, float]) -> float:
    """Return how far the means of neighbouring arms stand from each other."""
    return float(np.diff(list(steps.values())).min(initial=np.inf)) if len(steps) > 1 else 0.0


def _patients(
    ax: Axes,
    observed: pd.DataFrame,
    looks: style.Looks,
    steps: Mapping[str, float],
    *,
    strength: float,
) -> None:
    """Draw patients seen twice or more as pale lines, those seen once as pale points."""
    for arm, own in observed.groupby("arm"):
        parts = [part[["time", "value"]].to_numpy() for _, part in own.groupby("series")]
        look: dict[str, Any] = {"color": looks[str(arm)].color}
        # the more lines, the paler each, so that a hundred do not hide the mean
        look["alpha"] = float(np.clip(strength / max(len(parts), 1), 0.08, 0.35))
        ax.add_collection(LineCollection([p for p in parts if len(p) > 1], linewidths=0.5, **look))
        alone = own[~own["series"].duplicated(keep=False)]
        aside = steps.get(str(arm), 0.0) - _gap(steps) * (0.25 - beside(alone["value"]))
        ax.plot(alone["time"] + aside, alone["value"], "o", markersize=2, markeredgewidth=0, **look)


def _means(ax: Axes, panel: Panel, looks: style.Looks, steps: Mapping[str, float]) -> None:
    """Draw each arm's means with their intervals, side by side."""
    for arm, step in steps.items():
        own, look = panel.means[panel.means["arm"] == arm], looks[arm]
        at = own["time"] + step
        start = panel.start[panel.start["arm"] == arm]
        ax.plot([*start["time"], *at], [*start["estimate"], *own["estimate"]], color=look.color,
                linestyle=look.dash, linewidth=1.0)  # fmt: skip
        ax.vlines(at, own["ci_low"], own["ci_high"], color=look.color, linewidth=1.4)
        ax.plot(at, own["estimate"], look.marker, color=look.color, markersize=4,
                markeredgecolor="white", markeredgewidth=0.4, zorder=3)  # fmt: skip
    common = panel.start.drop_duplicates(["time", "estimate"])
    ax.plot(common["time"], common["estimate"], "D", color=style.GREY, markersize=3.5, zorder=3,
            markerfacecolor="white", markeredgewidth=0.9)  # fmt: skip


def _write_head(ax: Axes, head: Sequence[Line]) -> None:
    for place, (text, size, color) in enumerate(reversed(head)):
        ax.annotate(
            text, (0, 1), xycoords="axes fraction", xytext=(0, 4 + LINE * place),
            textcoords="offset points", fontsize=size, color=color, in_layout=False,
        )  # fmt: skip
    keep_room(ax, (0, 1), (0, 6 + LINE * len(head)))


def _counts(
    ax: Axes, panel: Panel, looks: style.Looks, *, letters: int, named_at_left: bool
) -> None:
    """Name the times under the axis, and below them how many of each arm were observed then."""
    ax.set_xticks(list(panel.ticks), [""] * len(panel.ticks))
    places = _room_under(ax, list(panel.ticks))
    depth = _name_times(ax, panel.ticks, places, letters=letters)
    n = pd.concat([panel.start, panel.means]).set_index(["arm", "time"])["n"]
    look: dict[str, Any] = {"fontsize": SMALL, "va": "top", "textcoords": "offset points"}
    arms = sorted(panel.means["arm"].unique())
    for row, arm in enumerate(arms):
        color, down = looks[arm].color, -4.5 - depth - LINE * row
        for time, place in places.items():
            text = f"{n[arm, time]:.0f}" if (arm, time) in n.index else ""
            ax.annotate(text, (place, 0), xycoords=("data", "axes fraction"), xytext=(0, down),
                        ha="center", color=color, **look)  # fmt: skip
        if named_at_left:
            ax.annotate(f"n {panel.call(arm, looks[arm])}", (0, 0), xycoords="axes fraction",
                        xytext=(-9, down), ha="right", color=color, **look)  # fmt: skip
    words, down = textwrap.fill(panel.time_words, letters), 5 + depth + LINE * len(arms)
    ax.annotate(words, (0.5, 0), xycoords="axes fraction", xytext=(0, -down), ha="center", va="top",
                textcoords="offset points", fontsize=7, in_layout=False)  # fmt: skip
    keep_room(ax, (0.5, 0), (0, -down - 4 - LINE * (1 + words.count("\n"))))


def _room_under(ax: Axes, times: list[float]) -> dict[float, float]:
    """Return where the text under each time stands; where it would be far off, of fewer times."""
    left, right = ax.get_xlim()
    gap = TICK * (right - left)
    moved = spread(times, gap=gap)
    if max(abs(place - time) for place, time in zip(moved, times, strict=True)) <= gap / 2:
        return dict(zip(times, moved, strict=True))
    return {time: time for time in fewer(times, gap=gap)}


def _name_times(
    ax: Axes, ticks: Mapping[float, str], places: Mapping[float, float], *, letters: int
) -> float:
    """Write what each time is called, upright where it does not fit; return the height."""
    upright = _stand_upright(ticks, letters)
    for time, place in places.items():
        text = ticks[time].replace("\n", " ") if upright else ticks[time]
        ax.annotate(text, (place, 0), xycoords=("data", "axes fraction"), xytext=(0, -4.5),
                    textcoords="offset points", ha="center", va="top", fontsize=7,
                    rotation=90 if upright else 0)  # fmt: skip
    return height_of_times(ticks, letters=letters)


def height_of_times(ticks: Mapping[float, str], *, letters: int) -> float:
    """Return the height in points of what the times are called, on so many ``letters``."""
    if _stand_upright(ticks, letters):
        return 3.8 * max(map(len, ticks.values())) + 2
    return LINE * (1 + max(name.count("\n") for name in ticks.values()))


def _stand_upright(ticks: Mapping[float, str], letters: int) -> bool:
    longest = max(len(word) for name in ticks.values() for word in name.split("\n"))
    return (longest + 1) * len(ticks) > letters and longest > 3


def _changes(ax: Axes, scale: Scale) -> float:
    """Draw at the right how large one important and one detectable change are; return the room.

    In points, what they fill at the right of the axes.
    """
    known = scale.changes()
    bottom, top = ax.get_ylim()
    sizes = [size / (top - bottom) for size, _ in known.values()]
    stacked = len(known) == 2 and max(sizes) <= 0.45
    figure = ax.get_figure(root=True)
    if figure is None or not known:
        return 0.0
    at_right = ScaledTranslation(1, 0, cast("Affine2DBase", ax.transAxes))
    inches = blended_transform_factory(figure.dpi_scale_trans + at_right, ax.transData)
    for place, (name, (size, verified)) in enumerate(known.items()):
        middle = bottom + (top - bottom) * (0.22 + 0.52 * place if stacked else 0.5)
        x = 4 + (0 if stacked else 13 * place)
        low, high = middle - size / 2, middle + size / 2
        ax.plot([x * POINT, (x + 2.5) * POINT, (x + 2.5) * POINT, x * POINT],
                [low, low, high, high], color=style.GREY, linewidth=0.7, transform=inches,
                clip_on=False, linestyle="-" if name == "important" else (0, (2, 1)))  # fmt: skip
        text = f"{name} {size:g}{'' if verified else UNVERIFIED}"
        ax.annotate(text, (1, middle), xycoords=("axes fraction", "data"), xytext=(x + 4.5, 0),
                    textcoords="offset points", rotation=90, va="center", fontsize=SMALL,
                    color=style.GREY)  # fmt: skip
    return 15.0 if stacked or len(known) == 1 else 28.0

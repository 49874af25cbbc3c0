"""How is each kind of course drawn?"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.measures.observations import MIDDLE
from gradex_analysis.plots import learning, style, trajectories
from gradex_analysis.results import wording

#: ticks under which counts are written, at most; the days of a week need more room than a session
MOST_SESSIONS, MOST_WEEKS = 7, 4
MOST_ON_A_LINE = 3  #: occasions whose names fit beside each other
COUNTED = {"n_patients": "patients"}
PALE = 0.22  #: of courses behind bands, which are pale themselves
LINE = 48  #: characters of a line under the axis
LETTERS = 34  #: of a tick label's size beside each other along the axis


def draw(
    ax: Axes,
    table: pd.DataFrame,
    mean: pd.DataFrame,
    change: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    looks: style.Looks,
    settings: Mapping[str, Any],
) -> Axes:
    """Draw the courses by exposure number, by occasion, or by session or week."""
    _label_axes(ax, settings)
    if settings["time"] == "exposure_number":
        return _draw_numbers(ax, table, mean, change, expected, looks=looks)
    trajectories.courses(ax, table, looks)
    if settings["source"] == "assessments":
        trajectories.mean_bars(ax, mean, looks)
        _tick_occasions(ax, mean, looks, has_days=settings["has_days"])
    else:
        trajectories.mean_bands(ax, mean, looks)
        _tick_times(ax, mean, looks, by_week=settings["time"] == "days")
    _name_arms(ax, mean, looks)
    return ax


def draw_model(
    ax: Axes,
    table: pd.DataFrame,
    mean: pd.DataFrame,
    curve: pd.DataFrame,
    *,
    looks: style.Looks,
    settings: Mapping[str, Any],
) -> Axes:
    """Draw the courses pale, each at its own days, and the modelled means with their bands.

    Hollow markers are the observed means.
    """
    _label_axes(ax, settings)
    by_number = settings["time"] == "exposure_number"
    last = learning.last_shown(mean) if by_number else math.inf
    own_day = table["day"].fillna(table["time"]) if "day" in table else table["time"]
    curve, mean = curve[curve["time"] <= last], mean[mean["time"] <= last]
    # one group's courses are context; those of several say whose they are
    own_looks = looks if curve["arm"].min() != curve["arm"].max() else None
    shown = table.assign(time=own_day)[own_day <= last]
    trajectories.courses(ax, shown, own_looks, strongest=PALE)
    trajectories.model_bands(ax, curve, mean, looks)
    if settings["source"] == "assessments":
        _tick_occasions(ax, mean, looks, has_days=settings["has_days"])
    elif by_number:
        learning.number_ticks(ax, mean, looks)
    else:
        _tick_times(ax, mean, looks, by_week=settings["time"] == "days")
    if settings["knot"] is not None:
        trajectories.mark_knot(ax, settings["knot"])
    _name_arms(ax, curve, looks)
    return ax


def _label_axes(ax: Axes, settings: Mapping[str, Any]) -> None:
    low, high = (math.nan if settings[end] is None else settings[end] for end in ("low", "high"))
    better = settings["better"] if settings["source"] == "assessments" else ""
    trajectories.value_axis(ax, _value_label(settings), low, high, better=better)
    ax.set_xlabel("\n".join([settings["time_words"], *textwrap.wrap(settings["warning"], LINE)]))


def _draw_numbers(
    ax: Axes,
    table: pd.DataFrame,
    mean: pd.DataFrame,
    change: pd.DataFrame,
    expected: pd.DataFrame,
    *,
    looks: style.Looks,
) -> Axes:
    learning.same_item(ax, table, mean, expected, looks)
    last, longest = learning.last_shown(mean), mean["time"].max()
    if last < longest:
        ax.set_xlabel(f"{ax.get_xlabel()} (1 to {last:g} of {longest:g})")
    changes = _changes(change, looks)
    trajectories.note_above(ax, changes)
    if len(looks) > 1 and (not changes or mean["arm"].min() != mean["arm"].max()):
        _name_arms(ax, mean[mean["time"] <= last], looks)
    return ax


def _name_arms(ax: Axes, mean: pd.DataFrame, looks: style.Looks) -> None:
    """Name several arms at the ends of their lines, a single one above."""
    arms = [str(arm) for arm in mean["arm"].unique()]
    if len(arms) > 1:
        trajectories.label_ends(ax, mean, looks)
    elif arms != [EVERYBODY]:
        trajectories.note_above(ax, [(named(arms[0]), looks[arms[0]].color)])


def _value_label(settings: Mapping[str, Any]) -> str:
    label = settings["label"]
    label = label[:1].upper() + label[1:]
    if settings["low"] is None or settings["high"] is None:
        return str(label)
    return f"{label} ({settings['low']:g}\u2013{settings['high']:g})"


def _changes(change: pd.DataFrame, looks: style.Looks) -> list[tuple[str, str]]:
    lines = []
    for _, row in change[(change["contrast"] == "1 to 3") & (change["n"] > 0)].iterrows():
        arm = str(row["arm"])
        interval = wording.interval(row["ci_low"], row["ci_high"])
        lines += [
            (f"{'' if arm == EVERYBODY else named(arm) + ', '}change from 1 to 3: "
             f"{wording.number(row['estimate'])} points", looks[arm].color),
            (f"{interval}; {wording.count(row['n'], 'item')} of "
             f"{wording.count(row['n_patients'], 'patient')} with both", looks[arm].color),
        ]  # fmt: skip
    return lines


def _tick_occasions(ax: Axes, mean: pd.DataFrame, looks: style.Looks, *, has_days: bool) -> None:
    places = mean.drop_duplicates("time").sort_values("time")
    times = [float(time) for time in places["time"]]
    names = [named(name) for name in places["occasion"]]
    days = [wording.number(day, 0) for day in times]
    if has_days and _collide(names, times):
        ax.set_xlabel(textwrap.fill(f"Days ({', '.join(names)})", LETTERS))
        names = days
    elif has_days:
        names = [f"{name}\nday {day}" for name, day in zip(names, days, strict=True)]
    elif len(names) > MOST_ON_A_LINE:
        names = [name.replace(" ", "\n") for name in names]
    ax.set_xticks(times, names)
    margin = 0.12 * max(times[-1] - times[0], 1.0)
    ax.set_xlim(times[0] - margin, times[-1] + margin)
    trajectories.counts_below(ax, times, trajectories.count_rows(mean, looks, COUNTED))


def _collide(names: list[str], times: list[float]) -> bool:
    """Return whether two neighbours' names, at these places, would touch."""
    letters = np.array([len(name) for name in names])
    room = LETTERS * np.diff(times) / max(times[-1] - times[0], 1.0)
    return bool(np.any((letters[1:] + letters[:-1]) / 2 + 2 > room))


def _tick_times(ax: Axes, mean: pd.DataFrame, looks: style.Looks, *, by_week: bool) -> None:
    times = np.sort(mean["time"].unique())
    step = math.ceil(len(times) / (MOST_WEEKS if by_week else MOST_SESSIONS))
    shown = [float(time) for time in times[::step]]
    spans = [f"{time - MIDDLE:g}\u2013{time + MIDDLE:g}" for time in shown]
    ax.set_xticks(shown, spans if by_week else [f"{time:g}" for time in shown])
    margin = 0.04 * max(float(np.ptp(times)), 1.0)
    ax.set_xlim(times[0] - margin, times[-1] + margin)
    trajectories.counts_below(ax, shown, trajectories.count_rows(mean, looks, COUNTED))

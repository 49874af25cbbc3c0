"""The lower panels of a patient's page: what happened when, expectancy, pain."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style

if TYPE_CHECKING:  # patient_page.py imports this module
    from gradex_analysis.plots.patient_page import Sheet

HAIRLINE, PALE = "#DDDDDD", "#C4C4C4"
OCCURRENCE = {"no": "n", "partly": "p", "yes": "y", "not_testable": "–"}
LETTER_HEIGHT = 13.0  # of the 100 of the expectancy panel
FLARE = "flare within 24 h"
MARKS = {"session": "|", "missed session": "x", FLARE: "^"}
ADVERSE = ("adverse event", "serious adverse event")
#: a row of the strip holds the kinds that belong together
ROWS = {
    "session": "sessions",
    "missed session": "sessions",
    "session, attendance not recorded": "sessions",
    "other therapist": "other therapist",
    "other context": "other context",
    FLARE: "flare",
    "adverse event": "adverse event",
    "serious adverse event": "adverse event",
}


def say_missing(ax: Axes, words: str) -> None:
    """Leave a line with a word where a panel has nothing to show."""
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.text(0, 0.5, words, transform=ax.transAxes, va="center", fontsize=7.5, color=style.GREY)


def strip_rows(sheet: Sheet) -> dict[str, pd.DataFrame]:
    """Return the events of each row of the strip; flares stand in the panel of pain if it is."""
    events = sheet.events
    if sheet.has_pain:
        events = events[events["kind"] != FLARE]
    row = events["kind"].map(ROWS)
    order = dict.fromkeys(ROWS.values())
    return {name: events[row == name] for name in order if (row == name).any()}


def draw_strip(ax: Axes, rows: dict[str, pd.DataFrame], first_day: str | None) -> None:
    """Draw sessions and changes as marks, one named row below the other."""
    if not rows:
        say_missing(ax, "Sessions: not recorded")
        return
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), rows, fontsize=7)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    low, high = ax.get_xlim()
    for y, events in enumerate(rows.values()):
        ax.axhline(y, color=HAIRLINE, linewidth=0.4, zorder=0)
        for kind, own in events[events["at"].between(low, high)].groupby("kind"):
            strong = kind != "session, attendance not recorded"
            ax.scatter(
                own["at"], np.full(len(own), y), marker=MARKS.get(str(kind), "|"), s=22, lw=1.0,
                color="black" if strong else PALE,
            )  # fmt: skip
        _name_marks(ax, events, y, first_day)


def _name_marks(ax: Axes, events: pd.DataFrame, y: int, first_day: str | None) -> None:
    """Name the new therapist and what is serious; outside the axis also the date, at its edge."""
    low, high = ax.get_xlim()
    for kind, label, at in zip(events["kind"], events["label"], events["at"], strict=True):
        words = {"other therapist": str(label), "serious adverse event": "serious"}.get(kind, "")
        side = "left"
        if not low <= at <= high and first_day:
            day = date.fromisoformat(first_day) + timedelta(days=at)
            words = f"{words} {day.day} {day:%b %Y}".strip()
            side, words = ("right", f"{words} →") if at > high else ("left", f"← {words}")
        ax.annotate(
            words, (min(max(at, low), high), y), xytext=(3 if side == "left" else -2, 0),
            textcoords="offset points", va="center", ha=side, fontsize=6.5,
        )  # fmt: skip


def expected_marks(ax: Axes, table: pd.DataFrame, items: pd.DataFrame, source: str) -> None:
    """Draw the expected fear as short grey dashes behind the peaks."""
    if not source:
        return
    if table["expected_peak_fear"].notna().any():
        places = table[["at", "expected_peak_fear"]].set_axis(["at", "expected"], axis=1)
    else:
        first = table.drop_duplicates("item_id")
        known = items.set_index("item_id")["expected_fear"]
        places = pd.DataFrame({"at": first["at"], "expected": first["item_id"].map(known)})
    ax.scatter(places["at"], places["expected"], marker="_", s=50, color=PALE, lw=2.2, zorder=1)


def draw_expectancy(ax: Axes, sheet: Sheet) -> None:
    """Draw how sure the patient was of the feared outcome, and whether it came."""
    if not sheet.has_expectancy:
        say_missing(ax, "Expectancy: not recorded")
        return
    table = sheet.exposures
    row = _row_of_the_day(table)
    asked = table["occurrence"].notna()
    height = 100 + LETTER_HEIGHT * (row[asked].max() + 1 if asked.any() else 0)
    ax.set_ylim(-4, height + 4)
    ax.set_yticks([0, 50, 100])
    ax.spines["left"].set_bounds(0, 100)
    ax.grid(axis="y", color=HAIRLINE, linewidth=0.4)
    ax.set_axisbelow(True)
    ax.set_ylabel("Expectancy\n(0–100)")
    before, after = table["expectancy_before"], table["expectancy_after"]
    ax.vlines(table["at"], before, after, color=style.GREY, linewidth=0.7)
    ax.scatter(
        table["at"], before, s=13, facecolors="white", edgecolors=style.BLUE, lw=0.8, zorder=3
    )
    ax.scatter(table["at"], after, s=13, color=style.BLUE, lw=0, zorder=3)
    ax.scatter(
        table["at"], table["occurrence_100"], marker="_", s=22, color="black", lw=0.9, zorder=4
    )
    for at, code, level in zip(table["at"], table["occurrence"], row, strict=True):
        if isinstance(code, str):
            y = 100 + LETTER_HEIGHT * (level + 0.6)
            ax.text(at, y, OCCURRENCE[code], fontsize=6.5, ha="center", va="center")


def _row_of_the_day(table: pd.DataFrame) -> pd.Series:
    """Return how many letters stand below each: those of neighbouring exposures are stacked."""
    return table.groupby(table["at"].round(), dropna=False).cumcount()


def draw_pain(ax: Axes, sheet: Sheet) -> None:
    """Draw pain by week, and flares within 24 hours of an exposure."""
    if not sheet.has_pain:
        say_missing(ax, "Pain: not recorded")
        return
    ax.set_ylim(-0.3, 10.8)
    ax.set_yticks([0, 5, 10])
    ax.spines["left"].set_bounds(0, 10)
    ax.grid(axis="y", color=HAIRLINE, linewidth=0.4)
    ax.set_axisbelow(True)
    ax.set_ylabel("Pain\n(0–10)")
    week = sheet.pain
    ax.hlines(week["estimate"], week["start"], week["end"], color=style.BLUE, linewidth=1.8)
    later = sheet.exposures
    ax.scatter(later["at"], later["pain_24h"], marker=".", s=14, color=style.GREY, lw=0)
    flares = sheet.events[sheet.events["kind"] == FLARE]
    ax.scatter(
        flares["at"], np.full(len(flares), 10.2), marker="^", s=16, color=style.VERMILLION, lw=0,
        clip_on=False,
    )  # fmt: skip

"""One patient on one page: the frame, and the panel of peaks by exposure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import patheffects
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import patient_key, patient_margin, patient_panels, style
from gradex_analysis.plots.lines import value_axis
from gradex_analysis.plots.names import place_names

LEFT, RIGHT, TOP, BOTTOM, GAP = 0.055, 0.715, 0.945, 0.128, 0.016
MARGIN = (0.735, 0.128, 0.265, 0.817)
#: the height of a panel of weight 1 where others are missing: no panel becomes a poster
TALLEST = 0.01
SMALL, INK = 7.5, "#1B1B1B"
#: what is not recorded leaves a line with a word
SHRUNK, STRIP_ROW = 2.5, 2.4
COLORS = (style.BLUE, style.VERMILLION, style.GREEN, style.PURPLE, style.ORANGE, style.SKY, INK)
HALO = [patheffects.withStroke(linewidth=2, foreground="white")]
CAUSES = {
    "fear": "F", "pain": "P", "time": "T", "fatigue": "W", "event": "E", "criterion": "C",
    "unknown": "?",
}  # fmt: skip


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """What a patient's page draws: the frames and settings of ``PatientPage``, and its footer."""

    exposures: pd.DataFrame
    items: pd.DataFrame
    events: pd.DataFrame
    pain: pd.DataFrame
    assessments: pd.DataFrame
    settings: Mapping[str, Any]
    footer: str

    @property
    def has_expectancy(self) -> bool:
        """Whether anything was asked about the feared outcome."""
        asked = ["expectancy_before", "expectancy_after", "occurrence", "occurrence_100"]
        return bool(self.exposures[asked].notna().any(axis=None))

    @property
    def has_pain(self) -> bool:
        """Whether pain was recorded, by week or 24 hours after exposures."""
        return len(self.pain) > 0 or bool(self.exposures["pain_24h"].notna().any())


def draw_sheet(ax: Axes, sheet: Sheet) -> Axes:
    """Draw the page on ``ax``, which becomes its frame."""
    ax.set_axis_off()
    rows = patient_panels.strip_rows(sheet)
    weights = [
        55.0 if len(sheet.exposures) else SHRUNK,
        STRIP_ROW * max(len(rows), 1),
        20.0 if sheet.has_expectancy else SHRUNK,
        20.0 if sheet.has_pain else SHRUNK,
    ]
    top, strip, middle, bottom = _stack(ax, weights)
    span = _span(sheet)
    for panel in (top, strip, middle, bottom):
        panel.set_xlim(*span)
        _shade_education(panel, sheet, is_named=panel is top)
    draw_peaks(top, sheet)
    patient_panels.draw_strip(strip, rows, sheet.settings["first_day"])
    patient_panels.draw_expectancy(middle, sheet)
    patient_panels.draw_pain(bottom, sheet)
    _time_axis(bottom, sheet)
    patient_margin.draw_questionnaires(ax.inset_axes(MARGIN), sheet.assessments)
    _write_around(ax, sheet)
    patient_key.draw_key(ax, sheet)
    return ax


def draw_peaks(ax: Axes, sheet: Sheet) -> None:
    """Draw one point per exposure at its peak, those of one item joined."""
    subject = sheet.settings["subject"]
    table = sheet.exposures
    if table.empty:
        patient_panels.say_missing(ax, f"Peak {subject}: not recorded")
        return
    value_axis(ax, f"Peak {subject} (0–100)")
    ax.set_ylim(-2, 104)  # a point at the floor or ceiling is not cut in half
    patient_panels.expected_marks(ax, table, sheet.items, sheet.settings["expected_from"])
    on_page = sheet.items.loc[sheet.items["n_peaks"] > 0, "item_id"]
    for place, item in enumerate(on_page):
        color = COLORS[place % len(COLORS)]
        _draw_item(ax, table[table["item_id"] == item], color, "os"[place // len(COLORS) % 2])
    _draw_item(ax, table[table["item_id"].isna()], style.GREY, "D")
    stopped = table[table["stopped_early"].astype(bool)]
    ax.scatter(stopped["at"], stopped["peak"], marker="x", s=26, color="black", lw=0.9, zorder=4)
    for row in stopped.itertuples():
        letter = CAUSES.get(str(row.stop_cause), "?")
        ax.annotate(
            letter, (row.at, row.peak), xytext=(3.5, 2.5), textcoords="offset points",
            fontsize=7.5, color="black", path_effects=HALO, zorder=5,
        )  # fmt: skip
    _name_items(ax, table)


def _draw_item(ax: Axes, own: pd.DataFrame, color: str, marker: str) -> None:
    if own["item_id"].notna().any():
        ax.plot(own["at"], own["peak"], color=color, linewidth=0.7, alpha=0.7, zorder=2)
    recalled = own[own["peak_source"] == "recalled"]
    ax.scatter(recalled["at"], recalled["peak"], marker="_", s=60, color=color, lw=0.7, zorder=3)
    at_home = own["is_homework"].fillna(value=False).astype(bool).to_numpy()
    face = np.where(at_home, "white", color)
    ax.scatter(
        own["at"], own["peak"], marker=marker, s=17, facecolors=face, edgecolors=color, lw=0.9,
        zorder=3,
    )  # fmt: skip


def _name_items(ax: Axes, table: pd.DataFrame) -> None:
    """Write each item's code beside its first point."""
    first = table.dropna(subset="item_id").drop_duplicates("item_id").sort_values("at")
    points = list(zip(table["at"], table["peak"], strict=True))
    firsts = list(zip(first["at"], first["peak"], strict=True))
    low, high = ax.get_xlim()
    places = place_names(firsts, points, wide=0.032 * (high - low), tall=4.0, side=-1)
    for item, (at, y) in zip(first["item"], places, strict=True):
        ax.text(
            at, y, str(item), ha="center", va="center", fontsize=8, color=INK, path_effects=HALO,
            zorder=6,
        )  # fmt: skip


def _stack(ax: Axes, weights: list[float]) -> list[Axes]:
    """Return panels one below the other whose heights are in these proportions."""
    unit = min(TALLEST, (TOP - BOTTOM - GAP * (len(weights) - 1)) / sum(weights))
    panels, top = [], TOP
    for weight in weights:
        height = unit * weight
        panel = ax.inset_axes((LEFT, top - height, RIGHT - LEFT, height))
        panel.tick_params(labelbottom=False, bottom=False)
        panel.spines["bottom"].set_visible(False)
        panels.append(panel)
        top -= height + GAP
    return panels


def _span(sheet: Sheet) -> tuple[float, float]:
    # an adverse event months later stands at the edge with its date, and squeezes nothing
    during = sheet.events[~sheet.events["kind"].isin(patient_panels.ADVERSE)]
    places = [sheet.exposures["at"], during["at"]]
    places += [sheet.pain["start"], sheet.pain["end"]]
    every = pd.concat(places).astype("float64").dropna()
    if every.empty:
        return -1.0, 1.0
    room = max(0.02 * (every.max() - every.min()), 0.6)
    return float(every.min() - 2.2 * room), float(every.max() + room)


def _shade_education(panel: Axes, sheet: Sheet, *, is_named: bool) -> None:
    if not sheet.settings["education"]:
        return
    begin, end = sheet.settings["education"]
    panel.axvspan(begin - 0.5, end + 0.5, color="#EFEFEF", linewidth=0, zorder=0)
    if is_named:
        panel.annotate(
            "education", ((begin + end) / 2, 1), xycoords=("data", "axes fraction"),
            xytext=(0, -2), textcoords="offset points", ha="center", va="top", fontsize=SMALL,
            color=style.GREY,
        )  # fmt: skip


def _time_axis(ax: Axes, sheet: Sheet) -> None:
    """Write the days or session numbers, which all panels share, under the lowest panel."""
    low, high = ax.get_xlim()
    ax.spines["bottom"].set_visible(True)
    ax.tick_params(labelbottom=True, bottom=True)
    first_day = sheet.settings["first_day"]
    if first_day is None:
        numbers = np.arange(np.ceil(low), high + 1e-9)
        ax.set_xticks(numbers[:: max(1, int(np.ceil(len(numbers) / 20)))])
        ax.set_xlabel("Session number (no dates recorded)", fontsize=SMALL)
        return
    step = next((days for days in (1, 7, 14, 28, 56, 91) if (high - low) / days <= 11), 182)
    days = np.arange(0, high, step)
    begin = date.fromisoformat(first_day)
    dates = [begin + timedelta(days=float(day)) for day in days]
    labels = [f"{day.day} {day:%b}" for day in dates]
    labels[0] = f"{labels[0]}\n{begin.year}"
    for at in range(1, len(dates)):
        if dates[at].year != dates[at - 1].year:
            labels[at] = f"{labels[at]}\n{dates[at].year}"
    ax.set_xticks(days, labels)


def _write_around(ax: Axes, sheet: Sheet) -> None:
    settings = sheet.settings
    known = {
        "arm" if settings["randomised"] else "group": settings["arm"] and named(settings["arm"]),
        "site": settings["site_id"],
        "therapist": settings["therapist_id"],
    }
    who = [settings["patient_id"], *(f"{word} {who}" for word, who in known.items() if who)]
    frame: dict[str, Any] = {"transform": ax.transAxes, "color": INK}
    ax.text(0, 0.995, "   ·   ".join(who), fontsize=11, va="top", **frame)
    ax.text(0, 0.004, sheet.footer, fontsize=SMALL, va="bottom", wrap=False, **frame)
    note = "Research use; not for triage"
    if settings["simulated"]:
        note = f"Simulated example data   ·   {note}"
    ax.text(1, 0.995, note, fontsize=SMALL, va="top", ha="right", **frame)

"""The key of a patient's page: only the marks that are on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style
from gradex_analysis.plots.patient_panels import FLARE, OCCURRENCE, PALE

if TYPE_CHECKING:  # patient_page.py imports this module
    from gradex_analysis.plots.patient_page import Sheet

CAUSE_WORDS = {
    "fear": "F fear", "pain": "P pain", "time": "T time", "fatigue": "W weariness",
    "event": "E event", "criterion": "C criterion", "unknown": "? unknown",
}  # fmt: skip


def draw_key(ax: Axes, sheet: Sheet) -> None:
    """Draw the key in two lines above the footer: the peaks, then all else."""
    for y, handles in ((0.045, _peak_marks(sheet)), (0.022, _lower_marks(sheet))):
        if handles:
            words = [str(handle.get_label()) for handle in handles]
            key = Legend(
                ax, handles, words, loc="lower left", bbox_to_anchor=(0, y), ncols=len(handles),
                fontsize=7, handletextpad=0.3, columnspacing=1.4, handlelength=1.0, borderpad=0,
                borderaxespad=0, frameon=False,
            )  # fmt: skip
            key.set_in_layout(False)
            ax.add_artist(key)


def _mark(label: str, marker: str, color: str = style.GREY, **more: object) -> Line2D:
    options = {"markersize": 4.2, **more}
    return Line2D([], [], linestyle="", marker=marker, color=color, label=label, **options)  # type: ignore[arg-type]


def _peak_marks(sheet: Sheet) -> list[Line2D]:
    table = sheet.exposures
    at_home = table["is_homework"].fillna(value=False).astype(bool)
    marks = []
    if at_home.any():
        marks += [_mark("in a session", "o"), _mark("homework", "o", markerfacecolor="white")]
    if (table["peak_source"] == "recalled").any():
        marks.append(_mark("peak recalled on a form", "_", markersize=8))
    if expected := sheet.settings["expected_from"]:
        marks.append(_mark(f"expected {expected}", "_", PALE, markersize=8, markeredgewidth=2.2))
    stopped = table[table["stopped_early"].astype(bool)]
    if len(stopped):
        causes = stopped["stop_cause"].fillna("unknown").unique()
        words = ", ".join(text for cause, text in CAUSE_WORDS.items() if cause in causes)
        marks.append(_mark(f"stopped early: {words}", "x", "black"))
    return marks


def _lower_marks(sheet: Sheet) -> list[Line2D]:
    table, kinds = sheet.exposures, set(sheet.events["kind"])
    asked = table.notna().any()
    before = "expectancy before: how sure the feared outcome would come"
    codes = [code for code in OCCURRENCE if (table["occurrence"] == code).any()]
    said = ", ".join(f"{OCCURRENCE[code]} {named(code)}" for code in codes)
    pain = f"weekly pain, {sheet.settings['pain_from']}"
    flare = style.VERMILLION if sheet.has_pain else "black"
    marks = (
        ("missed session" in kinds, _mark("session missed", "x", "black", markersize=3.6)),
        (asked["expectancy_before"], _mark(before, "o", style.BLUE, markerfacecolor="white")),
        (asked["expectancy_after"], _mark("expectancy after", "o", style.BLUE)),
        (asked["occurrence_100"], _mark("occurred (0–100)", "_", "black")),
        (asked["occurrence"], _mark(f"occurred: {said}", "")),
        (len(sheet.pain) > 0, _mark(pain, "_", style.BLUE, markeredgewidth=1.8)),
        (asked["pain_24h"], _mark("24 h after an exposure", ".")),
        (FLARE in kinds, _mark(FLARE, "^", flare)),
    )
    return [mark for is_on_page, mark in marks if is_on_page]

"""One row per patient, one mark per planned exposure: what became of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PatchCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style


@dataclass(frozen=True)
class Mark:
    """How one state looks: its words, the height of its bar in rows, face and edge."""

    words: str
    height: float
    face: str
    edge: str
    cross: bool = False


#: height and cross say the state where colour cannot; no colour is that of an arm
MARKS = {
    "done": Mark("done", 0.84, style.GREY, style.GREY),
    "partial": Mark("done in part", 0.42, style.ORANGE, style.ORANGE),
    "rated": Mark("rated, no status", 0.84, style.SKY, style.SKY),
    "refused": Mark("refused", 0.84, "white", "black", cross=True),
    "not_done": Mark("not done", 0.84, "white", "#A0A0A0"),
    "unknown": Mark("not recorded", 0.12, "#A0A0A0", "#A0A0A0"),
}
NAMES = {"exposure": "exposures", "activity": "activities"}
WIDTH = 0.8


def delivery_map(
    ax: Axes, exposures: pd.DataFrame, patients: pd.DataFrame, looks: style.Looks
) -> None:
    """Draw ``patient_id, place, state, what`` for each of ``patient_id, arm``, grouped by arm.

    Rows are ordered by the number planned; arms are named at the right where there are several.
    """
    planned = exposures.groupby("patient_id").size()
    order = patients.assign(n=patients["patient_id"].map(planned).fillna(0))
    order = order.sort_values(["arm", "n"], ascending=[False, True], ignore_index=True)
    gap = order["arm"].ne(order["arm"].shift()).cumsum() - 1
    rows = (order.index + 1.5 * gap).set_axis(order["patient_id"])
    y = exposures["patient_id"].map(rows)
    for state, mark in MARKS.items():
        own = (exposures["state"] == state).to_numpy()
        if own.any():
            _draw_marks(ax, exposures.loc[own, "place"], y[own], mark)
    ax.set_ylim(-1, rows.max() + 1)
    ax.set_xlim(0.4, exposures["place"].max() + 0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel(f"{_name_what(exposures['what'])}, in the order planned")
    ax.set_ylabel(f"{len(order)} patients, by the number planned")
    if len(order["arm"].unique()) > 1:
        _name_arms(ax, order, rows, looks)
    for _, idle in order[order["n"] == 0].groupby("arm"):
        ax.text(0.6, rows[idle["patient_id"]].mean(), f"{len(idle)} with none planned",
                fontsize=6.5, color=style.GREY, va="center")  # fmt: skip
    _draw_key(ax, [mark for state, mark in MARKS.items() if (exposures["state"] == state).any()])


def status_bars(ax: Axes, statuses: pd.DataFrame) -> None:
    """Draw ``arm, what, state, n`` as one stacked bar per arm and kind, its sum at its end."""
    bars = list(statuses.assign(what=statuses["what"].map(NAMES)).groupby(["arm", "what"]))
    names = ["\n".join(map(named, keys)) for keys, _ in bars]
    left = np.zeros(len(names), dtype="int64")
    shown = [state for state in MARKS if statuses.loc[statuses["state"] == state, "n"].any()]
    for state in shown:
        mark, n = (
            MARKS[state],
            np.array([own.loc[own["state"] == state, "n"].sum() for _, own in bars]),
        )
        hatch = "xxxx" if mark.cross else None
        ax.barh(names, n, 0.6, left, fc=mark.face, ec=mark.edge, linewidth=0.6, hatch=hatch)
        left += n
    for row, total in enumerate(left):
        ax.annotate(f"{total:,}", (total, row), xytext=(3, 0), textcoords="offset points",
                    va="center", fontsize=7.5)  # fmt: skip
    ax.invert_yaxis()
    ax.set_xlabel("number planned")
    ax.set_xlim(0, left.max() * 1.08)
    _draw_key(ax, [MARKS[state] for state in shown])


def _name_what(what: pd.Series) -> str:
    return " and ".join(name for key, name in NAMES.items() if (what == key).any())


def _draw_marks(ax: Axes, places: pd.Series, rows: pd.Series, mark: Mark) -> None:
    bars = [
        Rectangle((x - WIDTH / 2, y - mark.height / 2), WIDTH, mark.height)
        for x, y in zip(places, rows, strict=True)
    ]
    ax.add_collection(
        PatchCollection(bars, facecolor=mark.face, edgecolor=mark.edge, linewidth=0.4)
    )
    if mark.cross:
        ax.scatter(places, rows, marker="x", s=5, color=mark.edge, linewidths=0.7)


def _name_arms(ax: Axes, order: pd.DataFrame, rows: pd.Series, looks: style.Looks) -> None:
    for arm, own in order.groupby("arm"):
        ax.annotate(
            f"{named(arm)}\n{len(own)} patients", (1, rows[own["patient_id"]].mean()),
            xycoords=("axes fraction", "data"), xytext=(3, 0), textcoords="offset points",
            va="center", color=looks[str(arm)].color, fontsize=7.5,
        )  # fmt: skip


def _draw_key(ax: Axes, marks: list[Mark]) -> None:
    handles = [
        Line2D([], [], linestyle="", marker="x" if mark.cross else "s", markersize=5,
               color=mark.edge, markerfacecolor=mark.face, markeredgewidth=0.8, label=mark.words)
        for mark in marks
    ]  # fmt: skip
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(marks),
              fontsize=7.5, handletextpad=0.2, columnspacing=1.4, borderaxespad=0.2)  # fmt: skip

"""The right margin of a patient's page: questionnaires as numbers, two verdicts side by side."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

SMALL = 7.5
#: right ends of the columns, and their heads
COLUMNS = {
    "score": (0.38, "score"),
    "change": (0.53, "change"),
    "beyond_error": (0.77, "beyond\nmeasurement\nerror"),
    "important": (1.0, "important\nchange"),
}
TALLEST_ROW = 0.026
BETTER = {"lower": "↓ lower is better", "higher": "↑ higher is better"}


def draw_questionnaires(ax: Axes, assessments: pd.DataFrame) -> None:
    """Write each instrument's scores by occasion, the change since baseline and its verdicts."""
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.text(0, 1, "Questionnaires", fontsize=8.5, fontweight="bold", va="top")
    if assessments.empty:
        ax.text(0, 0.95, "not recorded", fontsize=SMALL, va="top", color=style.GREY)
        return
    for right, head in COLUMNS.values():
        ax.text(right, 0.955, head, fontsize=SMALL, ha="right", va="top", color=style.GREY)
    y = _write_instruments(ax, assessments)
    for note in _notes(assessments):
        ax.text(0, y, note, fontsize=7, va="top", color=style.GREY)
        y -= 0.028 * (note.count("\n") + 1)


def _write_instruments(ax: Axes, assessments: pd.DataFrame) -> float:
    """Write a block per instrument; return how far down they reach."""
    by_instrument = assessments.groupby("instrument", sort=False)
    n_rows = len(assessments) + 1.5 * len(by_instrument)
    height = min(TALLEST_ROW, 0.78 / n_rows)
    y = 0.865
    for name, own in by_instrument:
        ax.axhline(y + 0.9 * height, color="#DDDDDD", linewidth=0.5)
        better = BETTER.get(str(own["better"].iloc[0]), "better end not known")
        ax.text(0, y, str(name), fontsize=8, fontweight="bold", va="center")
        ax.text(1, y, better, fontsize=SMALL, ha="right", va="center", color=style.GREY)
        for row in own.itertuples():
            y -= height
            _write_row(ax, row, y)
        y -= 1.5 * height
    return y


def _notes(assessments: pd.DataFrame) -> Iterator[str]:
    judged = assessments[["beyond_error", "important"]]
    if (judged == "not judged").any(axis=None):
        yield "not judged: no value is known for this\ninstrument, or it has no baseline"
    known = assessments[["detectable_change", "important_change"]].notna()
    verified = assessments[["detectable_change_verified", "important_change_verified"]]
    if (known.to_numpy() & ~verified.to_numpy(dtype=bool)).any():
        yield "not every published value was read at its\nsource; the data name source and value"


def _write_row(ax: Axes, row: Any, y: float) -> None:
    ax.text(0.02, y, named(row.occasion), fontsize=SMALL, va="center")
    cells = {"score": f"{row.score:g}"}
    if not pd.isna(row.change):
        side = f", {row.direction}" if row.important == "yes" and row.direction else ""
        cells["change"] = f"{row.change:+g}".replace("-", "−") if row.change else "0"
        cells["beyond_error"] = str(row.beyond_error)
        cells["important"] = f"{row.important}{side}"
    for name, text in cells.items():
        pale = text == "not judged"
        ax.text(
            COLUMNS[name][0], y, text, fontsize=SMALL, ha="right", va="center",
            color=style.GREY if pale else "black",
        )  # fmt: skip

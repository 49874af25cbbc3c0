"""What was found, by urgency: a mark, a word and a number for each rule, zero as well."""

from __future__ import annotations

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style

#: urgency by mark, word and colour, never by colour alone
LOOKS = {
    "look first": ("D", style.VERMILLION),
    "look": ("s", style.ORANGE),
    "note": ("o", style.GREY),
}
COLUMNS = {"urgency": 0.03, "what": 0.115, "n": 0.55, "over": 0.62, "who": 0.645}
IDS_SHOWN = 7
ROW, HEAD = 1.0, 0.9


def draw_findings(ax: Axes, rules: pd.DataFrame, n_patients: int) -> Axes:
    """Draw a line per rule: ``urgency, title, n, n_over, who``, or ``why_not`` without ``n``."""
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(len(rules) + 0.1, -HEAD)
    for name, words, side in (
        ("what", "looked for", "left"), ("n", f"patients\nof {n_patients}", "right"),
        ("over", "ended\nearlier", "right"), ("who", "who", "left"),
    ):  # fmt: skip
        ax.text(COLUMNS[name], -0.15, words, fontsize=7.5, ha=side, va="bottom", color=style.GREY)
    for y, row in enumerate(rules.itertuples()):
        ax.axhline(y, color="#DDDDDD", linewidth=0.5)
        _draw_row(ax, row, y + 0.5)
    return ax


def _draw_row(ax: Axes, row: Any, y: float) -> None:
    marker, color = LOOKS[row.urgency]
    n, who = row.n, row.who
    quiet = bool(pd.isna(n)) or n == 0
    ink = style.GREY if quiet else "black"
    ax.scatter(
        [0.012], [y], marker=marker, s=22, lw=0.8, edgecolors=color,
        color="white" if quiet else color,
    )  # fmt: skip
    ax.text(COLUMNS["urgency"], y, row.urgency, fontsize=7.5, va="center", color=ink)
    ax.text(COLUMNS["what"], y, row.title, fontsize=7.5, va="center", color=ink)
    if pd.isna(n):
        ax.text(COLUMNS["who"], y, row.why_not, fontsize=7.5, va="center", color=ink)
        return
    ax.text(COLUMNS["n"], y, f"{n:.0f}", fontsize=8, va="center", ha="right", color=ink,
            fontweight="normal" if quiet else "bold")  # fmt: skip
    over = f"{row.n_over}"
    ax.text(COLUMNS["over"], y, over, fontsize=7.5, va="center", ha="right", color=style.GREY)
    names = list(who)
    shown = ", ".join(names[:IDS_SHOWN])
    more = f" and {len(names) - IDS_SHOWN} more" if len(names) > IDS_SHOWN else ""
    ax.text(COLUMNS["who"], y, shown + more, fontsize=7, va="center", color=ink)

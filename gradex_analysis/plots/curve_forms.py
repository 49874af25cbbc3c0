"""One row a form: the share of courses it describes best, and its mean weight."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style


def draw_forms(ax: Axes, table: pd.DataFrame) -> None:
    """Draw ``share_best`` filled and ``mean_weight`` open, of ``form`` from top to bottom."""
    rows = range(len(table))
    ax.hlines(rows, 0, table["share_best"], color=style.BLUE, linewidth=0.8)
    best = ax.plot(table["share_best"], rows, "o", color=style.BLUE, markersize=5)[0]
    weight = ax.plot(
        table["mean_weight"], rows, "o", color=style.VERMILLION, markersize=5, fillstyle="none"
    )[0]
    ax.set_yticks(rows, [form.replace("_", " ") for form in table["form"]])
    ax.set_ylim(len(table) - 0.5, -0.5)
    ax.set_xlim(-0.02, max(1.02 * table["share_best"].max(), table["mean_weight"].max()) + 0.05)
    ax.tick_params(axis="y", length=0)
    ax.legend(
        [best, weight],
        ["least AICc", "mean weight"],
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=2,
        fontsize=7,
        handletextpad=0.2,
        columnspacing=1.0,
    )

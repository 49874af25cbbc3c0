"""What curve and noise give, as bars; what was observed, as points with intervals."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

BAR = 0.36
SMALL = 6.5
NO_BREAK = "\u00a0"


def draw_noise(ax: Axes, average: pd.DataFrame, looks: style.Looks) -> None:
    """Draw a row per group of ``group, estimate, ci_low, ci_high, on_curve, bias, n``."""
    for place, (_, row) in enumerate(average.iterrows()):
        look = looks[str(row["group"])]
        ax.barh(place, row["on_curve"], height=BAR, color=look.color, alpha=0.35, linewidth=0)
        ax.barh(place, row["bias"], left=row["on_curve"], height=BAR, facecolor="none",
                edgecolor=look.color, hatch="/////", linewidth=0.8)  # fmt: skip
        ax.plot([row["ci_low"], row["ci_high"]], [place + 0.3] * 2, color=look.color, linewidth=1.2)
        ax.plot(row["estimate"], place + 0.3, look.marker, color=look.color, markersize=4)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.set_ylim(-0.5, len(average) - 0.2)
    names = [
        f"{named(row['group'])}\nn{NO_BREAK}={NO_BREAK}{row['n']:,.0f}"
        for _, row in average.iterrows()
    ]
    ax.set_yticks(range(len(average)), names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set_title(
        "pale: on the fitted curves; hatched: what noise adds; point: observed",
        fontsize=SMALL, color=style.GREY, loc="left",
    )  # fmt: skip

"""What goes with the next rating: within patients and between them, against 0."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from gradex_analysis.plots import style


def part_rows(ax: Axes, table: pd.DataFrame, numbers: Sequence[str], label: str) -> None:
    """Draw ``part, estimate, ci_low, ci_high``, a row each, its name and numbers above it."""
    ax.axvline(0, color="black", linewidth=0.6, zorder=0)
    for y, (_, row) in enumerate(table.iterrows()):
        ax.plot([row["ci_low"], row["ci_high"]], [-y, -y], color=style.BLUE, linewidth=1.5)
        ax.plot(row["estimate"], -y, "o", color=style.BLUE, markersize=6)
        for x, side, text in ((0, "left", row["part"]), (1, "right", numbers[y])):
            ax.text(x, -y + 0.2, text, transform=ax.get_yaxis_transform(), ha=side, va="bottom",
                    fontsize=7.5)  # fmt: skip
    reach = 1.1 * float(np.abs(table[["ci_low", "ci_high"]].to_numpy("float64")).max())
    ax.set_xlim(-reach, reach)
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.set_ylim(-len(table) + 0.5, 0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel(label)

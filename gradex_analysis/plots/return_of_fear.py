"""What came back, against the days since the sitting before: points pale, the line strong."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, MultipleLocator

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

#: points of which each is small and pale, lest they hide one another
MANY = 50


def change_by_gap(
    ax: Axes,
    pairs: pd.DataFrame,
    line: pd.DataFrame,
    means: pd.DataFrame,
    label: str,
    looks: style.Looks,
) -> None:
    """Draw ``group, gap_days, estimate`` by the days they are apart; a point's area is how many.

    ``line`` has ``gap_days, estimate, ci_low, ci_high`` and may be empty; ``means`` has ``group,
    n, n_patients``, which is written above.
    """
    area, strength = (4.0, 0.4) if len(pairs) > MANY else (14.0, 0.8)
    for group, part in pairs.groupby("group"):
        look = looks[str(group)]
        met = part.groupby(["gap_days", "estimate"]).size().reset_index(name="n")
        ax.scatter(
            met["gap_days"], met["estimate"], s=area * met["n"], color=look.color,
            marker=look.marker, alpha=strength, linewidths=0,
        )  # fmt: skip
    ax.axhline(0, color="black", linewidth=0.6)
    if len(line):
        ax.fill_between(
            line["gap_days"], line["ci_low"], line["ci_high"], color="black", alpha=0.15, lw=0
        )
        ax.plot(line["gap_days"], line["estimate"], color="black", linewidth=1.5)
    weeks = pairs["gap_days"].max() / 7
    ax.xaxis.set_major_locator(MultipleLocator(7 * max(1, round(weeks / 6))))
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6))
    ax.set_xlim(left=-0.02 * float(pairs["gap_days"].max() + 1))
    ax.set_xlabel("Days since the sitting before with the same item")
    ax.set_ylabel(label)
    _say_numbers(ax, means, looks)


def _say_numbers(ax: Axes, means: pd.DataFrame, looks: style.Looks) -> None:
    """Write above the axes how many sittings and patients there are, in each group's colour."""
    for place, (_, row) in enumerate(means.iterrows()):
        name = f"{named(row['group'])}: " if len(looks) > 1 else ""
        ax.annotate(
            f"{name}{row['n']:.0f} sittings of {row['n_patients']:.0f} patients",
            (1, 1), xycoords="axes fraction", xytext=(0, 3 + 9 * (len(means) - 1 - place)),
            textcoords="offset points", ha="right", va="bottom", fontsize=7,
            color=looks[str(row["group"])].color,
        )  # fmt: skip

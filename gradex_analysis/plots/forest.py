"""Each arm's patients and adjusted mean; beside them, differences from the reference."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.plots import style

#: of an arm's name on one line below its column
LETTERS = 10


def make_room(ax: Axes) -> Axes | None:
    """Make axes at the left of these where they stand alone in their figure; else None."""
    place = ax.get_subplotspec()
    figure = ax.get_figure(root=True)
    if place is None or figure is None or len(figure.axes) > 1:
        return None
    halves = place.subgridspec(1, 2, width_ratios=[2, 3])
    ax.set_subplotspec(halves[1])
    return figure.add_subplot(halves[0])


def arm_columns(
    ax: Axes,
    points: pd.DataFrame,
    means: pd.DataFrame,
    looks: style.Looks,
    *,
    label: str,
    note: str,
    ends: tuple[float | None, float | None],
) -> None:
    """Draw ``arm, value`` as pale points and ``means`` with their intervals strong, n below.

    ``means`` has ``arm, estimate, ci_low, ci_high, n, n_missing``. ``ends`` are those of the
    value's scale, None where it has none.
    """
    for x, (_, mean) in enumerate(means.iterrows()):
        look = looks[mean["arm"]]
        own = points.loc[points["arm"] == mean["arm"], "value"]
        ax.scatter(x - 0.12 + _beside(own), own, s=6, color=look.color, alpha=0.4, linewidths=0,
                   clip_on=False)  # fmt: skip
        ax.plot([x + 0.3] * 2, [mean["ci_low"], mean["ci_high"]], color=look.color, linewidth=1.5)
        ax.plot(x + 0.3, mean["estimate"], look.marker, color=look.color, markersize=5)
    ax.set_xticks(range(len(means)), [_column_name(mean) for _, mean in means.iterrows()])
    ax.tick_params(axis="x", length=0)
    ax.set_xlim(-0.6, len(means) - 0.4)
    low, high = ends
    if low is not None and high is not None:
        ax.set_ylim(low, high)
        ax.set_yticks(_whole_steps(low, high))
    ax.set_ylabel(label)
    ax.set_xlabel(note, fontsize=7, color=style.GREY)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)


def contrast_rows(
    ax: Axes, table: pd.DataFrame, rows: list[tuple[str, str]], looks: style.Looks, *, label: str,
    reference: str, better: str,
) -> None:  # fmt: skip
    """Draw ``arm, reference, estimate, ci_low, ci_high``, a row each, with a line at 0.

    ``rows`` holds the name and the numbers of each row as text; ``better`` is ``lower``,
    ``higher`` or "" where nobody said.
    """
    for y, (_, row) in enumerate(table.iterrows()):
        look = looks[row["arm"]]
        ax.plot([row["ci_low"], row["ci_high"]], [-y, -y], color=look.color, linewidth=1.5)
        ax.plot(row["estimate"], -y, look.marker, color=look.color, markersize=6)
        for x, side, text in ((0, "left", rows[y][0]), (1, "right", rows[y][1])):
            ax.text(x, -y + 0.16, text, transform=ax.get_yaxis_transform(), ha=side, va="bottom",
                    fontsize=7.5, color=look.color)  # fmt: skip
    ax.axvline(0, color="black", linewidth=0.6, zorder=0)
    furthest = 1.1 * float(np.abs(table[["ci_low", "ci_high"]].to_numpy()).max())
    ax.set_xlim(-furthest, furthest)
    ax.set_ylim(-len(table) + 0.6, 0.6)
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    words = {"lower": ("better", "worse"), "higher": ("worse", "better"), "": ("lower", "higher")}
    left, right = words[better]
    ax.set_xlabel(f"{label}\n← {left} than in {reference}      {right} than in {reference} →")


def _column_name(mean: pd.Series) -> str:
    name = textwrap.fill(named(mean["arm"]), LETTERS, break_long_words=False)
    return f"{name}\n{mean['n']} of {mean['n'] + mean['n_missing']}"


def _whole_steps(low: float, high: float) -> list[float]:
    """Return ticks from end to end in whole steps; else both ends and the middle."""
    steps = next((n for n in (4, 5, 3) if (high - low) % n == 0), 2)
    return [float(tick) for tick in np.linspace(low, high, steps + 1)]


def _beside(own: pd.Series) -> pd.Series:
    """Return how far each point moves aside, so that equal values lie next to one another."""
    step = max(own.max() - own.min(), 1e-12) / 40
    alike = ((own - own.min()) / step).round()
    rank, size = own.groupby(alike).cumcount(), alike.map(alike.value_counts())
    aside: pd.Series = (rank - (size - 1) / 2) * min(0.06, 0.5 / float(size.max()))
    return aside

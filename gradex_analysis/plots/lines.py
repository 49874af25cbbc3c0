"""Single courses thin and pale, the mean and its band strong, n under the axis."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from gradex_analysis.plots import style

_CORNER = "axes fraction"
_SMALL: dict[str, Any] = {
    "xycoords": ("data", _CORNER),
    "textcoords": "offset points",
    "va": "top",
    "fontsize": 6.5,
    "color": style.GREY,
}


def value_axis(ax: Axes, label: str) -> None:
    """Show the full scale, 0 to 100, with ticks at its quarters and a hairline at each."""
    ax.set_ylim(0, 100)
    ax.set_yticks([0, 25, 50, 75, 100])
    ax.set_ylabel(label)
    ax.grid(axis="y", color="#DDDDDD", linewidth=0.4)
    ax.set_axisbelow(True)


def courses(ax: Axes, series: pd.DataFrame, *, palest: float = 0.12) -> None:
    """Draw each series of ``series, time, value`` as a thin grey line."""
    parts = [part[["time", "value"]].to_numpy() for _, part in series.groupby("series", sort=False)]
    # the more lines, the paler each, so that a hundred do not hide the mean
    alpha = float(np.clip(20 / max(len(parts), 1), palest, 0.6))
    ax.add_collection(LineCollection(parts, colors=style.GREY, linewidths=0.5, alpha=alpha))


def mean_course(ax: Axes, mean: pd.DataFrame, *, color: str = style.BLUE) -> None:
    """Draw the mean of ``time, estimate, ci_low, ci_high, is_thin`` with its band.

    Where few remain (``is_thin``) the line is dashed and the band paler.
    """
    first_thin = int(np.argmax(mean["is_thin"])) if mean["is_thin"].any() else len(mean)
    firm, thin = mean.iloc[:first_thin], mean.iloc[max(first_thin - 1, 0) :]
    ax.fill_between(
        firm["time"], firm["ci_low"], firm["ci_high"], color=color, alpha=0.25, linewidth=0
    )
    ax.plot(firm["time"], firm["estimate"], color=color, linewidth=1.8)
    if first_thin < len(mean):
        ax.fill_between(
            thin["time"], thin["ci_low"], thin["ci_high"], color=color, alpha=0.10, linewidth=0
        )
        ax.plot(thin["time"], thin["estimate"], color=color, linewidth=1.2, linestyle=(0, (3, 2)))


def stop_rug(ax: Axes, times: pd.Series) -> None:
    """Mark along the bottom where each series ended."""
    ax.vlines(times, 0, 2.5, color=style.GREY, linewidth=0.4, alpha=0.5)


def counts_below(ax: Axes, at: pd.Series, n: pd.Series) -> None:
    """Write the number that each mean rests on between the ticks and the axis' name."""
    step = max(1, int(np.ceil(len(at) / 7)))
    ax.set_xticks(list(at)[::step])
    for time, count in list(zip(at, n, strict=True))[::step]:
        ax.annotate(f"{count}", (time, 0), xytext=(0, -19), ha="center", **_SMALL)
    ax.annotate("n", (0, 0), xytext=(-18, -19), ha="right", **{**_SMALL, "xycoords": _CORNER})
    ax.xaxis.labelpad = 12

"""Where do labels on one line stand so that none touches its neighbour?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def spread(
    places: Sequence[float], *, gap: float, low: float = -np.inf, high: float = np.inf
) -> list[float]:
    """Move places as little as can be so that neighbours stand ``gap`` apart, within two ends.

    Least squares with the order kept: places less ``gap`` times their rank must not fall, and
    where they do, neighbours share their mean. Where the ends leave no room, the lower one holds.
    """
    given = np.asarray(places, dtype="float64")
    order = np.argsort(given, kind="stable")
    ranks = gap * np.arange(len(given))
    top = max(high - gap * (len(given) - 1), low)
    moved = np.empty(len(given))
    moved[order] = np.clip(_never_falling(given[order] - ranks), low, top) + ranks
    return [float(place) for place in moved]


def fewer(places: Sequence[float], *, gap: float) -> list[float]:
    """Return the places, from the last one back, that stand ``gap`` apart; the first always."""
    kept: list[float] = []
    for place in sorted(places, reverse=True):
        if not kept or kept[-1] - place >= gap:
            kept.append(place)
    first = min(places)
    return sorted({*(place for place in kept if place - first >= gap), first})


def beside(values: pd.Series) -> pd.Series:
    """Return how far each point moves aside, so that equal values lie next to one another."""
    step = max(values.max() - values.min(), 1e-12) / 40
    alike = ((values - values.min()) / step).round()
    rank, size = values.groupby(alike).cumcount(), alike.map(alike.value_counts())
    aside: pd.Series = (rank - (size - 1) / 2) * min(0.06, 0.5 / float(size.max()))
    return aside


def keep_room(ax: Axes, corner: tuple[float, float], points: tuple[float, float]) -> None:
    """Keep room as far as so many points from a corner of the axes, whatever stands there.

    For text that may be wider than its axes and is therefore no part of the layout: the layout
    would narrow the axes for it each time it is made, and the text would jut out farther.
    """
    ax.annotate(" ", corner, xycoords="axes fraction", xytext=points, textcoords="offset points",
                ha="right" if points[0] > 0 else "left", va="bottom" if points[1] < 0 else "top",
                fontsize=1)  # fmt: skip


def _never_falling(values: Floats) -> Floats:
    """Return the nearest values, in squares, that never fall: neighbours that do are pooled."""
    pools: list[tuple[float, int]] = []
    for value in values:
        total, n = float(value), 1
        while pools and pools[-1][0] / pools[-1][1] > total / n:
            before, m = pools.pop()
            total, n = total + before, n + m
        pools.append((total, n))
    return np.repeat([total / n for total, n in pools], [n for _, n in pools])

"""Items by plan and by the fear met; and how well the two orders agree, patient by patient."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.ticker import MaxNLocator

from gradex_analysis.plots import patients, style
from gradex_analysis.plots.lines import value_axis

LEFT, RIGHT = (0.09, 0.17, 0.42, 0.8), (0.6, 0.17, 0.34, 0.8)

TAU = "Kendall's tau-b\n\u2190 reverse      same order \u2192"


def draw_orders(
    ax: Axes,
    items: pd.DataFrame,
    taus: pd.DataFrame,
    means: pd.DataFrame,
    labels: tuple[str, str],
    looks: style.Looks,
) -> Axes:
    """Draw two panels on ``ax``, which becomes their frame.

    Left ``patient_id, group, planned, observed`` of items, a patient's joined in planned order;
    right ``patient_id, group, estimate`` of patients with ``means`` (``patient_rows``).
    """
    ax.set_axis_off()
    left, right = ax.inset_axes(LEFT), ax.inset_axes(RIGHT)
    _draw_items(left, items, labels, looks)
    patients.patient_rows(right, taus, means, TAU, looks)
    right.set_xlim(-1.05, 1.05)
    right.set_xticks([-1, -0.5, 0, 0.5, 1])
    return ax


def _draw_items(ax: Axes, items: pd.DataFrame, labels: tuple[str, str], looks: style.Looks) -> None:
    ordered = items.sort_values(["patient_id", "planned"])
    n_patients = ordered["patient_id"].nunique()
    # the more patients, the paler each, so that many do not become one grey
    alpha = float(np.clip(8 / max(n_patients, 1), 0.12, 0.6))
    for group, own in ordered.groupby("group"):
        look = looks[str(group)]
        lines = [part[["planned", "observed"]].to_numpy() for _, part in own.groupby("patient_id")]
        ax.add_collection(LineCollection(lines, colors=look.color, linewidths=0.5, alpha=alpha))
        ax.scatter(
            own["planned"], own["observed"], s=8, color=look.color, marker=look.marker, alpha=0.35,
            linewidths=0,
        )  # fmt: skip
    value_axis(ax, labels[1])
    ax.set_ylim(-2, 102)  # a point at the floor or ceiling is not cut in half
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    ax.set_xlabel(f"{labels[0]}\n{len(items)} items of {n_patients} patients")

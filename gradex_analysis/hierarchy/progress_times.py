"""After how many exposures, and by which session, are items mastered?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.stats.time_to_event import share_by_time, time_by_which

CLOCKS = {"exposures": "peaks_watched", "sessions": "sessions_watched"}


def time_to_mastery(table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Estimate by group the share of tried items mastered after so many exposures or sessions.

    Returns
    -------
    tuple
        ``group, clock`` with the columns of ``share_by_time``; and per group and clock the time by
        which half are mastered: ``estimate, ci_low, ci_high`` (missing where never), ``n`` (items
        watched), ``n_mastered, n_patients, n_without_time``.
    """
    curves, halves = [], []
    for group, own in table[table["n_peaks"] > 0].groupby("group"):
        for clock, column in CLOCKS.items():
            known = own[own[column].notna()]
            if known.empty:
                continue
            curve = share_by_time(known[column], known["is_mastered"], known["patient_id"])
            key = {"group": group, "clock": clock}
            curves.append(curve.assign(**key))
            counts = {
                "n": len(known),
                "n_mastered": int(known["is_mastered"].sum()),
                "n_patients": known["patient_id"].nunique(),
                "n_without_time": len(own) - len(known),
            }
            halves.append({**key, **time_by_which(curve), **counts})
    first = ["group", "clock"]
    stacked = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=first)
    others = [name for name in stacked if name not in first]
    return stacked[[*first, *others]], pd.DataFrame(halves)


def count_mastered(
    table: pd.DataFrame, ordered: pd.DataFrame, patients: pd.DataFrame
) -> tuple[pd.DataFrame, str]:
    """Count the items that each patient had mastered by each session, or by each exposure.

    By session where every exposure belongs to a numbered one, or names it as homework; else by
    the patient's own exposures.

    Returns
    -------
    tuple
        ``patient_id, group, time, n_mastered`` from 0 to the patient's last; and ``"session"`` or
        ``"exposure"``.
    """
    by_session = bool(ordered["session"].notna().all())
    column, clock = ("session", "session") if by_session else ("place", "exposure")
    at = ordered.set_index("row")[column]
    won = table[table["is_mastered"]]
    events = won[["patient_id"]].assign(time=at.reindex(won["mastered_row"]).to_numpy())
    last = ordered.groupby("patient_id")[column].max()
    known = patients[patients["patient_id"].isin(last.index)]
    rows = []
    for patient, group in zip(known["patient_id"], known["group"], strict=True):
        times = np.sort(events.loc[events["patient_id"] == patient, "time"].to_numpy("float64"))
        grid = np.arange(0, int(last[patient]) + 1)
        n = np.searchsorted(times, grid, side="right")
        rows.append(
            pd.DataFrame({"patient_id": patient, "group": group, "time": grid, "n_mastered": n})
        )
    columns = ["patient_id", "group", "time", "n_mastered"]
    return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns), clock


def average_mastered(counts: pd.DataFrame) -> pd.DataFrame:
    """Average the items mastered over all patients of a group; who has stopped keeps their count.

    Returns
    -------
    DataFrame
        ``group, time, estimate, n`` (patients with an exposure at this time or later), ``n_all``
        (patients behind the mean).
    """
    parts = []
    for group, own in counts.groupby("group"):
        wide = own.set_index(["time", "patient_id"])["n_mastered"].unstack()  # noqa: PD010
        parts.append(
            pd.DataFrame(
                {
                    "group": group,
                    "time": wide.index,
                    "estimate": wide.ffill().mean(axis=1).to_numpy(),
                    "n": wide.notna().sum(axis=1).to_numpy(),
                    "n_all": wide.shape[1],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)

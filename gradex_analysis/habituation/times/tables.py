"""What is said of the times of a whole group?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.measures.times import NOT_CONFIRMED, REACHED
from gradex_analysis.stats.survival import fit_survival

#: fewer than this share still above: drawn dashed
THIN_SHARE = 0.2
#: times at which those still above are counted, at most
MOST_TIMES = 60


def fit_groups(table: pd.DataFrame, seed: int, n_boot: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit each group's share not yet down; return the curves and the medians."""
    curves = [_empty_curve()]
    medians = []
    for group, own in table.groupby("group"):
        fit = fit_survival(own["left"], own["right"], own["patient_id"], seed=seed, n_boot=n_boot)
        n_above = _count_above(own["left"], fit.curve["left"])
        is_thin = n_above < THIN_SHARE * len(own)
        curves.append(fit.curve.assign(group=group, n_above=n_above, is_thin=is_thin))
        outcomes = own["outcome"].value_counts()
        medians.append(
            {
                "group": group,
                **fit.median,
                "n_above": int(_count_above(own["left"], np.array([fit.median["left"]]))[0]),
                "n": len(own),
                "n_patients": own["patient_id"].nunique(),
                "n_reached": int(outcomes.get(REACHED, 0)),
                "n_not_confirmed": int(outcomes.get(NOT_CONFIRMED, 0)),
            }
        )
    curve = pd.concat([part for part in curves if len(part)] or curves, ignore_index=True)
    columns = ["group", "left", "estimate", "ci_low", "ci_high", "n_above", "n", "n_patients"]
    return curve[_empty_curve().columns], pd.DataFrame(
        medians, columns=[*columns, "n_reached", "n_not_confirmed"]
    )


def _empty_curve() -> pd.DataFrame:
    numbers = ["left", "right", "mass", "estimate", "ci_low", "ci_high"]
    return pd.DataFrame(columns=["group", *numbers, "n_above", "is_thin"])


def _count_above(left: pd.Series, time: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Count the exposures that are known to be still above at each time."""
    ends = np.sort(left.to_numpy(dtype="float64"))
    return len(ends) - np.searchsorted(ends, np.asarray(time, dtype="float64"), side="left")


def count_at_risk(table: pd.DataFrame) -> pd.DataFrame:
    """Count the exposures known to be still above, by group and whole unit of time."""
    times = _whole_times(table["left"]) if len(table) else []
    rows = [
        {"group": group, "time": time, "n": int(n)}
        for group, own in table.groupby("group")
        for time, n in zip(times, _count_above(own["left"], times), strict=True)
    ]
    return pd.DataFrame(rows, columns=["group", "time", "n"])


def _whole_times(left: pd.Series) -> list[float]:
    last = float(np.ceil(left.max()))
    step = max(1.0, float(np.ceil(last / MOST_TIMES)))
    return [float(time) for time in np.arange(0.0, last + step, step)]


def count_stops(table: pd.DataFrame) -> pd.DataFrame:
    """Count the exposures by group, outcome and who stopped them."""
    by = table["stopped_by"].astype("object").fillna("not recorded")
    counts = table.assign(stopped_by=by).groupby(["group", "outcome", "stopped_by"]).size()
    return counts.rename("n").reset_index()


def summarise_crossings(table: pd.DataFrame) -> pd.DataFrame:
    """Summarise by group where the fitted curves cross, of those whose rate can be told."""
    is_ok = table["curve_status"].isin(["ok", "levels off above", "begins below"])
    known = table.assign(is_ok=is_ok, crosses=table["curve_time"].notna()).groupby("group")
    return pd.DataFrame(
        {
            "n": known.size(),
            "n_with_a_rate": known["is_ok"].sum(),
            "n_crossing": known["crosses"].sum(),
            "median_crossing": known["curve_time"].median(),
        }
    ).reset_index()

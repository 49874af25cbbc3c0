"""How sure is the course of the same patients, all of them at all times?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.stats.within_person import measure_within_person

#: times at which fewer than this share of an arm's courses have a value are no part of it
SHARED = 0.5
WITHIN_COLUMNS = ["arm", "time", "mean", "std_error", "ci_low", "ci_high", "df", "n_complete"]
INCOMPLETE_COLUMNS = ["arm", "reason", "n"]
TOO_SHORT = "no two times at which half of the courses have a value"
ALONE = "complete, but alone: no interval"


def average_complete(table: pd.DataFrame, series: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Average the complete cases of each arm, with within-person intervals.

    The times are those at which at least half of the arm's courses have a value. A course is
    complete with a value at all of them; a patient counts once, with the mean of his or her
    complete courses, so that the same items stand at every time.

    Returns
    -------
    tuple
        ``arm, time, mean, std_error, ci_low, ci_high, df, n_complete`` (patients), and who is no
        part of it: ``arm, reason, n`` patients, by the first time at which a value lacks.
    """
    parts = [_average_arm(str(arm), own, series) for arm, own in table.groupby("arm")]
    means = [found for found, _ in parts if len(found)]
    none = pd.DataFrame({name: pd.Series(dtype="float64") for name in WITHIN_COLUMNS})
    lines = [line for _, left_out in parts for line in left_out]
    return (
        pd.concat(means, ignore_index=True) if means else none,
        pd.DataFrame(lines, columns=INCOMPLETE_COLUMNS),
    )


def _average_arm(
    arm: str, own: pd.DataFrame, series: list[str]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    wide = own.pivot_table(index=series, columns="time", values="value")
    wide = wide.loc[:, wide.notna().sum() >= SHARED * len(wide)]
    if len(wide.columns) < 2:
        n_patients = own["patient_id"].nunique()
        return pd.DataFrame(), [{"arm": arm, "reason": TOO_SHORT, "n": n_patients}]
    complete = wide.dropna().groupby("patient_id").mean()
    is_complete = wide.index.get_level_values("patient_id").isin(complete.index)
    lacking = _count_lacking(wide[~is_complete], own)
    if len(complete) == 1:
        lacking[ALONE] = 1
    left_out = [{"arm": arm, "reason": reason, "n": n} for reason, n in lacking.items()]
    if len(complete) < 2:
        return pd.DataFrame(), left_out
    found = measure_within_person(complete.to_numpy())
    found = found.rename(columns={"n": "n_complete"}).assign(arm=arm, time=wide.columns)
    return found[WITHIN_COLUMNS], left_out


def _count_lacking(wide: pd.DataFrame, own: pd.DataFrame) -> dict[str, int]:
    """Count patients by the first time that lacks, in that of their courses that goes furthest."""
    places = wide.columns.to_series()
    if "occasion" in own:
        places = own.drop_duplicates("time").set_index("time")["occasion"][places]
    first = pd.Series(wide.isna().to_numpy().argmax(axis=1), index=wide.index)
    furthest = first.groupby("patient_id").max().to_numpy()
    counts = zip(*np.unique(furthest, return_counts=True), strict=True)
    return {f"no value at {_name(places.iloc[int(at)])}": int(n) for at, n in counts}


def _name(place: object) -> str:
    return f"{place:g}" if isinstance(place, float) else str(place)

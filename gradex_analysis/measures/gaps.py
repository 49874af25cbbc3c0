"""Which ratings of an exercise were expected and cannot be used, and what do they hide?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import GAP_COLUMNS, GAP_MISSING, Cohort


def list_gaps(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the gaps of one kind: ``exposure`` (position), ``time``, ``reason``.

    Time is in minutes since onset, or in repetitions since the first. Ratings that are coded as
    missing are gaps as well.
    """
    ratings = cohort.ratings
    # a missing rating of one moment of a form hides only itself
    timed = ratings["minute"].notna() | ratings["repetition"].notna()
    coded = ratings[ratings["value"].isna() & timed].assign(reason=GAP_MISSING)
    parts = [part[GAP_COLUMNS] for part in (coded, cohort.gaps) if len(part)]
    gaps = pd.concat(parts or [cohort.gaps], ignore_index=True)
    gaps = gaps[gaps["kind"] == kind]
    keys = ["patient_id", "exposure_id"]
    known = pd.MultiIndex.from_frame(cohort.exposures[keys])
    repetition = gaps["repetition"].astype("float64") - 1
    placed = pd.DataFrame(
        {
            "exposure": known.get_indexer(pd.MultiIndex.from_frame(gaps[keys])),
            "time": gaps["minute"].astype("float64").fillna(repetition),
            "reason": gaps["reason"],
        }
    )
    during = ~(placed["time"] < 0) & (placed["exposure"] >= 0)
    return placed[during].sort_values(["exposure", "time"], ignore_index=True)


def hide_behind_gaps(table: pd.DataFrame, gaps: pd.DataFrame) -> pd.DataFrame:
    """Remove initial, last and peak where a gap lies in their place, and say why.

    A gap before the first rating hides ``initial``, one after the last hides ``last``, one at an
    unknown time both. A rating that was given but set aside or waiting may have been the highest:
    it hides ``peak``.
    """
    first = gaps["exposure"].map(table["first_time"])
    last = gaps["exposure"].map(table["last_time"])
    hidden = {
        "initial": gaps[~(gaps["time"] >= first)].drop_duplicates("exposure"),
        "last": gaps[~(gaps["time"] <= last)].drop_duplicates("exposure", keep="last"),
        "peak": gaps[gaps["reason"] != GAP_MISSING].drop_duplicates("exposure"),
    }
    for name, some in hidden.items():
        why = some.set_index("exposure")["reason"].reindex(table.index)
        table[f"{name}_gap"] = why.fillna("").astype("str")
        table[name] = table[name].mask(why.notna().to_numpy(), np.nan)
    return table

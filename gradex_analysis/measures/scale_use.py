"""How many ratings lie at the ends of the scale, and how many are round numbers?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort

SHARES = ["at_floor", "at_ceiling", "multiple_of_10", "multiple_of_5"]


def count_scale_use(cohort: Cohort, kind: str, group: pd.Series) -> pd.DataFrame:
    """Return shares of all ratings of the exposures in ``group``, by group.

    ``group`` has the positions of exposures as its index. On 0 to 100: a rating of 7 of 10 is a
    multiple of 10, because nothing between could be said.

    Returns
    -------
    DataFrame
        ``group, n_ratings, at_floor, at_ceiling, multiple_of_10, multiple_of_5``.
    """
    ratings = cohort.ratings
    own = (ratings["kind"] == kind) & ratings["value_100"].notna()
    own &= ratings["exposure"].isin(group.index)
    value = ratings.loc[own, "value_100"].round(6)  # 100 (v - min) / (max - min) is rounded too
    shares = pd.DataFrame(
        {
            "at_floor": value == 0,
            "at_ceiling": value == 100,
            "multiple_of_10": value % 10 == 0,
            "multiple_of_5": value % 5 == 0,
        }
    )
    by_group = shares.groupby(ratings.loc[own, "exposure"].map(group).to_numpy())
    table = by_group.mean().astype("float64")
    table.insert(0, "n_ratings", by_group.size())
    return table.rename_axis("group").reset_index()

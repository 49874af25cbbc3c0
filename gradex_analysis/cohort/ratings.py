"""To which exposure does a rating belong, and what is it on 0 to 100?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.scales import scale_ends
from gradex_analysis.errors import GradexError


def finish_ratings(ratings: pd.DataFrame, exposures: pd.DataFrame) -> pd.DataFrame:
    """Add each rating's position in ``exposures`` and its value on 0 to 100."""
    keys = pd.MultiIndex.from_frame(exposures[["patient_id", "exposure_id"]])
    own = pd.MultiIndex.from_frame(ratings[["patient_id", "exposure_id"]])
    ratings = ratings.assign(exposure=keys.get_indexer(own).astype(np.int32))
    if (ratings["exposure"] < 0).any():
        raise GradexError(
            "A rating belongs to no exposure: a fault of this package, please report."
        )
    if "code" not in ratings:
        ratings["code"] = pd.Series("", index=ratings.index, dtype="str")
    low, high = scale_ends(ratings["scale_id"])
    ratings["value_100"] = 100 * (ratings["value"].to_numpy() - low) / (high - low)
    return ratings

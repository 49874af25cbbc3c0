"""What identifies and describes an exposure in every answer about it?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.measures.exposures import KEYS

UNIT = tuple(KEYS)
DESCRIBED = ["arm", "session_number", "item_id", "exposure_number"]


def describe(used: pd.DataFrame) -> pd.DataFrame:
    """Return the exposures' keys and those descriptions that any of them has."""
    return used[[*UNIT, *[name for name in DESCRIBED if used[name].notna().any()]]]


def list_excluded(summary: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    """List the exposures that have a reason to be left out, with it."""
    left_out = reason != ""
    keys = summary.loc[left_out, list(UNIT)]
    return keys.assign(reason=reason[left_out]).reset_index(drop=True)

"""How is the use of the scale said?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

#: a share above which the sentence says it
WORTH_SAYING = 0.15

SCALE_USE = (
    "Shares of all ratings of the exposures used. Ratings at an end of the scale cannot go "
    "further, so that falls from the ceiling and to the floor are too small; round numbers hide "
    "what is smaller than their step."
)
WORDS = {
    "at_floor": "0:",
    "at_ceiling": "100:",
    "multiple_of_10": "multiples of 10:",
    "multiple_of_5": "multiples of 5:",
}


def say_scale_use(shares: pd.DataFrame) -> list[str]:
    """Say which shares of the ratings exceed 15 % in any group, all of them in one sentence."""
    names = [name for name in WORDS if shares[name].gt(WORTH_SAYING).any()]
    if "multiple_of_10" in names:  # of 5 as well, then
        names.remove("multiple_of_5")
    said = [f"{WORDS[name]} {_by_group(shares, name)}" for name in names]
    return [f"Ratings that are {'; '.join(said)}."] if said else []


def _by_group(shares: pd.DataFrame, name: str) -> str:
    parts = []
    for _, row in shares.iterrows():
        share = wording.percent(row[name] * row["n_ratings"], row["n_ratings"])
        where = "" if row["group"] == EVERYBODY else f" ({named(row['group'])})"
        parts.append(f"{share}{where}")
    return ", ".join(parts)

"""How is it said how many were left out, and why?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.results import wording


def say_left_out(excluded: pd.DataFrame, unit: tuple[str, ...], n: int, noun: str) -> str:
    """Say how many of ``n`` units, called by a noun, were left out and for which reasons."""
    counts = excluded.drop_duplicates([*unit, "reason"])["reason"].value_counts()
    if counts.empty:
        return f"No {noun} was left out."
    reasons = "; ".join(f"{some:,}: {reason}" for reason, some in counts.items())
    n_left_out = len(excluded.drop_duplicates(list(unit)))
    return f"{n_left_out:,} of {wording.count(n, noun)} left out ({reasons})."

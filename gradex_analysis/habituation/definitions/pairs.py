"""Do two definitions order patients alike, and whom do they classify differently?"""

from __future__ import annotations

from itertools import combinations

import pandas as pd

from gradex_analysis.habituation.definitions.values import RETURN_OF_FEAR, Values, by_patient
from gradex_analysis.stats.rank_agreement import rank_agreement


def compare_pairs(found: list[Values], of: str) -> pd.DataFrame:
    """Compare every two definitions over patients' means.

    Within and between sessions the means are of the units that both measure; the definitions of a
    return of fear measure different ones, so that each keeps its own.

    Returns
    -------
    DataFrame
        One row per pair: ``definition, other, n_patients, n`` (units), ``spearman, ci_low,
        ci_high, kendall``, ``n_by_sign`` and ``n_by_half`` patients that both classify, and
        ``n_sign_differs, n_half_differs`` of them.
    """
    rows = [_compare(one, other, of) for one, other in combinations(found, 2)]
    names = ["definition", "other", "n_patients", "n", "spearman", "ci_low", "ci_high", "kendall"]
    counts = ["n_by_sign", "n_sign_differs", "n_by_half", "n_half_differs"]
    return pd.DataFrame(rows, columns=[*names, *counts])


def _compare(one: Values, other: Values, of: str) -> dict[str, object]:
    frames = _in_common(one, other) if of != RETURN_OF_FEAR else (one.frame, other.frame)
    means = by_patient(one, frames[0]).merge(
        by_patient(other, frames[1]), on="patient_id", suffixes=("_one", "_other")
    )
    agreement = rank_agreement(means["estimate_one"], means["estimate_other"])
    n_patients = agreement.pop("n")
    return {
        "definition": one.name,
        "other": other.name,
        "n_patients": int(n_patients),
        "n": int(means["n_one"].sum()),
        **agreement,
        **_count(means, "fell", "sign"),
        **_count(means, "halved", "half"),
    }


def _in_common(one: Values, other: Values) -> tuple[pd.DataFrame, pd.DataFrame]:
    unit = list(one.result.unit)
    keys = [pd.MultiIndex.from_frame(values.frame[unit].astype("str")) for values in (one, other)]
    return one.frame[keys[0].isin(keys[1])], other.frame[keys[1].isin(keys[0])]


def _count(means: pd.DataFrame, column: str, by: str) -> dict[str, int]:
    both = means[[f"{column}_one", f"{column}_other"]].dropna()
    differs = both[f"{column}_one"] != both[f"{column}_other"]
    return {f"n_by_{by}": len(both), f"n_{by}_differs": int(differs.sum())}

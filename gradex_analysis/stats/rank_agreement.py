"""How alike do two measures order the same people?"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special, stats


def rank_agreement(
    one: npt.ArrayLike, other: npt.ArrayLike, *, confidence: float = 0.95
) -> dict[str, float]:
    """Correlate the ranks of two measures of the same people: Spearman's rho, Kendall's tau-b.

    The interval of rho is Fisher's, ``tanh(atanh(rho) +- z sqrt((1 + rho^2 / 2) / (n - 3)))``. It
    needs four people, and there is none where the ranks are the same or reversed. One value per
    person: values of one person are no people.

    Returns
    -------
    dict
        ``spearman, ci_low, ci_high, kendall, n``; NaN where a measure does not vary.

    References
    ----------
    Bonett & Wright (2000), doi:10.1007/BF02294183
    """
    x, y = np.asarray(one, dtype="float64"), np.asarray(other, dtype="float64")
    n = len(x)
    found = dict.fromkeys(("spearman", "ci_low", "ci_high", "kendall"), math.nan)
    if n < 2:
        return {**found, "n": n}
    # to the same last digit, so that sums in another order do not part ties
    ranks = np.vstack([stats.rankdata(np.round(values, 9)) for values in (x, y)])
    if np.ptp(ranks, axis=1).min() == 0:
        return {**found, "n": n}
    rho = float(stats.pearsonr(*ranks).statistic)
    found |= {"spearman": rho, "kendall": float(stats.kendalltau(*ranks).statistic)}
    if n > 3 and abs(rho) < 1 - 1e-12:
        z = float(special.ndtri((1 + confidence) / 2)) * math.sqrt((1 + rho**2 / 2) / (n - 3))
        found |= {
            "ci_low": math.tanh(math.atanh(rho) - z),
            "ci_high": math.tanh(math.atanh(rho) + z),
        }
    return {**found, "n": n}

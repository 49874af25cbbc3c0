"""How far do two orders of the same things agree, and how sure is that with few of them?"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import special, stats

#: things that Fieller's variance needs: one more than its denominator takes away
FEWEST = 5


def kendall_tau(
    one: npt.ArrayLike, other: npt.ArrayLike, *, confidence: float = 0.95
) -> dict[str, float]:
    """Compare two orders by Kendall's tau-b: 1 the same order, 0 none, -1 the reverse.

    ``tau-b = (concordant - discordant) / sqrt((pairs - ties in one) (pairs - ties in other))``.
    The interval is ``tanh(atanh(tau) +- z sqrt(.437 / (n - 4)))`` (Fieller, Hartley & Pearson
    1957, as Bonett & Wright 2000 give it): it needs five things, and there is none where the
    orders are the same or reversed. It is rough where tau exceeds .8 or many are tied.

    Returns
    -------
    dict
        ``estimate, ci_low, ci_high, n``; NaN where one of the two does not vary.

    References
    ----------
    Fieller, Hartley & Pearson (1957), doi:10.1093/biomet/44.3-4.470; Bonett & Wright (2000),
    doi:10.1007/BF02294183
    """
    x, y = np.asarray(one, dtype="float64"), np.asarray(other, dtype="float64")
    n = len(x)
    found = {"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan, "n": n}
    if n < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return found
    tau = float(stats.kendalltau(x, y).statistic)
    found["estimate"] = tau
    if n >= FEWEST and abs(tau) < 1 - 1e-12:
        z = float(special.ndtri((1 + confidence) / 2)) * math.sqrt(0.437 / (n - 4))
        found["ci_low"] = math.tanh(math.atanh(tau) - z)
        found["ci_high"] = math.tanh(math.atanh(tau) + z)
    return found

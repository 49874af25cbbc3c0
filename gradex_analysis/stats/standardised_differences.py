"""How far apart are two groups, in standard deviations?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]


def smd_of_numbers(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Measure the standardised difference ``(m1 - m2) / sqrt((s1^2 + s2^2) / 2)``.

    Positive where the first group is higher; NaN where a group has fewer than two values. Two
    groups without spread are 0 apart where they are equal, else infinitely far.

    References
    ----------
    Austin (2009), doi:10.1002/sim.3697
    """
    one, two = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    if min(len(one), len(two)) < 2:
        return float("nan")
    difference = float(one.mean() - two.mean())
    spread = float(np.sqrt((one.var(ddof=1) + two.var(ddof=1)) / 2))
    if spread > 0:
        return difference / spread
    return float(np.copysign(np.inf, difference)) if difference else 0.0


def smd_of_shares(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Measure the standardised difference of two groups counted over the same levels.

    ``sqrt(d' S^-1 d)``, where ``d`` are the differences of shares and ``S`` the mean of both
    multinomial covariances, one level left out; it has no sign. Infinite where the groups have no
    level in common, NaN where one of them is empty.

    References
    ----------
    Yang & Dalton (2012), SAS Global Forum, paper 335
    """
    one, two = np.asarray(first, dtype="float64"), np.asarray(second, dtype="float64")
    if min(one.sum(), two.sum()) == 0:
        return float("nan")
    seen = (one + two) > 0
    p, q = one[seen] / one.sum(), two[seen] / two.sum()
    if not np.any(p * q > 0):  # only then is S singular
        return float("inf")
    difference = (p - q)[1:]
    spread = (_covariance(p) + _covariance(q))[1:, 1:] / 2
    return float(np.sqrt(difference @ np.linalg.solve(spread, difference)))


def pooled_sd(first: npt.ArrayLike, second: npt.ArrayLike) -> tuple[float, int]:
    """Return the standard deviation within two groups, and its degrees of freedom."""
    groups = [np.asarray(group, dtype="float64") for group in (first, second)]
    df = sum(len(group) for group in groups) - 2
    squares = sum(float(np.sum((group - group.mean()) ** 2)) for group in groups)
    return float(np.sqrt(squares / df)), df


def hedges_g(
    difference: float, std_error: float, *, sd: float, df: int, confidence: float = 0.95
) -> dict[str, float]:
    """Standardise a difference by the SD of two groups, corrected for small samples.

    ``g = J d``, ``d = difference / sd``, ``J = gamma(df / 2) / (sqrt(df / 2) gamma((df - 1) /
    2))`` with the degrees of freedom of ``sd``; ``var g = J^2 (std_error^2 / sd^2 + d^2 / (2
    df))``; the interval is normal. NaN without spread or with ``df`` below 2. Returns ``hedges_g,
    g_std_error, g_ci_low, g_ci_high``.

    References
    ----------
    Hedges (1981), doi:10.3102/10769986006002107
    """
    if sd == 0 or df < 2:
        return dict.fromkeys(["hedges_g", "g_std_error", "g_ci_low", "g_ci_high"], float("nan"))
    correction = _small_sample(df)
    d = difference / sd
    g = correction * d
    g_std_error = correction * float(np.sqrt((std_error / sd) ** 2 + d**2 / (2 * df)))
    half = float(special.ndtri((1 + confidence) / 2)) * g_std_error
    return {
        "hedges_g": g,
        "g_std_error": g_std_error,
        "g_ci_low": g - half,
        "g_ci_high": g + half,
    }


def _small_sample(df: int) -> float:
    log_ratio = special.gammaln(df / 2) - special.gammaln((df - 1) / 2)
    return float(np.exp(log_ratio) / np.sqrt(df / 2))


def _covariance(shares: Floats) -> Floats:
    return np.diag(shares) - np.outer(shares, shares)

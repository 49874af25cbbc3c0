"""How sure is the ratio of two estimates?"""

from __future__ import annotations

import math

from scipy import special


def fieller_interval(
    above: float,
    below: float,
    covariance: tuple[float, float, float],
    df: float,
    *,
    confidence: float = 0.95,
) -> dict[str, float]:
    """Give the interval of ``above / below`` by Fieller's theorem.

    All ratios r for which ``above - r below`` is not told from 0. There is no interval where
    ``below`` itself is not told from 0: the set then has no ends.

    Parameters
    ----------
    covariance
        Variance of ``above``, variance of ``below``, their covariance.

    Returns
    -------
    dict
        ``estimate, ci_low, ci_high``; NaN for ends that do not exist.

    References
    ----------
    Fieller (1954), doi:10.1111/j.2517-6161.1954.tb00159.x
    """
    of_above, of_below, both = covariance
    t = float(special.stdtrit(df, (1 + confidence) / 2))
    a = below**2 - t**2 * of_below
    b = above * below - t**2 * both
    c = above**2 - t**2 * of_above
    found = {"estimate": above / below if below else math.nan}
    if a <= 0:
        return {**found, "ci_low": math.nan, "ci_high": math.nan}
    root = math.sqrt(max(b**2 - a * c, 0.0))
    return {**found, "ci_low": (b - root) / a, "ci_high": (b + root) / a}

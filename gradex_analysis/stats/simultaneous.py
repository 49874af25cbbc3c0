"""How wide must a band be to hold a whole curve, not one point of it?

The sup-t band is estimate +- c x standard error, with c the quantile of the largest |t| of all
points.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

Numbers = npt.NDArray[np.float64]
#: share of the largest eigenvalue below which a direction is rounding
RANK = 1e-10
#: directions held in memory at a time
BATCH = 4096


def find_critical_value(
    covariance: npt.ArrayLike,
    df: float,
    *,
    seed: int | np.random.SeedSequence,
    confidence: float = 0.95,
    n_draws: int = 50_000,
) -> float:
    """Find c with ``P(max |t_j| <= c) = confidence`` for multivariate t with this covariance.

    A draw is a direction u, uniform on the sphere of the covariance's rank k. Along it the largest
    ``|t|`` is ``m(u) sqrt(k F)``, with F of k and ``df`` degrees of freedom, so that the share of
    draws below c is the mean of ``P(F <= c^2 / (k m(u)^2))``: the radius is integrated, not drawn.
    With rank 1 nothing is left to chance, and c is the quantile of Student's t.

    Parameters
    ----------
    covariance
        Of the estimates at the points of the curve; it may be singular.
    df
        One for all points; ``inf`` for the normal distribution. With the smallest of the points'
        own, the band is rather too wide than too narrow.

    References
    ----------
    Montiel Olea & Plagborg-Moller (2019), doi:10.1002/jae.2656
    """
    root = _standardised_root(covariance)
    rank = root.shape[1]
    largest = _largest_along(root, np.random.default_rng(seed), n_draws)
    if rank == 1:  # both directions of a line say the same
        return _two_sided(df, confidence)
    most = np.sqrt(rank * _inverse_f(rank, df, confidence))  # Scheffe's, for every combination
    found = optimize.brentq(
        lambda c: float(_f(rank, df, (c / largest) ** 2 / rank).mean()) - confidence,
        _two_sided(df, confidence / 2),
        most * (1 + 1e-9),
    )
    # what is known without draws: not below one point's, not above Bonferroni's
    bonferroni = _two_sided(df, 1 - (1 - confidence) / len(root))
    return min(max(float(found), _two_sided(df, confidence)), bonferroni)


def _standardised_root(covariance: npt.ArrayLike) -> Numbers:
    """Return points x rank with rows of length 1 whose products are the correlations."""
    matrix = np.asarray(covariance, dtype=np.float64)
    variances = np.diag(matrix)
    if not (np.isfinite(matrix).all() and (variances > 0).all()):
        raise ValueError("Every point of a band needs a finite variance above 0.")
    scale = 1 / np.sqrt(variances)
    values, vectors = np.linalg.eigh(matrix * np.outer(scale, scale))
    kept = values > RANK * values[-1]
    root = vectors[:, kept] * np.sqrt(values[kept])
    standardised: Numbers = root / np.linalg.norm(root, axis=1, keepdims=True)
    return standardised


def _largest_along(root: Numbers, rng: np.random.Generator, n_draws: int) -> Numbers:
    largest = np.empty(n_draws)
    for start in range(0, n_draws, BATCH):
        directions = rng.standard_normal((min(BATCH, n_draws - start), root.shape[1]))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        largest[start : start + BATCH] = np.abs(directions @ root.T).max(axis=1)
    return largest


def _f(rank: int, df: float, value: Numbers) -> Numbers:
    if np.isinf(df):
        return np.asarray(special.chdtr(rank, rank * value))
    return np.asarray(special.fdtr(rank, df, value))


def _inverse_f(rank: int, df: float, share: float) -> float:
    if np.isinf(df):
        return float(special.chdtri(rank, 1 - share)) / rank
    return float(special.fdtri(rank, df, share))


def _two_sided(df: float, confidence: float) -> float:
    tail = (1 + confidence) / 2
    return float(special.ndtri(tail) if np.isinf(df) else special.stdtrit(df, tail))

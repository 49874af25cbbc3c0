"""How sure is a mean over patients when nothing is assumed of its distribution?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
#: resamples drawn at a time, so that thousands of patients fit into memory
BATCH = 250
FEWEST = 40  #: resamples without which an end has no tail


def bootstrap_means(
    values: npt.ArrayLike,
    *,
    seed: int | np.random.SeedSequence,
    n_boot: int = 2000,
    confidence: float = 0.95,
) -> tuple[Numbers, Numbers]:
    """Give percentile bootstrap intervals of the column means of patients x columns.

    Patients are drawn with replacement, each with all of their columns, so that what belongs
    together stays together; NaN is a value a patient does not have. A resample in which nobody has
    a column says nothing about it. With few patients such intervals are too narrow (about the
    factor ``sqrt((n - 1) / n)`` and more). Efron 1979, doi:10.1214/aos/1176344552.

    Returns
    -------
    tuple
        Lower and upper ends, one per column; NaN with fewer than two patients. The order of the
        patients does not matter.
    """
    if n_boot < FEWEST:
        raise ValueError(f"n_boot must be {FEWEST} or more for an interval; not {n_boot}.")
    matrix = np.asarray(values, dtype=np.float64)
    enough = (~np.isnan(matrix)).sum(axis=0) >= 2
    ends = np.full((2, matrix.shape[1]), np.nan)
    if enough.any():
        kept = _in_order(matrix[:, enough])
        means = _resampled_means(kept, np.random.default_rng(seed), n_boot)
        tails = [(1 - confidence) / 2, (1 + confidence) / 2]
        ends[:, enough] = np.nanquantile(means, tails, axis=0)
    return ends[0], ends[1]


def _in_order(matrix: Numbers) -> Numbers:
    """Sort the patients by their values, so that one seed gives one answer for any naming."""
    has_any = ~np.isnan(matrix).all(axis=1)
    matrix = matrix[has_any]
    # rounded: the last bits of a mean depend on the order of its rows
    return matrix[np.lexsort(matrix.round(9).T)]


def _resampled_means(matrix: Numbers, rng: np.random.Generator, n_boot: int) -> Numbers:
    seen = (~np.isnan(matrix)).astype(np.float64)
    filled = np.where(np.isnan(matrix), 0.0, matrix)
    n_patients = len(matrix)
    share = np.full(n_patients, 1 / n_patients)
    means = np.empty((n_boot, matrix.shape[1]))
    for start in range(0, n_boot, BATCH):
        size = min(BATCH, n_boot - start)
        # how often each patient is drawn: a resample as a row of weights
        weights = rng.multinomial(n_patients, share, size=size).astype(np.float64)
        with np.errstate(invalid="ignore"):
            means[start : start + size] = (weights @ filled) / (weights @ seen)
    return means

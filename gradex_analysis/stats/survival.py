"""How does the share that has not yet got there fall with time, and how sure is that?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.stats.bootstrap import BATCH, FEWEST
from gradex_analysis.stats.interval_censored import Support, find_support, fit_masses

Floats = npt.NDArray[np.float64]

#: masses are found to about this: a share of 0.5 is half
ROUNDING = 1e-6


@dataclass(frozen=True)
class Survival:
    """``curve`` has one row per interval that holds mass; ``median`` its place in time.

    ``curve``: ``left, right, mass``, and at its right end ``estimate`` (the share that has not got
    there) with ``ci_low, ci_high``. ``median``: ``left, estimate`` (the interval it lies in, ending
    at ``estimate``), ``ci_low, ci_high``; infinite where half never get there.
    """

    curve: pd.DataFrame
    median: dict[str, float]


def fit_survival(
    left: npt.ArrayLike,
    right: npt.ArrayLike,
    cluster: npt.ArrayLike,
    *,
    seed: int | np.random.SeedSequence,
    n_boot: int = 500,
    confidence: float = 0.95,
) -> Survival:
    """Fit the survival curve of rows known to have got there in ``(left, right]``.

    Rows count alike; percentile intervals come from drawing clusters (patients) with replacement,
    each with all of its rows. An infinite ``right`` says that it has not got there by ``left``,
    which must be unrelated to when it would have. No interval with fewer than two clusters.
    """
    if n_boot < FEWEST:
        raise ValueError(f"n_boot must be {FEWEST} or more for an interval; not {n_boot}.")
    pairs, counts = _count(left, right, cluster)
    support = find_support(pairs[:, 0], pairs[:, 1])
    masses = fit_masses(support, counts.sum(axis=0))[0]
    shares = _shares(masses[None])[0]
    tails = [(1 - confidence) / 2, (1 + confidence) / 2]
    ends, median_ends = np.full((2, len(masses)), np.nan), [np.nan, np.nan]
    if len(counts) > 1:
        drawn = _draw(support, counts, np.random.default_rng(seed), n_boot)
        ends = np.quantile(drawn, tails, axis=0)
        # never between a time and never: an order statistic
        medians = support.right[_find_half(drawn)]
        median_ends = list(np.quantile(medians, tails, method="inverted_cdf"))
    curve = pd.DataFrame(
        {
            "left": support.left, "right": support.right, "mass": masses,
            "estimate": shares, "ci_low": ends[0], "ci_high": ends[1],
        }
    )  # fmt: skip
    half = int(_find_half(shares[None])[0])
    median = {
        "left": float(support.left[half]), "estimate": float(support.right[half]),
        "ci_low": float(median_ends[0]), "ci_high": float(median_ends[1]),
    }  # fmt: skip
    return Survival(curve[np.isfinite(curve["right"])].reset_index(drop=True), median)


def _count(
    left: npt.ArrayLike, right: npt.ArrayLike, cluster: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Return the different intervals, and how often each cluster has each of them."""
    rows = np.column_stack([np.asarray(left, dtype=float), np.asarray(right, dtype=float)])
    pairs, which = np.unique(rows, axis=0, return_inverse=True)
    names, whose = np.unique(np.asarray(cluster).astype(str), return_inverse=True)
    counts = np.zeros((len(names), len(pairs)))
    np.add.at(counts, (whose, which.ravel()), 1.0)
    # by what they hold, so that one seed gives one answer for any naming
    return pairs, counts[np.lexsort(counts.T)]


def _draw(support: Support, counts: Floats, rng: np.random.Generator, n_boot: int) -> Floats:
    parts = []
    for start in range(0, n_boot, BATCH):
        size = min(BATCH, n_boot - start)
        weights = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=size)
        parts.append(_shares(fit_masses(support, weights @ counts, is_draw=True)))
    return np.concatenate(parts)


def _shares(masses: Floats) -> Floats:
    """Return the share that has not got there by the right end of each interval."""
    shares: Floats = np.clip(1.0 - np.cumsum(masses, axis=1), 0.0, 1.0)
    return shares


def _find_half(shares: Floats) -> npt.NDArray[np.intp]:
    """Return the first interval by whose end half or more have got there; the last where none."""
    done = shares <= 0.5 + ROUNDING
    done[:, -1] = True
    first: npt.NDArray[np.intp] = np.argmax(done, axis=1)
    return first

"""How much faster than a loop over curve_fit is fit_decays, and does it ever fit worse?

Run: python benchmarks/decay_fits.py
Timed: from label, time and value columns to the table, against one plain call of curve_fit a
series (arrays already split, first guess from the data). The two take turns in one process.
"""

from __future__ import annotations

import statistics
import time
import warnings

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit

from gradex_analysis.stats.curves import fit_decays

SEED = 20240817
N_SERIES = 10_000
ROUNDS = 5


def simulate() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return labels, minutes and fear: 8 to 15 ratings in 30 minutes, standard deviation 4."""
    rng = np.random.default_rng(SEED)
    counts = rng.integers(8, 16, N_SERIES)
    rows = np.repeat(np.arange(N_SERIES), counts)
    minute = np.concatenate([np.linspace(0.0, 30.0, n) for n in counts])
    start, asymptote = rng.normal(78.0, 8.0, N_SERIES), rng.normal(26.0, 8.0, N_SERIES)
    rate = np.exp(rng.normal(np.log(0.18), 0.4, N_SERIES))
    course = asymptote[rows] + (start - asymptote)[rows] * np.exp(-rate[rows] * minute)
    labels = np.char.add("E", np.char.zfill(rows.astype(str), 5)).astype(object)
    return labels, minute, course + rng.normal(0.0, 4.0, len(rows))


def decay(t: np.ndarray, asymptote: float, start: float, rate: float) -> np.ndarray:
    return asymptote + (start - asymptote) * np.exp(-rate * t)


def fit_one(t: np.ndarray, y: np.ndarray) -> float:
    """Return the rss of curve_fit; infinite where it gives up."""
    try:
        found, _ = curve_fit(decay, t, y, p0=(y[-1], y[0], 3.0 / (t[-1] - t[0])))
    except RuntimeError:
        return np.inf
    return float(np.sum((y - decay(t, *found)) ** 2))


def main() -> None:
    warnings.simplefilter("ignore", OptimizeWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    labels, minute, fear = simulate()
    cuts = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    pieces = list(zip(np.split(minute, cuts), np.split(fear, cuts), strict=True))
    ours, theirs = [], []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        table = fit_decays(labels, minute, fear)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        rss = np.array([fit_one(t, y) for t, y in pieces])
        theirs.append(time.perf_counter() - begun)
    report(table, rss, statistics.median(theirs) / statistics.median(ours))


def report(table, rss: np.ndarray, ratio: float) -> None:
    worse = table["rss"].to_numpy() > rss * (1.0 + 1e-6)
    better = rss > table["rss"].to_numpy() * (1.0 + 1e-6)
    within = ~table["status"].eq("at_bound").to_numpy()
    print(f"{N_SERIES} series, seed {SEED}, median of {ROUNDS} rounds")
    print(f"curve_fit loop / fit_decays: {ratio:.1f} times")
    print(f"worse rss than curve_fit (1e-6): {(worse & within).sum()} of {within.sum()} in range,")
    print(f"    {(worse & ~within).sum()} of {(~within).sum()} at a bound")
    print(f"better rss: {better.sum()}; curve_fit gave up on {np.isinf(rss).sum()}")
    print(table["status"].value_counts().to_string())


if __name__ == "__main__":
    main()

"""How much faster than a loop over curve_fit is fit_decays, and does it ever fit worse?

Run: python benchmarks/decay_fits.py (about four minutes)
Timed: from label, time and value columns to the table, against one plain call of curve_fit a
series (arrays already split, first guess from the data). The two take turns in one process. Then
the same in tens between 0 and 100 with the interval-censored likelihood, where the table holds
profile intervals too, beside one scipy.optimize.minimize (BFGS, estimates only) a series.
"""

from __future__ import annotations

import statistics
import time
import warnings

import numpy as np
import pandas as pd
from scipy.optimize import OptimizeWarning, curve_fit, minimize
from scipy.special import log_ndtr

from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped
from gradex_analysis.stats.curves import fit_decays

SEED = 20240817
N_SERIES = 100_000
N_FEW = 10_000
ROUNDS = 3
# a loop takes as long for each series; a hundred thousand would take hours
N_HEAPED, N_LOOP = 5_000, 300

Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def simulate(n_series: int) -> Columns:
    """Return labels, minutes and fear: 8 to 15 ratings in 30 minutes, standard deviation 4."""
    rng = np.random.default_rng(SEED)
    counts = rng.integers(8, 16, n_series)
    rows = np.repeat(np.arange(n_series), counts)
    minute = np.concatenate([np.linspace(0.0, 30.0, n) for n in counts])
    start, asymptote = rng.normal(78.0, 8.0, n_series), rng.normal(26.0, 8.0, n_series)
    rate = np.exp(rng.normal(np.log(0.18), 0.4, n_series))
    course = asymptote[rows] + (start - asymptote)[rows] * np.exp(-rate[rows] * minute)
    labels = np.char.add("E", np.char.zfill(rows.astype(str), 6)).astype(object)
    return labels, minute, course + rng.normal(0.0, 4.0, len(rows))


def split(labels: np.ndarray, minute: np.ndarray, fear: np.ndarray) -> list[tuple]:
    cuts = np.flatnonzero(labels[1:] != labels[:-1]) + 1
    return list(zip(np.split(minute, cuts), np.split(fear, cuts), strict=True))


def decay(t: np.ndarray, asymptote: float, start: float, rate: float) -> np.ndarray:
    return asymptote + (start - asymptote) * np.exp(-rate * t)


def fit_one(t: np.ndarray, y: np.ndarray) -> float:
    """Return the rss of curve_fit; infinite where it gives up."""
    try:
        found, _ = curve_fit(decay, t, y, p0=(y[-1], y[0], 3.0 / (t[-1] - t[0])))
    except RuntimeError:
        return np.inf
    return float(np.sum((y - decay(t, *found)) ** 2))


def fit_one_heaped(t: np.ndarray, y: np.ndarray) -> float:
    """Return the log-likelihood that BFGS finds for ratings in tens."""
    lower = np.where(y <= 0.0, -np.inf, y - 5.0)
    upper = np.where(y >= 100.0, np.inf, y + 5.0)

    def cost(parameters: np.ndarray) -> float:
        asymptote, start, log_rate, log_sd = parameters
        mean = decay(t, asymptote, start, np.exp(log_rate))
        low, high = ((end - mean) / np.exp(log_sd) for end in (lower, upper))
        flip = low + high > 0.0
        low, high = np.where(flip, -high, low), np.where(flip, -low, high)
        top = log_ndtr(high)
        return -float(np.sum(top + np.log1p(-np.exp(log_ndtr(low) - top))))

    first = (y[-1], y[0], np.log(3.0 / (t[-1] - t[0])), np.log(5.0))
    return -float(minimize(cost, first, method="BFGS").fun)


def clock(work) -> tuple[float, object]:
    begun = time.perf_counter()
    done = work()
    return time.perf_counter() - begun, done


def compare_decays() -> None:
    many, few = simulate(N_SERIES), simulate(N_FEW)
    pieces = split(*many)
    ours, ours_few, theirs = [], [], []
    for _ in range(ROUNDS):
        ours_few.append(clock(lambda: fit_decays(*few))[0])
        seconds, table = clock(lambda: fit_decays(*many))
        ours.append(seconds)
        seconds, rss = clock(lambda: np.array([fit_one(t, y) for t, y in pieces]))
        theirs.append(seconds)
    median, median_few = statistics.median(ours), statistics.median(ours_few)
    growth = np.log(median / median_few) / np.log(N_SERIES / N_FEW)
    ratios = ", ".join(f"{b / a:.1f}" for a, b in zip(ours, theirs, strict=True))
    print(f"{N_SERIES} series, seed {SEED}, median of {ROUNDS} rounds")
    print(f"curve_fit loop / fit_decays: {statistics.median(theirs) / median:.1f} ({ratios})")
    print(f"fit_decays: {median:.2f} s; from {N_FEW} series on, time grows by n^{growth:.2f}")
    report(table, rss)


def report(table: pd.DataFrame, rss: np.ndarray) -> None:
    worse = table["rss"].to_numpy() > rss * (1.0 + 1e-6)
    better = rss > table["rss"].to_numpy() * (1.0 + 1e-6)
    within = ~table["status"].eq("at_bound").to_numpy()
    print(f"worse rss than curve_fit (1e-6): {(worse & within).sum()} of {within.sum()} in range,")
    print(f"    {(worse & ~within).sum()} of {(~within).sum()} at a bound")
    print(f"better rss: {better.sum()}; curve_fit gave up on {np.isinf(rss).sum()}")
    print(table["status"].value_counts().to_string())


def compare_heaped() -> None:
    labels, minute, fear = simulate(N_HEAPED)
    fear = np.clip(10.0 * np.round(fear / 10.0), 0.0, 100.0)
    exponential, tens = FORMS["exponential"], Heaped(grid=10.0)
    first = pd.factorize(labels)[0] < N_LOOP
    pieces = split(labels[first], minute[first], fear[first])
    ours, theirs = [], []
    for _ in range(ROUNDS):
        seconds, fits = clock(
            lambda: fit_curves(labels, minute, fear, form=exponential, heaped=tens)
        )
        ours.append(seconds / N_HEAPED)
        seconds, heights = clock(lambda: np.array([fit_one_heaped(t, y) for t, y in pieces]))
        theirs.append(seconds / N_LOOP)
    ratio = statistics.median(theirs) / statistics.median(ours)
    table = fits.table.iloc[:N_LOOP]
    # where a curve passes through every cell the likelihood has no top, only a bound
    judged = ~table["at_least_sd"] & (table["status"] != "at_bound")
    lead = (table["log_likelihood"] - heights)[judged]
    print(f"in tens, interval-censored, {N_HEAPED} series beside a loop over {N_LOOP} of them:")
    print(f"loop / fit_curves: {ratio:.1f} a series, {1e3 * statistics.median(ours):.2f} ms each")
    print(f"less likely by 1e-6 than BFGS: {(lead < -1e-6).sum()} of {judged.sum()}; more likely:")
    print(f"    {(lead > 1e-6).sum()}, by up to {lead.max():.2g}")


def main() -> None:
    warnings.simplefilter("ignore", OptimizeWarning)
    warnings.simplefilter("ignore", RuntimeWarning)
    compare_decays()
    compare_heaped()


if __name__ == "__main__":
    main()

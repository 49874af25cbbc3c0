"""Do the intervals of fit_population_decay hold, where those of the linearised form do not?

Run: python benchmarks/population_curve_coverage.py [cohorts]
Cohorts are drawn from the model that is fitted. "one exposure": 9 to 12 ratings in 20 minutes of
every patient, who differ in asymptote and log rate. "exposures": 4 of 5 to 9 ratings in 12 minutes;
patients differ in start too, and exposures in their start. "short": 6 exposures of 3 to 6 ratings
in up to 10 minutes, given in tens within 0 to 100 and stopped by fear: the model is no longer
exactly the truth. Both methods see the same cohorts. Bias is in SDs of the estimator; an estimate
without an interval, at a boundary, counts as not covering. Within .95 +- .021 is .95 up to three
Monte Carlo standard errors of 1,000 cohorts. Cohorts are shared out to all processors; each has a
seed of its own, so that results do not depend on their number.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.stats.population_curve import fit_population_decay

SEED = 20241128
COHORTS = 1_000
MEANS = {"start": 76.0, "asymptote": 28.0, "rate": -1.6}
#: SDs of patients' asymptote, log rate and start; correlations in the order of the pairs below
SPREADS = {"asymptote": 9.0, "rate": 0.35, "start": 8.0}
CORRELATIONS = {
    ("asymptote", "rate"): 0.2,
    ("start", "rate"): -0.2,
    ("start", "asymptote"): 0.3,
}
EXPOSURE_START = 6.0
#: ratings of the short design are given in steps of
STEP = 10.0


@dataclass(frozen=True)
class Design:
    """What a cohort of a design is like."""

    exposures: int
    ratings: tuple[int, int]
    minutes: float
    residual: float
    random: tuple[str, ...]
    is_short: bool = False


ALL = ("asymptote", "rate", "start", "exposure_start")
DESIGNS = {
    "one exposure": Design(1, (9, 12), 20.0, 5.0, ("asymptote", "rate")),
    "exposures": Design(4, (5, 9), 12.0, 5.0, ALL),
    "short": Design(6, (3, 6), 10.0, 7.0, ALL, is_short=True),
}
METHODS = ("quadrature", "linearized")
#: design, patients, methods
CELLS = [
    ("one exposure", 25, ("quadrature",)),
    ("one exposure", 50, ("quadrature",)),
    ("one exposure", 100, METHODS),
    ("one exposure", 200, METHODS),
    ("exposures", 25, ("quadrature",)),
    ("exposures", 100, METHODS),
    ("short", 100, METHODS),
]


def truth(design: Design) -> dict[str, float]:
    """Return the true value of every quantity."""
    found = {f"{name} (mean)": value for name, value in MEANS.items()}
    names = [name for name in SPREADS if name in design.random]
    found |= {f"{name} (SD)": SPREADS[name] for name in names}
    pairs = {pair: r for pair, r in CORRELATIONS.items() if set(pair) <= set(names)}
    found |= {f"{one}, {other} (correlation)": r for (one, other), r in pairs.items()}
    if "exposure_start" in design.random:
        found["start of exposures (SD)"] = EXPOSURE_START
    rounding = STEP**2 / 12.0 if design.is_short else 0.0
    return found | {"residual (SD)": float(np.sqrt(design.residual**2 + rounding))}


def simulate(rng: np.random.Generator, design: Design, n: int) -> pd.DataFrame:
    """Draw a cohort: one row per rating."""
    names = list(SPREADS)
    covariance = np.diag([SPREADS[name] ** 2 for name in names])
    for (one, other), r in CORRELATIONS.items():
        i, j = names.index(one), names.index(other)
        covariance[i, j] = covariance[j, i] = r * SPREADS[one] * SPREADS[other]
    effects = dict(zip(names, rng.multivariate_normal(np.zeros(3), covariance, n).T, strict=True))
    own = {k: MEANS[k] + (effects[k] if k in design.random else 0.0) for k in MEANS}
    patient = np.repeat(np.arange(n), design.exposures)
    own = {k: np.broadcast_to(v, n)[patient] for k, v in own.items()}
    if "exposure_start" in design.random:
        own["start"] = own["start"] + rng.normal(0.0, EXPOSURE_START, len(patient))
    counts = rng.integers(design.ratings[0], design.ratings[1] + 1, len(patient))
    row = np.repeat(np.arange(len(patient)), counts)
    number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    minute = number * design.minutes / (counts[row] - 1)
    left = np.exp(-np.exp(own["rate"][row]) * minute)
    fear = own["asymptote"][row] + (own["start"] - own["asymptote"])[row] * left
    fear += rng.normal(0.0, design.residual, len(row))
    frame = pd.DataFrame({"patient": patient[row], "exposure": row, "minute": minute, "fear": fear})
    return stop(rng, frame) if design.is_short else frame


def stop(rng: np.random.Generator, frame: pd.DataFrame) -> pd.DataFrame:
    """Round to tens, and leave out what comes after a stop, likelier while fear is high."""
    frame["fear"] = np.clip(STEP * np.round(frame["fear"] / STEP), 0.0, 100.0)
    number = frame.groupby("exposure").cumcount()
    hazard = 1.0 / (1.0 + np.exp(5.0 - 0.04 * (frame["fear"] - 60.0)))
    ends = (rng.random(len(frame)) < hazard) & (number >= 2)
    over = ends.groupby(frame["exposure"]).cumsum() - ends > 0
    return frame[~over].reset_index(drop=True)


def estimate(frame: pd.DataFrame, design: Design, method: str) -> pd.DataFrame:
    """Fit a cohort; return ``quantity, estimate, ci_low, ci_high``."""
    fit = fit_population_decay(
        frame, value="fear", time="minute", exposure="exposure", patient="patient",
        random=design.random, method=method,
    )  # fmt: skip
    fixed = fit.coefficients.assign(quantity=lambda f: f["part"] + " (mean)")
    parts = fit.variance_components
    name = parts["effect"].where(parts["level"] != "exposure", "start of exposures")
    name += np.where(parts["other"] != "", ", " + parts["other"], "")
    kind = parts["quantity"].map({"sd": " (SD)", "correlation": " (correlation)"})
    both = pd.concat([fixed, parts.assign(quantity=name + kind)], ignore_index=True)
    return both[["quantity", "estimate", "ci_low", "ci_high"]].assign(
        converged=fit.converged, told=fit.statuses.empty
    )


def try_one(number: int, name: str, n: int, methods: tuple[str, ...]) -> pd.DataFrame:
    """Draw and fit one cohort by every method."""
    design = DESIGNS[name]
    rng = np.random.default_rng([SEED, list(DESIGNS).index(name), n, number])
    frame, found = simulate(rng, design, n), []
    for method in methods:
        began = time.perf_counter()
        own = estimate(frame, design, method)
        found.append(own.assign(method=method, seconds=time.perf_counter() - began))
    return pd.concat(found)


def summarise(rows: pd.DataFrame, design: Design) -> pd.DataFrame:
    """Return coverage, bias and failures by method and quantity."""
    true = truth(design)
    rows = rows[rows["quantity"].isin(true)].copy()
    rows["true"] = rows["quantity"].map(true)
    rows["covers"] = rows["true"].between(rows["ci_low"], rows["ci_high"])
    grouped = rows.groupby(["method", "quantity"], sort=False)
    table = grouped.agg(
        true=("true", "first"), mean=("estimate", "mean"), sd=("estimate", "std"),
        coverage=("covers", "mean"), no_interval=("ci_low", lambda own: own.isna().mean()),
    )  # fmt: skip
    table.insert(3, "bias_in_sd", (table["mean"] - table["true"]) / table["sd"])
    return table


def main() -> None:
    """Try every cell and print what comes out."""
    cohorts = int(sys.argv[1]) if len(sys.argv) > 1 else COHORTS
    workers = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"seed {SEED}, {cohorts:,} cohorts a cell, {workers} processes")
    with multiprocessing.Pool(workers) as pool:
        for name, n, methods in CELLS:
            one = functools.partial(try_one, name=name, n=n, methods=methods)
            rows = pd.concat(pool.map(one, range(cohorts), chunksize=4))
            print(f"\n{name}, {n} patients")
            print(summarise(rows, DESIGNS[name]).round(3).to_string())
            by_method = rows.groupby("method", sort=False)
            seconds, ended = by_method["seconds"].mean(), by_method["converged"].mean()
            told = by_method["told"].mean()
            for method in methods:
                print(
                    f"{method}: {seconds[method]:.3f} s a cohort; the search ended and the rate is "
                    f"told in {ended[method]:.3f}, nothing at a boundary in {told[method]:.3f}",
                    flush=True,
                )


if __name__ == "__main__":
    # one thread a process: the processes share out the cores
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()

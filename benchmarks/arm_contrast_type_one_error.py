"""Does the arm contrast at the last visit hold its level in small trials that lose patients?

Run: python benchmarks/arm_contrast_type_one_error.py [TRIALS] [WORKERS]
Truth: the arms do not differ. Baseline and four visits of unstructured covariance (standard
deviations rise, correlations fall). After each visit a patient may leave for good, the likelier the
higher the last value: missing at random, 25 % have no last visit. Every method sees the same
trials and the same fixed part, baseline x visit + arm x visit. statsmodels' MixedLM has no
unstructured covariance and no df: its user takes a random intercept, or intercept and slope, and
the z test of the summary. "z" is our fit judged by the normal distribution.
Shifting an arm's last visit shifts its estimate by the same: coverage is 1 - rejection for every
true difference at that visit.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from gradex_analysis.errors import GradexError
from gradex_analysis.stats.mixed_models import MixedFit, fit_mmrm

SEED = 20240901
PER_ARM = (10, 20, 40)
TRIALS = 4_000
CHUNK = 50
ARMS = ["usual_care", "graded_exposure"]
VISITS = ["v1", "v2", "v3", "v4"]
# Baseline first, then the four visits.
MEAN = np.array([62.0, 55.0, 49.0, 45.0, 43.0])
SD = np.array([8.0, 10.0, 12.0, 13.0, 14.0])
CORRELATION = np.array(
    [
        [1.00, 0.60, 0.50, 0.42, 0.35],
        [0.60, 1.00, 0.72, 0.60, 0.45],
        [0.50, 0.72, 1.00, 0.78, 0.60],
        [0.42, 0.60, 0.78, 1.00, 0.82],
        [0.35, 0.45, 0.60, 0.82, 1.00],
    ]
)
# The log odds of leaving after a visit at its mean, and per standard deviation above it.
LEAVING, LEAVING_PER_SD = -2.5, 0.8
FIXED = "baseline*visit + arm*visit"


class Verdict(NamedTuple):
    """What one method says of one trial; NaN where it fails."""

    method: str
    estimate: float
    p_value: float
    covers: float
    fell_back: float


def simulate(seed: np.random.SeedSequence, per_arm: int) -> pd.DataFrame:
    """Return a trial without difference, one row a visit seen or not."""
    rng = np.random.default_rng(seed)
    n = 2 * per_arm
    fear = MEAN + rng.multivariate_normal(np.zeros(5), CORRELATION, n) * SD
    z = (fear - MEAN) / SD
    odds = np.exp(LEAVING + LEAVING_PER_SD * z[:, 1:-1])
    leaves = rng.random(odds.shape) < odds / (1.0 + odds)
    gone = np.column_stack([np.zeros(n, dtype=bool), np.logical_or.accumulate(leaves, axis=1)])
    visit = np.tile(np.arange(4), n)
    return pd.DataFrame(
        {
            "patient_id": np.repeat(np.arange(n), 4),
            "arm": pd.Categorical.from_codes(np.repeat(np.arange(n) % 2, 4), ARMS),
            "visit": pd.Categorical.from_codes(visit, VISITS),
            "last_first": pd.Categorical.from_codes(visit, VISITS).reorder_categories(
                VISITS[-1:] + VISITS[:-1]
            ),
            "week": visit + 1.0,
            "baseline": np.repeat(fear[:, 0], 4),
            "fear": np.where(gone, np.nan, fear[:, 1:]).ravel(),
        }
    )


def judge(trial: pd.DataFrame) -> Iterator[Verdict]:
    for df in ("kenward-roger", "satterthwaite"):
        try:
            fit = fit_mmrm(
                trial, outcome="fear", fixed=FIXED, visit="visit", subject="patient_id", df=df
            )
        except GradexError:
            yield fail(f"MMRM, {df}")
            continue
        yield from read(fit, df)
    for label, random in (("intercept", "1"), ("intercept + slope", "1 + week")):
        yield judge_with_statsmodels(trial, f"MixedLM, {label}, z", random)


def read(fit: MixedFit, df: str) -> Iterator[Verdict]:
    contrasts = fit.contrasts("arm", by="visit", reference=ARMS[0])
    last = contrasts[contrasts["visit"].eq(VISITS[-1])].iloc[0]
    fell_back = float(len(fit.attempts) > 1)
    covers = float(last["ci_low"] <= 0.0 <= last["ci_high"])
    yield Verdict(f"MMRM, {df}", last["estimate"], last["p_value"], covers, fell_back)
    if df == "satterthwaite":
        p_value = 2.0 * stats.norm.sf(abs(last["statistic"]))
        yield Verdict("MMRM, z", last["estimate"], p_value, float(p_value > 0.05), fell_back)


def judge_with_statsmodels(trial: pd.DataFrame, method: str, random: str) -> Verdict:
    formula = "fear ~ " + FIXED.replace("visit", "last_first")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rows = trial.dropna()
            fit = smf.mixedlm(formula, rows, groups="patient_id", re_formula=random).fit()
            low, high = fit.conf_int().loc[f"arm[T.{ARMS[1]}]"]
    except np.linalg.LinAlgError:
        return fail(method)
    p_value = fit.pvalues[f"arm[T.{ARMS[1]}]"]
    covers = np.nan if np.isnan(p_value) else float(low <= 0.0 <= high)
    return Verdict(method, fit.params[f"arm[T.{ARMS[1]}]"], p_value, covers, np.nan)


def fail(method: str) -> Verdict:
    return Verdict(method, np.nan, np.nan, np.nan, np.nan)


def judge_some(per_arm: int, seeds: list[np.random.SeedSequence]) -> pd.DataFrame:
    """Return one row a trial and method, and as a method "trial" the share without last visit."""
    rows: list[Verdict] = []
    for seed in seeds:
        trial = simulate(seed, per_arm)
        rows += judge(trial)
        lost = trial.loc[trial["visit"].eq(VISITS[-1]), "fear"].isna().mean()
        rows.append(Verdict("trial", lost, np.nan, np.nan, np.nan))
    return pd.DataFrame(rows).assign(per_arm=per_arm)


def run(trials: int, workers: int) -> pd.DataFrame:
    # One thread a worker: the matrices are small, and threads of a BLAS would only compete.
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        jobs = []
        for per_arm, cell in zip(PER_ARM, np.random.SeedSequence(SEED).spawn(3), strict=True):
            seeds = cell.spawn(trials)
            for begin in range(0, trials, CHUNK):
                jobs.append(pool.submit(judge_some, per_arm, seeds[begin : begin + CHUNK]))
        done = []
        for number, job in enumerate(jobs, start=1):
            done.append(job.result())
            print(f"\r{number} of {len(jobs)} chunks", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return pd.concat(done, ignore_index=True)


def summarise(verdicts: pd.DataFrame) -> pd.DataFrame:
    """Return per cell and method the share below .05 among fits that gave a p value."""
    rejects = verdicts["p_value"].lt(0.05).where(verdicts["p_value"].notna())
    cells = verdicts.assign(rejects=rejects.astype(float)).groupby(
        ["per_arm", "method"], sort=False
    )
    table = cells.agg(
        rejects=("rejects", "mean"),
        coverage=("covers", "mean"),
        fell_back=("fell_back", "mean"),
        estimate=("estimate", "mean"),
        estimate_sd=("estimate", "std"),
        fits=("p_value", "count"),
        trials=("p_value", "size"),
    )
    table.insert(1, "mc_se", np.sqrt(table["rejects"] * (1 - table["rejects"]) / table["fits"]))
    table["estimate_mc_se"] = table.pop("estimate_sd") / np.sqrt(table["fits"])
    table["failed"] = 1.0 - table.pop("fits") / table["trials"]
    return table.reset_index()


def main(trials: int, workers: int) -> None:
    table = summarise(run(trials, workers))
    is_trial = table["method"].eq("trial")
    reach = 3.0 * np.sqrt(0.05 * 0.95 / trials)
    print(f"seed {SEED}, {trials} trials a cell; 0.05 +- 3 Monte Carlo SE = ", end="")
    print(f"{0.05 - reach:.4f} to {0.05 + reach:.4f}")
    lost = table.loc[is_trial].set_index("per_arm")["estimate"].round(3).to_dict()
    print(f"share without the last visit, by patients per arm: {lost}")
    print(table[~is_trial].drop(columns="trials").round(4).to_string(index=False))


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*numbers, *(TRIALS, os.cpu_count() or 1)[len(numbers) :])

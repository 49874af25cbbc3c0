"""Do the intervals of fit_decays hold the level they claim, also in short and stopped exposures?

Run: python benchmarks/decay_coverage.py
Long design: 12 ratings in 30 minutes, errors of SD 4. Short design: up to 6 ratings in 10 minutes,
errors of SD 8, rounded to tens within 0 to 100, stopped by fear: after each rating from the third
with probability logistic(-5 + 0.04 (rating - 60)), or once two ratings are at most half the peak.
An open interval covers at its open side; a series of too few ratings has the interval 0 to
infinity. Intervals of start and asymptote are t intervals from the standard errors, where given.
"If identified" looks only at the closed intervals: with few ratings these are a selection of
extreme courses, and neither their rates nor their half-lives stand for the others. Last, the same
ratings in tens by the normal and by the interval-censored likelihood.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped
from gradex_analysis.stats.curves import fit_decays

SEED = 20240819
COHORTS = 2_000
EXPOSURES = 40
LEVELS = (0.80, 0.90, 0.95)
TYPICAL_RATE = 0.15
N_STEPS = 20_000


def simulate(rng: np.random.Generator, minutes: np.ndarray, sd: float) -> tuple[pd.DataFrame, ...]:
    """Return the truth of each exposure, one row each, and the ratings, one row each."""
    n = COHORTS * EXPOSURES
    truth = pd.DataFrame(
        {
            "start": rng.normal(78.0, 8.0, n),
            "asymptote": rng.normal(26.0, 8.0, n),
            "rate": np.exp(rng.normal(np.log(TYPICAL_RATE), 0.4, n)),
        }
    )
    fall = (truth["start"] - truth["asymptote"]).to_numpy()[:, None]
    remaining = np.exp(-np.outer(truth["rate"], minutes))
    fear = truth["asymptote"].to_numpy()[:, None] + fall * remaining
    fear += rng.normal(0.0, sd, fear.shape)
    grid = {"series": np.repeat(np.arange(n), len(minutes)), "minute": np.tile(minutes, n)}
    return truth, pd.DataFrame({**grid, "fear": fear.ravel()})


def stop(rng: np.random.Generator, ratings: pd.DataFrame, per_series: int) -> pd.DataFrame:
    """Round to tens and leave out what comes after a stop."""
    fear = np.clip(np.round(ratings["fear"].to_numpy(), -1), 0.0, 100.0).reshape(-1, per_series)
    gives_up = rng.random(fear.shape) < 1.0 / (1.0 + np.exp(5.0 - 0.04 * (fear - 60.0)))
    halved = fear <= 0.5 * np.maximum.accumulate(fear, axis=1)
    ends = gives_up | (np.cumsum(halved, axis=1) >= 2)
    ends[:, :2] = False
    over = np.cumsum(ends, axis=1) - ends > 0
    return ratings.assign(fear=fear.ravel())[~over.ravel()]


def cover(truth: pd.Series, low: pd.Series, high: pd.Series) -> str:
    """Return coverage in percent with its Monte Carlo standard error, as text."""
    covered = ((low <= truth) & (truth <= high)).to_numpy()
    share = covered.mean()
    return f"{100 * share:6.2f} +- {100 * np.sqrt(share * (1 - share) / len(covered)):.2f}"


def check(design: str, truth: pd.DataFrame, ratings: pd.DataFrame) -> None:
    for level in LEVELS:
        fits = fit_decays(ratings["series"], ratings["minute"], ratings["fear"], confidence=level)
        print(f"{design:12} | {level:.2f} | {describe(truth, fits, level)}")
    print("    ", fits["status"].value_counts(normalize=True).round(3).to_dict())


def describe(truth: pd.DataFrame, fits: pd.DataFrame, level: float) -> str:
    line = [cover(truth["rate"], fits["rate_low"], fits["rate_high"])]
    closed = fits["identified"].to_numpy()
    ends = fits.loc[closed, "rate_low"], fits.loc[closed, "rate_high"]
    line.append(cover(truth.loc[closed, "rate"], *ends))
    quantile = pd.Series(stats.t.ppf(0.5 + level / 2, np.maximum(fits["n"] - 3, 1)))
    for name in ("start", "asymptote"):
        reach = quantile * fits[f"{name}_std_error"]
        seen = (reach.notna() & fits[name].notna()).to_numpy()
        ends = (fits[name] - reach)[seen], (fits[name] + reach)[seen]
        line.append(cover(truth.loc[seen, name], *ends))
    return " | ".join([*line, f"{100 * closed.mean():.1f}"])


def check_steps(design: str, truth: pd.DataFrame, ratings: pd.DataFrame) -> None:
    """Compare both likelihoods on the same ratings in tens, of fewer exposures."""
    some = ratings[ratings["series"] < N_STEPS]
    tens = np.clip(10.0 * np.round(some["fear"] / 10.0), 0.0, 100.0)
    for name, heaped in (("exact", None), ("in cells", Heaped(grid=10.0))):
        fits = fit_curves(
            some["series"], some["minute"], tens, form=FORMS["exponential"], heaped=heaped
        )
        table = fits.table
        print(f"{design:12} | {name:8} | {describe(truth.iloc[:N_STEPS], table, 0.95)}")


def main() -> None:
    rng = np.random.default_rng(SEED)
    print(f"{COHORTS} cohorts of {EXPOSURES} exposures a design, seed {SEED}")
    print("coverage in %: design | level | rate | rate if identified | start | asymptote", end="")
    print(" | % identified")
    long = simulate(rng, np.linspace(0.0, 30.0, 12), sd=4.0)
    check("long", *long)
    minutes = np.linspace(0.0, 10.0, 6)
    truth, ratings = simulate(rng, minutes, sd=8.0)
    check("short", truth, ratings)
    stopped = stop(rng, ratings, len(minutes))
    check("stopped", truth, stopped)
    print(f"the first {N_STEPS} in tens, taken as exact numbers and as cells (level 0.95):")
    check_steps("long", *long)
    check_steps("short", truth, ratings)
    check_steps("stopped", truth, stopped)


if __name__ == "__main__":
    main()

"""How much faster than a vectorised pandas groupby is summarise_runs?

Run: python benchmarks/exposure_summaries.py
Timed: ours from the first row of each exposure and its minutes and fear, sorted (a cohort holds
exposures as integer codes in order from load on), to the table. pandas to the same columns: from a
shuffled log with text ids, sorted once and grouped; and, with the sort given away too, from frames
in our order by text ids and by integer codes. All take turns in one process.
"""

from __future__ import annotations

import statistics
import time

import numpy as np
import pandas as pd

from gradex_analysis.stats.segments import summarise_runs

SEED = 20240818
N_EXPOSURES = 100_000
RATINGS = 10
ROUNDS = 5


def simulate() -> pd.DataFrame:
    """Return one million ratings, sorted by exposure and minute; 1 to 19 in an exposure."""
    rng = np.random.default_rng(SEED)
    counts = rng.permutation(np.arange(N_EXPOSURES) % (2 * RATINGS - 1) + 1)
    code = np.repeat(np.arange(N_EXPOSURES), counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    minute = 2.0 * (np.arange(len(code)) - first)
    fear = np.round(80.0 * np.exp(-0.05 * minute) + rng.normal(0.0, 8.0, len(code)))
    ids = np.char.add("P0123-S04-E", np.char.zfill(code.astype(str), 6))
    return pd.DataFrame({"code": code, "exposure_id": ids, "minute": minute, "fear": fear})


def summarise_with_pandas(ratings: pd.DataFrame, key: str) -> pd.DataFrame:
    """Summarise as a careful user would: no function called per group."""
    by_key = ratings.groupby(key, sort=False)
    elapsed = ratings["minute"] - by_key["minute"].transform("mean")
    width = by_key["minute"].diff()
    middle = (ratings["fear"] + by_key["fear"].shift()) / 2.0
    work = ratings.assign(ty=elapsed * ratings["fear"], tt=elapsed**2, area=width * middle)
    table = work.groupby(key, sort=False).agg(
        n=("fear", "size"),
        first=("fear", "first"),
        peak=("fear", "max"),
        last=("fear", "last"),
        first_time=("minute", "first"),
        last_time=("minute", "last"),
        ty=("ty", "sum"),
        tt=("tt", "sum"),
        area=("area", "sum"),
    )
    at_peak = ratings["fear"] == by_key["fear"].transform("max")
    table["peak_time"] = ratings[at_peak].groupby(key, sort=False)["minute"].first()
    table["slope"] = table.pop("ty") / table.pop("tt").replace(0.0, np.nan)
    duration = (table["last_time"] - table["first_time"]).replace(0.0, np.nan)
    table["mean_level"] = table.pop("area") / duration
    return table


def sort_and_summarise(log: pd.DataFrame) -> pd.DataFrame:
    return summarise_with_pandas(log.sort_values(["exposure_id", "minute"]), "exposure_id")


def main() -> None:
    ratings = simulate()
    starts = np.flatnonzero(np.diff(ratings["code"].to_numpy(), prepend=-1))
    minute, fear = ratings["minute"].to_numpy(), ratings["fear"].to_numpy()
    log = ratings.sample(frac=1.0, random_state=SEED, ignore_index=True)
    contestants = {
        "ours": lambda: summarise_runs(starts, minute, fear),
        "pandas, sort and group by text ids": lambda: sort_and_summarise(log),
        "pandas, sorted, by text ids": lambda: summarise_with_pandas(ratings, "exposure_id"),
        "pandas, sorted, by integer codes": lambda: summarise_with_pandas(ratings, "code"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    tables = {}
    for _ in range(ROUNDS):
        for name, summarise in contestants.items():
            begun = time.perf_counter()
            tables[name] = summarise()
            seconds[name].append(time.perf_counter() - begun)
    median = {name: statistics.median(taken) for name, taken in seconds.items()}
    print(f"{len(ratings)} ratings, {N_EXPOSURES} exposures, seed {SEED}, median of {ROUNDS}")
    for name in list(contestants)[1:]:
        theirs = tables[name].reset_index(drop=True)[tables["ours"].columns]
        pd.testing.assert_frame_equal(tables["ours"], theirs, rtol=1e-9, atol=1e-9)
        print(f"{name} / ours: {median[name] / median['ours']:.1f} times, same numbers")


if __name__ == "__main__":
    main()

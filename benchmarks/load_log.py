"""How long does the gate take beside reading the file only, and what does provenance cost?

Run: python benchmarks/load_log.py
Timed: load_cohort of one log of 100,000 ratings, with every check, against pandas.read_csv of the
same file, which checks nothing. Provenance: bytes beside each rating, of at most 8.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from gradex_analysis.loaders import load_cohort

SEED = 20240818
EXPOSURES, RATINGS = 10_000, 10
ROUNDS = 3


def write_log(path: Path) -> None:
    """Write a clean log: ten ratings an exposure, twenty exposures a patient."""
    rng = np.random.default_rng(SEED)
    exposure = np.repeat(np.arange(EXPOSURES), RATINGS)
    minute = np.tile(2 * np.arange(RATINGS), EXPOSURES)
    fear = np.clip(np.round(80 * np.exp(-0.05 * minute) + rng.normal(0, 8, len(minute))), 0, 100)
    log = pd.DataFrame(
        {
            "patient_id": [f"P{number:05d}" for number in exposure // 20],
            "session_number": exposure % 20 + 1,
            "exposure_id": [f"E{number:06d}" for number in exposure],
            "item_id": "I1",
            "minute": minute,
            "fear": fear.astype(int),
        }
    )
    log.to_csv(path, index=False)


def main() -> None:
    """Print the ratio of medians and the bytes a rating."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        write_log(path)
        seconds: dict[str, list[float]] = {"load_cohort": [], "read_csv": []}
        for _ in range(ROUNDS):
            for name, load in (("load_cohort", load_cohort), ("read_csv", pd.read_csv)):
                begun = time.perf_counter()
                loaded = load(path)
                seconds[name].append(time.perf_counter() - begun)
                if name == "load_cohort":
                    cohort = loaded
    ours, theirs = (statistics.median(taken) for taken in seconds.values())
    places = cohort.origin.provenance["ratings"]
    print(f"{len(cohort.ratings)} ratings, seed {SEED}, median of {ROUNDS}")
    print(f"load_cohort with every check / read_csv with none: {ours / theirs:.0f} times as long")
    print(f"provenance: {places.memory_usage(index=False).sum() / len(places):.0f} bytes a rating")


if __name__ == "__main__":
    main()

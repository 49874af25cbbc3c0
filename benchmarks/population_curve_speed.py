"""How long does a population of decays take, beside R's nlme?

Run: python benchmarks/population_curve_speed.py
1,000 patients, one exposure each of 9 to 12 ratings in 20 minutes; patients differ in asymptote and
log rate, or in start as well. Both begin from a data frame with text ids, make their own starting
values (R: nls on all ratings, begun from means at both ends) and give standard errors. R stays one
process that holds the clock itself, and has taken a first fit before; the two take turns. nlme
linearises, ours integrates; ours linearised stands beside them.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from gradex_analysis.stats.population_curve import fit_population_decay

SEED = 20241130
PATIENTS = 1_000
ROUNDS = 5
RANDOM = {"two random effects": ("asymptote", "rate"), "three": ("asymptote", "rate", "start")}
SCRIPT = Path(__file__).with_name("population_curve_rival.R")


def simulate(rng: np.random.Generator, random: tuple[str, ...]) -> pd.DataFrame:
    """Draw the ratings from the model that is fitted: one row each."""
    asymptote, rate = rng.normal(28.0, 9.0, PATIENTS), np.exp(rng.normal(-1.6, 0.35, PATIENTS))
    start = rng.normal(76.0, 8.0 if "start" in random else 0.0, PATIENTS)
    counts = rng.integers(9, 13, PATIENTS)
    row = np.repeat(np.arange(PATIENTS), counts)
    number = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
    minute = number * 20.0 / (counts[row] - 1)
    fear = asymptote[row] + (start - asymptote)[row] * np.exp(-rate[row] * minute)
    fear += rng.normal(0.0, 5.0, len(row))
    patient = np.array([f"P{i:04d}" for i in range(PATIENTS)])[row]
    return pd.DataFrame({"patient": patient, "exposure": patient, "minute": minute, "fear": fear})


def time_ours(frame: pd.DataFrame, random: tuple[str, ...], method: str) -> tuple[float, str]:
    """Return seconds, and the estimates."""
    began = time.perf_counter()
    fit = fit_population_decay(
        frame, value="fear", time="minute", exposure="exposure", patient="patient", random=random,
        method=method,
    )  # fmt: skip
    table = fit.coefficients
    seconds = time.perf_counter() - began
    said = ", ".join(
        f"{row.part} {row.estimate:.4f} ({row.std_error:.4f})" for row in table.itertuples()
    )
    return seconds, said if fit.converged else f"{said}; {fit.notes}"


class Rival:
    """A warm R process that fits on demand."""

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", str(SCRIPT), str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def fit(self, effects: int) -> tuple[float, str]:
        """Return seconds, and the estimates or why there are none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{effects}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("R ended; does it have nlme?")
        seconds, said = line.rstrip("\n").split("\t")
        return float(seconds), said

    def close(self) -> None:
        """Let R end."""
        self._process.communicate()


def main() -> None:
    """Take turns and print medians."""
    if shutil.which("Rscript") is None:
        print("There is no Rscript here: nlme is not timed.")
    for effects, (name, random) in enumerate(RANDOM.items(), start=2):
        frame = simulate(np.random.default_rng(SEED), random)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "decay.csv"
            frame.to_csv(file, index=False)
            rival = Rival(file) if shutil.which("Rscript") else None
            run(frame, rival, name, random, effects)
            if rival is not None:
                rival.close()


def run(
    frame: pd.DataFrame, rival: Rival | None, name: str, random: tuple[str, ...], effects: int
) -> None:
    """Time one model by all ways in turn."""
    seconds: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):  # the first round only warms up
        found = {
            method: time_ours(frame, random, method) for method in ("quadrature", "linearized")
        }
        if rival is not None:
            found["nlme"] = rival.fit(effects)
        for way, (took, said) in found.items():
            seconds.setdefault(way, []).append(took)
            if number == 0:
                print(f"{name}, {way}: {said}")
    medians = {way: statistics.median(took[1:]) for way, took in seconds.items()}
    for way, took in medians.items():
        beside = f", nlme takes {medians['nlme'] / took:.1f} times as long" if rival else ""
        print(f"{name}, {way}: {took:.3f} s (median of {ROUNDS}){beside}", flush=True)


if __name__ == "__main__":
    main()

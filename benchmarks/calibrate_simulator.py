"""Does the simulator show the features it was tuned to, and how far does mean item fear fall?

Run ``python benchmarks/calibrate_simulator.py``. It prints every target beside what 12,000 patients
show, and the values of ``EXPECTED_FEAR_CHANGE`` (``simulation/instruments.py``), which have to be
written there whenever an assumption about fear changes.
"""

from __future__ import annotations

import numpy as np

from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.calibration import TARGETS, TOLERANCE, measure_features
from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.engine import live


def compare_features(n: int, seed: int) -> None:
    found = measure_features(simulate_cohort(n, seed=seed).tables)
    for name, target in TARGETS.items():
        ratio = found[name] / target
        mark = "" if abs(ratio - 1) <= TOLERANCE else "  <- beyond a fifth"
        print(f"{name:45s} {target:8.3f} {found[name]:8.3f} {ratio:6.2f}{mark}")
    print(f"{'ratings at ends':45s} {'< 0.05':>8s} {found['ratings at ends']:8.3f}")


def expect_fear_change(n: int, seed: int) -> None:
    setting = Setting(n=n, seed=seed, design="two_exposures", missing="none")
    parts = [(some.office.arm, some.exposing.fear_change) for some in live(setting)]
    arm = np.concatenate([one for one, _ in parts])
    change = np.concatenate([values for _, values in parts])
    for number, one in enumerate(setting.arms):
        mean = change[arm == number].mean(axis=0)
        error = change[arm == number].std(axis=0) / np.sqrt((arm == number).sum())
        print(f"{one.name}: {mean.round(2)} (Monte Carlo SE {error.round(2)})")


if __name__ == "__main__":
    compare_features(n=12_000, seed=1)
    expect_fear_change(n=30_000, seed=2)

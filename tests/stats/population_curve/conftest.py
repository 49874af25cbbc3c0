"""Ratings drawn from the model, and the fit with its columns named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.population_curve import PopulationFit, fit_population_decay

COLUMNS = {"value": "fear", "time": "minute", "exposure": "exposure", "patient": "patient"}


def draw(
    n: int,
    exposures: int = 1,
    *,
    seed: int = 1,
    times: tuple[float, ...] = (0, 2, 4, 6, 9, 12, 16, 20),
    spreads: tuple[float, float, float, float] = (0.35, 9.0, 0.0, 0.0),
    residual: float = 5.0,
) -> pd.DataFrame:
    """Draw a cohort about 76, 28 and log rate -1.6: one row per rating.

    ``spreads`` are those of log rate, asymptote, start and start of an exposure.
    """
    rng = np.random.default_rng(seed)
    rate, asymptote, start = (
        rng.normal(mean, sd, n)
        for mean, sd in zip((-1.6, 28.0, 76.0), spreads[:3], strict=True)
    )  # fmt: skip
    rows = []
    for i in range(n):
        for j in range(exposures):
            own = start[i] + spreads[3] * rng.standard_normal()
            left = np.exp(-np.exp(rate[i]) * np.array(times))
            fear = asymptote[i] + (own - asymptote[i]) * left
            fear = fear + residual * rng.standard_normal(len(times))
            rows += [(f"P{i}", f"P{i}-E{j}", float(t), y) for t, y in zip(times, fear, strict=True)]
    return pd.DataFrame(rows, columns=["patient", "exposure", "minute", "fear"])


def fit(frame: pd.DataFrame, **options: Any) -> PopulationFit:
    """Fit by the names that ``draw`` gives."""
    return fit_population_decay(frame, **COLUMNS, **options)


@pytest.fixture(scope="session")
def cohort() -> Callable[..., pd.DataFrame]:
    """Return ``draw``."""
    return draw


@pytest.fixture(scope="session")
def fitted() -> Callable[..., PopulationFit]:
    """Return ``fit``."""
    return fit

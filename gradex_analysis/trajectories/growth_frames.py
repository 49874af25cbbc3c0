"""What are the slopes of a model of courses, their differences, and the mean course?"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.stats.simultaneous import find_critical_value
from gradex_analysis.trajectories.answers import STATISTICS
from gradex_analysis.trajectories.growth import Growth

Numbers = npt.NDArray[np.float64]
#: places at which a curve over days is drawn
N_PLACES = 41
#: the stream of draws for bands, apart from that of the bootstrap
BAND = 2
POINT = ["estimate", "std_error", "df", "ci_low", "ci_high"]


def list_slopes(growth: Growth) -> pd.DataFrame:
    """List each arm's slope in each segment: ``arm, segment, per, estimate`` and statistics."""
    weights = {
        (arm, segment): _row(growth.slopes[column], arm)
        for arm in growth.arms
        for column, segment in growth.basis.segments.items()
    }
    return _combine(growth, weights, ["arm", "segment"])


def compare_slopes(growth: Growth, reference: str | None) -> pd.DataFrame:
    """Compare slopes between arms: with ``reference``, or all pairs where none is given.

    ``contrast, arm, reference, segment, per, estimate`` (arm - reference) and statistics.
    """
    pairs = [
        (arm, other)
        for other, arm in combinations(growth.level.index, 2)
        if reference in (None, other)
    ]
    weights = {
        (f"{arm} - {other}", arm, other, segment): _row(own, arm) - _row(own, other)
        for arm, other in pairs
        for own, segment in zip(growth.slopes.values(), growth.basis.segments.values(), strict=True)
    }
    return _combine(growth, weights, ["contrast", "arm", "reference", "segment"])


def _row(weights: pd.DataFrame, arm: str) -> Numbers:
    return np.asarray(weights.loc[arm], dtype=np.float64)


def _combine(growth: Growth, weights: Mapping[Any, Numbers], keys: list[str]) -> pd.DataFrame:
    found = pd.DataFrame(list(weights), columns=keys).assign(per=growth.basis.per)
    if found.empty:
        return pd.DataFrame(columns=[*keys, "per", *STATISTICS])
    rows = pd.DataFrame(np.vstack([*weights.values()]), columns=growth.level.columns)
    return pd.concat([found, growth.fit.combine(rows)[STATISTICS]], axis=1)


def draw_curves(
    growth: Growth, mean: pd.DataFrame, *, seed: int, n_draws: int
) -> tuple[pd.DataFrame, dict[str, dict[str, float]]]:
    """Estimate each arm's mean course between its first and last time, with two intervals.

    ``ci_low, ci_high`` hold each point and ``band_low, band_high`` the arm's whole course, with
    95 % confidence: sup-t, at the smallest df of the arm's points. Beside the frame, by arm, the
    ``critical_value`` of the band and its ``df``.
    """
    seeds = np.random.SeedSequence(seed, spawn_key=(BAND,)).spawn(len(growth.arms))
    parts, critical = [], {}
    for arm, own_seed in zip(growth.arms, seeds, strict=True):
        own = mean[mean["arm"] == arm]
        part, spread = _at(growth, arm, _places(own, growth))
        df = float(part["df"].min())
        value = find_critical_value(spread, df, seed=own_seed, n_draws=n_draws)
        half = value * part["std_error"]
        low, high = part["estimate"] - half, part["estimate"] + half
        part = part.assign(band_low=low, band_high=high, is_thin=part["time"] > _last_firm(own))
        parts.append(part)
        critical[arm] = {"critical_value": value, "df": df}
    return pd.concat(parts, ignore_index=True), critical


def _at(growth: Growth, arm: str, places: Numbers) -> tuple[pd.DataFrame, Numbers]:
    """Estimate an arm's course at places on the axis; return the estimates' covariance as well."""
    columns = growth.basis.columns_at(places)
    weights = np.tile(_row(growth.level, arm), (len(places), 1))
    for name, own in growth.slopes.items():
        weights += np.outer(columns[name], _row(own, arm))
    found = growth.fit.combine(pd.DataFrame(weights, columns=growth.level.columns))
    keys = pd.DataFrame({"arm": arm, "time": places})
    frame = pd.concat([keys, found[POINT]], axis=1)
    covariance = growth.fit.covariance.to_numpy("float64")
    return frame, weights @ covariance @ weights.T


def _places(own: pd.DataFrame, growth: Growth) -> Numbers:
    first, last = own["time"].min(), own["time"].max()
    if growth.basis.time != "days":
        return np.arange(first, last + 1)
    places = np.linspace(first, last, N_PLACES)
    knot = growth.basis.knot
    return places if knot is None else np.unique([*places, float(np.clip(knot, first, last))])


def _last_firm(own: pd.DataFrame) -> float:
    """Return the last time before the first at which few remain."""
    thin = own.loc[own["is_thin"], "time"]
    firm = own["time"] if thin.empty else own.loc[own["time"] < thin.min(), "time"]
    return float(firm.max())

"""What is an index on average, where ratings scatter about a course?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.noise.rows import Rows, index_of
from gradex_analysis.measures.within_session import Definition
from gradex_analysis.progress import Progress

Floats = npt.NDArray[np.float64]

#: ratings simulated at a time: bounds the memory, and paces the progress
BATCH = 200_000
FEWEST = 20  #: draws without which a Monte Carlo error says nothing


def draw_biases(
    rows: Rows,
    chosen: Definition,
    *,
    seed: int,
    n_draws: int,
    grid: float | None,
    progress: Progress,
) -> pd.DataFrame:
    """Simulate every exposure's ratings about its course; return the exposures with ``bias``.

    ``bias_mc_error`` is its Monte Carlo standard error. A draw in which the index has no value (a
    peak at the floor, say) does not count.
    """
    if n_draws < FEWEST:
        raise CannotAnswerError(f"n_draws is {n_draws}. Pass {FEWEST} or more.")
    if grid is not None and not 0 < grid <= 50:
        raise CannotAnswerError(f"grid is {grid:g}. Pass the step of the ratings: 1, 5 or 10.")
    n = len(rows.exposures)
    total, squares, counts = np.zeros(n), np.zeros(n), np.zeros(n)
    series = _in_order(rows.series)
    deviation = rows.exposures["residual_sd"].to_numpy()[series["exposure"]]
    rng = np.random.default_rng(seed)
    size = max(1, BATCH // max(len(series), 1))
    for first in range(0, n_draws if n else 0, size):
        many = min(size, n_draws - first)
        noise = rng.standard_normal((many, len(series))) * deviation
        value = _round(series["curve"].to_numpy() + noise, grid)
        # from the curve, so that equal numbers leave no rounding
        own = _index(series, value, n, chosen) - rows.exposures["on_curve"].to_numpy()
        known = ~np.isnan(own)
        total += np.where(known, own, 0.0).sum(axis=0)
        squares += np.where(known, own**2, 0.0).sum(axis=0)
        counts += known.sum(axis=0)
        progress(first + many, n_draws, "draws")
    counts = np.where(counts > 1, counts, np.nan)
    bias = total / counts
    variance = np.maximum(squares / counts - bias**2, 0.0)
    return rows.exposures.assign(bias=bias, bias_mc_error=np.sqrt(variance / counts))


def _round(value: Floats, grid: float | None) -> Floats:
    return value if grid is None else np.clip(grid * np.round(value / grid), 0.0, 100.0)


def _index(series: pd.DataFrame, value: Floats, n: int, chosen: Definition) -> Floats:
    """Return the index of each draw and exposure; the draws are as many exposures more."""
    many = len(value)
    drawn = np.repeat(np.arange(many), len(series))
    frame = pd.DataFrame(
        {
            "exposure": np.tile(series["exposure"], many) + n * drawn,
            "time": np.tile(series["time"], many),
            "value": value.ravel(),
        }
    )
    order = np.argsort(frame["exposure"].to_numpy(), kind="stable")
    index = index_of(frame.iloc[order].reset_index(drop=True), n * many, chosen)
    return index.to_numpy(dtype="float64").reshape(many, n)


def _in_order(series: pd.DataFrame) -> pd.DataFrame:
    """Put the exposures in the order of their ratings: one seed, one answer for any naming."""
    ratings = series[["time", "value"]].round(9)
    own = {key: tuple(part.to_numpy().ravel()) for key, part in ratings.groupby(series["exposure"])}
    rank = {key: place for place, key in enumerate(sorted(own, key=lambda key: own[key]))}
    order = np.argsort(series["exposure"].map(rank).to_numpy(), kind="stable")
    return series.iloc[order].reset_index(drop=True)

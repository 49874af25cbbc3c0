"""How much do the values of each run of rows vary?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

#: of values on 0 to 100
TOP = 100.0
#: of a sum of squares, below which it is rounding
ROUNDING = 1e-12


def spread_runs(starts: npt.ArrayLike, time: npt.ArrayLike, value: npt.ArrayLike) -> pd.DataFrame:
    """Measure the spread of every run of rows: one row per run, in their order.

    ``starts`` holds the first row of each run; values are on 0 to 100. Columns:

    - ``sd``: standard deviation, with n - 1
    - ``successive``: root of the sum of squared successive differences over n - 1
    - ``detrended``: residual standard deviation about the least-squares line on time, with n - 2
    - ``relative``: the standard deviation with n, over the largest possible at that mean,
      ``sqrt(mean (100 - mean))``: between 0 and 1; missing where the mean is 0 or 100

    Missing where a run has too few rows, or no line.
    """
    times, values = np.asarray(time, dtype=float), np.asarray(value, dtype=float)
    begins = np.asarray(starts, dtype=np.int64)
    counts = np.diff(begins, append=len(values))
    if not len(begins):
        return pd.DataFrame(columns=["sd", "successive", "detrended", "relative"], dtype="float64")
    mean, about = _centre(values, begins, counts)
    _, elapsed = _centre(times, begins, counts)
    squares = np.add.reduceat(about**2, begins)
    along, by_time = np.add.reduceat(about * elapsed, begins), np.add.reduceat(elapsed**2, begins)
    line = np.divide(along**2, by_time, out=np.full(len(counts), np.nan), where=by_time > 0)
    steps = np.diff(values, prepend=values[:1])
    steps[begins] = 0.0
    # what a perfect line leaves over is rounding, and may be below 0
    left = np.where(squares - line > ROUNDING * squares, squares - line, 0.0)
    left[np.isnan(line)] = np.nan
    return pd.DataFrame(
        {
            "sd": _root(squares, counts - 1.0),
            "successive": _root(np.add.reduceat(steps**2, begins), counts - 1.0),
            "detrended": _root(left, counts - 2.0),
            "relative": _root(squares / counts, np.where(counts > 1, mean * (TOP - mean), 0.0)),
        }
    )


def _centre(numbers: Floats, begins: npt.NDArray[np.int64], counts: npt.NDArray[np.int64]
            ) -> tuple[Floats, Floats]:  # fmt: skip
    # from the first row, so that equal numbers are equal to the last digit
    about = numbers - np.repeat(numbers[begins], counts)
    shift = np.add.reduceat(about, begins) / counts
    return numbers[begins] + shift, about - np.repeat(shift, counts)


def _root(squares: Floats, over: Floats) -> Floats:
    """Return the root of a ratio; missing where nothing can be divided by."""
    ratio = np.divide(squares, over, out=np.full(len(squares), np.nan), where=over > 0)
    root: Floats = np.sqrt(ratio)
    return root

"""What would a patient-random slope be, had one number not been reported with error?

The number is on both sides: ``y = after - before`` on ``x = occurred - before``. An error of SD
``s`` in ``before`` adds ``s^2`` to the mean of ``x^2`` and of ``xy``, so that a slope between 0 and
1 comes out too near to 1, not to 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

Floats = npt.NDArray[np.float64]
COLUMNS = ["report_sd", "estimate", "std_error", "ci_low", "ci_high", "df", "left_of_errors"]


def correct_slope(
    patient: npt.ArrayLike,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    *,
    residual: float,
    between: float,
    report_sd: Sequence[float],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Correct a slope through 0 for an error that enters both sides.

    ``sum_i w_i (S_xy - n s^2) / sum_i w_i (S_xx - n s^2)`` over patients, with the weights of the
    uncorrected model, ``w_i = 1 / (residual + between S_xx)``; without error it is the model's own
    estimate. The interval is that of leaving out one patient after the other (jackknife), t with
    patients less 1. Errors are taken to be independent, of mean 0 and one SD for everybody.

    Returns
    -------
    DataFrame
        One row per ``report_sd``: ``estimate`` with its interval, and ``left_of_errors``, the share
        of the squares of ``x`` that is no report error. Where nothing is left there is no estimate.
    """
    frame = pd.DataFrame({"patient": patient, "x": x, "y": y})
    frame = frame.assign(xx=frame["x"] ** 2, xy=frame["x"] * frame["y"], n=1.0)
    sums = frame.groupby("patient", sort=True)[["xx", "xy", "n"]].sum()
    weights = 1 / (residual + between * sums["xx"])
    xx, xy, n = (sums[name].mul(weights).to_numpy() for name in ("xx", "xy", "n"))
    rows = [_correct(xx, xy, n, float(sd), confidence) for sd in report_sd]
    return pd.DataFrame(rows, columns=COLUMNS)


def _correct(xx: Floats, xy: Floats, n: Floats, sd: float, confidence: float) -> list[float]:
    above, below = xy - n * sd**2, xx - n * sd**2
    left = float(below.sum() / xx.sum()) if xx.sum() > 0 else 0.0
    df = len(xx) - 1.0
    rest = below.sum() - below
    if left <= 0 or df < 1 or not (rest > 0).all():
        return [sd, *[np.nan] * 4, df, left]
    estimate = float(above.sum() / below.sum())
    without = (above.sum() - above) / rest
    std_error = float(np.sqrt(df / len(xx) * ((without - without.mean()) ** 2).sum()))
    half = float(special.stdtrit(df, (1 + confidence) / 2)) * std_error
    return [sd, estimate, std_error, estimate - half, estimate + half, df, left]

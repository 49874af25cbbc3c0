"""How sure are means over time, with what sets people apart taken out?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special


def measure_within_person(values: npt.ArrayLike, *, confidence: float = 0.95) -> pd.DataFrame:
    """Measure the column means of people x times with within-person intervals.

    Each value has its person's mean taken away and the mean of all put back (Cousineau); the
    variance of what is left is multiplied by ``J / (J - 1)`` for J times (Morey), and the interval
    is ``mean +- t(n - 1) x sqrt(variance / n)``. Such intervals are for looking at changes: two
    times differ in a paired t test where the distance of their means exceeds sqrt(2) half-widths
    (exactly so with two times). They say nothing of the mean's own height.

    Parameters
    ----------
    values
        One row a person, one column a time; nobody may lack a value, two or more of each.

    Returns
    -------
    DataFrame
        One row a time: ``mean, std_error, ci_low, ci_high, df, n``.

    References
    ----------
    Cousineau (2005), doi:10.20982/tqmp.01.1.p042; Morey (2008), doi:10.20982/tqmp.04.2.p061
    """
    matrix = np.asarray(values, dtype=np.float64)
    if matrix.ndim != 2 or min(matrix.shape) < 2 or not np.isfinite(matrix).all():
        raise ValueError("Within-person intervals need two people and two times, all of them.")
    n, n_times = matrix.shape
    mean = matrix.mean(axis=0)
    normalised = matrix - matrix.mean(axis=1, keepdims=True) + matrix.mean()
    variance = normalised.var(axis=0, ddof=1) * n_times / (n_times - 1)
    std_error = np.sqrt(variance / n)
    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * std_error
    columns = {"std_error": std_error, "ci_low": mean - half, "ci_high": mean + half}
    return pd.DataFrame({"mean": mean, **columns, "df": n - 1, "n": n})

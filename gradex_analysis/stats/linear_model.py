"""What does a linear model estimate, and how sure is it?

Ordinary least squares by QR; intervals and tests by Student's t and Fisher's F.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

Floats = npt.NDArray[np.float64]

#: share of a column's length, beside all columns before it, below which it says nothing new
COLLINEAR = 1e-8
#: share of the outcome's spread left in the residuals, below which nothing is left to compare with
PERFECT = 1e-20


@dataclass(frozen=True, eq=False, kw_only=True)
class LinearFit:
    """Coefficients with their covariance; ``names`` in the order of the design's columns."""

    names: tuple[str, ...]
    coefficients: Floats
    covariance: Floats
    robust_covariance: Floats
    residual_ss: float
    df: int
    is_perfect: bool

    @property
    def residual_sd(self) -> float:
        """Standard deviation of the residuals, with ``df`` in its denominator."""
        return float(np.sqrt(self.residual_ss / self.df))


def first_collinear(design: pd.DataFrame) -> str | None:
    """Return the first column that is a combination of those before it; None where there is none.

    Each column is judged by its own length, so that units do not matter.
    """
    columns = design.to_numpy(dtype="float64")
    triangle = np.asarray(np.linalg.qr(columns, mode="r"))
    at = first_dependent(triangle, columns.shape[1])
    return None if at is None else str(design.columns[at])


def first_dependent(triangle: Floats, n_columns: int) -> int | None:
    """Return the first dependent column of the design whose QR has this R; None where none is."""
    left = np.abs(np.diag(triangle))
    lengths = np.linalg.norm(triangle, axis=0)
    beyond = np.ones(n_columns - len(left), dtype=bool)  # more columns than rows
    dependent = np.concatenate([left <= COLLINEAR * lengths[: len(left)], beyond])
    return int(np.argmax(dependent)) if dependent.any() else None


def fit_linear(design: pd.DataFrame, outcome: npt.ArrayLike) -> LinearFit:
    """Fit ``outcome = design @ coefficients`` by least squares.

    ``covariance`` is ``s2 (X'X)^-1``; ``robust_covariance`` is HC3, ``(X'X)^-1 X' diag(e2 / (1 -
    h)^2) X (X'X)^-1``, NaN where a single row settles a coefficient (leverage 1). The design
    must have more rows than columns, and no collinear one (``first_collinear``).

    References
    ----------
    MacKinnon & White (1985), doi:10.1016/0304-4076(85)90158-7 (HC3)
    """
    x, y = design.to_numpy(dtype="float64"), np.asarray(outcome, dtype="float64")
    q, r = np.linalg.qr(x)
    solve = np.linalg.solve(r, q.T)
    coefficients = solve @ y
    residuals = y - x @ coefficients
    residual_ss = float(residuals @ residuals)
    df = x.shape[0] - x.shape[1]
    left = 1 - np.sum(q**2, axis=1)
    settled = bool((left < COLLINEAR).any())
    scaled = solve * (np.nan if settled else residuals / left)
    total_ss = float(np.sum((y - y.mean()) ** 2))
    return LinearFit(
        names=tuple(map(str, design.columns)),
        coefficients=coefficients,
        covariance=solve @ solve.T * residual_ss / df,
        robust_covariance=scaled @ scaled.T,
        residual_ss=residual_ss,
        df=df,
        is_perfect=residual_ss <= PERFECT * total_ss,
    )


def estimate(
    fit: LinearFit,
    weights: Mapping[str, float],
    *,
    robust: bool = False,
    confidence: float = 0.95,
) -> dict[str, float]:
    """Estimate a weighted sum of coefficients, with its t interval and the test that it is 0.

    Columns that ``weights`` does not name have the weight 0. Returns ``estimate, std_error,
    ci_low, ci_high, df, statistic, p_value``.
    """
    own = np.array([weights.get(name, 0.0) for name in fit.names])
    value = float(own @ fit.coefficients)
    covariance = fit.robust_covariance if robust else fit.covariance
    std_error = float(np.sqrt(own @ covariance @ own))
    half = float(special.stdtrit(fit.df, (1 + confidence) / 2)) * std_error
    statistic = value / std_error
    return {
        "estimate": value,
        "std_error": std_error,
        "ci_low": value - half,
        "ci_high": value + half,
        "df": float(fit.df),
        "statistic": statistic,
        "p_value": 2 * float(special.stdtr(fit.df, -abs(statistic))),
    }


def compare_nested(larger: LinearFit, smaller: LinearFit) -> dict[str, float]:
    """Test by F whether the larger model's further columns explain more than chance would.

    ``F = ((RSS_smaller - RSS_larger) / (df_smaller - df_larger)) / (RSS_larger / df_larger)``.
    Returns ``statistic, df_between, df, p_value``.
    """
    df_between = smaller.df - larger.df
    explained = (smaller.residual_ss - larger.residual_ss) / df_between
    statistic = explained / (larger.residual_ss / larger.df)
    return {
        "statistic": statistic,
        "df_between": float(df_between),
        "df": float(larger.df),
        "p_value": float(special.fdtrc(df_between, larger.df, statistic)),
    }

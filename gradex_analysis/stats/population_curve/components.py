"""How much do patients and exposures differ, and how sure is that?

Intervals are normal on the scale where estimates are closest to it: logarithms of standard
deviations, inverse hyperbolic tangents of correlations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.stats.mixed_models.derivatives import IMAGINARY, Floats
from gradex_analysis.stats.population_curve.parameters import RANDOM, TRIANGLE, Layout, Values

COMPONENTS = [
    "level", "effect", "other", "quantity", "estimate", "std_error", "ci_low", "ci_high",
    "at_boundary",
]  # fmt: skip
#: a correlation this close to 1 is perfect
PERFECT = 1 - 1e-7


class _Quantity(NamedTuple):
    """A number of the model on the scale of its interval, and the way back."""

    key: tuple[str, str, str, str]
    of: Callable[[Values], Any]
    back: Callable[[Floats], Floats]
    slope_back: Callable[[float], float]


def differentiate(function: Callable[[npt.NDArray[Any]], Any], theta: Floats) -> Floats:
    """Differentiate by the complex step; one row per parameter."""
    steps = theta + 1j * IMAGINARY * np.eye(theta.size)
    return np.array([np.imag(function(step)) / IMAGINARY for step in steps])


def list_components(
    layout: Layout, random: frozenset[str], theta: Floats, covariance: Floats, quantile: float
) -> pd.DataFrame:
    """List standard deviations and correlations; those of ``random`` the model left out are 0."""
    rows = [_row(layout, q, theta, covariance, quantile) for q in _quantities(layout)]
    for name in RANDOM:
        if name in random - layout.random:
            rows.append((*_key(name), "sd", 0.0, np.nan, np.nan, np.nan, True))
    return pd.DataFrame(rows, columns=COMPONENTS)


def _key(name: str) -> tuple[str, str, str]:
    return ("exposure", "start", "") if name == "exposure_start" else ("patient", name, "")


def _row(
    layout: Layout, quantity: _Quantity, theta: Floats, covariance: Floats, quantile: float
) -> tuple[Any, ...]:
    at = float(np.real(quantity.of(layout.unpack(theta))))
    estimate = float(quantity.back(np.array(at)))
    if quantity.key[-1] == "correlation" and abs(estimate) > PERFECT:
        return (*quantity.key, np.sign(estimate), np.nan, np.nan, np.nan, True)
    slope = differentiate(lambda t: quantity.of(layout.unpack(t)), theta)
    error = float(np.sqrt(slope @ covariance @ slope))
    ends = quantity.back(np.array([at - quantile * error, at + quantile * error]))
    return (*quantity.key, estimate, error * quantity.slope_back(estimate), *ends, False)


def _quantities(layout: Layout) -> list[_Quantity]:
    places = [TRIANGLE.index(name) for name in layout.effects]
    found = [_sd(_key(TRIANGLE[i]), _log_sd(i)) for i in places]
    found += [
        _Quantity(
            ("patient", TRIANGLE[i], TRIANGLE[j], "correlation"),
            _correlation(i, j), np.tanh, lambda estimate: 1.0 - estimate**2,
        )
        for i in places for j in places if j < i
    ]  # fmt: skip
    if layout.varies_by_exposure:
        found.append(_sd(_key("exposure_start"), lambda v: np.log(v.exposure_start**2) / 2.0))
    return [*found, _sd(("rating", "residual", ""), lambda values: values.log_residual)]


def _sd(key: tuple[str, str, str], log_sd: Callable[[Values], Any]) -> _Quantity:
    return _Quantity((*key, "sd"), log_sd, np.exp, lambda estimate: estimate)


def _log_sd(i: int) -> Callable[[Values], Any]:
    return lambda values: np.log((values.triangle[i] ** 2).sum()) / 2.0


def _correlation(i: int, j: int) -> Callable[[Values], Any]:
    def of(values: Values) -> Any:  # real or complex
        own = values.triangle
        size = np.sqrt((own[i] ** 2).sum() * (own[j] ** 2).sum())
        correlation = (own[i] * own[j]).sum() / size
        inside = np.clip(correlation.real, -1 + 1e-12, 1 - 1e-12)
        return np.arctanh(inside + 1j * np.imag(correlation))

    return of

"""How may a patient's values at different visits vary together?

Every structure turns free parameters into a covariance matrix: standard deviations by exp,
correlations by tanh. Parameters may be complex and may have leading axes, so that one call gives
all derivatives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gradex_analysis.stats.mixed_models.derivatives import Floats, Function

Numbers = npt.NDArray[np.inexact]


@dataclass(frozen=True)
class Structure:
    """One structure: how many parameters of correlation, and the correlations they make.

    ``correlate(parameters, lags)`` has ``lags``, the distances between visits: whole numbers of
    visits, or days. ``heterogeneous`` structures have a standard deviation per visit.
    """

    name: str
    n_correlations: Callable[[int], int]
    correlate: Callable[[Numbers, Floats], Numbers]
    start: Callable[[Floats], Floats]
    heterogeneous: bool

    def n_parameters(self, n_visits: int) -> int:
        """Return the number of parameters over so many visits."""
        return (n_visits if self.heterogeneous else 1) + self.n_correlations(n_visits)

    def begin(self, covariance: Floats) -> Floats:
        """Return parameters near a covariance matrix of the visits."""
        variances = np.diag(covariance)
        sd = np.sqrt(variances if self.heterogeneous else variances.mean(keepdims=True))
        scale = np.sqrt(np.outer(variances, variances))
        return np.concatenate([np.log(sd), self.start(covariance / scale)])

    def build(self, lags: Floats) -> Function:
        """Return the function from parameters to covariances, for visits that far apart."""
        n_sd = lags.shape[-1] if self.heterogeneous else 1

        def _covariance(parameters: Numbers) -> Numbers:
            sd = np.exp(parameters[..., :n_sd])
            correlation = self.correlate(parameters[..., n_sd:], lags)
            if self.heterogeneous:
                return sd[..., :, None] * correlation * sd[..., None, :]
            return (sd**2).reshape(sd.shape[:-1] + (1,) * lags.ndim) * correlation

        return _covariance


def _unit(share: float) -> float:
    return float(np.arctanh(np.clip(share, -0.9, 0.9)))


def _neighbours(correlation: Floats) -> Floats:
    return np.diag(correlation, 1)


def _one(correlation: Floats) -> Floats:
    return np.array([_unit(_neighbours(correlation).mean())]) if len(correlation) > 1 else _NONE


def _by_lag(correlation: Floats) -> Floats:
    lags = range(1, len(correlation))
    return np.array([_unit(np.diag(correlation, lag).mean()) for lag in lags])


def _each(correlation: Floats) -> Floats:
    return np.array([_unit(share) for share in _neighbours(correlation)])


def _equal(correlation: Floats) -> Floats:
    n = len(correlation)
    if n == 1:
        return _NONE
    mean = (correlation.sum() - n) / (n * (n - 1))
    low = -1 / (n - 1)
    share = np.clip((mean - low) / (1 - low), 0.05, 0.95)
    return np.array([np.log(share / (1 - share))])


def _toeplitz(parameters: Numbers, lags: Floats) -> Numbers:
    ones = np.ones((*parameters.shape[:-1], 1))
    return np.concatenate([ones, np.tanh(parameters)], axis=-1)[..., lags.astype(int)]


def _first_order(parameters: Numbers, lags: Floats) -> Numbers:
    if not parameters.shape[-1]:
        return np.ones((*parameters.shape[:-1], 1, 1))
    return np.asarray(np.tanh(parameters)[..., None] ** lags.astype(int))


def _compound(parameters: Numbers, lags: Floats) -> Numbers:
    n = lags.shape[-1]
    if n == 1:
        return np.ones((*parameters.shape[:-1], 1, 1))
    low = -1 / (n - 1)  # below it the matrix has no inverse
    common = low + (1 - low) / (1 + np.exp(-parameters[..., None]))
    return np.asarray(np.eye(n) + common * (1 - np.eye(n)))


def _antedependence(parameters: Numbers, lags: Floats) -> Numbers:
    n = lags.shape[-1]
    neighbours = np.tanh(parameters)
    correlation = np.ones((*parameters.shape[:-1], n, n), dtype=parameters.dtype)
    for late in range(1, n):
        along = correlation[..., :late, late - 1] * neighbours[..., late - 1, None]
        correlation[..., :late, late] = along
        correlation[..., late, :late] = along
    return correlation


def _exponential(parameters: Numbers, lags: Floats) -> Numbers:
    rate = np.exp(parameters)
    return np.exp(-rate.reshape(rate.shape[:-1] + (1,) * lags.ndim) * lags)


def _unstructured(parameters: Numbers, lags: Floats) -> Numbers:
    """Return a correlation by the rows of a Cholesky factor, brought to length 1."""
    n = lags.shape[-1]
    factor = np.zeros((*parameters.shape[:-1], n, n), dtype=parameters.dtype)
    factor[..., *np.tril_indices(n, -1)] = parameters
    factor[..., range(n), range(n)] = 1.0
    length = np.sqrt((factor**2).sum(axis=-1, keepdims=True))
    factor = factor / length
    return np.asarray(factor @ np.swapaxes(factor, -1, -2))


def _cholesky(correlation: Floats) -> Floats:
    factor = np.linalg.cholesky(correlation)
    return (factor / np.diag(factor)[:, None])[np.tril_indices(len(correlation), -1)]


_NONE = np.empty(0)
_PAIRS = {
    "toeplitz": (lambda n: n - 1, _toeplitz, _by_lag),
    "ar1": (lambda n: min(n - 1, 1), _first_order, _one),
    "compound_symmetry": (lambda n: min(n - 1, 1), _compound, _equal),
    "antedependence": (lambda n: n - 1, _antedependence, _each),
}
STRUCTURES: Mapping[str, Structure] = {
    structure.name: structure
    for structure in (
        Structure(
            "unstructured",
            lambda n: n * (n - 1) // 2,
            _unstructured,
            _cholesky,
            heterogeneous=True,
        ),
        *(Structure(name, *how, heterogeneous=False) for name, how in _PAIRS.items()),
        *(
            Structure(f"heterogeneous_{name}", *how, heterogeneous=True)
            for name, how in _PAIRS.items()
        ),
        Structure(
            "spatial_exponential",
            lambda _: 1,
            _exponential,
            lambda _: np.zeros(1),
            heterogeneous=False,
        ),
    )
}
COVARIANCES = tuple(STRUCTURES)
#: what is tried next, from the freest to the plainest, where a structure cannot be estimated
LADDER = (
    "unstructured",
    "heterogeneous_toeplitz",
    "heterogeneous_antedependence",
    "heterogeneous_ar1",
    "heterogeneous_compound_symmetry",
    "ar1",
    "compound_symmetry",
)

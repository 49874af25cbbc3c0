"""What are the first and second derivatives of a small matrix function?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
#: maps parameters of shape ``(..., K)``, real or complex, to an array of shape ``(..., *out)``
Function = Callable[[npt.NDArray[np.inexact]], npt.NDArray[np.inexact]]

#: the imaginary step has no subtraction, so it may be as small as it likes
IMAGINARY = 1e-30
#: the real step of the second derivative: error of its square, and of rounding over it
REAL = 1e-5


def differentiate(function: Function, at: Floats) -> Floats:
    """Differentiate by the complex step, exact to rounding; shape ``(K, *out)``.

    References
    ----------
    Squire & Trapp (1998), doi:10.1137/S003614459631241X
    """
    steps = at + 1j * IMAGINARY * np.eye(at.size)
    return np.asarray(function(steps).imag) / IMAGINARY


def differentiate_twice(function: Function, at: Floats) -> Floats:
    """Differentiate twice, to about 1e-10 of the function's size; shape ``(K, K, *out)``."""
    aside = REAL * np.eye(at.size)
    inner = 1j * IMAGINARY * np.eye(at.size)
    forward = function(at + aside[:, None] + inner).imag
    backward = function(at - aside[:, None] + inner).imag
    second = np.asarray(forward - backward) / (2 * REAL * IMAGINARY)
    return (second + np.swapaxes(second, 0, 1)) / 2

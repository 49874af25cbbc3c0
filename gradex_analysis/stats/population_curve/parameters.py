"""Which numbers does the model have, and where do they stand?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from gradex_analysis.stats.mixed_models.derivatives import Floats

#: the parts of a course, in the order of their coefficients
PARTS = ("start", "asymptote", "rate")
#: what may vary: three parts between patients, the start also between exposures of a patient
RANDOM = ("asymptote", "rate", "start", "exposure_start")
#: patients' effects in the order of the triangle, the one that is integrated by nodes first
TRIANGLE = ("rate", "asymptote", "start")


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Right sides of the formulas of the three parts; that of the rate is on its logarithm."""

    start: str = "1"
    asymptote: str = "1"
    rate: str = "1"

    def formula(self, part: str) -> str:
        """Return the formula of a part."""
        return {"start": self.start, "asymptote": self.asymptote, "rate": self.rate}[part]


class Values(NamedTuple):
    """The parameters by name; ``theta`` may be complex, for derivatives by the complex step.

    Patients' effects are ``u_rate = spread z`` and ``(u_asymptote, u_start) = lean z + lower w``
    with ``z, w`` standard normal.
    """

    start: npt.NDArray[Any]
    asymptote: npt.NDArray[Any]
    rate: npt.NDArray[Any]
    #: lower triangle over rate, asymptote, start; rows of zeros for what does not vary
    triangle: npt.NDArray[Any]
    log_residual: Any
    #: standard deviation of the start between exposures; its sign means nothing
    exposure_start: Any

    @property
    def spread(self) -> Any:  # real or complex
        """Standard deviation of the log rate between patients."""
        return self.triangle[0, 0]

    @property
    def lean(self) -> npt.NDArray[Any]:
        """How asymptote and start go with a log rate one SD higher."""
        return self.triangle[1:, 0]

    @property
    def lower(self) -> npt.NDArray[Any]:
        """Triangle of asymptote and start, the rate given."""
        return self.triangle[1:, 1:]

    @property
    def residual_variance(self) -> float:
        """Variance of the residuals."""
        return float(np.exp(2 * self.log_residual))


@dataclass(frozen=True)
class Layout:
    """Where the parameters stand in the vector that is searched."""

    #: number of coefficients of each part, in the order of ``PARTS``
    widths: tuple[int, int, int]
    random: frozenset[str]
    #: entries of the triangle that stand at 0, where effects go together without fail
    at_zero: frozenset[tuple[int, int]] = frozenset()

    @property
    def effects(self) -> tuple[str, ...]:
        """Effects of patients, in the order of the triangle."""
        return tuple(name for name in TRIANGLE if name in self.random)

    @cached_property
    def parts(self) -> dict[str, slice]:
        """Places of the coefficients of each part."""
        ends = np.cumsum((0, *self.widths))
        return {p: slice(int(a), int(b)) for p, a, b in zip(PARTS, ends, ends[1:], strict=False)}

    @property
    def n_fixed(self) -> int:
        """Number of coefficients."""
        return sum(self.widths)

    @cached_property
    def cells(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """Rows and columns of the triangle's free entries, row by row."""
        places = [TRIANGLE.index(name) for name in self.effects]
        pairs = [(i, j) for i in places for j in places if j <= i]
        pairs = [pair for pair in pairs if pair not in self.at_zero]
        both = np.array(pairs, dtype=np.intp).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    @cached_property
    def triangle(self) -> slice:
        """Places of the triangle's entries."""
        return slice(self.n_fixed, self.n_fixed + len(self.cells[0]))

    @property
    def residual(self) -> int:
        """Place of the log residual SD."""
        return int(self.triangle.stop)

    @property
    def varies_by_exposure(self) -> bool:
        """Whether exposures of a patient differ in their start."""
        return "exposure_start" in self.random

    @property
    def size(self) -> int:
        """Number of parameters."""
        return self.residual + 1 + self.varies_by_exposure

    def unpack(self, theta: npt.NDArray[Any]) -> Values:
        """Name the parameters."""
        triangle = np.zeros((3, 3), dtype=theta.dtype)
        triangle[self.cells] = theta[self.triangle]
        last = theta[self.residual + 1] if self.varies_by_exposure else 0.0
        own = [theta[self.parts[part]] for part in PARTS]
        return Values(own[0], own[1], own[2], triangle, theta[self.residual], last)

    def pack(self, values: Values) -> Floats:
        """Put them in their places."""
        theta = np.empty(self.size)
        for part, own in zip(PARTS, (values.start, values.asymptote, values.rate), strict=True):
            theta[self.parts[part]] = own
        theta[self.triangle] = values.triangle[self.cells]
        theta[self.residual] = values.log_residual
        if self.varies_by_exposure:
            theta[self.residual + 1] = values.exposure_start
        return theta

"""Along which function of time does a model's course run?

``t`` is weeks, or exposures or sessions after the first. Straight: ``t``. Piecewise, with a knot
``k`` that is fixed beforehand: ``min(t, k)`` and ``max(0, t - k)``. Logarithmic:
``log2(1 + max(0, t))``, so that its slope is the change with every doubling.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import UnknownNameError

Model = Literal["linear", "piecewise", "log_time"]
MODELS: tuple[Model, ...] = get_args(Model)
Numbers = npt.NDArray[np.float64]
DAYS_PER_WEEK = 7
UNITS = {"days": "week", "session_number": "session", "exposure_number": "exposure"}
DOUBLED = {
    "days": "doubling of 1 + weeks",
    "session_number": "doubling of the session's number",
    "exposure_number": "doubling of the number of exposures",
}
WHOLE, BEFORE, AFTER = "whole", "before_knot", "after_knot"


@dataclass(frozen=True)
class Basis:
    """The columns of a model's time: one a segment of the course, and what their slopes are per.

    ``knot`` stands on the axis: a day, or the number of a session or exposure.
    """

    model: Model
    time: str
    knot: float | None = None

    @property
    def segments(self) -> dict[str, str]:
        """Return each column of the model, and the segment whose slope it has."""
        if self.model == "piecewise":
            return {"time_before": BEFORE, "time_after": AFTER}
        return {"log_time" if self.model == "log_time" else "time": WHOLE}

    @property
    def per(self) -> str:
        """Return the unit of a slope's denominator."""
        return (DOUBLED if self.model == "log_time" else UNITS)[self.time]

    def scale(self, axis: npt.ArrayLike) -> Numbers:
        """Return places on the axis as ``t``: weeks, or what came after the first."""
        places = np.asarray(axis, dtype=np.float64)
        return places / DAYS_PER_WEEK if self.time == "days" else places - 1

    def columns_at(self, axis: npt.ArrayLike) -> pd.DataFrame:
        """Return the model's columns at places on the axis."""
        t = self.scale(axis)
        knot = np.nan if self.knot is None else float(self.scale(self.knot))
        columns: dict[str, Callable[[], list[Numbers]]] = {
            "linear": lambda: [t],
            "piecewise": lambda: [np.minimum(t, knot), np.maximum(0.0, t - knot)],
            "log_time": lambda: [np.log2(1 + np.maximum(0.0, t))],
        }
        return pd.DataFrame(dict(zip(self.segments, columns[self.model](), strict=True)))


def check_model(model: str) -> Model:
    """Return the name of a model, or say which are on offer."""
    for name in MODELS:
        if name == model:
            return name
    raise UnknownNameError("model", model, MODELS)

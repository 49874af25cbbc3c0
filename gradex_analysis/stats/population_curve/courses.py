"""What course does the model expect, for a typical patient and on average over patients?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import Values

#: nodes over the log rate for the mean course, which has no sharp corner
NODES = 40


def typical(values: Values, designs: Mapping[str, Floats], time: Floats) -> npt.NDArray[Any]:
    """Return ``A + (R - A) exp(-k t)`` with all random effects 0; one row per row of designs."""
    start, asymptote, rate = _parts(values, designs)
    left = np.exp(-np.exp(rate) * time)
    return np.asarray(asymptote + (start - asymptote) * left)


def mean(values: Values, designs: Mapping[str, Floats], time: Floats) -> npt.NDArray[Any]:
    """Return the course averaged over patients, who differ in rate, asymptote and start.

    This is no course of any patient: early the fast ones fall, late the slow ones.
    """
    start, asymptote, rate = _parts(values, designs)
    z, weight = np.polynomial.hermite_e.hermegauss(NODES)
    rates = np.exp(rate[..., None] + values.spread * z)
    left = np.exp(-rates * np.asarray(time)[..., None])
    own_start = start[..., None] + values.lean[1] * z
    own_asymptote = asymptote[..., None] + values.lean[0] * z
    course = own_asymptote + (own_start - own_asymptote) * left
    return np.asarray(course @ (weight / weight.sum()))


def _parts(values: Values, designs: Mapping[str, Floats]) -> tuple[npt.NDArray[Any], ...]:
    own = (values.start, values.asymptote, values.rate)
    names = ("start", "asymptote", "rate")
    return tuple((designs[n] @ v)[:, None] for n, v in zip(names, own, strict=True))

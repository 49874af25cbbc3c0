"""Is a variance 0, or a correlation perfect, as far as the ratings tell?

A standard deviation that the search may carry through 0 ends there where the ratings want none.
Such a model is as likely without it, and only without it are standard errors to be had.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import TRIANGLE, Layout
from gradex_analysis.stats.population_curve.search import Message, Point, Surface

#: what a parameter may add to the log likelihood and still be called 0
NOTHING = 1e-3
#: parameters further from 0 than this, in their own standard errors, are not tried
NEAR = 0.5


def plainer(
    surface: Surface[Message], point: Point[Message], information: Floats
) -> tuple[Layout, Floats] | None:
    """Return a plainer model that is as likely, with its parameters; None where there is none."""
    near = np.abs(point.theta) * np.sqrt(np.abs(np.diag(information))) < NEAR
    for less in _candidates(surface.layout, near):
        theta = carry(surface.layout, point.theta, less)
        found = surface.with_layout(less).at(theta, point.message)
        if found.log_likelihood > point.log_likelihood - NOTHING:
            return less, theta
    return None


def _candidates(layout: Layout, near: np.ndarray) -> Iterator[Layout]:
    """Yield the models without one thing that is near 0."""
    if layout.varies_by_exposure and near[-1]:
        yield replace(layout, random=layout.random - {"exposure_start"})
    cells = list(zip(*layout.cells, strict=True))
    small = dict(zip(cells, near[layout.triangle], strict=True))
    for effect in layout.effects:
        place = TRIANGLE.index(effect)
        if all(small[cell] for cell in cells if cell[0] == place):
            kept = frozenset(cell for cell in layout.at_zero if place not in cell)
            yield replace(layout, random=layout.random - {effect}, at_zero=kept)
        elif small.get((place, place), False):
            column = frozenset(cell for cell in cells if cell[1] == place)
            yield replace(layout, at_zero=layout.at_zero | column)


def carry(layout: Layout, theta: Floats, other: Layout) -> Floats:
    """Carry parameters to a plainer model: the covariances that it has stay as they are."""
    values = layout.unpack(theta)
    covariance = values.triangle @ values.triangle.T
    triangle = np.zeros((3, 3))
    for j in range(3):
        for i in range(j, 3):
            if (i, j) not in set(zip(*other.cells, strict=True)):
                continue
            left = covariance[i, j] - triangle[i, :j] @ triangle[j, :j]
            if i == j:
                triangle[i, j] = np.sqrt(max(left, 0.0))
            elif triangle[j, j] > 0:
                triangle[i, j] = left / triangle[j, j]
    return other.pack(values._replace(triangle=triangle))

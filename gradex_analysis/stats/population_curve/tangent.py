"""What is the model near the present course of every exposure?

Near log rate ``k0`` it is linear: ``y + q k0 = q k + (1 - d) A + d R + e``, with ``q = df / dk0 =
(A0 - R0) k0 t d``. Sums of products of the columns q, 1 - d, d are all that its likelihood needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import Values
from gradex_analysis.stats.population_curve.rows import Ratings
from gradex_analysis.stats.population_curve.sums import Slots


@dataclass(frozen=True, eq=False)
class Tangent:
    """The linear model about ``courses``: log rate, asymptote and start of each exposure.

    Asymptote and start are about the ratings' centre. ``gram`` holds the products of the columns,
    ``outcome`` theirs with the outcome, ``square`` the outcome's with itself.
    """

    courses: Floats
    gram: Floats
    outcome: Floats
    square: Floats


def touch(slots: Slots, courses: Floats) -> Tangent:
    """Linearise about the courses."""
    log_rate, turn = courses[:, 0], courses[:, 1] - courses[:, 2]
    rate = np.exp(log_rate)[:, None]
    d, dd, yd, f, df, yf = (own[:, 0] for own in slots.measure(rate))
    gram = np.empty((len(courses), 3, 3))
    gram[:, 0, 0] = turn**2 * slots.measure_ff(rate)[:, 0]
    gram[:, 0, 1] = gram[:, 1, 0] = turn * (f - df)
    gram[:, 0, 2] = gram[:, 2, 0] = turn * df
    gram[:, 1, 1] = slots.n[:, 0] - 2.0 * d + dd
    gram[:, 1, 2] = gram[:, 2, 1] = d - dd
    gram[:, 2, 2] = dd
    ratings = np.column_stack([turn * yf, slots.y[:, 0] - yd, yd])
    outcome = ratings + log_rate[:, None] * gram[:, 0]
    square = slots.yy[:, 0] + log_rate * (ratings[:, 0] + outcome[:, 0])
    return Tangent(courses, gram, outcome, square)


def expect(ratings: Ratings, values: Values) -> Floats:
    """Return the courses of exposures whose random effects are 0."""
    designs = ratings.designs
    return np.column_stack(
        [
            designs["rate"] @ values.rate,
            designs["asymptote"] @ values.asymptote - ratings.centre,
            designs["start"] @ values.start - ratings.centre,
        ]
    )

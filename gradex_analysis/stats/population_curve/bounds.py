"""How far may the search go before what it looks for cannot be told any more?

Where courses are straight lines or steps at once, or nothing is left over, the likelihood rises
without end. The search stops a little beyond the place from which on ``judge`` says so.
"""

from __future__ import annotations

import numpy as np

from gradex_analysis.stats.decay_profile import LOG_RATES
from gradex_analysis.stats.population_curve.parameters import Values
from gradex_analysis.stats.population_curve.rows import Ratings

#: log rates beyond the ends of the range, per span of an exposure
BEYOND = 0.5
#: SD of the log rate above which its distribution is none: 95 % lie within a factor of 1000
BOUNDLESS = 3.5
#: residual SD below this share of the ratings' SD is none
NOTHING_LEFT = 1e-5


def is_within(ratings: Ratings, values: Values) -> bool:
    """Tell whether the search may go there."""
    spans = ratings.designs["rate"] @ values.rate + np.log(ratings.span)
    lowest, highest = LOG_RATES[0] - BEYOND, LOG_RATES[-1] + BEYOND
    return bool(
        lowest <= spans.min()
        and spans.max() <= highest
        and abs(values.spread) <= BOUNDLESS + BEYOND
        and values.log_residual >= np.log(NOTHING_LEFT * ratings.sd)
    )

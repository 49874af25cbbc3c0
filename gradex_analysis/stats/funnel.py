"""Within which limits does chance alone keep a count out of so many cases?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

Shares = npt.NDArray[np.float64]


def upper_limit(n: npt.ArrayLike, share: float, *, tail: float) -> Shares:
    """Return the share above which a count of ``n`` independent cases lies with less than ``tail``.

    A count ``y`` lies above ``n`` times the limit exactly where ``P(Y >= y) < tail``. Between the
    last count within and the first outside the limit is interpolated by their probabilities, so
    that it does not jump from one ``n`` to the next. At most 1; NaN for no cases.

    References
    ----------
    Funnel plots: Spiegelhalter 2005, doi:10.1002/sim.1970
    """
    sizes = np.asarray(n, dtype=np.float64)
    limit = np.full(sizes.shape, np.nan)
    some = sizes > 0
    cases = sizes[some]
    within = stats.binom.isf(tail, cases, share)
    at_least = stats.binom.sf(within - 1, cases, share)
    more = stats.binom.sf(within, cases, share)
    limit[some] = np.minimum((within + (at_least - tail) / (at_least - more)) / cases, 1.0)
    return limit


def lower_limit(n: npt.ArrayLike, share: float, *, tail: float) -> Shares:
    """Return the share below which a count of ``n`` independent cases lies with less than ``tail``.

    The mirror image of ``upper_limit``: cases without the event are counted instead. At least 0.
    """
    return np.asarray(1 - upper_limit(n, 1 - share, tail=tail))

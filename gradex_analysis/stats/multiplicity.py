"""How large is each p value once it is known how many there are?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from gradex_analysis.errors import CannotAnswerError, UnknownNameError

Floats = npt.NDArray[np.float64]

METHODS = ("holm", "hochberg", "benjamini_hochberg")


def adjust(p_values: npt.ArrayLike, method: str) -> Floats:
    """Adjust the p values of one family, declared beforehand; in the order given.

    With ``p_(1) <= ... <= p_(m)``: Holm ``max_{j<=i} (m - j + 1) p_(j)`` and Hochberg
    ``min_{j>=i} (m - j + 1) p_(j)`` keep the chance of any false finding in the family below the
    level (Hochberg: where the tests are not negatively dependent); Benjamini-Hochberg
    ``min_{j>=i} m p_(j) / j`` keeps the expected share of false ones among the findings below it.
    None exceeds 1.

    References
    ----------
    Holm (1979), Scand J Statist 6:65. Hochberg (1988), doi:10.1093/biomet/75.4.800.
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x
    """
    if method not in METHODS:
        raise UnknownNameError("multiplicity", method, METHODS)
    given = np.asarray(p_values, dtype="float64").ravel()
    if not ((given >= 0) & (given <= 1)).all():
        wrong = np.flatnonzero(~((given >= 0) & (given <= 1)))
        raise CannotAnswerError(
            f"p values go from 0 to 1; that in place {wrong[0] + 1} of {len(given)} is "
            f"{given[wrong[0]]}. A family is adjusted as a whole: leave out what has no p value."
        )
    order = np.argsort(given, kind="stable")
    adjusted = np.empty_like(given)
    adjusted[order] = np.minimum(_in_order(given[order], method), 1.0)
    return adjusted


def _in_order(p: Floats, method: str) -> Floats:
    rank = np.arange(1, len(p) + 1)
    if method == "holm":
        return np.maximum.accumulate((len(p) - rank + 1) * p)
    larger = len(p) / rank * p if method == "benjamini_hochberg" else (len(p) - rank + 1) * p
    return np.minimum.accumulate(larger[::-1])[::-1]

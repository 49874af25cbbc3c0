"""What can be said of a fit, and what cannot?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from gradex_analysis.stats.decay_profile import LOG_RATES
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.bounds import BOUNDLESS
from gradex_analysis.stats.population_curve.parameters import Layout
from gradex_analysis.stats.population_curve.rows import Ratings

#: smallest curvature, as a share of the largest with every parameter in its own scale, that tells
FLAT = 1e-9
#: standard error of a typical log rate above which it is not told: seven times more or less fits
UNTOLD = 1.0
STATUSES = ["quantity", "status", "why"]
_NAMES = {
    "asymptote": "patients' asymptotes",
    "rate": "patients' log rates",
    "start": "patients' starts",
    "exposure_start": "starts between exposures of a patient",
}
_PERFECT = (
    "Patients' parts go together without fail (a correlation of 1 or -1, or one part that follows "
    "from the others): the ratings cannot tell their covariance in full."
)


class Verdict(NamedTuple):
    """Covariance of the parameters (NaN where there is none), and what must be known of it."""

    covariance: Floats
    statuses: pd.DataFrame
    notes: tuple[str, ...]
    is_identified: bool


def invert(information: Floats) -> Floats | None:
    """Invert an information; None where it is no bowl, or flat."""
    diagonal = np.diag(information)
    if not (np.isfinite(information).all() and (diagonal > 0).all()):
        return None
    scale = np.sqrt(diagonal)
    sizes, directions = np.linalg.eigh(information / np.outer(scale, scale))
    if sizes[0] <= FLAT * sizes[-1]:
        return None
    inverse = (directions / sizes) @ directions.T
    return np.asarray(inverse / np.outer(scale, scale))


def judge(
    ratings: Ratings, layout: Layout, random: frozenset[str], theta: Floats, information: Floats
) -> Verdict:
    """Judge what the ratings tell of each quantity."""
    rows = [
        ("sd of " + _NAMES[name], "at_zero", f"The ratings tell no differences in {_NAMES[name]}: "
         "their variance is estimated at 0, and they are left out of the model.")
        for name in _NAMES if name in random - layout.random
    ]  # fmt: skip
    if layout.at_zero:
        rows.append(("correlation", "perfect", _PERFECT))
    covariance = invert(information)
    rows += _rate_rows(ratings, layout, theta, covariance)
    if covariance is None:
        rows.append(
            ("all", "flat", "The likelihood is flat in some direction: no standard errors.")
        )
        covariance = np.full_like(information, np.nan)
    statuses = pd.DataFrame(rows, columns=STATUSES)
    is_identified = not statuses["status"].isin(["not_identified", "flat"]).any()
    return Verdict(covariance, statuses, tuple(statuses["why"]), is_identified)


def _rate_rows(
    ratings: Ratings, layout: Layout, theta: Floats, covariance: Floats | None
) -> list[tuple[str, str, str]]:
    values, design = layout.unpack(theta), ratings.designs["rate"]
    spans = design @ values.rate + np.log(ratings.span)
    rows, why = [], ""
    if spans.min() < LOG_RATES[0] or spans.max() > LOG_RATES[-1]:
        course = "a straight line" if spans.min() < LOG_RATES[0] else "a step at once"
        why = f"Within the exposures a typical course is {course}: a rate cannot be told."
    elif covariance is not None:
        row, own = design.mean(axis=0), layout.parts["rate"]
        if row @ covariance[own, own] @ row > UNTOLD**2:
            why = "Rates seven times lower or higher fit nearly as well: a rate cannot be told."
    if why:
        rows.append(("rate", "not_identified", why))
    if values.spread**2 > BOUNDLESS**2:
        why = "Patients' log rates spread without bounds: many courses are flat or steps."
        rows.append(("sd of patients' log rates", "not_identified", why))
    return rows


def tells_rate(rate: pd.Series, std_error: pd.Series, span: pd.Series) -> pd.Series:
    """Tell which of some rates can be told from exposures of a usual length.

    One that makes the course a straight line or a step at once cannot, nor one whose standard
    error says that seven times more or less fits nearly as well.
    """
    log_span = np.log(rate * span.reindex(rate.index))
    inside = (log_span > LOG_RATES[0]) & (log_span < LOG_RATES[-1])
    return pd.Series(inside & (std_error / rate < UNTOLD), index=rate.index)

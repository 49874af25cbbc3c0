"""Where does the search begin, so that nobody has to say?"""

from __future__ import annotations

import numpy as np

from gradex_analysis.stats.decay_profile import LOG_RATES
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import Layout, Values
from gradex_analysis.stats.population_curve.rows import Ratings
from gradex_analysis.stats.population_curve.sums import Slots

#: SD of the log rate between patients that the search starts from
SPREAD = 0.4
#: share of the spread about the pooled curve that is taken for residual where nothing tells
RESIDUAL = 0.5
#: least share of that spread in what varies
LEAST = 0.1
#: rates at the ends of the search are no place to begin
INSIDE = slice(6, -6)


def make_start(slots: Slots, layout: Layout) -> Floats:
    """Take one rate for all, the best with every exposure's own start and asymptote.

    Coefficients follow by least squares at that rate, spreads from what they leave.
    """
    ratings = slots.ratings
    log_rates = LOG_RATES[INSIDE] - np.log(ratings.span)
    rss, free = _profile(slots, log_rates)
    best = int(np.argmin(rss))
    start, asymptote, left = _pooled(ratings, log_rates[best])
    own = rss[best] / free if free > 0 else RESIDUAL * left
    varies = layout.random - {"rate"}
    residual = min(max(own, LEAST * left), (1 - LEAST) * left) if varies else left
    spread = np.sqrt((left - residual) / 2.0)
    rate = np.linalg.lstsq(
        ratings.designs["rate"], np.full(len(ratings.patient), log_rates[best]), rcond=None
    )[0]
    triangle = np.diag([SPREAD, spread, spread])
    return layout.pack(
        Values(start, asymptote, np.asarray(rate), triangle, np.log(residual) / 2.0, spread)
    )


def _profile(slots: Slots, log_rates: Floats) -> tuple[Floats, int]:
    """Return the squares that lines over d leave in all exposures, per rate, and their freedom."""
    n_exposures = len(slots.ratings.patient)
    sums = slots.measure(np.broadcast_to(np.exp(log_rates), (n_exposures, len(log_rates))))
    n = slots.n
    dd = np.maximum(sums.dd - sums.d**2 / n, 0.0)
    yd, yy = sums.yd - slots.y * sums.d / n, slots.yy - slots.y**2 / n
    told = np.divide(yd**2, dd, out=np.zeros_like(dd), where=dd > 1e-10 * n)
    free = int(np.maximum(slots.ratings.counts - 2, 0).sum()) - 1
    return np.asarray((yy - told).sum(axis=0)), free


def _pooled(ratings: Ratings, log_rate: float) -> tuple[Floats, Floats, float]:
    """Return the coefficients of start and asymptote at one rate, and the variance about them."""
    d = np.exp(-np.exp(log_rate) * ratings.time)[:, None]
    start, asymptote = (
        ratings.designs[part][ratings.exposure_of] for part in ("start", "asymptote")
    )
    columns = np.hstack([start * d, asymptote * (1.0 - d)])
    value = ratings.value + ratings.centre
    found = np.linalg.lstsq(columns, value, rcond=None)[0]
    left = float(np.mean((value - columns @ found) ** 2))
    least = 1e-6 * float(np.mean(ratings.value**2))
    n = start.shape[1]
    return np.asarray(found[:n]), np.asarray(found[n:]), max(left, least)

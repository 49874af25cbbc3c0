"""How likely are a patient's ratings, the rate given, and which way would each number have to go?

Given the rate, ratings are normal: ``r = y - A (1 - d) - R d`` has covariance ``s^2 I`` + (start of
the exposure) ``d d'`` + (patient's asymptote and start) ``Z O Z'``. The first two are inverted per
exposure (Sherman & Morrison), the last per patient, as 2 x 2. Slopes follow from the posterior
moments of asymptote and start (Fisher's identity), so they are exact.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.population_curve.parameters import Values
from gradex_analysis.stats.population_curve.rows import Ratings
from gradex_analysis.stats.population_curve.sums import Slots, Sums


class Inner(NamedTuple):
    """Products of asymptote's column, start's column and residual, over ``V0`` of an exposure."""

    aa: Floats
    ar: Floats
    rr: Floats
    a: Floats
    r: Floats
    square: Floats


class Means(NamedTuple):
    """Expected asymptote and start (about the centre), as the node has them; exposures x nodes."""

    asymptote: Floats
    start: Floats


class Patient(NamedTuple):
    """Posterior of a patient's asymptote and start at each node, and the likelihood."""

    #: deviations of asymptote and start: means, variances, covariance
    u_a: Floats
    u_r: Floats
    c_aa: Floats
    c_ar: Floats
    c_rr: Floats
    #: what Z'V^-1 r and Z'V^-1 Z are over the whole covariance
    g_a: Floats
    g_r: Floats
    k_aa: Floats
    k_ar: Floats
    k_rr: Floats
    square: Floats
    log_density: Floats


class Slopes(NamedTuple):
    """Slopes of the log density by each exposure's means, log rate and start's variance."""

    asymptote: Floats
    start: Floats
    log_rate: Floats
    start_variance: Floats


def expected(ratings: Ratings, values: Values, z: Floats) -> Means:
    """Return asymptote and start of each exposure at its patient's nodes."""
    own = z[ratings.patient]
    a = ratings.designs["asymptote"] @ values.asymptote - ratings.centre
    r = ratings.designs["start"] @ values.start - ratings.centre
    return Means(a[:, None] + values.lean[0] * own, r[:, None] + values.lean[1] * own)


def rates(ratings: Ratings, values: Values, z: Floats) -> Floats:
    """Return the rate of each exposure at its patient's nodes."""
    log_rate = ratings.designs["rate"] @ values.rate
    return np.asarray(np.exp(log_rate[:, None] + values.spread * z[ratings.patient]))


def multiply(slots: Slots, sums: Sums, means: Means, values: Values) -> tuple[Inner, Floats]:
    """Return the products per exposure, and what its start leaves of a sum along d."""
    variance = values.residual_variance
    ratio = values.exposure_start**2 / variance
    left = 1.0 / (1.0 + ratio * sums.dd)
    a, drop = means.asymptote, means.start - means.asymptote
    along = sums.yd - a * sums.d - drop * sums.dd
    level = slots.y - a * slots.n - drop * sums.d
    square = slots.yy - a * (slots.y + level) - drop * (sums.yd + along)
    taken = ratio * left
    dr, one_r = along * left, level - taken * sums.d * along
    one_d, dd = sums.d * left, sums.dd * left
    inner = Inner(
        aa=(slots.n - taken * sums.d**2 - 2.0 * one_d + dd) / variance,
        ar=(one_d - dd) / variance,
        rr=dd / variance,
        a=(one_r - dr) / variance,
        r=dr / variance,
        square=(square - taken * along**2) / variance,
    )
    return inner, left


def judge(slots: Slots, inner: Inner, left: Floats, values: Values) -> Patient:
    """Add up exposures and let asymptote and start vary between patients."""
    ratings = slots.ratings
    total = Inner(*map(ratings.per_patient, inner))
    o = values.lower @ values.lower.T
    m11, m12 = (
        1.0 + total.aa * o[0, 0] + total.ar * o[0, 1],
        total.aa * o[0, 1] + total.ar * o[1, 1],
    )
    m21, m22 = (
        total.ar * o[0, 0] + total.rr * o[0, 1],
        1.0 + total.ar * o[0, 1] + total.rr * o[1, 1],
    )
    det = m11 * m22 - m12 * m21
    g_a, g_r = (m22 * total.a - m12 * total.r) / det, (m11 * total.r - m21 * total.a) / det
    u_a, u_r = o[0, 0] * g_a + o[0, 1] * g_r, o[0, 1] * g_a + o[1, 1] * g_r
    square = total.square - total.a * u_a - total.r * u_r
    n = ratings.per_patient(slots.n)
    logs = ratings.per_patient(np.log(left)) - np.log(det)
    constant = n * (np.log(2.0 * np.pi) + 2.0 * values.log_residual)
    return Patient(
        u_a, u_r,
        c_aa=(m22 * o[0, 0] - m21 * o[0, 1]) / det,
        c_ar=(m22 * o[0, 1] - m21 * o[1, 1]) / det,
        c_rr=(m11 * o[1, 1] - m12 * o[0, 1]) / det,
        g_a=g_a, g_r=g_r,
        k_aa=(m22 * total.aa - m12 * total.ar) / det,
        k_ar=(m22 * total.ar - m12 * total.rr) / det,
        k_rr=(m11 * total.rr - m21 * total.ar) / det,
        square=square,
        log_density=0.5 * (logs - constant - square),
    )  # fmt: skip


def slope(
    ratings: Ratings, sums: Sums, means: Means, values: Values, inner: Inner, patient: Patient
) -> Slopes:
    """Return the slopes of each exposure, from the posterior of its own asymptote and start."""
    u_a, u_r, c_aa, c_ar, c_rr = (numbers[ratings.patient] for numbers in patient[:5])
    variance, between = values.residual_variance, values.exposure_start**2
    by_a = inner.a - inner.aa * u_a - inner.ar * u_r
    by_r = inner.r - inner.ar * u_a - inner.rr * u_r
    known = inner.rr - (inner.ar**2 * c_aa + 2 * inner.ar * inner.rr * c_ar + inner.rr**2 * c_rr)
    a = means.asymptote + u_a
    drop = means.start + u_r + between * by_r - a
    # the start goes with the patient's effects as weights (w_a, w_r), beside its own error
    w_a, w_r = -between * inner.ar, 1.0 - between * inner.rr
    with_a = c_aa * w_a + c_ar * w_r
    own = between - between**2 * inner.rr
    start = w_a * with_a + w_r * (c_ar * w_a + c_rr * w_r) + own
    a_drop = a * drop + with_a - c_aa
    drop_drop = drop**2 + start - 2.0 * with_a + c_aa
    by_rate = (a_drop * sums.f + drop_drop * sums.df - drop * sums.yf) / variance
    return Slopes(by_a, by_r, by_rate, 0.5 * (by_r**2 - known))

"""Where does a decay of known rate begin and end, and how sure is each of its numbers?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.stats.decay_profile import Courses, Floats


@dataclass(frozen=True)
class _Shape:
    """The part of the change that is gone at each row, its slope by log rate, and their sums."""

    gone: Floats
    gone_gone: Floats
    gone_slope: Floats
    slope_slope: Floats
    mean_gone: Floats
    mean_slope: Floats


@dataclass(frozen=True)
class _Uncertainty:
    """``s^2 (J'J)^-1``, with J by first value, change (first value to asymptote) and log rate."""

    mean_variance: Floats
    change_variance: Floats
    covariance: Floats
    rate_variance: Floats
    mean_gone: Floats
    mean_slope: Floats

    def std_error(
        self, by_first: Floats | float, by_change: Floats | float, by_rate: Floats | float
    ) -> Floats:
        """Return the standard error of a quantity with these derivatives."""
        # The mean is independent of change and rate, and first value = mean - change * gone.
        change = by_change - by_first * self.mean_gone
        rate = by_rate - by_first * self.mean_slope
        variance: Floats = (
            by_first * by_first * self.mean_variance
            + change * change * self.change_variance
            + 2.0 * change * rate * self.covariance
            + rate * rate * self.rate_variance
        )
        return np.sqrt(variance)


def estimate_decays(
    courses: Courses, log_rate: Floats, *, origin: Floats, span: Floats, centre: Floats
) -> dict[str, Floats]:
    """Estimate every number of the decays with these log rates per span.

    ``origin`` is the time of ``x = 0``, ``centre`` what was taken from the values. ``change`` goes
    from the first value to the asymptote, positive where it rises. Standard errors are infinite or
    missing where the values do not depend on the rate.
    """
    shape = _measure_shape(courses, log_rate)
    change = courses.total(shape.gone * courses.y) / shape.gone_gone
    fitted = courses.spread(change) * (shape.gone - courses.spread(shape.mean_gone))
    residual = courses.y - fitted
    rss = courses.total(residual * residual)
    rate = np.exp(log_rate) / span
    first_value = centre - change * shape.mean_gone
    asymptote = first_value + change
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        unsure = _measure_uncertainty(courses, shape, change, rss)
        back = np.exp(rate * origin)  # overflows if time 0 lies many half-lives before the data
        free = float(courses.start_is_free)
        rate_share = unsure.std_error(0.0, 0.0, 1.0)
        half_life = np.log(2.0) / rate
        return {
            "start": asymptote - change * back,
            "start_std_error": unsure.std_error(free, 1.0 - back, -change * back * rate * origin),
            "asymptote": asymptote,
            "asymptote_std_error": unsure.std_error(free, 1.0, 0.0),
            "rate": rate,
            "rate_std_error": rate * rate_share,
            "half_life": half_life,
            "half_life_std_error": half_life * rate_share,
            "rss": rss,
            "change": change,
        }


def _measure_shape(courses: Courses, log_rate: Floats) -> _Shape:
    passed = courses.spread(np.exp(log_rate)) * courses.x
    remaining = np.exp(-passed)
    gone, slope = 1.0 - remaining, passed * remaining
    share = float(courses.start_is_free) / courses.counts
    return _Shape(
        gone,
        courses.inner(gone, gone),
        courses.inner(gone, slope),
        courses.inner(slope, slope),
        courses.total(gone) * share,
        courses.total(slope) * share,
    )


def _measure_uncertainty(
    courses: Courses, shape: _Shape, change: Floats, rss: Floats
) -> _Uncertainty:
    free = float(courses.start_is_free)
    variance = rss / (courses.counts - 2.0 - free)
    tilt = shape.gone_slope / shape.gone_gone
    # What the slope by rate has that the change cannot imitate: the rate is known by this alone.
    own = shape.slope_slope - tilt * shape.gone_slope
    return _Uncertainty(
        mean_variance=variance / courses.counts,
        change_variance=variance * (1.0 / shape.gone_gone + tilt * tilt / own),
        covariance=-variance * tilt / (own * change),
        rate_variance=variance / (own * change * change),
        mean_gone=shape.mean_gone,
        mean_slope=change * shape.mean_slope,
    )

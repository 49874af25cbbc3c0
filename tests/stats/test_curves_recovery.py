"""Simulated truth; the long version, with more designs, is benchmarks/decay_coverage.py."""

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.optimize import OptimizeWarning, curve_fit

from gradex_analysis.stats.curves import fit_decays

N = 4000


def simulate(seed, minutes, sd):
    """Return the true start, asymptote and rate of each series and the ratings, one row each."""
    rng = np.random.default_rng(seed)
    truth = pd.DataFrame(
        {
            "start": rng.normal(78, 8, N),
            "asymptote": rng.normal(26, 8, N),
            "rate": np.exp(rng.normal(np.log(0.15), 0.4, N)),
        }
    )
    start, asymptote, rate = (truth[[name]].to_numpy() for name in truth.columns)
    fear = asymptote + (start - asymptote) * np.exp(-rate * minutes)
    return truth, fear + rng.normal(0, sd, fear.shape)


def stop_by_fear(seed, fear):
    """Round to tens; mark what is rated before fear ends the exposure, three ratings at least."""
    rng = np.random.default_rng(seed)
    fear = np.clip(np.round(fear, -1), 0, 100)
    gives_up = rng.random(fear.shape) < 1 / (1 + np.exp(5 - 0.04 * (fear - 60)))
    halved = np.cumsum(fear <= np.maximum.accumulate(fear, axis=1) / 2, axis=1) >= 2
    ends = gives_up | halved
    ends[:, :2] = False
    return fear, np.cumsum(ends, axis=1) - ends == 0


def fit(minutes, fear, rated=None):
    rated = np.ones(fear.shape, dtype=bool) if rated is None else rated
    rows, columns = np.nonzero(rated)
    return fit_decays(rows, minutes[columns], fear[rated])


def share_covered(truth, low, high):
    return ((low <= truth) & (truth <= high)).mean()


def monte_carlo_error(level, n):
    return 3.5 * np.sqrt(level * (1 - level) / n)


def test_in_long_exposures_all_intervals_hold_their_level():
    minutes = np.linspace(0, 30, 12)
    truth, fear = simulate(1, minutes, sd=4)
    fits = fit(minutes, fear)
    allowed = monte_carlo_error(0.95, N)
    covered = share_covered(truth["rate"], fits["rate_low"], fits["rate_high"])
    assert covered == pytest.approx(0.95, abs=allowed)
    for name in ("start", "asymptote"):
        reach = stats.t.ppf(0.975, 12 - 3) * fits[f"{name}_std_error"]
        covered = share_covered(truth[name], fits[name] - reach, fits[name] + reach)
        assert covered == pytest.approx(0.95, abs=allowed)


def test_in_short_exposures_stopped_by_fear_the_rate_is_covered_at_least_as_often_as_claimed():
    minutes = np.linspace(0, 10, 6)
    truth, fear = simulate(2, minutes, sd=8)
    fits = fit(minutes, *stop_by_fear(3, fear))
    covered = share_covered(truth["rate"], fits["rate_low"], fits["rate_high"])
    assert covered >= 0.95 - monte_carlo_error(0.95, N)
    assert (fits["n"] < 6).mean() > 0.1
    assert fits["half_life"].isna().mean() > 0.5


def test_the_rss_is_never_worse_than_that_of_curve_fit():
    minutes = np.linspace(0, 20, 9)
    _, fear = simulate(4, minutes, sd=8)
    fits = fit(minutes, fear[:400])
    theirs = np.array([curve_fit_rss(minutes, row) for row in fear[:400]])
    inside = fits["status"] != "at_bound"  # curve_fit may leave the range of rates
    assert inside.sum() > 350
    assert (fits["rss"] <= theirs * (1 + 1e-6))[inside].all()


def curve_fit_rss(t, y):
    def decay(t, start, asymptote, rate):
        return asymptote + (start - asymptote) * np.exp(-rate * t)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        try:
            found, _ = curve_fit(decay, t, y, p0=(y[0], y[-1], 3 / t[-1]))
        except RuntimeError:
            return np.inf
    return np.sum((y - decay(t, *found)) ** 2)

"""Fieller's interval of a ratio: by its definition, by simulation, and where it has no ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from gradex_analysis.stats.ratio import fieller_interval


def test_at_its_ends_the_contrast_is_just_not_told_from_0():
    above, below, covariance, df = 6.0, 20.0, (2.0, 9.0, 1.5), 12
    found = fieller_interval(above, below, covariance, df)
    assert found["estimate"] == pytest.approx(0.3)
    for end in (found["ci_low"], found["ci_high"]):
        variance = covariance[0] - 2 * end * covariance[2] + end**2 * covariance[1]
        t = (above - end * below) / math.sqrt(variance)
        assert abs(t) == pytest.approx(special.stdtrit(df, 0.975))
    assert found["ci_low"] < 0.3 < found["ci_high"]


def test_units_do_not_matter():
    one = fieller_interval(6, 20, (2.0, 9.0, 1.5), 12)
    ten = fieller_interval(60, 200, (200.0, 900.0, 150.0), 12)
    assert list(ten.values()) == pytest.approx(list(one.values()))


def test_there_is_no_interval_where_what_divides_may_be_0():
    found = fieller_interval(6, 2, (2.0, 9.0, 0.0), 12)
    assert found["estimate"] == 3
    assert math.isnan(found["ci_low"])
    assert math.isnan(fieller_interval(6, 0, (2.0, 9.0, 0.0), 12)["estimate"])


def test_it_covers_the_ratio_of_two_means():
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(500):
        x, y = rng.multivariate_normal([5, 20], [[25, 15], [15, 100]], 20).T
        c = np.cov(x, y) / 20
        ends = fieller_interval(x.mean(), y.mean(), (c[0, 0], c[1, 1], c[0, 1]), 19)
        covered += ends["ci_low"] < 0.25 < ends["ci_high"]
    # exact for normal pairs; 500 draws have a Monte Carlo SE of .01
    assert 0.92 < covered / 500 < 0.98

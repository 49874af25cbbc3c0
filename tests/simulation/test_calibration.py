"""Does a simulated trial show the features its assumptions were tuned to?"""

from __future__ import annotations

import pytest

from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.calibration import (
    MOST_RATINGS_AT_ENDS,
    TARGETS,
    TOLERANCE,
    measure_features,
)


@pytest.fixture(scope="module")
def features():
    # 12,000 patients: the least certain feature (the share of a mean fall) has a SE of 6 %.
    return measure_features(simulate_cohort(12_000, seed=1).tables)


@pytest.mark.parametrize("name", TARGETS)
def test_a_feature_is_within_a_fifth_of_its_target(features, name):
    assert features[name] == pytest.approx(TARGETS[name], rel=TOLERANCE)


def test_few_ratings_are_at_the_ends_of_the_scale(features):
    assert 0 < features["ratings at ends"] < MOST_RATINGS_AT_ENDS


def test_every_feature_that_is_measured_has_a_target(features):
    assert set(features) == {*TARGETS, "ratings at ends"}

"""What must change nothing, or only what it should: order, names, units of time and of ratings."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.population_curve import Parts

RANDOM = ("asymptote", "rate", "start", "exposure_start")
#: the search ends where less than 1e-7 can be gained: some thousandths of a standard error
ENDS = 2e-3


@pytest.fixture
def frame(cohort):
    return cohort(40, 3, seed=4, spreads=(0.35, 9.0, 6.0, 5.0))


def numbers(fit):
    table = fit.coefficients.set_index("part")
    parts = fit.variance_components.set_index(["level", "effect", "other"])
    return table["estimate"], table["std_error"], parts["estimate"]


def same(one, other, error):
    np.testing.assert_allclose((one - other) / error, 0.0, atol=ENDS)


@pytest.mark.parametrize("method", ["quadrature", "linearized"])
def test_neither_order_of_rows_nor_names_change_anything(frame, fitted, method):
    first = numbers(fitted(frame, random=RANDOM, method=method))
    other = frame.sample(frac=1.0, random_state=2, ignore_index=True)
    other["patient"] = other["patient"].map(lambda name: f"X{hash_of(name)}")
    other["exposure"] = other["exposure"].map(lambda name: f"Y{hash_of(name)}")
    second = numbers(fitted(other, random=RANDOM, method=method))
    same(first[0], second[0], first[1])
    np.testing.assert_allclose(first[1], second[1], rtol=ENDS)
    np.testing.assert_allclose(first[2], second[2], rtol=ENDS, atol=ENDS)


def hash_of(name: str) -> int:
    """Another name, in another order."""
    return 10_000 - sum(ord(letter) * 31**place for place, letter in enumerate(name)) % 9_973


def test_minutes_as_seconds_change_the_log_rate_by_the_log_of_60_only(frame, fitted):
    first = numbers(fitted(frame, random=RANDOM))
    second = numbers(fitted(frame.assign(minute=60 * frame["minute"]), random=RANDOM))
    shifted = second[0].copy()
    shifted["rate"] += np.log(60)
    same(first[0], shifted, first[1])
    np.testing.assert_allclose(first[1], second[1], rtol=ENDS)
    np.testing.assert_allclose(first[2], second[2], rtol=ENDS, atol=ENDS)


def test_a_constant_added_to_ratings_is_added_to_start_and_asymptote_only(frame, fitted):
    first = numbers(fitted(frame, random=RANDOM))
    second = numbers(fitted(frame.assign(fear=frame["fear"] + 1000.0), random=RANDOM))
    same(first[0] + np.array([1000.0, 1000.0, 0.0]), second[0], first[1])
    np.testing.assert_allclose(first[2], second[2], rtol=ENDS, atol=ENDS)


def test_ratings_on_another_scale_change_all_but_the_rate(frame, fitted):
    first = numbers(fitted(frame, random=RANDOM))
    second = numbers(fitted(frame.assign(fear=frame["fear"] / 10), random=RANDOM))
    same(first[0] / np.array([10.0, 10.0, 1.0]), second[0], second[1])
    is_rate = first[2].index.get_level_values("effect") == "rate"
    is_correlation = first[2].index.get_level_values("other") != ""
    scale = np.where(is_rate | is_correlation, 1.0, 10.0)
    np.testing.assert_allclose(first[2] / scale, second[2], rtol=ENDS, atol=ENDS)


def test_a_fall_turned_over_is_a_rise_of_the_same_rate(frame, fitted):
    first = numbers(fitted(frame, random=RANDOM))
    second = numbers(fitted(frame.assign(fear=100.0 - frame["fear"]), random=RANDOM))
    turned = second[0].copy()
    turned[["start", "asymptote"]] = 100.0 - turned[["start", "asymptote"]]
    same(first[0], turned, first[1])


def test_groups_that_are_the_same_ratings_have_the_same_curve(frame, fitted):
    both = [frame.assign(patient=frame["patient"] + g, exposure=frame["exposure"] + g, group=g)
            for g in "ab"]  # fmt: skip
    parts = Parts(start="1 + group", asymptote="1 + group", rate="1 + group")
    found = fitted(pd.concat(both, ignore_index=True), parts=parts).coefficients
    differences = found[found["term"] == "group[T.b]"]
    np.testing.assert_allclose(differences["estimate"] / differences["std_error"], 0, atol=ENDS)
    alone = fitted(frame).coefficients["estimate"]
    own = found[found["term"] == "Intercept"]
    same(own["estimate"].to_numpy(), alone.to_numpy(), own["std_error"].to_numpy())

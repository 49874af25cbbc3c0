"""Adjusted p values: by hand, by statsmodels, by law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.multiplicity import METHODS, adjust

LAW = settings(max_examples=50, deadline=None, derandomize=True)
families = st.lists(st.floats(0, 1), min_size=1, max_size=12)
methods = st.sampled_from(METHODS)


@pytest.mark.parametrize(("method", "adjusted"), [
    ("holm", [0.04, 0.06, 0.06, 0.20]),  # 4 x .01, 3 x .02, the largest so far, 1 x .20
    ("hochberg", [0.04, 0.05, 0.05, 0.20]),  # from below: .20, 2 x .025, the smallest so far, .04
    ("benjamini_hochberg", [0.02 * 5 / 3, 0.02 * 5 / 3, 0.02 * 5 / 3, 0.20]),  # 4/3 x .025
])  # fmt: skip
def test_four_p_values_by_hand(method, adjusted):
    # 4 x .01 = .04 and 4/2 x .02 = .04 lie above 4/3 x .025 = .0333, which all three take
    assert adjust([0.01, 0.02, 0.025, 0.20], method) == pytest.approx(adjusted)


@pytest.mark.parametrize(("method", "theirs"), [
    ("holm", "holm"), ("hochberg", "simes-hochberg"), ("benjamini_hochberg", "fdr_bh"),
])  # fmt: skip
@LAW
@given(p=families)
def test_statsmodels_says_the_same(method, theirs, p):
    # theirs divides by rank / m, ours multiplies by m / rank: rounding apart
    assert adjust(p, method) == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-12)


@LAW
@given(p=families, method=methods)
def test_no_p_value_becomes_smaller_and_none_exceeds_one(p, method):
    adjusted = adjust(p, method)
    assert ((adjusted >= np.array(p) * (1 - 1e-12)) & (adjusted <= 1)).all()


@LAW
@given(p=families, method=methods, seed=st.integers(0, 100))
def test_their_order_does_not_matter(p, method, seed):
    order = np.random.default_rng(seed).permutation(len(p))
    assert adjust(np.array(p)[order], method) == pytest.approx(adjust(p, method)[order])


@LAW
@given(p=families)
def test_hochberg_lies_between_benjamini_hochberg_and_holm(p):
    holm, hochberg, fdr = (adjust(p, method) for method in METHODS)
    assert (hochberg <= holm * (1 + 1e-12)).all()
    assert (fdr <= hochberg * (1 + 1e-12)).all()


@LAW
@given(p=families, method=methods)
def test_smaller_p_values_stay_smaller(p, method):
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjust(p, method)[order]) >= 0).all()


@LAW
@given(p=st.floats(0, 1), method=methods)
def test_a_family_of_one_is_left_as_it_is(p, method):
    assert adjust([p], method).tolist() == [p]


def test_a_family_of_none_is_none():
    assert adjust([], "holm").tolist() == []


@pytest.mark.parametrize("p", [float("nan"), -0.1, 1.1, float("inf")])
def test_what_is_no_p_value_is_refused_with_its_place(p):
    with pytest.raises(CannotAnswerError, match="place 2 of 3"):
        adjust([0.1, p, 0.3], "holm")


def test_a_method_that_is_not_on_offer_is_refused():
    with pytest.raises(UnknownNameError, match="benjamini_hochberg"):
        adjust([0.1], "bonferroni")

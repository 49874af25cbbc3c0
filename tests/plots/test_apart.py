"""Does a label ever touch its neighbour, and is it moved no farther than needed?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradex_analysis.plots.apart import fewer, spread

PLACES = st.lists(st.floats(0, 1), min_size=1, max_size=8)
#: rounding of sums of eight numbers of at most 1
ROUNDING = 1e-12


def test_places_that_are_far_apart_stay_where_they_are():
    assert spread([0.1, 0.9, 0.5], gap=0.2) == pytest.approx([0.1, 0.9, 0.5])


def test_two_that_touch_share_the_way():
    # their middle, 0.5, stays
    assert spread([0.5, 0.5], gap=0.2) == pytest.approx([0.4, 0.6])


def test_at_the_end_all_of_them_move_inwards():
    assert spread([0.95, 1.0], gap=0.2, low=0, high=1) == pytest.approx([0.8, 1.0])


@given(PLACES, st.floats(0.01, 0.2))
def test_neighbours_stand_apart_in_their_order(places, gap):
    moved = np.array(spread(places, gap=gap))
    order = np.argsort(places, kind="stable")
    assert (np.diff(moved[order]) >= gap - ROUNDING).all()
    assert moved.mean() == pytest.approx(np.mean(places))  # of the nearest such places


@given(PLACES, st.floats(0.01, 0.1))
def test_nothing_leaves_the_ends(places, gap):
    moved = spread(places, gap=gap, low=0, high=1)
    assert min(moved) >= -ROUNDING
    assert max(moved) <= 1 + ROUNDING


@given(PLACES, st.floats(0.01, 0.2))
def test_fewer_places_stand_apart_and_hold_the_first_one(places, gap):
    kept = fewer(places, gap=gap)
    assert min(places) in kept
    assert set(kept) <= set(places)
    assert (np.diff(kept) >= gap).all()
    # whatever else was asked for is near one that is kept
    assert all(min(abs(place - one) for one in kept) <= gap for place in places)

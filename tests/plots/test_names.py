"""Does a name hide a point or another name?"""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from gradex_analysis.plots.names import place_names

WIDE, TALL = 4.0, 2.0


def test_a_name_stands_beside_its_point_on_the_side_asked_for():
    assert place_names([(10.0, 50.0)], [(10.0, 50.0)], wide=WIDE, tall=TALL, side=-1) == [
        (7.4, 50.0)
    ]
    assert place_names([(10.0, 50.0)], [(10.0, 50.0)], wide=WIDE, tall=TALL, side=1) == [
        (12.6, 50.0)
    ]


def test_where_a_point_is_in_the_way_it_stands_on_the_other_side():
    points = [(10.0, 50.0), (8.0, 50.0)]
    assert place_names(points[:1], points, wide=WIDE, tall=TALL, side=-1) == [(12.6, 50.0)]


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=6, unique=True))
def test_few_names_never_hide_a_point_or_each_other(points):
    places = place_names(points, points, wide=WIDE, tall=TALL, side=1)
    for x, y in places:
        assert not any(abs(x - px) < 0.6 * WIDE and abs(y - py) < 0.6 * TALL for px, py in points)
    for (x, y), (u, v) in combinations(places, 2):
        assert abs(x - u) >= 0.9 * WIDE or abs(y - v) >= 0.9 * TALL

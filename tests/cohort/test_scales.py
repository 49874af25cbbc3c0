"""A scale is its two ends."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.scales import parse_scale, scale_ends, scale_frame
from gradex_analysis.errors import MappingError


@pytest.mark.parametrize(
    ("text", "ends"), [("0-10", (0, 10)), ("0-100", (0, 100)), ("1-7", (1, 7)), ("-5-5", (-5, 5))]
)
def test_a_scale_is_read_from_its_ends(text, ends):
    scale = parse_scale(text)
    assert (scale.low, scale.high) == ends


@pytest.mark.parametrize("text", ["10", "10-0", "0-0", "0 to 10", "", "0-ten"])
def test_anything_else_is_refused(text):
    with pytest.raises(MappingError, match="two ends, the lower first"):
        parse_scale(text)


def test_a_rating_without_a_scale_has_no_ends():
    low, high = scale_ends(pd.Series(["0-10", None, "1-7"]))
    assert low[[0, 2]].tolist() == [0, 1]
    assert high[[0, 2]].tolist() == [10, 7]
    assert pd.isna(low[1])


def test_the_scales_in_use_are_listed_once():
    frame = scale_frame(pd.Series(["0-10", None, "0-100", "0-10"]))
    assert frame["scale_id"].tolist() == ["0-10", "0-100"]

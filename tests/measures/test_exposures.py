"""Initial, peak, end and last, countable by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.exposures import summarise_exposures


def test_the_four_ratings_of_a_plain_course(make_cohort):
    row = summarise_exposures(make_cohort(E1=[70, 85, 60, 40]), "fear").iloc[0]
    assert (row["initial"], row["peak"], row["end"], row["last"]) == (70, 85, 40, 40)
    assert (row["n"], row["duration"], row["peak_time"]) == (4, 6.0, 2.0)


def test_slope_and_mean_level_by_hand(make_cohort):
    row = summarise_exposures(make_cohort(E1=[70, 85, 60, 40]), "fear").iloc[0]
    # times -3 -1 1 3 about their mean: (-3*70 - 85 + 60 + 3*40) / 20
    assert row["slope"] == pytest.approx(-115 / 20, rel=1e-12)
    # trapezoids of 2 minutes: (77.5 + 72.5 + 50) * 2 / 6
    assert row["mean_level"] == pytest.approx(400 / 6, rel=1e-12)


def test_ratings_before_the_onset_are_not_eligible_for_the_peak(make_cohort):
    row = summarise_exposures(make_cohort(E1={-2: 95, -1: 90, 0: 60, 5: 30}), "fear").iloc[0]
    assert (row["before"], row["initial"], row["peak"]) == (90, 60, 60)


@pytest.mark.parametrize(("stopped_by", "end"), [("plan", 40), ("patient", np.nan)])
def test_the_last_rating_before_an_early_stop_is_not_an_end(make_cohort, stopped_by, end):
    cohort = make_cohort(E1=[70, 85, 40], exposures={"E1": {"stopped_by": stopped_by}})
    row = summarise_exposures(cohort, "fear").iloc[0]
    assert row["last"] == 40
    assert row["end"] == end or (np.isnan(row["end"]) and np.isnan(end))


def test_an_exposure_without_ratings_keeps_its_row(make_cohort):
    cohort = make_cohort(E1=[70, 40], E2=[])
    table = summarise_exposures(cohort, "fear")
    assert table["exposure_id"].tolist() == ["E1", "E2"]
    assert table["n"].tolist() == [2, 0]


def test_the_order_of_rows_does_not_matter(make_cohort):
    forward = make_cohort(E1=[70, 85, 60], E2=[40, 30, 20])
    tables = dict(forward.tables)
    tables["ratings"] = forward.ratings.drop(columns=["exposure", "code", "value_100"])[::-1]
    backward = type(forward).from_tables(tables)
    pd.testing.assert_frame_equal(
        summarise_exposures(forward, "fear"), summarise_exposures(backward, "fear")
    )


def test_a_cohort_without_exposures_says_what_it_lacks(make_cohort):
    cohort = make_cohort(E1=[70])
    bare = type(cohort).from_tables({"participants": cohort.participants})
    with pytest.raises(CannotAnswerError, match="holds no exposures"):
        summarise_exposures(bare, "fear")

"""How feared was each item before treatment, after it and at follow-up? By hand."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.follow_up import choose_occasions, list_rerated, order_rerated


def cohort(ratings, **tables):
    columns = ["occasion", "rated_on", "expected_fear"]
    frame = pd.DataFrame(ratings, columns=columns).assign(patient_id="P1", item_id="I1")
    people = pd.DataFrame({"patient_id": ["P1"]})
    return Cohort.from_tables({"participants": people, "item_ratings": frame, **tables})


def test_occasions_follow_their_days_whatever_their_names():
    days = [
        ("later", "2024-06-01", 30.0),
        ("end", "2024-03-01", 20.0),
        ("start", "2024-01-01", 80.0),
    ]
    assert order_rerated(cohort(days)) == ["start", "end", "later"]
    assert choose_occasions(cohort(days), None) == ("start", "end", "later")


def test_without_days_they_follow_the_questionnaires_after_the_baseline():
    rated = [("later", None, 30.0), ("post", None, 20.0), ("baseline", None, 80.0)]
    forms = pd.DataFrame(
        {"patient_id": "P1", "instrument": "PCS", "occasion": ["baseline", "post", "later"],
         "day": [0.0, 84.0, 182.0], "score": 20.0}
    )  # fmt: skip
    assert order_rerated(cohort(rated, assessments=forms)) == ["baseline", "post", "later"]
    assert order_rerated(cohort(rated)) == ["baseline", "later", "post"]


def test_each_item_has_its_three_values_and_whether_it_was_exposed():
    rated = [("baseline", None, 80.0), ("post", None, 20.0), ("later", None, 30.0)]
    table = list_rerated(cohort(rated), ("baseline", "post", "later"))
    assert table[["pre", "post", "follow_up"]].to_numpy().tolist() == [[80.0, 20.0, 30.0]]
    assert table["is_exposed"].tolist() == [False]


def test_too_few_occasions_are_refused_with_the_remedy():
    with pytest.raises(CannotAnswerError, match=r"2 occasions.*rof_abs_peak"):
        choose_occasions(cohort([("baseline", None, 80.0), ("post", None, 20.0)]), None)

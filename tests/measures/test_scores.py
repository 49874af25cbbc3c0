"""What is the total of a form? By hand and by law."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.instruments import Instrument, find_instrument
from gradex_analysis.measures.item_sums import INCOMPLETE, UNANSWERED, sum_items

SMALL = Instrument(
    name="small", n_items=4, response_low=1, response_high=5, reversed_items=(2, 4),
    subscales={"first": (1, 2), "last": (3, 4)},
)  # fmt: skip
FOUR = (1, 2, 3, 4)
LAW = settings(max_examples=50, deadline=None, derandomize=True)


def form(*responses, patient="P1", numbers=None):
    items = list(numbers or range(1, len(responses) + 1))
    rows = {"patient_id": patient, "occasion": "baseline", "item": items, "response": responses}
    return pd.DataFrame(rows).astype({"item": "Int64", "response": "float64"})


def total(answers, key=SMALL, numbers=FOUR):
    return sum_items(answers, key, numbers).iloc[0]


def test_reversed_items_are_mirrored_in_their_range():
    # 2 + (6 - 1) + 3 + (6 - 5) = 11
    assert total(form(2, 1, 3, 5))["total"] == 11
    assert total(form(2, 1, 3, 5))["first"] == 7
    assert total(form(2, 1, 3, 5))["last"] == 4


@pytest.mark.parametrize("answers", [form(2, 1, 3), form(2, 1, 3, None)])
def test_a_missing_item_leaves_no_total(answers):
    row = total(answers)
    assert (row["reason"], row["n_missing"]) == (INCOMPLETE, 1)
    assert pd.isna(row["total"])
    assert pd.isna(row["first"])


def test_an_empty_form_is_not_a_form_of_noes():
    key = find_instrument("RMDQ")
    numbers = tuple(range(1, 25))
    assert total(form(*[None] * 24), key, numbers)["reason"] == UNANSWERED
    half = total(form(1, 1, None, 0), key, numbers)
    assert (half["total"], half["n_missing"], half["reason"]) == (2, 21, "")


@pytest.mark.parametrize("response", [0, 6, 2.5, -1, float("inf")])
def test_a_response_that_is_no_answer_sets_the_form_aside(response):
    row = total(form(2, 1, response, 5))
    assert row["reason"] == "an answer that is no whole number from 1 to 5"
    assert row["item"] == 3
    assert pd.isna(row["total"])


def test_an_item_that_the_questionnaire_lacks_sets_the_form_aside():
    row = total(form(1, 1, 1, 1, 1))
    assert "does not have" in row["reason"]
    assert row["item"] == 5


def test_an_answer_without_an_item_sets_the_form_aside():
    row = total(form(1, 1, 1, 1, numbers=[1, 2, 3, None]))
    assert "does not have" in row["reason"]


def test_other_numbers_are_put_in_the_questionnaires_own_order():
    # item 2 is reversed and stands under number 7: 1 + (6 - 5) + 1 + (6 - 1)
    assert total(form(1, 5, 1, 1, numbers=(3, 7, 9, 12)), numbers=(3, 7, 9, 12))["total"] == 8


@LAW
@given(responses=st.lists(st.integers(1, 5), min_size=4, max_size=4), data=st.data())
def test_the_order_of_answers_does_not_matter_and_the_total_stays_in_range(responses, data):
    answers = form(*responses)
    shuffled = answers.iloc[data.draw(st.permutations(range(4)))]
    row = total(answers)
    assert row["total"] == total(shuffled)["total"]
    assert row["total"] == row["first"] + row["last"]
    assert 4 <= row["total"] <= 20
    mirrored = form(*(6 - response for response in responses))
    assert total(mirrored)["total"] == 24 - row["total"]

"""Are the keys of the questionnaires whole? Laws that every key has to keep."""

from __future__ import annotations

import math

import pytest

from gradex_analysis.cohort.instruments import find_instrument, known_instruments

EVERY = pytest.mark.parametrize("key", known_instruments(), ids=lambda key: key.name)


def test_the_questionnaires_of_the_examples_are_known():
    names = [key.name for key in known_instruments()]
    assert names == ["NRS", "PCS", "PSEQ", "RMDQ", "TSK-11"]


@EVERY
def test_the_ends_of_the_total_follow_from_the_items(key):
    assert key.has_key
    assert key.low == key.n_items * key.response_low
    assert key.high == key.n_items * key.response_high


@EVERY
def test_items_are_named_by_numbers_the_questionnaire_has(key):
    items = set(range(1, key.n_items + 1))
    assert set(key.reversed_items) <= items
    in_subscales = [item for part in key.subscales.values() for item in part]
    assert not in_subscales or sorted(in_subscales) == sorted(items), "each item once"
    for numbers in key.numberings.values():
        assert len(set(numbers)) == key.n_items


@EVERY
def test_every_number_says_where_it_is_from(key):
    assert key.better in ("lower", "higher")
    assert key.source
    assert key.missing_rule
    assert key.licence
    for change, source in (
        (key.detectable_change, key.detectable_change_source),
        (key.important_change, key.important_change_source),
    ):
        assert math.isnan(change) == (source == "")
        assert math.isnan(change) or 0 < change < key.high - key.low


def test_only_a_key_that_was_read_is_verified():
    # the scoring page of PCS was read; of the others, abstracts and common use
    assert [key.name for key in known_instruments() if key.verified] == ["PCS"]
    assert not any(key.detectable_change_verified for key in known_instruments())
    assert not any(key.important_change_verified for key in known_instruments())


@pytest.mark.parametrize(("name", "sem"), [("TSK-11", 2.54), ("PCS", 4.6)])
def test_the_detectable_change_is_that_of_the_standard_error(name, sem):
    # given with two decimals
    expected = 1.96 * math.sqrt(2) * sem
    assert find_instrument(name).detectable_change == pytest.approx(expected, abs=0.005)


def test_tsk_11_keeps_the_items_that_its_authors_kept():
    dropped = {4, 8, 9, 12, 14, 16}
    kept = find_instrument("TSK-11").numberings["TSK-17"]
    assert set(kept) == set(range(1, 18)) - dropped


@pytest.mark.parametrize("name", ["TSK-11", "tsk 11", "TSK11", "Tsk_11"])
def test_case_and_hyphens_do_not_matter(name):
    assert find_instrument(name).name == "TSK-11"


@pytest.mark.parametrize("name", ["TSK", "TSK-17", "PCS-C", "", "mood"])
def test_another_questionnaire_is_not_taken_for_one_of_ours(name):
    unknown = find_instrument(name)
    assert (unknown.name, unknown.better, unknown.has_key) == (name, "", False)
    assert math.isnan(unknown.low)

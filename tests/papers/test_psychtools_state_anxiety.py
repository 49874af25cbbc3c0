"""Revelle, psychTools 2.2.9: state anxiety, 20 items from 1 to 4, ten of them reversed.

The mean and SD of the total over complete forms of the first occasion, as R's psych 2.2.9 gives
them for items that were reversed and summed; and of GAD-7, where none is reversed (Iskandar).
"""

import pandas as pd
import pytest

from gradex_analysis.cohort.instruments import Instrument
from gradex_analysis.measures.item_sums import INCOMPLETE, sum_items

GLAD = "calm secure at.ease rested comfortable confident relaxed content joyful pleasant".split()
R = {"sai": (39.5684066871375, 10.1315752586446), "gad": (5.74887892376682, 5.40934177763399)}


def as_answers(wide):
    """Turn one row per form into one row per answer; unanswered cells stay."""
    places = wide.set_axis(range(1, wide.shape[1] + 1), axis="columns").rename_axis("patient_id")
    long = places.reset_index().melt("patient_id", var_name="item", value_name="response")
    return long.assign(occasion="first").astype({"item": "Int64"})


def sum_wide(wide, **key):
    instrument = Instrument(name="n", n_items=wide.shape[1], **key)
    return sum_items(as_answers(wide), instrument, tuple(range(1, wide.shape[1] + 1)))


def test_reversed_items_give_the_totals_of_r(reference):
    forms = pd.read_csv(reference("items_psychtools/sai.csv")).query("time == 1").iloc[:, 3:]
    glad = tuple(forms.columns.get_loc(name) + 1 for name in GLAD)
    sums = sum_wide(forms, response_low=1, response_high=4, reversed_items=glad)
    assert sums["total"].notna().sum() == 2931
    # R's numbers have 15 digits
    assert (sums["total"].mean(), sums["total"].std()) == pytest.approx(R["sai"], rel=1e-13)


def test_forms_that_lack_an_answer_are_those_without_a_total(reference):
    forms = pd.read_csv(reference("items_psychtools/sai.csv")).query("time == 1").iloc[:, 3:]
    sums = sum_wide(forms, response_low=1, response_high=4)
    lacking = forms.isna().any(axis=1).to_numpy()
    assert lacking.any()
    by_form = sums.droplevel("occasion").reindex(forms.index)
    assert by_form["total"].isna().to_numpy().tolist() == lacking.tolist()
    some = by_form["n_missing"].between(1, 19)
    assert (by_form.loc[some, "reason"] == INCOMPLETE).all()


def test_plain_sums_give_the_totals_of_r(reference):
    wide = pd.read_csv(reference("phq_gad_pss_iskandar/Psychological_aspects.csv"))
    forms = wide[[f"A{i}" for i in range(1, 8)]].dropna()
    sums = sum_wide(forms, response_low=0, response_high=3)
    assert (sums["total"].mean(), sums["total"].std()) == pytest.approx(R["gad"], rel=1e-13)

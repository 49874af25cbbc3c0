"""Which outcomes does a cohort offer, and on which day do they start? By hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.days import choose_origin, starts
from gradex_analysis.measures.outcomes import choose_outcome, list_outcomes


def test_only_what_has_a_value_is_offered(make_cohort):
    assert list_outcomes(make_cohort(E1=[50])) == ["peak_fear", "initial_fear"]
    assert list_outcomes(make_cohort(E1={-1: 20, 0: 50, 2: 40})) == [
        "peak_fear", "initial_fear", "mean_fear", "before_fear",
    ]  # fmt: skip


def test_an_instrument_brings_its_ends_and_a_stranger_has_none():
    forms = pd.DataFrame({"patient_id": "P1", "instrument": ["TSK-11", "XYZ"], "score": [20, 3]})
    people = pd.DataFrame({"patient_id": ["P1"]})
    forms["occasion"] = "baseline"
    cohort = Cohort.from_tables({"participants": people, "assessments": forms})
    known, stranger = choose_outcome(cohort, "TSK-11"), choose_outcome(cohort, "XYZ")
    assert (known.low, known.high, known.better) == (11, 44, "lower")
    assert np.isnan([stranger.low, stranger.high]).all()
    assert stranger.better == ""


@pytest.mark.parametrize(
    ("name", "where"),
    [("diary_pain", "diary, column pain"), ("after_fear", "ratings of fear"), ("PCS", "assess")],
)
def test_what_a_cohort_lacks_is_said_with_where_it_would_come_from(make_cohort, name, where):
    with pytest.raises(CannotAnswerError, match=f"{where}.*It holds: peak_fear, initial_fear"):
        choose_outcome(make_cohort(E1=[50]), name)


def test_a_name_that_nobody_has_is_unknown(make_cohort):
    with pytest.raises(UnknownNameError, match="one of 'peak_fear', 'initial_fear'; not 'suds'"):
        choose_outcome(make_cohort(E1=[50]), "suds")


def test_patients_are_never_counted_from_different_events():
    people = pd.DataFrame({"patient_id": ["P1", "P2"], "randomised_on": ["2024-01-01", None]})
    sessions = pd.DataFrame(
        [("P1", "S0", "2024-01-02", "no_show"), ("P1", "S1", "2024-01-09", "yes"),
         ("P2", "S1", "2024-02-01", None)],
        columns=["patient_id", "session_id", "date", "attended"],
    )  # fmt: skip
    cohort = Cohort.from_tables({"participants": people, "sessions": sessions})
    both = pd.Series(["P1", "P2", "P1"])
    name, days = choose_origin(starts(cohort), both)
    assert name == "the first session"
    assert days.to_dict() == {"P1": pd.Timestamp("2024-01-09"), "P2": pd.Timestamp("2024-02-01")}
    assert choose_origin(starts(cohort), both.head(1))[0] == "randomisation"

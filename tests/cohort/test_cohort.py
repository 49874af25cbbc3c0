"""A cohort made of tables keeps the contract of one made of files."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, InvalidCohortError, UnknownNameError


def tables(**changed: pd.DataFrame) -> dict[str, pd.DataFrame]:
    plain = {
        "participants": pd.DataFrame({"patient_id": ["P1"], "arm": ["exposure"]}),
        "exposures": pd.DataFrame(
            {"patient_id": ["P1"], "exposure_id": ["E1"], "item_id": ["I1"], "session_id": ["S1"]}
        ),
        "ratings": pd.DataFrame(
            {
                "patient_id": "P1",
                "exposure_id": "E1",
                "kind": "fear",
                "moment": "during",
                "minute": [0.0, 2.0],
                "value": [8.0, 4.0],
                "scale_id": "0-10",
            }
        ),
    }
    return plain | changed


def breaches(changed: dict[str, pd.DataFrame]) -> list[str]:
    with pytest.raises(InvalidCohortError) as error:
        Cohort.from_tables(changed)
    return error.value.problems["rule"].tolist()


def test_ratings_are_put_on_0_to_100_and_know_their_exposure():
    ratings = Cohort.from_tables(tables()).ratings
    assert ratings["value_100"].tolist() == [80.0, 40.0]
    assert ratings["exposure"].tolist() == [0, 0]


def test_a_rating_outside_its_scale_is_a_breach():
    high = tables()["ratings"].assign(value=[8.0, 12.0])
    assert breaches(tables(ratings=high)) == ["outside_scale"]


def test_an_unknown_patient_exposure_or_code_is_a_breach():
    stranger = tables()["ratings"].assign(patient_id="P9")
    assert breaches(tables(ratings=stranger)) == ["unknown_patient"] * 2 + ["unknown_exposure"] * 2
    odd = tables()["exposures"].assign(status="skipped")
    assert breaches(tables(exposures=odd)) == ["unknown_code"]


def test_the_same_moment_twice_is_a_breach():
    again = tables()["ratings"].assign(minute=0.0)
    assert breaches(tables(ratings=again)) == ["conflicting_values"] * 2


def test_a_table_that_the_data_model_does_not_have_is_refused():
    with pytest.raises(UnknownNameError, match="table must be one of 'participants'"):
        Cohort.from_tables({"patients": pd.DataFrame()})


def test_tables_are_handed_out_so_that_writing_to_them_changes_nothing():
    cohort = Cohort.from_tables(tables())
    ratings = cohort.ratings
    ratings["value"] = 0.0
    assert cohort.ratings["value"].tolist() == [8.0, 4.0]


def test_columns_that_nobody_reads_stay_as_text():
    done = tables()["exposures"].assign(delivered_by=70)
    assert Cohort.from_tables(tables(exposures=done)).unread["exposures"].to_dict() == {
        "delivered_by": {0: "70"}
    }


def test_what_else_is_said_of_patients_are_covariates():
    people = tables()["participants"].assign(drug="Yes", weeks=6)
    cohort = Cohort.from_tables(tables(participants=people))
    assert cohort.participants[["drug", "weeks"]].to_numpy().tolist() == [["Yes", 6.0]]


def test_the_kind_is_fear_or_the_only_one_that_is_not_pain():
    ratings = tables()["ratings"]
    distress = Cohort.from_tables(tables(ratings=ratings.assign(kind=["distress", "pain"])))
    assert distress.choose_kind(None) == "distress"
    assert distress.choose_kind("pain") == "pain"
    two = Cohort.from_tables(tables(ratings=ratings.assign(kind=["distress", "urge"])))
    with pytest.raises(CannotAnswerError, match="Say which with kind"):
        two.choose_kind(None)


def test_arms_are_counted_only_where_there_are_arms():
    assert "patients, exposure" in Cohort.from_tables(tables()).describe()["what"].tolist()
    bare = tables()["participants"].drop(columns="arm")
    cohort = Cohort.from_tables(tables(participants=bare))
    assert not cohort.has_arms
    assert not cohort.describe()["what"].str.startswith("patients, ").any()


def test_the_page_says_simulated_and_escapes_every_text():
    people = pd.DataFrame({"patient_id": ["P1"], "arm": ["<b>arm"]})
    page = Cohort.from_tables(tables(participants=people), simulated=True)._repr_html_()
    assert "simulated example data" in page
    assert "<b>arm" not in page


def test_a_word_where_a_number_belongs_is_a_breach_of_its_row():
    people = pd.DataFrame({"patient_id": ["P1", "P2"], "birth_year": ["1990", 1990.5]})
    scores = pd.DataFrame(
        {"patient_id": "P1", "instrument": "PCS", "occasion": ["baseline", "post", "later"],
         "score": [20, "much", ""]}
    )  # fmt: skip
    changed = tables(participants=people, assessments=scores)
    assert breaches(changed) == ["not_a_number_cell"] * 2
    with pytest.raises(
        InvalidCohortError, match=r"assessments row 2: score is a text of 4"
    ) as error:
        Cohort.from_tables(changed)
    assert "much" not in str(error.value)
    mended = scores.assign(score=[20, "31", ""])
    kept = Cohort.from_tables(tables(assessments=mended)).assessments["score"]
    assert kept.dropna().tolist() == [20, 31]

"""What must change no answer about expectancies, and what is never lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.expectancy import fit_learning_rate, fit_next_fear, measure_expectancy
from gradex_analysis.measures.expectancy import DEFINITIONS
from gradex_analysis.simulation import simulate_cohort

TABLES = simulate_cohort(12, seed=31, design="two_exposures").cohort.tables


def make(tables):
    own = {name: frame for name, frame in tables.items() if len(frame)}
    own["ratings"] = own["ratings"].drop(columns=["exposure", "code", "value_100"])
    # what is said in one column came in one column
    done = own["exposures"]
    own["exposures"] = done.assign(
        occurrence=done["occurrence_100"].map(str).replace("nan", ""), expected_pain=6.0
    )
    return Cohort.from_tables(own)


def answers(cohort):
    for definition in DEFINITIONS:
        yield definition, measure_expectancy(cohort, definition=definition).average, ["group"]
    learned = fit_learning_rate(cohort)
    yield "rate", learned.table, ["group"]
    yield "sensitivity", learned.sensitivity, ["group", "how"]
    fear = fit_next_fear(cohort, predictor="safety_behaviour", rating="before")
    yield "next fear", fear.table, ["part"]


def shuffle(tables):
    return {
        name: frame.sample(frac=1, random_state=5, ignore_index=True)
        for name, frame in tables.items()
    }


def rename(tables):
    names = sorted(tables["participants"]["patient_id"])
    other = dict(zip(names, [f"X{90 - i}" for i in range(len(names))], strict=True))
    return {
        name: frame.assign(patient_id=frame["patient_id"].map(other))
        for name, frame in tables.items()
    }


def on_ten(tables):
    ratings = tables["ratings"]
    hundred = ratings["scale_id"] == "0-100"
    value = ratings["value"].mask(hundred, ratings["value"] / 10)
    return {
        **tables,
        "ratings": ratings.assign(value=value, scale_id=ratings["scale_id"].mask(hundred, "0-10")),
    }


@pytest.fixture(scope="module")
def before():
    return {name: frame.set_index(keys) for name, frame, keys in answers(make(TABLES))}


@pytest.mark.parametrize("change", [shuffle, rename, on_ten])
def test_order_names_and_the_scale_of_ratings_change_no_answer(change, before):
    for name, frame, keys in answers(make(change(dict(TABLES)))):
        after = frame.set_index(keys).reindex(before[name].index)
        numbers = list(after.select_dtypes("number").columns)
        # sums in another order differ in the last digits; a search ends within its tolerance
        np.testing.assert_allclose(
            after[numbers].to_numpy("float64", na_value=np.nan),
            before[name][numbers].to_numpy("float64", na_value=np.nan),
            rtol=1e-6, atol=1e-9, err_msg=name,
        )  # fmt: skip


SAID = st.sampled_from(["", "no", "yes", "partly", "not_testable", "0", "30", "100"])
NUMBER = st.sampled_from([None, 0.0, 20.0, 50.0, 100.0])
STATUS = st.sampled_from(["done", "refused", "not_done", ""])
ROW = st.tuples(st.sampled_from(["P1", "P2"]), NUMBER, SAID, NUMBER, STATUS)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8))
def test_every_exposure_is_used_or_left_out_once_and_words_have_no_value(rows):
    columns = ["patient_id", "expectancy_before", "occurrence", "expectancy_after", "status"]
    done = pd.DataFrame(rows, columns=columns)
    # one that has all, so that no definition is refused
    done.loc[len(done)] = ["P1", 50.0, "30", 40.0, "done"]
    done["exposure_id"] = [f"E{i}" for i in range(len(done))]
    people = pd.DataFrame({"patient_id": ["P1", "P2"]})
    cohort = Cohort.from_tables({"participants": people, "exposures": done.assign(item_id="I1")})
    for definition in ("expectancy_violation", "expectancy_change", "learning_ratio"):
        result = measure_expectancy(cohort, definition=definition)
        listed = [*result.table["exposure_id"], *result.excluded["exposure_id"]]
        assert sorted(listed) == sorted(done["exposure_id"])
        in_words = result.table["estimate"].isna()
        said = done.set_index("exposure_id").loc[result.table["exposure_id"], "occurrence"]
        assert said[in_words.to_numpy()].isin(["no", "yes", "partly", "not_testable"]).all()
        n_words = result.counts["n"].sum() if len(result.counts) else 0
        assert n_words == in_words.sum()
        assert result.average["n"].sum() == (~in_words).sum()


def test_the_change_is_the_ratio_of_the_violation():
    cohort = make(TABLES)
    violation, change, ratio = (
        measure_expectancy(cohort, definition=name).table.set_index("exposure_id")["estimate"]
        for name in ("expectancy_violation", "expectancy_change", "learning_ratio")
    )
    product = (ratio * violation.reindex(ratio.index)).to_numpy()
    np.testing.assert_allclose(product, change.reindex(ratio.index), atol=1e-9)


def test_a_tiny_number_is_a_number_and_no_word():
    people = pd.DataFrame({"patient_id": ["P1"]})
    done = pd.DataFrame(
        {"patient_id": ["P1"], "exposure_id": ["E1"], "item_id": ["I1"], "status": ["done"],
         "expectancy_before": [50.0], "occurrence": [5e-5]}
    )  # fmt: skip
    cohort = Cohort.from_tables({"participants": people, "exposures": done})
    assert cohort.exposures["occurrence_100"].tolist() == [5e-5]

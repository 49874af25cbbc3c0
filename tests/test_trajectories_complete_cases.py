"""Means of complete cases: who is in, who is counted out, and that nobody is lost."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.trajectories import fit_trajectories
from gradex_analysis.trajectories.complete_cases import average_complete

LAW = settings(max_examples=30, deadline=None, derandomize=True)


def make_table(rows):
    return pd.DataFrame(rows, columns=["patient_id", "item_id", "arm", "time", "value"])


def of_items(rows):
    return average_complete(make_table(rows), ["patient_id", "item_id"])


def test_a_patient_counts_once_with_the_mean_of_his_complete_items():
    rows = [
        *(("P1", item, "a", time, value) for item, values in (("I1", [40, 20]), ("I2", [60, 50]))
          for time, value in enumerate(values, 1)),
        *(("P2", "I1", "a", time, value) for time, value in enumerate([80, 70], 1)),
        ("P3", "I1", "a", 1, 10.0),
    ]  # fmt: skip
    means, left_out = of_items(rows)
    # P1: 50 and 35, P2: 80 and 70; P3 has no second time
    assert means["mean"].tolist() == [65, 52.5]
    assert means["n_complete"].tolist() == [2, 2]
    # falls of 15 and 10: SD 3.5355, over sqrt(2 x 2)
    assert means["std_error"].tolist() == pytest.approx([5 / np.sqrt(2) / 2] * 2)
    assert left_out.to_numpy().tolist() == [["a", "no value at 2", 1]]


def test_times_that_fewer_than_half_of_the_courses_have_are_no_part_of_it():
    rows = [(f"P{i}", "I1", "a", time, 10.0 * time + i) for i in range(5) for time in (1, 2)]
    rows += [(f"P{i}", "I1", "a", 3, 30.0) for i in range(2)]
    means, left_out = of_items(rows)
    assert means["time"].tolist() == [1, 2]
    assert left_out.empty


@pytest.mark.parametrize(("rows", "reason", "n"), [
    ([("P1", "I1", "a", 1, 5.0), ("P2", "I1", "a", 1, 6.0)],
     "no two times at which half of the courses have a value", 2),
    ([("P1", "I1", "a", 1, 5.0), ("P1", "I1", "a", 2, 6.0), ("P2", "I1", "a", 1, 6.0)],
     "complete, but alone: no interval", 1),
])  # fmt: skip
def test_where_there_is_no_interval_its_reason_is_counted(rows, reason, n):
    means, left_out = of_items(rows)
    assert means.empty
    assert left_out.set_index("reason")["n"][reason] == n


values = st.lists(
    st.tuples(st.sampled_from("PQRST"), st.sampled_from("IJ"), st.integers(1, 4)),
    min_size=1, max_size=25, unique=True,
)  # fmt: skip


@LAW
@given(rows=values)
def test_every_patient_is_complete_or_counted_out(rows):
    own = [(who, item, "ab"[who > "R"], float(at), 7.0 * at + len(who)) for who, item, at in rows]
    means, left_out = of_items(own)
    complete = means.drop_duplicates("arm").set_index("arm")["n_complete"]
    out = left_out.groupby("arm")["n"].sum()
    considered = make_table(own).groupby("arm")["patient_id"].nunique()
    total = complete.add(out, fill_value=0).astype("int64")
    assert total.to_dict() == considered.to_dict()
    assert not means.isna().any(axis=None)


def test_an_answer_about_questionnaires_has_them_by_occasion():
    forms = pd.DataFrame(
        [("P1", "baseline", 0, 40), ("P1", "post", 80, 30), ("P2", "baseline", 0, 30),
         ("P2", "post", 82, 26), ("P3", "baseline", 1, 20)],
        columns=["patient_id", "occasion", "day", "score"],
    )  # fmt: skip
    people = pd.DataFrame({"patient_id": ["P1", "P2", "P3"]})
    cohort = Cohort.from_tables(
        {"participants": people, "assessments": forms.assign(instrument="TSK-11")}
    )
    result = fit_trajectories(cohort, outcome="TSK-11", time="days", seed=1, n_boot=50)
    assert result.within_person["mean"].tolist() == [35, 28]
    assert result.within_person["time"].tolist() == result.mean["time"].tolist()
    assert result.incomplete.to_numpy().tolist() == [["all", "no value at post", 1]]

"""Which items make up a hierarchy, and which peaks of an item are compared?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.hierarchy_items import compare_peaks, list_hierarchies


def test_a_list_that_all_share_belongs_to_those_who_met_or_rated_an_item_of_it():
    tables = {
        "participants": pd.DataFrame({"patient_id": ["B", "A", "C"]}),
        "items": pd.DataFrame(
            [(None, "I1", 1), (None, "I2", 2), ("A", "I2", 7)],
            columns=["patient_id", "item_id", "planned_rank"],
        ),
        "exposures": pd.DataFrame(
            [("A", "E1", "I1"), ("A", "E2", "I9")],
            columns=["patient_id", "exposure_id", "item_id"],
        ),
        "item_ratings": pd.DataFrame(
            [("B", "I2", "baseline", 60.0), ("B", "I2", "post", 20.0)],
            columns=["patient_id", "item_id", "occasion", "expected_fear"],
        ),
    }
    table = list_hierarchies(Cohort.from_tables(tables)).astype("object")
    found = table.fillna("none")[["patient_id", "item_id", "planned_rank", "expected_fear"]]
    # A's own rank of I2 goes before that of the list; I9 is known by its exposure; C has nothing
    assert found.to_numpy().tolist() == [
        ["B", "I1", 1, "none"], ["B", "I2", 2, 60.0],
        ["A", "I1", 1, "none"], ["A", "I2", 7, "none"], ["A", "I9", "none", "none"],
    ]  # fmt: skip


def test_first_and_latest_peak_are_of_the_source_that_most_have_the_rated_ones_in_a_tie():
    exposed = pd.DataFrame(
        [
            ("A", "I1", 1, 80.0, "recalled"), ("A", "I1", 2, 60.0, "ratings"),
            ("A", "I1", 3, 50.0, "ratings"), ("A", "I1", 4, 20.0, "recalled"),
            ("A", "I2", 1, 90.0, "recalled"), ("A", "I2", 2, 70.0, "recalled"),
            ("A", "I2", 3, 10.0, "ratings"), ("A", "I2", 4, None, ""),
        ],
        columns=["patient_id", "item_id", "number", "peak", "peak_source"],
    )  # fmt: skip
    table = compare_peaks(exposed).loc["A"]
    assert table["peak_source"].to_dict() == {"I1": "ratings", "I2": "recalled"}
    assert table[["first_peak", "latest_peak"]].to_numpy().tolist() == [[60, 50], [90, 70]]
    assert table[["first_number", "latest_number"]].to_numpy().tolist() == [[2, 3], [1, 2]]
    assert table[["n_done", "n_peaks", "n_compared"]].to_numpy().tolist() == [[4, 4, 2], [4, 3, 2]]

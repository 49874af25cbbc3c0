"""Did fear of untouched items fall? By hand and by law; recovery is in its own file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.hierarchy import measure_generalisation
from gradex_analysis.simulation import simulate_cohort


def two(before, after):
    return {"baseline": before, "post": after}


#: A: exposed I1, I2 fall by 40 and 20, unexposed I3, I4 by 10 and 20; B has no exposure
RATED = {
    ("A", "I1"): two(60, 20), ("A", "I2"): two(70, 50),
    ("A", "I3"): two(80, 70), ("A", "I4"): two(90, 70),
    ("B", "I1"): two(60, 50), ("B", "I2"): two(60, 60),
}  # fmt: skip
EXPOSURES = [("A", "I1", 50), ("A", "I2", 60), ("B", "I1", 50, {"status": "refused"})]
RANKS = {"I1": 1, "I2": 2, "I3": 3, "I4": 5}


def test_a_patient_s_ratio_is_the_fall_of_unexposed_over_that_of_exposed_items(as_cohort):
    result = measure_generalisation(as_cohort(EXPOSURES, rated=RATED, ranks=RANKS))
    one = result.patients.set_index("patient_id").loc["A"]
    assert one[["fall_exposed", "fall_unexposed", "ratio"]].tolist() == [30, 15, 0.5]
    assert one[["pre_exposed", "pre_unexposed"]].tolist() == [65, 85]
    assert result.ratios[["median", "n", "n_undefined", "n_one_sort"]].iloc[0].tolist() == [
        0.5, 1, 0, 0,
    ]  # fmt: skip
    assert result.balance["estimate"].tolist() == [-20]


def test_a_ratio_is_undefined_where_the_exposed_items_did_not_fall(as_cohort):
    rated = {**RATED, ("A", "I1"): two(60, 70), ("A", "I2"): two(70, 60)}
    rated |= {("C", "I1"): two(50, 20), ("D", "I1"): two(50, 20), ("D", "I2"): two(50, 20)}
    exposures = [*EXPOSURES, ("C", "I1", 50), ("D", "I1", 50)]
    result = measure_generalisation(as_cohort(exposures, rated=rated))
    why = result.patients.set_index("patient_id")["no_ratio"].to_dict()
    assert why == {
        "A": "its exposed items did not fall", "C": "no item left unexposed", "D": ""
    }  # fmt: skip
    assert result.ratios[["n", "n_undefined", "n_one_sort"]].iloc[0].tolist() == [1, 1, 1]


def test_distances_are_to_the_nearest_exposed_item_by_rank_and_by_expected_fear(as_cohort):
    table = measure_generalisation(as_cohort(EXPOSURES, rated=RATED, ranks=RANKS)).table
    own = table.set_index("item_id")
    assert own["distance_planned_rank"].reindex(["I3", "I4"]).tolist() == [1, 3]
    assert own["distance_expected_fear"].reindex(["I3", "I4"]).tolist() == [10, 20]
    assert own["distance_planned_rank"].reindex(["I1", "I2"]).isna().all()


def test_breadth_is_the_mean_of_the_patients_shares_that_fell_enough(as_cohort):
    rated = {**RATED, ("C", "I1"): two(50, 20), ("C", "I3"): two(50, 50)}
    cohort = as_cohort([*EXPOSURES, ("C", "I1", 50)], rated=rated)
    breadth = measure_generalisation(cohort, reliable_change=20).breadth.set_index("is_exposed")
    # exposed: A 2 of 2, C 1 of 1; unexposed: A 1 of 2, C 0 of 1
    assert breadth["estimate"].to_dict() == {False: 0.25, True: 1.0}
    assert breadth["n_patients"].to_dict() == {False: 2, True: 2}
    without = measure_generalisation(cohort)
    assert without.breadth.empty
    assert "say reliable_change" in without.details()["Breadth"][0]


def test_every_rated_item_is_used_or_left_out_with_its_reason(as_cohort):
    rated = {**RATED, ("A", "I5"): {"baseline": 40.0}, ("A", "I6"): {"post": 40.0}}
    result = measure_generalisation(as_cohort(EXPOSURES, rated=rated))
    why = result.excluded.set_index(["patient_id", "item_id"])["reason"].to_dict()
    assert why == {
        ("A", "I5"): "not rated after treatment",
        ("A", "I6"): "not rated before treatment",
        ("B", "I1"): "no rated item of its patient was exposed before the second rating",
        ("B", "I2"): "no rated item of its patient was exposed before the second rating",
    }
    assert result.n_considered == 8
    assert "4 of 8 items left out" in result.sentence()


def test_an_exposure_after_the_second_rating_does_not_make_an_item_exposed(as_cohort):
    tables = dict(as_cohort([*EXPOSURES, ("A", "I3", 50)], rated=RATED).tables)
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    # exposures are on the 1st to the 4th of January 2024
    day = tables["item_ratings"]["occasion"].map({"baseline": "2023-12-01", "post": "2024-01-03"})
    tables["item_ratings"] = tables["item_ratings"].assign(rated_on=day)
    kept = {name: frame for name, frame in tables.items() if len(frame)}
    table = measure_generalisation(Cohort.from_tables(kept)).table
    assert set(table.loc[table["is_exposed"], "item_id"]) == {"I1", "I2"}


def test_three_patients_are_needed_for_the_models_and_that_is_said(as_cohort):
    result = measure_generalisation(as_cohort(EXPOSURES, rated=RATED))
    assert result.falls.empty
    assert "cannot be compared" in result.sentence()
    assert "fewer than 3 patients have items of both sorts" in result.sentence()
    assert "cannot be told" in result.details()["Nearer and farther items"][0]
    assert len(result.plot().child_axes) == 2


def test_equal_falls_of_all_are_no_crash(as_cohort):
    rated = {(p, f"I{i}"): two(60, 40) for p in "ABCD" for i in range(1, 5)}
    exposures = [(p, f"I{i}", 50) for p in "ABCD" for i in (1, 2)]
    result = measure_generalisation(as_cohort(exposures, rated=rated, ranks=RANKS))
    assert result.patients["ratio"].tolist() == [1.0] * 4
    assert result.sentence()
    assert not result.falls["estimate"].isna().any()


def test_what_cannot_be_asked_is_said(as_cohort):
    single = {key: {"baseline": values["baseline"]} for key, values in RATED.items()}
    with pytest.raises(CannotAnswerError, match="on 1 occasions"):
        measure_generalisation(as_cohort(EXPOSURES, rated=single))
    with pytest.raises(CannotAnswerError, match="on 0 occasions"):
        measure_generalisation(as_cohort(EXPOSURES))
    cohort = as_cohort(EXPOSURES, rated=RATED)
    with pytest.raises(CannotAnswerError, match="occasion 'march'"):
        measure_generalisation(cohort, occasions=("baseline", "march"))
    with pytest.raises(CannotAnswerError, match="points above 0"):
        measure_generalisation(cohort, reliable_change=0)
    nobody = measure_generalisation(as_cohort(EXPOSURES[2:], rated=RATED))
    assert nobody.table.empty
    assert nobody.plot().texts


def test_neither_names_nor_rows_matter(shuffled_and_renamed):
    cohort = simulate_cohort(16, seed=5, design="two_exposures").cohort
    one = measure_generalisation(cohort, reliable_change=15)
    other = measure_generalisation(shuffled_and_renamed(cohort), reliable_change=15)
    # the search for variances stops at another last digit
    for name, tolerance in (("falls", 1e-5), ("gradients", 1e-5), ("breadth", 1e-9)):
        frames = [getattr(result, name) for result in (one, other)]
        pd.testing.assert_frame_equal(frames[1], frames[0], rtol=tolerance, atol=tolerance)


def test_falls_on_another_scale_change_by_its_factor(as_cohort):
    rng = np.random.default_rng(6)
    rated = {
        (f"P{p}", f"I{i}"): two(float(rng.integers(50, 90)), float(rng.integers(10, 50)))
        for p in range(6)
        for i in range(1, 6)
    }
    halves = {key: two(v["baseline"] / 2, v["post"] / 2) for key, v in rated.items()}
    exposures = [(f"P{p}", f"I{i}", 50) for p in range(6) for i in (1, 2, 3)]
    whole, half = (
        measure_generalisation(as_cohort(exposures, rated=given)).falls for given in (rated, halves)
    )
    is_ratio = (whole["quantity"] == "ratio").to_numpy()
    factor = np.where(is_ratio, 1.0, 2.0)
    for name in ("estimate", "ci_low", "ci_high"):
        assert (half[name] * factor).to_numpy() == pytest.approx(whole[name], rel=1e-4, nan_ok=True)


def test_the_sentence_says_both_falls_the_confounding_and_what_time_alone_may_do():
    cohort = simulate_cohort(40, seed=3, design="two_exposures").cohort
    said = measure_generalisation(cohort).sentence()
    for part in (
        "fear expected of items that were not exposed fell from baseline to post by",
        "At the same first rating", "mixed up with difficulty", "Fieller",
        "Time and being asked again", "items left out",
    ):  # fmt: skip
        assert part in said

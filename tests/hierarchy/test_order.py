"""Was the order of the hierarchy right? By hand, by law, and against a planted truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.hierarchy import measure_order
from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.stats.kendall import kendall_tau

RANKS = {"I1": 1, "I2": 2, "I3": 3, "I4": 4}


def test_one_pair_of_six_in_the_wrong_order_is_two_thirds_agreement(as_cohort):
    # peaks 20, 40, 30, 60 by rank: of 6 pairs only (I2, I3) is discordant: (5 - 1) / 6
    cohort = as_cohort(
        [("A", "I1", 20), ("A", "I2", 40), ("A", "I3", 30), ("A", "I4", 60), ("A", "I1", 90)],
        ranks=RANKS,
    )
    result = measure_order(cohort, by="planned_rank")
    row = result.table.iloc[0]
    assert row["estimate"] == pytest.approx(4 / 6)
    # only first exposures count: the second of I1, at 90, changes nothing
    assert (row["n"], row["n_items"]) == (4, 4)
    assert np.isnan(row["ci_low"])
    assert "too few for intervals of single patients" in result.sentence()


def test_ties_are_those_of_tau_b(as_cohort):
    # pairs: 6; concordant 4, tied in peaks (I1, I2) and (I3, I4): 4 / sqrt(6 x 4)
    cohort = as_cohort(
        [("A", "I1", 20), ("A", "I2", 20), ("A", "I3", 50), ("A", "I4", 50)], ranks=RANKS
    )
    estimate = measure_order(cohort, by="planned_rank").table["estimate"].iloc[0]
    assert estimate == pytest.approx(4 / np.sqrt(24))


def test_patients_count_alike_and_the_interval_is_over_patients(as_cohort):
    good = [("A", "I1", 10), ("A", "I2", 20), ("A", "I3", 30), ("A", "I4", 40)]
    bad = [("B", "I1", 30), ("B", "I2", 20), ("B", "I3", 10)]
    row = measure_order(as_cohort([*good, *bad], ranks=RANKS), by="planned_rank").average.iloc[0]
    # taus of 1 and -1: mean 0, SD sqrt(2), standard error 1, t(1) = 12.706
    assert row["estimate"] == pytest.approx(0)
    assert row["ci_high"] == pytest.approx(12.7062, abs=1e-4)


def test_expected_fear_orders_where_no_rank_was_planned(as_cohort):
    rated = {("A", f"I{i}"): {"baseline": 10.0 * i, "post": 50.0 - i} for i in (1, 2, 3)}
    cohort = as_cohort([("A", "I1", 70), ("A", "I2", 50), ("A", "I3", 30)], rated=rated)
    assert measure_order(cohort, by="expected_fear").table["estimate"].iloc[0] == -1
    with pytest.raises(CannotAnswerError, match="planned_rank"):
        measure_order(cohort, by="planned_rank")


def test_fieller_s_interval_is_that_of_the_formula_and_covers_tau():
    found = kendall_tau([1, 2, 3, 4, 5, 6], [2, 1, 3, 4, 6, 5])
    half = 1.959964 * np.sqrt(0.437 / 2)
    assert found["estimate"] == pytest.approx(11 / 15)
    assert found["ci_low"] == pytest.approx(np.tanh(np.arctanh(11 / 15) - half))
    rng = np.random.default_rng(1)
    rho = 0.7
    true = 2 / np.pi * np.arcsin(rho)
    covered = []
    for _ in range(600):
        x = rng.normal(size=10)
        y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=10)
        one = kendall_tau(x, y)
        covered.append(one["ci_low"] < true < one["ci_high"])
    # 600 draws at .95 have a Monte Carlo SE of .009; Fieller's variance is approximate at n = 10
    assert 0.92 < np.mean(covered) < 0.99


def test_every_patient_with_a_hierarchy_is_used_or_left_out_with_the_reason(as_cohort):
    cohort = as_cohort(
        [
            ("A", "I1", 10), ("A", "I2", 20), ("A", "I3", 30),
            ("B", "I1", 10), ("B", "I2", 20),
            ("C", "I1", 50), ("C", "I2", 50), ("C", "I3", 50),
            ("D", "I1", None), ("D", "I1", 40),
            ("E", "I1", 40, {"status": "refused"}),
        ],
        ranks=RANKS,
    )  # fmt: skip
    result = measure_order(cohort, by="planned_rank")
    assert result.table["patient_id"].tolist() == ["A"]
    assert result.excluded.set_index("patient_id")["reason"].to_dict() == {
        "B": "fewer than 3 items to compare",
        "C": "all of its peaks alike",
        "D": "no item with both a planned place and a first peak",
        "E": "no item with both a planned place and a first peak",
    }
    why = result.items.set_index(["patient_id", "item_id"])["reason"]
    # the second peak of D's item does not stand in for the first
    assert why["D", "I1"] == "no peak in its first exposure"
    assert why["E", "I1"] == "no exposure to it was carried out"
    assert "4 of 5 patients left out" in result.sentence()


def test_recalled_and_rated_peaks_are_not_ordered_among_each_other(as_cohort):
    exposures = [("A", f"I{i}", 10.0 * i) for i in (1, 2, 3)]
    tables = dict(as_cohort([*exposures, ("A", "I4", None)], ranks=RANKS).tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    recalled = ratings.iloc[[0]].assign(
        exposure_id="E003", moment="peak_recalled", minute=np.nan, value=5.0
    )
    tables["ratings"] = pd.concat([ratings, recalled], ignore_index=True)
    kept = {name: frame for name, frame in tables.items() if len(frame)}
    result = measure_order(Cohort.from_tables(kept), by="planned_rank")
    assert result.table[["estimate", "n"]].iloc[0].tolist() == [1, 3]
    assert "its first peak was recalled, most were rated" in set(result.items["reason"])


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_neither_names_nor_rows_nor_the_scale_matter(as_cohort, shuffled_and_renamed, scale):
    rng = np.random.default_rng(4)
    exposures = [(p, f"I{i}", float(rng.integers(0, 11) * 10)) for p in "ABCD" for i in range(1, 5)]
    one = measure_order(as_cohort(exposures, ranks=RANKS), by="planned_rank")
    other = shuffled_and_renamed(as_cohort(exposures, ranks=RANKS, scale=scale))
    pd.testing.assert_frame_equal(measure_order(other, by="planned_rank").average, one.average)


def test_a_plan_in_the_true_order_is_found_less_right_than_it_is():
    simulation = simulate_cohort(
        60, seed=3, design="two_exposures", mechanisms=("heaping", "noisy_report")
    )
    result = measure_order(simulation.cohort, by="planned_rank")
    keys = ["patient_id", "item_id"]
    items = result.items[result.items["reason"] == ""].merge(simulation.truth.items, on=keys)
    true = items.groupby("patient_id").apply(
        lambda own: kendall_tau(own["planned"], own["difficulty"])["estimate"]
    )
    true = true.reindex(result.table["patient_id"])
    found = result.table["estimate"].mean()
    # peaks err and learning comes between: some of the agreement is lost, most is not
    assert true.mean() - 0.35 < found < true.mean()
    assert (result.average["ci_low"] > 0.3).all()


def test_what_cannot_be_asked_is_said(as_cohort):
    cohort = as_cohort([("A", "I1", 20)], ranks=RANKS)
    with pytest.raises(UnknownNameError, match="by"):
        measure_order(cohort, by="difficulty")
    with pytest.raises(CannotAnswerError, match="two items"):
        measure_order(cohort, by="planned_rank", fewest=1)
    empty = measure_order(cohort, by="planned_rank")
    assert empty.table.empty
    assert "No order can be judged in 1 patient" in empty.sentence()
    assert empty.plot().texts
    with pytest.raises(CannotAnswerError, match="no exposure ratings"):
        measure_order(as_cohort([("A", "I1", None)], ranks=RANKS), by="planned_rank")


def test_the_figure_has_a_point_per_item_and_per_patient(as_cohort):
    exposures = [(p, f"I{i}", 10.0 * i) for p in "ABC" for i in range(1, 5)]
    result = measure_order(as_cohort(exposures, ranks=RANKS), by="planned_rank")
    left, right = result.plot().child_axes
    assert sum(len(one.get_offsets()) for one in left.collections[1:]) == 12
    assert "12 items of 3 patients" in left.get_xlabel()
    assert right.get_xlim() == (-1.05, 1.05)
    assert "1 is the same order" in result.alt_text()

"""How far was the hierarchy climbed? By hand and by law."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.hierarchy import measure_progress
from gradex_analysis.simulation import simulate_cohort

RANKS = {"I1": 1, "I2": 2, "I3": 3, "I4": 4, "I5": 5}
#: I1 is mastered at its 4th exposure (30, 20 running); I3 came before I2; I4 and I5 never did
CLIMB = [
    ("A", "I1", 60), ("A", "I1", 30), ("A", "I1", 40), ("A", "I3", 70), ("A", "I1", 30),
    ("A", "I1", 20), ("A", "I1", 90), ("A", "I2", 25),
]  # fmt: skip


def by_item(result):
    return result.table.set_index("item_id")


def test_an_item_is_mastered_at_the_last_exposure_of_the_first_run(as_cohort):
    result = measure_progress(as_cohort(CLIMB, ranks=RANKS), peak_at_most=30, running=2)
    one = by_item(result).loc["I1"]
    # its peaks: 60, 30, 40, 30, 20, 90: the run ends at the fifth; a later 90 does not undo it
    assert one["is_mastered"]
    assert (one["exposures_to_mastery"], one["mastered_number"]) == (5, 5)
    # sessions 1 to 6: the fifth exposure is in the sixth session
    assert one["sessions_to_mastery"] == 6
    single = measure_progress(as_cohort(CLIMB, ranks=RANKS), peak_at_most=30, running=1)
    assert by_item(single).loc["I1", "exposures_to_mastery"] == 2
    assert by_item(single).loc["I2", "is_mastered"]


def test_what_was_not_mastered_is_watched_and_has_no_time(as_cohort):
    result = measure_progress(as_cohort(CLIMB, ranks=RANKS), peak_at_most=30, running=2)
    table = by_item(result)
    assert table["state"].to_dict() == {
        "I1": "mastered", "I2": "not mastered", "I3": "not mastered",
        "I4": "not reached", "I5": "not reached",
    }  # fmt: skip
    assert table.loc[["I2", "I3"], "exposures_to_mastery"].isna().all()
    assert table.loc[["I2", "I3"], "peaks_watched"].tolist() == [1, 1]


def test_skipped_is_never_tried_below_a_tried_one_and_passed_over_is_for_a_while(as_cohort):
    climb = [*CLIMB, ("A", "I5", 80)]
    table = by_item(measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=2))
    assert table["state"]["I4"] == "skipped"
    passed = {"I1": False, "I2": True, "I3": False, "I4": True, "I5": False}
    assert table["was_passed_over"].to_dict() == passed


def test_steps_up_down_and_repeats_add_up_to_the_moves(as_cohort):
    result = measure_progress(as_cohort(CLIMB, ranks=RANKS), peak_at_most=30, running=2)
    one = result.patients.iloc[0]
    # I1 I1 I1 I3 I1 I1 I1 I2: repeats 2 + 2, up to I3 and I2, down to I1
    assert one[["n_repeat", "n_up", "n_down", "n_not_known"]].tolist() == [4, 2, 1, 0]
    assert by_item(result)["n_returns"].to_dict() == {"I1": 1, "I2": 0, "I3": 0, "I4": 0, "I5": 0}
    said = result.details()["Steps, dose and adherence"][0]
    assert "repeated 4 times, a harder one came 2 times and an easier one 1 times" in said


def test_an_exposure_without_a_peak_is_passed_over_and_one_refused_is_no_exposure(as_cohort):
    climb = [
        ("A", "I1", 20), ("A", "I1", None), ("A", "I1", 90, {"status": "refused"}),
        ("A", "I1", 20), ("A", "I2", None),
    ]  # fmt: skip
    result = measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=2)
    one = by_item(result).loc["I1"]
    assert (one["n_planned"], one["n_carried_out"], one["n_refused"], one["n_peaks"]) == (
        4,
        3,
        1,
        2,
    )
    assert one["exposures_to_mastery"] == 2
    assert result.excluded[["item_id", "reason"]].to_numpy().tolist() == [
        ["I2", "carried out, but never with a peak"]
    ]
    assert result.patients["share_refused"].iloc[0] == pytest.approx(1 / 5)


def test_planned_and_carried_out_minutes_and_repetitions_stand_beside_each_other(as_cohort):
    climb = [
        ("A", "I1", 50, {"planned_minutes": 10, "done_minutes": 6, "planned_repetitions": 8}),
        ("A", "I1", 40, {"planned_minutes": 10, "done_minutes": 10, "done_repetitions": 5}),
        ("A", "I1", None, {"planned_minutes": 10, "status": "not_done"}),
    ]
    result = measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=2)
    one = by_item(result).loc["I1"]
    assert one[["minutes_planned", "minutes_done"]].tolist() == [30, 16]
    assert one[["repetitions_planned", "repetitions_done"]].tolist() == [8, 5]
    assert one["n_not_done"] == 1
    assert (
        "minutes carried out: 16 of 30 planned" in result.details()["Steps, dose and adherence"][0]
    )


def test_the_share_mastered_is_kaplan_meier_s_over_items(as_cohort):
    climb = [
        ("A", "I1", 20), ("A", "I2", 60), ("A", "I2", 20),
        ("B", "I1", 60), ("B", "I2", 60), ("B", "I2", 60), ("B", "I2", 20),
    ]  # fmt: skip
    result = measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=1)
    curve = result.curve[result.curve["clock"] == "exposures"]
    # at 1: one of four; one leaves unmastered; at 2: one of two; at 3: the last
    assert curve["n_at_risk"].tolist() == [4, 2, 1]
    assert curve["n_happened"].tolist() == [1, 1, 1]
    assert curve["estimate"].tolist() == pytest.approx([1 / 4, 1 - 3 / 4 / 2, 1])
    half = result.half[result.half["clock"] == "exposures"].iloc[0]
    assert half["estimate"] == 2
    assert "Half were mastered after 2 exposures" in result.sentence()


def test_items_by_state_add_up_and_every_item_is_in_the_table_or_excluded():
    cohort = simulate_cohort(30, seed=8).cohort
    result = measure_progress(cohort, peak_at_most=50, running=2)
    patients = result.patients
    states = [f"n_{s}" for s in ("mastered", "not_mastered", "skipped", "not_reached", "not_tried")]
    assert (patients[states].sum(axis=1) == patients["n_items"]).all()
    assert patients["n_items"].sum() == result.n_considered == len(cohort.items)
    moves = patients[["n_up", "n_repeat", "n_down", "n_not_known"]].sum(axis=1)
    tried = patients["n_carried_out"] > 0
    assert (moves == patients["n_carried_out"] - tried).all()
    # what the curve counts is what the table holds
    exposures = result.curve[result.curve["clock"] == "exposures"]
    assert exposures["n_happened"].sum() == result.table["is_mastered"].sum()
    # the last mean over patients is all that was mastered
    last = result.means.iloc[-1]
    assert last["estimate"] * last["n_all"] == pytest.approx(result.table["is_mastered"].sum())


def test_the_simulator_s_own_rule_sends_patients_on_to_the_next_item():
    # it moves on after two exposures running at 50 or less, and repeats an item until then
    simulation = simulate_cohort(
        40, seed=2, design="two_exposures", mechanisms=("heaping", "noisy_report")
    )
    table = measure_progress(simulation.cohort, peak_at_most=50, running=2).table
    tried = table[table["n_carried_out"] > 0]
    climbed = tried["planned_rank"] < tried.groupby("patient_id")["planned_rank"].transform("max")
    # recalled peaks of homework differ a little from those rated, and 5 % are skipped
    assert tried.loc[climbed, "is_mastered"].mean() > 0.85


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_neither_names_nor_rows_nor_the_scale_matter(scale, as_cohort, shuffled_and_renamed):
    rng = np.random.default_rng(4)
    climb = [
        (p, f"I{rng.integers(1, 5)}", float(rng.integers(0, 11) * 10))
        for p in "ABCDE"
        for _ in range(12)
    ]
    rule = {"peak_at_most": 40, "running": 2}
    one = measure_progress(as_cohort(climb, ranks=RANKS), **rule)
    changed = shuffled_and_renamed(as_cohort(climb, ranks=RANKS, scale=scale))
    other = measure_progress(changed, **rule)
    pd.testing.assert_frame_equal(other.curve, one.curve)
    pd.testing.assert_frame_equal(other.means, one.means)
    names = ["n_mastered", "n_skipped", "n_up", "n_down", "n_repeat"]
    assert other.patients[names].sum().tolist() == one.patients[names].sum().tolist()


def test_without_ranks_nothing_is_said_of_skipped_or_of_up_and_down(as_cohort):
    result = measure_progress(as_cohort(CLIMB), peak_at_most=30, running=2)
    assert "No ranks are recorded" in result.sentence()
    assert result.patients["n_not_known"].iloc[0] == 3
    assert "without ranks" in result.details()["Steps, dose and adherence"][0]


def test_groups_that_were_not_randomised_are_said_to_be_so(as_cohort):
    climb = [*CLIMB, *[("B", item, peak) for _, item, peak in CLIMB]]
    cohort = as_cohort(climb, ranks=RANKS, arms={"A": "a", "B": "b"})
    result = measure_progress(cohort, peak_at_most=30, running=2)
    assert "Groups were not randomised." in result.sentence()
    assert {text.get_text() for text in result.plot().texts} >= {"a", "b"}


def test_a_rule_that_cannot_be_is_refused(as_cohort):
    cohort = as_cohort(CLIMB, ranks=RANKS)
    for rule in ({"peak_at_most": 100, "running": 2}, {"peak_at_most": -1, "running": 2}):
        with pytest.raises(CannotAnswerError, match="0 to below 100"):
            measure_progress(cohort, **rule)
    with pytest.raises(CannotAnswerError, match="number of exposures"):
        measure_progress(cohort, peak_at_most=30, running=0)
    with pytest.raises(TypeError, match="peak_at_most"):
        measure_progress(cohort)


def test_poor_data_are_answered_or_refused_with_the_remedy(as_cohort):
    nothing_mastered = measure_progress(as_cohort([("A", "I1", 60)]), peak_at_most=30, running=2)
    assert "Half of the items were not mastered" in nothing_mastered.sentence()
    assert nothing_mastered.plot().lines
    with pytest.raises(CannotAnswerError, match="no exposure ratings"):
        measure_progress(as_cohort([("A", "I1", None)]), peak_at_most=30, running=2)
    with pytest.raises(CannotAnswerError, match="names no items"):
        measure_progress(as_cohort([("A", None, 60)]), peak_at_most=30, running=2)


def test_the_figure_has_a_stair_per_patient_and_the_mean(as_cohort):
    climb = [*CLIMB, *[("B", item, peak) for _, item, peak in CLIMB]]
    result = measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=2)
    ax = result.plot()
    assert len(ax.lines) == 3
    assert ax.lines[-1].get_ydata()[-1] == 1
    assert "1.0 items in 2 patients at the end" in result.alt_text()


def test_an_item_s_exposures_follow_their_number_where_a_date_was_written_down_late(as_cohort):
    late = {"exposure_number": 2, "started_at": "2024-03-01"}
    climb = [
        ("A", "I1", 20, {"exposure_number": 1}), ("A", "I1", 60, late),
        ("A", "I1", 20, {"exposure_number": 3}),
    ]  # fmt: skip
    table = measure_progress(as_cohort(climb, ranks=RANKS), peak_at_most=30, running=2).table
    # by date the two of 20 would follow one another
    assert not table["is_mastered"].any()

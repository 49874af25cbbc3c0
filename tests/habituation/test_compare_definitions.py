"""What if another definition had been used? By hand and by law."""

from __future__ import annotations

import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.definitions.answer import compare_definitions
from gradex_analysis.habituation.within_session import measure_within_session
from gradex_analysis.measures import between_sessions, return_of_fear, within_session
from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.stats.rank_agreement import rank_agreement

#: initial to end 10, -10, 30, 20, 0; peak to end 40, 10, 30, 25, 40
FIVE = {
    "E1": [50, 80, 40],
    "E2": [40, 60, 50],
    "E3": [60, 40, 30],
    "E4": [50, 55, 30],
    "E5": [40, 80, 40],
}
OWNERS = {f"E{i}": f"P{i}" for i in range(1, 6)}
KINDS = {
    **{
        kind: list(within_session.names_of(kind))
        for kind in ("activation", "within_session", "variability")
    },
    "between_sessions": list(between_sessions.DEFINITIONS),
    "return_of_fear": list(return_of_fear.DEFINITIONS),
}


@pytest.fixture
def five(make_cohort):
    return make_cohort(patients=OWNERS, **FIVE)


def pair(result, one, other):
    table = result.agreement
    both = [set(row) == {one, other} for row in table[["definition", "other"]].to_numpy().tolist()]
    return table[both].iloc[0]


def test_agreement_and_classes_by_hand(five):
    result = compare_definitions(five, primary="initial_to_end")
    row = pair(result, "initial_to_end", "peak_to_end")
    # ranks 3 1 5 4 2 and 4.5 1 3 2 4.5
    expected = rank_agreement([3, 1, 5, 4, 2], [4.5, 1, 3, 2, 4.5])
    assert row["spearman"] == pytest.approx(expected["spearman"])
    assert row["kendall"] == pytest.approx(expected["kendall"])
    assert (row["n_patients"], row["n"]) == (5, 5)
    # by sign P2 rose and P5 stayed, from first to last; from the peak everyone fell
    assert (row["n_sign_differs"], row["n_by_sign"]) == (2, 5)
    # by half of where it began: P3 from 60 to 30; from the peak P1 80 to 40 and P5 as well
    assert (row["n_half_differs"], row["n_by_half"]) == (2, 5)
    own = result.classified.set_index(["definition", "patient_id"])
    assert own.loc["initial_to_end", "fell"].tolist() == [True, False, True, True, False]
    assert own.loc["initial_to_end", "halved"].tolist() == [False, False, True, False, False]
    assert own.loc["peak_to_end", "halved"].tolist() == [True, False, True, False, True]


def test_slopes_are_turned_round_so_that_a_fall_agrees_with_a_fall(five):
    result = compare_definitions(five)
    own = result.classified.set_index(["definition", "patient_id"])
    slope = measure_within_session(five, definition="slope").table.set_index("patient_id")
    assert own.loc["slope", "estimate"].to_dict() == (-slope["estimate"]).to_dict()
    assert pair(result, "initial_to_end", "slope")["spearman"] > 0
    # a level is no fall, and has no class
    assert own.loc["mean_level", "fell"].isna().all()
    assert pair(result, "initial_to_end", "mean_level")["n_by_sign"] == 0


def test_the_primary_comes_first_and_the_others_are_sensitivity(five):
    result = compare_definitions(five, primary="peak_to_end")
    table = result.table
    assert table["definition"].iloc[0] == "peak_to_end"
    assert table["role"].tolist() == ["primary", *["sensitivity"] * (len(table) - 1)]
    assert result.settings["primary"] == "peak_to_end"
    assert "peak to end (primary) and the others" in result.sentence()
    unnamed = compare_definitions(five)
    assert set(unnamed.table["role"]) == {""}
    assert "No definition was named as primary." in unnamed.sentence()


def test_a_pair_is_compared_where_both_measure(make_cohort):
    # E1 has an end; E6 of the same patient was stopped early and has only a last rating
    cohort = make_cohort(
        patients={**OWNERS, "E6": "P1"}, exposures={"E6": {"stopped_by": "patient"}},
        **FIVE, E6=[10, 20, 90],
    )  # fmt: skip
    result = compare_definitions(cohort)
    row = pair(result, "initial_to_end", "initial_to_last")
    assert (row["spearman"], row["n"]) == (pytest.approx(1.0), 5)
    means = result.classified.set_index(["definition", "patient_id"])["estimate"]
    assert means["initial_to_last", "P1"] == pytest.approx((10 - 80) / 2)


@pytest.mark.parametrize("of", KINDS)
def test_every_definition_has_a_row_and_every_patient_a_place(of):
    cohort = simulate_cohort(14, seed=2, design="two_exposures").cohort
    result = compare_definitions(cohort, of=of)
    assert list(dict.fromkeys(result.table["definition"])) == KINDS[of]
    empty = result.table["n"] == 0
    assert result.table.loc[empty, "estimate"].isna().all()
    used, left_out = set(result.classified["patient_id"]), set(result.excluded["patient_id"])
    assert used.isdisjoint(left_out)
    assert used | left_out >= set(cohort.exposures["patient_id"])
    assert len(used | left_out) == result.n_considered
    measured = result.table.loc[~empty, "definition"].nunique()
    assert len(result.agreement) >= measured * (measured - 1) / 2


def test_the_table_holds_what_each_measure_says():
    cohort = simulate_cohort(14, seed=2, design="two_exposures").cohort
    result = compare_definitions(cohort)
    own = measure_within_session(cohort, definition="peak_to_last").average
    rows = result.table[result.table["definition"] == "peak_to_last"]
    for name in ("estimate", "ci_low", "ci_high", "n", "n_patients"):
        assert rows[name].tolist() == pytest.approx(own[name].tolist())
    assert set(rows["group"]) == set(own["group"])


def test_what_cannot_be_asked_is_a_row_with_its_reason(five):
    result = compare_definitions(five, of="return_of_fear")
    refused = result.table[result.table["reason"] != ""].set_index("definition")
    assert "exposures.context" in refused.loc["renewal_like", "reason"]
    assert "item_ratings" in refused.loc["rof_pct", "reason"]
    assert result.n_used == 0
    assert "5 of 5 patients left out" in result.sentence()
    assert result.plot() is not None


def test_unknown_names_are_said(five):
    with pytest.raises(UnknownNameError, match="'within_session'"):
        compare_definitions(five, of="habituation")
    with pytest.raises(UnknownNameError, match="'peak_to_end'"):
        compare_definitions(five, primary="first_to_last_peak")


def test_a_cohort_without_exposures_is_refused_with_the_reason():
    people = pd.DataFrame({"patient_id": ["P1"]})
    with pytest.raises(CannotAnswerError, match="No definition can be asked"):
        compare_definitions(Cohort.from_tables({"participants": people}))


@pytest.mark.parametrize("values", [[50, 50, 50], [0, 0, 0], [100, 100, 100], [30, 40]])
@pytest.mark.parametrize("of", KINDS)
def test_ratings_that_do_not_vary_agree_on_nothing_and_break_nothing(make_cohort, values, of):
    names = [f"E{i}" for i in range(8)]
    exposures = {name: {"session_id": f"S{i % 2}"} for i, name in enumerate(names)}
    owners = {name: f"P{i // 2}" for i, name in enumerate(names)}
    cohort = make_cohort(patients=owners, exposures=exposures, **dict.fromkeys(names, values))
    result = compare_definitions(cohort, of=of)
    assert result.n_considered == 4
    assert "Rank agreement cannot be told" in result.sentence()


def test_the_matrix_writes_every_pair(five):
    result = compare_definitions(five, primary="initial_to_end")
    ax = result.plot()
    names = result.table.loc[result.table["n"] > 0, "definition"].unique()
    assert len(ax.get_yticklabels()) == len(names)
    assert ax.get_yticklabels()[0].get_text() == "initial to end (primary) 1"
    written = [text.get_text() for text in ax.texts]
    n_classified = int((result.agreement["n_by_sign"] > 0).sum())
    assert sum(bool(re.fullmatch(r"\d+\nof \d+", text)) for text in written) == n_classified
    coloured = [p for p in ax.patches if isinstance(p, mpl.patches.Rectangle)]
    known = np.isfinite(result.agreement["spearman"]).sum()
    assert len(coloured) == known + len(names)

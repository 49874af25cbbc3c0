"""Which sittings repeat an item? By hand."""

from __future__ import annotations

from gradex_analysis.measures.sittings import list_sittings, pair_sittings

WHEN = {
    "E1": {"session_id": "S1", "started_at": "2024-01-01T10:00"},
    "E2": {"session_id": "S1", "started_at": "2024-01-01T10:30"},
    "E3": {"session_id": None, "started_at": "2024-01-03T18:00"},
    "E4": {"session_id": "S2", "started_at": "2024-01-08T09:00"},
}
COURSES = {"E1": [80, 40], "E2": [60, 30], "E3": {-1: 50}, "E4": {0: 45, 2: 20}}


def test_exposures_of_a_session_are_one_sitting_and_homework_another(make_cohort):
    table = list_sittings(make_cohort(exposures=WHEN, **COURSES), "fear")
    assert table["sitting"].tolist() == ["S1", "2024-01-03", "S2"]
    assert table["place"].tolist() == [1, 2, 3]
    assert table["n_exposures"].tolist() == [2, 1, 1]
    first = table.iloc[0]
    assert (first["first_exposure_id"], first["last_exposure_id"]) == ("E1", "E2")
    assert (first["initial"], first["last"], first["final"]) == (80, 30, 30)
    assert (first["first_peak"], first["last_peak"]) == (80, 60)


def test_a_sitting_stands_beside_the_one_before_with_the_gap_in_whole_days(make_cohort):
    table = pair_sittings(make_cohort(exposures=WHEN, **COURSES), "fear")
    assert table["gap_days"].tolist()[1:] == [2.0, 5.0]
    # the homework between has no rating in the exercise, and nothing stands in for it
    assert table["last_earlier"].isna().tolist() == [True, False, True]
    assert table["between"].tolist() == ["first", "time_only", "time_only"]


def test_what_was_not_carried_out_is_no_sitting(make_cohort):
    exposures = {**WHEN, "E3": {**WHEN["E3"], "status": "refused"}}
    table = list_sittings(make_cohort(exposures=exposures, **{**COURSES, "E3": {}}), "fear")
    assert table["sitting"].tolist() == ["S1", "S2"]


def test_items_have_sittings_of_their_own(make_cohort):
    exposures = {**WHEN, "E2": {**WHEN["E2"], "item_id": "I2"}}
    table = list_sittings(make_cohort(exposures=exposures, **COURSES), "fear")
    assert table.groupby("item_id")["sitting"].apply(list).to_dict() == {
        "I1": ["S1", "2024-01-03", "S2"], "I2": ["S1"],
    }  # fmt: skip

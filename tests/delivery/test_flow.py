"""How many patients came how far? By hand."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.delivery.flow import describe_flow
from gradex_analysis.errors import CannotAnswerError, UnknownNameError


def counts(flow, stage):
    """Return ``{state: n}`` of one stage; None where it is not recorded."""
    rows = flow.table[flow.table["stage"] == stage]
    sums = rows.groupby("state", sort=False)["n"].sum(min_count=1)
    return {state: None if pd.isna(n) else int(n) for state, n in sums.items()}


def form(patient, occasion, score=1.0, day=None):
    return {
        "p": patient, "instrument": "X", "occasion": occasion, "score": score, "day": day
    }  # fmt: skip


def test_a_patient_started_who_came_or_carried_out_an_exposure(make_study):
    cohort = make_study(
        dict.fromkeys(["came", "did", "cancelled", "refused", "silent", "never"]),
        sessions=[
            {"p": "came", "attended": "yes"},
            {"p": "cancelled", "attended": "late_cancel"},
        ],
        exposures=[
            {"p": "did", "item_id": "I1", "status": None, "fear": 60},
            {"p": "refused", "item_id": "I1", "status": "refused", "fear": None},
        ],
        episodes=[{"p": "never", "treatment_end_reason": "never_started"}],
    )
    patients = describe_flow(cohort).patients.set_index("patient_id")
    assert patients["started"].to_dict() == {
        "came": "started",
        "did": "started",
        "cancelled": "not started",
        "refused": "not started",
        "silent": "not recorded",
        "never": "not started",
    }


def test_a_baseline_session_does_not_start_treatment(make_study):
    cohort = make_study(
        {"P1": None}, sessions=[{"p": "P1", "phase": "baseline"} | {"attended": "yes"}]
    )
    assert describe_flow(cohort).patients["started"].tolist() == ["not recorded"]


def test_a_session_without_a_note_took_place_where_an_exposure_was_carried_out(make_study):
    cohort = make_study(
        {"P1": None, "P2": None},
        sessions=[{"p": p, "session_id": "S1"} for p in ("P1", "P2")],
        exposures=[
            {"p": "P1", "session_id": "S1", "item_id": "I1", "status": "done", "is_homework": "no"},
            {"p": "P2", "session_id": "S1", "item_id": "I1", "status": None, "is_homework": "no"},
        ],
    )
    assert describe_flow(cohort).patients["started"].tolist() == ["started", "not recorded"]


def test_without_episodes_endings_are_missing_and_not_none(make_study):
    flow = describe_flow(make_study({"P1": None}, sessions=[{"p": "P1", "attended": "yes"}]))
    assert counts(flow, "treatment") == {
        "as planned": None, "stopped early": None, "not recorded": 1
    }  # fmt: skip
    assert counts(flow, "study") == {"to its end": None, "left": None, "not recorded": 1}
    assert "end of treatment not recorded for 1 of 1" in flow.sentence()


def test_with_episodes_nobody_stopping_is_zero(make_study):
    cohort = make_study(
        {"P1": None},
        sessions=[{"p": "P1", "attended": "yes"}],
        episodes=[
            {"p": "P1", "treatment_end_reason": "completed", "study_end_reason": "completed"}
        ],
    )
    flow = describe_flow(cohort)
    assert counts(flow, "treatment") == {"as planned": 1, "stopped early": 0, "not recorded": 0}
    assert counts(flow, "study")["left"] == 0


def test_who_left_has_left_at_every_occasion_after_the_last_form(make_study):
    cohort = make_study(
        dict.fromkeys(["left", "late", "stayed", "unknown"]),
        episodes=[
            {"p": "left", "study_end_reason": "withdrew"},
            {"p": "late", "study_end_reason": "withdrew"},
            {"p": "stayed", "study_end_reason": "completed"},
        ],
        assessments=[
            *[form(p, "baseline", day=0) for p in ("left", "late", "stayed", "unknown")],
            form("late", "followup", day=180),
            form("left", "post", score=None, day=90),
        ],
    )
    flow = describe_flow(cohort, occasions=["baseline", "post", "followup"])
    patients = flow.patients.set_index("patient_id")
    assert patients["assessed_post"].to_dict() == {
        "left": "left the study",  # a form without a score is none
        "late": "in the study, without a form",
        "stayed": "in the study, without a form",
        "unknown": "without a form, study end not recorded",
    }
    assert patients["assessed_followup"]["late"] == "assessed"
    assert counts(flow, "assessed_baseline")["assessed"] == 4


def test_answers_to_items_are_an_assessment(make_study):
    items = [{"p": "P1", "instrument": "X", "occasion": "post", "item": 1, "response": 2.0}]
    flow = describe_flow(make_study({"P1": None, "P2": None}, assessment_items=items))
    assert counts(flow, "assessed_post")["assessed"] == 1


def test_in_a_cross_over_a_stop_in_any_episode_counts_once(make_study):
    cohort = make_study(
        {"P1": None, "P2": None},
        episodes=[
            {"p": "P1", "start": "2024-03-01", "treatment_end_reason": "completed",
             "study_end_reason": "completed"},
            {"p": "P1", "start": "2024-01-01", "treatment_end_reason": "pain",
             "study_end_reason": None},
            {"p": "P2", "start": "2024-01-01", "treatment_end_reason": "completed",
             "study_end_reason": "completed"},
            {"p": "P2", "start": "2024-03-01", "treatment_end_reason": None,
             "study_end_reason": "moved"},
        ],
    )  # fmt: skip
    patients = describe_flow(cohort).patients
    assert patients["treatment"].tolist() == ["stopped early", "not recorded"]
    assert patients["treatment_reason"].tolist() == ["pain", ""]
    assert patients["study"].tolist() == ["to its end", "left"]
    assert describe_flow(cohort).n_used == 2


def test_who_never_started_cannot_stop_early(make_study):
    cohort = make_study(
        {"P1": "A", "P2": "A"},
        sessions=[{"p": "P2", "attended": "yes"}],
        episodes=[
            {"p": "P1", "treatment_end_reason": "never_started"},
            {"p": "P2", "treatment_end_reason": "pain"},
        ],
    )
    flow = describe_flow(cohort)
    treatment = flow.table[flow.table["stage"] == "treatment"]
    assert treatment["n_of"].unique().tolist() == [1]
    assert counts(flow, "treatment")["stopped early"] == 1
    assert "1 of 2 started (1 did not start), 0 of 1 ended as planned (1 stopped early: pain)" in (
        flow.sentence()
    )


def test_patients_without_an_arm_are_not_lost(make_study):
    flow = describe_flow(make_study({"P1": "A", "P2": "B", "P3": None}))
    assert counts(flow, "allocated") == {"allocated": 2, "not allocated": 1}
    assert "2 of 3 were allocated (1 to A, 1 to B). Groups were not randomised." in flow.sentence()
    assert set(flow.table["arm"]) == {"A", "B", "without an arm"}


def test_randomised_is_said_only_of_the_randomised(make_study):
    cohort = make_study({"P1": "A", "P2": "B"}, randomised_on=["2024-01-01", "2024-01-02"])
    sentence = describe_flow(cohort).sentence()
    assert "2 of 2 were randomised (1 to A, 1 to B)." in sentence
    assert "not randomised" not in sentence


def test_a_cohort_without_arms_has_no_allocation(make_study):
    flow = describe_flow(make_study({"P1": None}))
    assert "allocated" not in set(flow.table["stage"])
    assert flow.table["arm"].unique().tolist() == ["all"]
    assert flow.alt_text().startswith("Flow chart of 1 patient. All: No session recorded")


def test_reasons_are_counted_and_zero_in_the_other_arm(make_study):
    ends = ["pain", "pain", "time"]
    cohort = make_study(
        {"P1": "A", "P2": "A", "P3": "A", "P4": "B"},
        episodes=[
            *[{"p": f"P{i}", "treatment_end_reason": r} for i, r in enumerate(ends, 1)],
            {"p": "P4", "treatment_end_reason": "completed"},
        ],
    )
    flow = describe_flow(cohort)
    stopped = flow.table[flow.table["state"] == "stopped early"].set_index(["arm", "reason"])["n"]
    assert stopped.to_dict() == {
        ("A", "pain"): 2, ("A", "time"): 1, ("B", "pain"): 0, ("B", "time"): 0
    }  # fmt: skip
    assert "3 stopped early: 2 pain, 1 time" in flow.sentence()


def test_the_figure_holds_the_counts_of_the_table(make_study):
    cohort = make_study(
        {"P1": "A", "P2": "A", "P3": "B"},
        sessions=[{"p": p, "attended": "yes"} for p in ("P1", "P3")],
        episodes=[{"p": p, "study_end_reason": "moved"} for p in ("P1", "P2", "P3")],
        assessments=[form(p, "baseline") for p in ("P1", "P2", "P3")],
    )
    texts = [text.get_text().replace("\n", " ") for text in describe_flow(cohort).plot().texts]
    assert {"Enrolled 3", "A 2 allocated", "B 1 allocated"} <= set(texts)
    assert "Assessed: baseline 2 of 2" in texts
    assert "Started treatment 1 of 2" in texts
    assert "2 left: moved" in texts


def test_an_unknown_occasion_lists_those_there_are(make_study):
    cohort = make_study({"P1": None}, assessments=[form("P1", "baseline")])
    with pytest.raises(UnknownNameError, match="occasions must be one of 'baseline'; not 'post'"):
        describe_flow(cohort, occasions=["post"])


def test_a_cohort_without_patients_cannot_answer(make_study):
    with pytest.raises(CannotAnswerError, match="holds no patients"):
        describe_flow(make_study({}))


def test_one_row_per_arm_counts_what_papers_count(make_study):
    cohort = make_study(
        {"P1": "A", "P2": "A", "P3": "B"},
        sessions=[{"p": "P1", "attended": "yes"}, {"p": "P2", "attended": "no_show"}],
        episodes=[
            {"p": "P1", "treatment_end_reason": "pain", "study_end_reason": "completed"},
            {"p": "P2", "treatment_end_reason": None, "study_end_reason": "moved"},
        ],
        assessments=[form("P1", "post"), form("P3", "post")],
    )
    by_arm = describe_flow(cohort).by_arm.set_index("arm")
    assert by_arm.loc["A"].to_dict() == {
        "n": 2, "n_started": 1, "n_not_started": 1, "n_stopped_early": 1, "n_left": 1,
        "n_assessed_post": 1,
    }  # fmt: skip
    assert by_arm.loc["B", ["n", "n_assessed_post"]].tolist() == [1, 1]
    assert by_arm.loc["B", ["n_started", "n_stopped_early", "n_left"]].isna().all()


def test_a_note_that_does_not_fit_beside_its_box_goes_without_its_reasons(make_study):
    reasons = [f"a_long_reason_of_many_words_number_{i}" for i in range(9)]
    patients = {f"P{i}": "AB"[i % 2] for i in range(9)}
    cohort = make_study(
        patients,
        episodes=[
            {"p": p, "study_end_reason": reason}
            for p, reason in zip(patients, reasons, strict=True)
        ],
    )
    flow = describe_flow(cohort)
    texts = [text.get_text() for text in flow.plot().texts]
    assert {"5 left", "4 left"} <= set(texts)
    assert "1 a long reason of many words number 8" in flow.alt_text()

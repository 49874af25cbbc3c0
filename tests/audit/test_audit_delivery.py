"""What has the team to look at? Each rule by hand, at its threshold and just below it."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from gradex_analysis.audit import audit_delivery
from gradex_analysis.errors import CannotAnswerError

NOT_DONE = {"status": "not_done", "is_homework": True, "peak": None}
HOMEWORK = {"is_homework": True}
STOPPED = {"stopped_by": "patient"}
FORMS = {"instrument": ["TSK-11"], "score": [30.0]}


def found(audit, rule):
    own = audit.findings[audit.findings["rule"] == rule]
    return dict(zip(own["patient_id"].fillna(own["place"]), own["urgency"], strict=True))


def n_of(audit, rule):
    return audit.rules.set_index("rule").loc[rule, "n"]


def peaks(*values):
    return [{"peak": value} for value in values]


def test_three_rises_running_are_looked_at_first_and_two_are_not(make_clinic):
    audit = audit_delivery(make_clinic(P1=peaks(40, 50, 60, 70), P2=peaks(40, 50, 60, 60)))
    assert found(audit, "rising_peaks") == {"P1": "look first"}
    (line,) = audit.findings["finding"]
    assert line == "item I1: peak above the exposure before, 3 times running"
    assert audit.findings["since"].tolist() == ["2024-01-02"]


def test_rises_across_items_are_the_hierarchy_and_no_finding(make_clinic):
    climbing = [{"peak": 40 + 10 * i, "item_id": f"I{i}"} for i in range(5)]
    assert found(audit_delivery(make_clinic(P1=climbing)), "rising_peaks") == {}


def test_a_pattern_that_ended_before_the_latest_record_is_a_note(make_clinic):
    audit = audit_delivery(make_clinic(P1=[*peaks(40, 50, 60, 70), {"peak": 30}]))
    assert found(audit, "rising_peaks") == {"P1": "note"}
    assert audit.rules.set_index("rule").loc["rising_peaks", ["n", "n_over"]].tolist() == [0, 1]
    assert "it ended before the latest record" in audit.findings["finding"].iloc[0]


@pytest.mark.parametrize(
    ("rule", "enough", "too_few", "urgency"),
    [
        ("stopped_by_patient", [STOPPED] * 3, [STOPPED, STOPPED, {}], "look"),
        ("homework_not_done", [NOT_DONE] * 3, [NOT_DONE, HOMEWORK, NOT_DONE, NOT_DONE], "look"),
        ("ratings_missing", [{"peak": None}, *[{}] * 3], [{"peak": None}, *[{}] * 4], "note"),
    ],
)
def test_a_rule_finds_from_its_threshold_on(make_clinic, rule, enough, too_few, urgency):
    audit = audit_delivery(make_clinic(P1=enough, P2=too_few))
    assert found(audit, rule) == {"P1": urgency}
    assert n_of(audit, rule) == 1


def test_sessions_missed_twice_running_are_found(make_clinic):
    attended = {"P1": ["yes", "no_show", "late_cancel"], "P2": ["no_show", "yes", "no_show"]}
    rows = [
        {"patient_id": p, "session_id": f"S{i}", "session_number": i, "date": f"2024-01-0{i + 1}",
         "attended": state}
        for p, states in attended.items() for i, state in enumerate(states)
    ]  # fmt: skip
    audit = audit_delivery(make_clinic(tables={"sessions": rows}, P1=[{}], P2=[{}]))
    assert found(audit, "missed_sessions") == {"P1": "look"}


@pytest.mark.parametrize(
    ("today", "expected"), [(date(2024, 1, 28), {}), (date(2024, 1, 29), {"P1": "look first"})]
)
def test_a_second_questionnaire_is_due_28_days_after_the_last_contact(make_clinic, today, expected):
    forms = [{"patient_id": "P1", "occasion": "baseline"}, {"patient_id": "P2", "occasion": "post"}]
    tables = {"assessments": [{**form, "instrument": "TSK-11", "score": 30.0} for form in forms]}
    cohort = make_clinic(P1=[{}], P2=[{}], tables=tables)
    assert found(audit_delivery(cohort, today=today), "no_later_questionnaire") == expected


def test_who_left_the_study_is_not_asked_for_a_questionnaire(make_clinic):
    ended = {"episode": "1", "treatment_end": "2024-01-01", "study_end": "2024-02-01"}
    reasons = {"P1": "lost_to_follow_up", "P2": "completed"}
    tables = {
        "episodes": [{"patient_id": p, **ended, "study_end_reason": r} for p, r in reasons.items()],
        "assessments": [{"patient_id": p, "instrument": "NRS", "occasion": "baseline", "score": 5.0}
                        for p in reasons],
    }  # fmt: skip
    audit = audit_delivery(make_clinic(tables=tables), today=date(2024, 3, 1))
    assert found(audit, "no_later_questionnaire") == {"P2": "look first"}


def test_a_flare_that_ended_exposure_is_found_after_14_days(make_clinic):
    cohort = make_clinic(P1=[{}, {"flare": True}], P2=[{"flare": True}, {}])
    assert n_of(audit_delivery(cohort, today=date(2024, 1, 15)), "flare_then_no_exposure") == 0
    later = audit_delivery(cohort, today=date(2024, 1, 16))
    assert found(later, "flare_then_no_exposure") == {"P1": "look first"}


def test_adverse_events_are_found_unless_said_to_be_unrelated(make_clinic):
    events = [("P1", "A1", True, "no"), ("P2", "A2", False, "possibly"), ("P3", "A3", False, "no")]
    rows = [
        {"patient_id": p, "event_id": e, "serious": s, "related": r, "onset": "2024-01-05"}
        for p, e, s, r in events
    ]
    audit = audit_delivery(make_clinic(tables={"adverse_events": rows}))
    assert found(audit, "serious_adverse_event") == {"P1": "look first"}
    assert found(audit, "related_adverse_event") == {"P2": "look"}


def test_empty_boxes_of_safety_behaviours_are_a_note_above_one_half(make_clinic):
    noted = [("P1", 1), ("P2", 1), ("P2", 2)]
    rows = [{"patient_id": p, "exposure_id": f"{p}-E{i}", "code": "bracing", "used": "none"}
            for p, i in noted]  # fmt: skip
    rows.append({"patient_id": "P1", "exposure_id": "P1-E2", "code": "bracing",
                 "used": "not_recorded"})  # fmt: skip
    audit = audit_delivery(
        make_clinic(P1=[{}] * 3, P2=[{}] * 4, tables={"safety_behaviours": rows})
    )
    assert found(audit, "safety_not_recorded") == {"P1": "note"}


def test_zero_is_zero_and_not_recorded_is_not_zero(make_clinic):
    bare = audit_delivery(make_clinic(P1=[{}]))
    assert pd.isna(n_of(bare, "serious_adverse_event"))
    assert "serious adverse event (not recorded)" in bare.sentence()
    nobody = pd.DataFrame({"patient_id": [], "event_id": []}, dtype="str")
    recorded = audit_delivery(make_clinic(P1=[{}], tables={"adverse_events": nobody}))
    assert n_of(recorded, "serious_adverse_event") == 0
    assert "Looked for and not found: serious adverse event" in recorded.sentence()


def test_every_patient_is_used_and_the_most_urgent_come_first(make_clinic):
    audit = audit_delivery(make_clinic(["P9"], P1=[STOPPED] * 3, P2=peaks(40, 50, 60, 70)))
    assert (audit.n_used, audit.n_considered, len(audit.table)) == (3, 3, 3)
    assert audit.findings["urgency"].tolist() == ["look first", "look"]
    assert "2 of 3 patients have at least one point to look at" in audit.sentence()
    assert audit.sentence().endswith("no triage.")


def test_the_last_date_of_the_data_is_today_and_said(make_clinic):
    assert (
        "As of 2024-01-03 (the last contact in the data)"
        in audit_delivery(make_clinic(P1=[{}] * 3)).sentence()
    )
    named = audit_delivery(make_clinic(P1=[{}]), today=date(2024, 5, 1)).sentence()
    assert named.startswith("As of 2024-05-01, ")


def test_without_any_date_the_day_has_to_be_named(make_clinic):
    cohort = make_clinic(P1=[{"started_at": None}])
    with pytest.raises(CannotAnswerError, match="name the day"):
        audit_delivery(cohort)
    assert audit_delivery(cohort, today=date(2024, 5, 1)).n_used == 1


def test_the_figure_has_a_line_per_rule_with_numbers_words_and_ids(make_clinic):
    audit = audit_delivery(make_clinic(P1=[STOPPED] * 3, P2=[{}]))
    said = [text.get_text() for text in audit.plot().texts]
    assert {"look first", "look", "note", "not recorded", "1", "0", "P1"} <= set(said)
    assert set(audit.rules["title"]) <= set(said)


def test_the_order_of_rows_does_not_matter(make_clinic):
    cohort = make_clinic(P1=[STOPPED] * 3, P2=peaks(40, 50, 60, 70), P3=[NOT_DONE] * 3)
    tables = {
        name: frame.drop(columns=["exposure", "value_100", "code"], errors="ignore")
        .sample(frac=1, random_state=1)
        for name, frame in cohort.tables.items() if len(frame)
    }  # fmt: skip
    shuffled = audit_delivery(type(cohort).from_tables(tables))
    pd.testing.assert_frame_equal(shuffled.findings, audit_delivery(cohort).findings)


def test_what_nobody_noted_is_not_looked_for(make_clinic):
    audit = audit_delivery(make_clinic(P1=[{**HOMEWORK, "peak": 50, "status": None}] * 3))
    why = audit.rules.set_index("rule")["why_not"]
    assert why["missed_sessions"] == "not recorded"
    assert why["homework_not_done"] == "not recorded"


def test_a_pattern_that_is_over_is_not_said_to_be_not_found(make_clinic):
    over = [NOT_DONE, NOT_DONE, NOT_DONE, {**HOMEWORK, "peak": 40}]
    said = audit_delivery(make_clinic(P1=over)).sentence()
    assert "Found earlier only: homework not done 3 times in a row (1)." in said
    assert "homework" not in said.split("Looked for and not found")[1]

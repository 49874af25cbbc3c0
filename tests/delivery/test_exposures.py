"""What was planned, what was done, and was anyone harmed? By hand."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.delivery.exposures import describe_exposures
from gradex_analysis.errors import CannotAnswerError


def exposure(patient="P1", status="done", **more):
    return {"p": patient, "item_id": "I1", "status": status, "is_homework": "no"} | more


def one(frame, **where):
    rows = frame.loc[(frame[list(where)] == pd.Series(where)).all(axis=1)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_state_is_counted_by_hand(make_study):
    cohort = make_study(
        {"P1": "A"},
        exposures=[
            exposure(fear=None),
            exposure(status="partial", stopped_by="patient", stop_cause="fear", fear=None),
            exposure(status="refused", fear=None),
            exposure(status="not_done", is_homework="yes", fear=None),
            exposure(status=None, is_homework="yes", item_id="I2", fear=80),
            exposure(status=None, is_homework=None, fear=None),
        ],
    )
    row = describe_exposures(cohort).table.iloc[0]
    assert row[["n_exposures", "n_done", "n_partial", "n_rated"]].tolist() == [6, 1, 1, 1]
    assert row[["n_refused", "n_not_done", "n_unknown"]].tolist() == [1, 1, 1]
    assert row[["n_carried_out", "n_items", "n_stopped_patient"]].tolist() == [3, 2, 1]
    assert row[["n_homework", "n_homework_done"]].tolist() == [2, 1]


def test_minutes_not_recorded_are_missing_and_minutes_not_spent_are_zero(make_study):
    cohort = make_study(
        dict.fromkeys(["P1", "P2", "P3"]),
        exposures=[
            exposure("P1", planned_minutes=10, done_minutes=8),
            exposure("P1", planned_minutes=10, done_minutes=None),
            exposure("P2", planned_minutes=None, done_minutes=None),
            exposure("P3", "not_done", planned_minutes=5, done_minutes=None),
        ],
    )
    table = describe_exposures(cohort).table.set_index("patient_id")
    assert table["minutes_done"].fillna(-1).tolist() == [8, -1, 0]
    assert table["minutes_planned"].fillna(-1).tolist() == [20, -1, 5]
    assert table["n_without_minutes"].tolist() == [1, 1, 0]


def test_sessions_add_up_to_those_due(make_study):
    codes = ["yes", "late_cancel", "no_show", None]
    sessions = [{"p": "P1", "attended": code} for code in codes]
    sessions += [{"p": "P1", "attended": "yes", "phase": "followup"}]
    row = describe_exposures(make_study({"P1": None}, sessions=sessions)).table.iloc[0]
    names = ["n_attended", "n_late_cancel", "n_no_show", "n_attendance_unknown"]
    assert row[["n_sessions", *names]].tolist() == [4, 1, 1, 1, 1]


def test_quotas_without_an_item_are_activities_and_no_exposures(make_study):
    quota = {"p": "P2", "item_id": None, "status": "done", "planned_quantity": 100}
    cohort = make_study(
        {"P1": "exposure", "P2": "activity"},
        exposures=[exposure("P1"), quota | {"done_quantity": 120, "quantity_unit": "steps"}],
    )
    delivery = describe_exposures(cohort)
    table = delivery.table.set_index("patient_id")
    assert table.loc["P2", ["n_exposures", "n_activities", "n_activities_done"]].tolist() == [
        0,
        1,
        1,
    ]
    assert delivery.sentence().startswith(
        "1 of 1 patient in activity carried out at least one activity without an item: median 1 "
    )
    planned_done = one(delivery.planned_done, arm="activity")
    assert planned_done[["measure", "unit", "planned", "done"]].tolist() == [
        "quantity", "steps", 100, 120
    ]  # fmt: skip


def test_a_log_that_names_no_items_holds_exposures_where_it_is_rated(make_study):
    cohort = make_study(
        {"P1": None}, exposures=[{"p": "P1", "fear": 50}, {"p": "P1", "fear": None}]
    )
    row = describe_exposures(cohort).table.iloc[0]
    assert row[["n_exposures", "n_rated", "n_unknown", "n_activities"]].tolist() == [2, 1, 1, 0]


def test_the_dose_is_summarised_over_patients_by_hand(make_study):
    n = {"P1": 1, "P2": 2, "P3": 6, "P4": 0}
    cohort = make_study(
        dict.fromkeys(n, "A"),
        sessions=[{"p": p, "attended": "yes"} for p in n],
        exposures=[exposure(p) for p, times in n.items() for _ in range(times)],
    )
    row = one(describe_exposures(cohort).dose, measure="exposures carried out")
    # of 0, 1, 2, 6: quartiles by linear interpolation
    assert row[["median", "q1", "q3", "min", "max", "total"]].tolist() == [1.5, 0.75, 3, 0, 6, 9]
    assert row[["n", "n_missing"]].tolist() == [4, 0]


def test_a_context_that_nobody_noted_is_no_context_count(make_study):
    cohort = make_study(
        {"P1": None, "P2": None}, exposures=[exposure("P1"), exposure("P2", "not_done")]
    )
    row = one(describe_exposures(cohort).dose, measure="contexts")
    assert (row["n"], row["n_missing"]) == (0, 2)
    assert pd.isna(row["total"])


def test_planned_and_done_are_compared_in_pairs(make_study):
    minutes = [(10, 10), (10, 5), (0, 5), (10, None)]
    cohort = make_study(
        {"P1": None},
        exposures=[exposure(planned_minutes=p, done_minutes=d) for p, d in minutes],
    )
    row = one(describe_exposures(cohort).planned_done, measure="minutes")
    assert row[["n_either", "n", "planned", "done"]].tolist() == [4, 3, 20, 20]
    assert row["share_as_planned"] == pytest.approx(2 / 3)
    assert row["median_ratio"] == pytest.approx(0.75)  # of 1 and 0.5; 5 of 0 has no ratio


def test_breaks_count_only_where_there_is_such_a_table(make_study):
    exposures = [exposure(exposure_id="E1"), exposure(exposure_id="E2")]
    breaks = [
        {"p": "P1", "exposure_id": "E1", "start_minute": 2, "end_minute": 5},
        {"p": "P1", "exposure_id": "E1", "start_minute": 8, "end_minute": None},
    ]
    noted = describe_exposures(
        make_study({"P1": None}, exposures=exposures, exposure_breaks=breaks)
    )
    names = ["n_carried_out", "n_with_break", "n_breaks", "n_open", "minutes"]
    assert noted.breaks.iloc[0][names].tolist() == [2, 1, 2, 1, 3]
    assert "1 of 2 carried out had a break." in noted.sentence()
    silent = describe_exposures(make_study({"P1": None}, exposures=exposures))
    assert silent.breaks[names[1:]].isna().all(axis=None)
    assert "Breaks are not recorded." in silent.sentence()


def test_safety_behaviours_none_and_not_recorded_are_two_things(make_study):
    answers = {
        "E1": ["some", "none"], "E2": ["none", "none"], "E3": ["none", "not_recorded"], "E4": []
    }  # fmt: skip
    cohort = make_study(
        {"P1": None},
        exposures=[exposure(exposure_id=name) for name in answers],
        safety_behaviours=[
            {"p": "P1", "exposure_id": name, "code": code, "used": used}
            for name, told in answers.items()
            for code, used in zip(("brace", "hold"), told, strict=False)
        ],
    )
    delivery = describe_exposures(cohort)
    overall = delivery.safety[delivery.safety["code"] == "any"].set_index("level")["n"]
    assert overall.to_dict() == {"used": 1, "none": 1, "not_recorded": 2}
    assert one(delivery.safety, code="brace", level="none")["n"] == 2
    assert (
        "Safety behaviours: used in 1 of 4 exposures, none in 1, not recorded in 2."
        in delivery.sentence()
    )


def test_no_adverse_event_is_zero_and_no_table_is_not_recorded(make_study):
    event = {"p": "P1", "severity": "mild", "serious": "no", "related": "possibly"}
    exposures = [exposure()]
    some = make_study({"P1": None, "P2": None}, exposures=exposures, adverse_events=[event])
    none = some.select_patients(["P2"])
    silent = make_study({"P1": None}, exposures=exposures)
    harms = describe_exposures(some).harms
    assert one(harms, by="severity", level="mild")["n"] == 1
    assert "1 in 1 of 2 patients (none serious, none related, 1 related possibly)" in (
        describe_exposures(some).sentence()
    )
    assert describe_exposures(silent).table["n_adverse_events"].isna().all()
    assert "Adverse events are not recorded." in describe_exposures(silent).sentence()
    with pytest.raises(CannotAnswerError, match="no sessions and no exposures"):
        describe_exposures(none)
    empty = pd.DataFrame(columns=["patient_id", "event_id"])
    zero = type(silent).from_tables({**silent.tables, "adverse_events": empty}
                                    | {"ratings": empty.iloc[:0, :0]})  # fmt: skip
    assert (describe_exposures(zero).harms.query("harm == 'adverse event'")["n"] == 0).all()
    assert "Adverse events: none in 1 patient." in describe_exposures(zero).sentence()


def test_flares_are_counted_over_those_that_say(make_study):
    cohort = make_study({"P1": None}, exposures=[exposure(flare=f) for f in ("yes", "no", None)])
    delivery = describe_exposures(cohort)
    flares = delivery.harms.query("harm == 'flare'").set_index("level")["n"]
    assert flares.to_dict() == {"yes": 1, "no": 1, "not_recorded": 1}
    assert "Flares: after 1 of 2 for which it is recorded (1 not recorded)." in delivery.sentence()


def test_stops_are_said_with_who_and_why(make_study):
    cohort = make_study(
        {"P1": None},
        exposures=[
            exposure(stopped_by="plan"),
            exposure(status="partial", stopped_by="patient", stop_cause="fear"),
            exposure(status="partial", stopped_by="other", stop_cause=None),
        ],
    )
    assert (
        "2 of 3 exposures carried out were stopped early (by the patient 1, something else 1; "
        "cause: fear 1, not recorded 1)."
    ) in describe_exposures(cohort).sentence()


def test_only_patients_of_whom_nothing_is_known_are_left_out(make_study):
    cohort = make_study(
        {"did": "A", "never": "A", "usual": "B"},
        exposures=[exposure("did")],
        episodes=[{"p": "never", "treatment_end_reason": "never_started"}],
    )
    delivery = describe_exposures(cohort)
    assert delivery.table["patient_id"].tolist() == ["did", "never"]
    assert delivery.excluded["patient_id"].tolist() == ["usual"]
    assert "1 of 2 patients in A carried out at least one exposure" in delivery.sentence()
    assert "1 of 3 patients left out (1: no session and no exposure recorded)." in (
        delivery.sentence()
    )
    assert set(delivery.harms["arm"]) == {"A", "B"}, "harms are those of all patients"


def test_groups_that_were_not_randomised_are_said_so(make_study):
    exposures = [exposure("P1"), exposure("P2")]
    sentence = describe_exposures(
        make_study({"P1": "A", "P2": "B"}, exposures=exposures)
    ).sentence()
    assert "Groups were not randomised." in sentence
    dates = ["2024-01-01", "2024-01-02"]
    cohort = make_study({"P1": "A", "P2": "B"}, exposures=exposures, randomised_on=dates)
    assert "randomised" not in describe_exposures(cohort).sentence()


def test_sessions_alone_can_be_described(make_study):
    delivery = describe_exposures(
        make_study({"P1": None}, sessions=[{"p": "P1", "attended": "yes"}])
    )
    assert delivery.sentence().startswith(
        "0 of 1 patient carried out an exposure or activity, with 1 (IQR 1 to 1) sessions "
        "attended. No exposure or activity is recorded."
    )
    assert delivery.plot().texts[0].get_text() == "No exposure was planned."

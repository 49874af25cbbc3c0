"""How do sites and therapists compare? Counted by hand, never ranked."""

from __future__ import annotations

import pytest

from gradex_analysis.audit import audit_delivery, audit_places
from gradex_analysis.audit.places import OUTSIDE, WITHIN
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

PEOPLE = {"participants": [{"patient_id": f"P{i}", "site_id": f"S{i}", "therapist_id": "T1"}
                           for i in (1, 2, 3)]}  # fmt: skip


def exposures(n, n_early):
    return [{"stopped_by": "patient" if i < n_early else "plan"} for i in range(n)]


@pytest.fixture
def sites(make_clinic):
    return make_clinic(
        P1=exposures(40, 4), P2=exposures(40, 2), P3=exposures(40, 30), tables=PEOPLE
    )


def test_shares_are_counted_and_the_one_outside_is_named(sites):
    audit = audit_places(sites, by="site")
    assert audit.table["site"].tolist() == ["S1", "S2", "S3"]
    assert audit.table["estimate"].tolist() == [0.1, 0.05, 0.75]
    assert audit.table["expected"].tolist() == [pytest.approx(36 / 120)] * 3
    # 30 of 40 where 30 % are expected: far beyond 1 in 1000; so is 2 of 40, P(Y <= 2) = 0.0001
    assert audit.table["position"].tolist()[1:] == [OUTSIDE, OUTSIDE]
    assert "S3 (30 of 40)" in audit.sentence()
    assert "120 of 120 exposures" in audit.sentence()


def test_sites_stand_in_the_order_of_their_ids_and_the_limits_are_qualified(sites):
    audit = audit_places(sites, by="site")
    assert audit.table["site"].is_monotonic_increasing
    assert "those of one patient are alike" in audit.sentence()


def test_one_of_one_is_no_surprise(make_clinic):
    cohort = make_clinic(
        P1=exposures(1, 1), P2=exposures(50, 5), P3=exposures(50, 5), tables=PEOPLE
    )
    assert audit_places(cohort, by="site").table["position"].tolist() == [WITHIN] * 3


def test_what_was_not_carried_out_or_not_noted_is_left_out_with_its_reason(make_clinic):
    odd = [{"status": "not_done", "stopped_by": None}, {"stopped_by": None}]
    cohort = make_clinic(
        P1=[*exposures(3, 1), *odd], P2=exposures(3, 1), P3=exposures(3, 1), tables=PEOPLE
    )
    audit = audit_places(cohort, by="site")
    assert audit.excluded["reason"].tolist() == ["not carried out", "nobody noted how it ended"]
    assert (audit.n_used, audit.n_considered) == (9, 11)


def test_an_exposure_belongs_to_the_therapist_of_its_session(make_clinic):
    sessions = [
        {"patient_id": "P1", "session_id": f"S{i}", "therapist_id": f"T{i}"} for i in (2, 3)
    ]
    done = [{"session_id": "S2"}, {"assigned_in": "S3", "is_homework": True}, {}]
    cohort = make_clinic(P1=done, tables={**PEOPLE, "sessions": sessions})
    assert audit_places(cohort, by="therapist").table["therapist"].tolist() == ["T1", "T2", "T3"]


def test_fewer_than_three_have_no_funnel_and_the_audit_says_so(sites):
    with pytest.raises(CannotAnswerError, match=r"3 therapists or more .* here is 1 therapist"):
        audit_places(sites, by="therapist")
    assert "fewer than 3 therapists recorded" in audit_delivery(sites).sentence()


def test_a_site_outside_the_limits_is_a_finding_without_a_patient(sites):
    own = audit_delivery(sites).findings
    own = own[own["rule"] == "early_stops_by_site"]
    assert own["place"].tolist() == ["site S2", "site S3"]
    assert own["patient_id"].isna().all()
    assert own["finding"].iloc[1] == "30 of 40 exposures ended before their plan"


def test_another_grouping_is_an_error(sites):
    with pytest.raises(UnknownNameError, match="'site', 'therapist'"):
        audit_places(sites, by="clinic")


def test_the_funnel_draws_each_share_at_its_number_and_names_it(sites):
    ax = audit_places(sites, by="site").plot()
    drawn = {tuple(point) for dots in ax.collections for point in dots.get_offsets().tolist()}
    assert drawn == {(40.0, 0.1), (40.0, 0.05), (40.0, 0.75)}
    said = {text.get_text() for text in ax.texts}
    assert {"S1", "S2", "S3", "95 %", "99.8 %", "all: 30 %"} <= said

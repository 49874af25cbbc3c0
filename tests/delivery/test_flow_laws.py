"""The flow of two parts adds up to that of the whole, whoever is in which."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.delivery.flow import describe_flow

LAW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
OCCASIONS = ["baseline", "post", "followup"]
CELL = ["arm", "stage", "state", "reason"]
REASONS = st.sampled_from([None, "completed", "never_started", "pain", "moved"])
PATIENT = st.fixed_dictionaries(
    {
        "arm": st.sampled_from(["A", "B"]),
        "sessions": st.lists(st.sampled_from(["yes", "no_show", None]), max_size=2),
        "exposures": st.lists(st.sampled_from(["done", "refused", None]), max_size=2),
        "episodes": st.lists(st.tuples(REASONS, REASONS), max_size=2),
        "forms": st.sets(st.sampled_from(OCCASIONS)),
        "in_first_part": st.booleans(),
    }
)


def study(make_study, patients, *, arms):
    rows = {"sessions": [], "exposures": [], "episodes": [], "assessments": []}
    for name, own in patients.items():
        rows["sessions"] += [{"p": name, "attended": code} for code in own["sessions"]]
        rows["exposures"] += [
            {"p": name, "item_id": "I1", "status": code} for code in own["exposures"]
        ]
        rows["episodes"] += [
            {"p": name, "treatment_end_reason": treatment, "study_end_reason": end}
            for treatment, end in own["episodes"]
        ]
        rows["assessments"] += [
            {"p": name, "instrument": "X", "occasion": occasion, "score": 1.0}
            for occasion in own["forms"]
        ]
    filled = {name: table for name, table in rows.items() if table}
    return make_study({n: own["arm"] if arms else None for n, own in patients.items()}, **filled)


def counted(cohort, by):
    rows = describe_flow(cohort, occasions=OCCASIONS).table
    return rows.groupby(by)["n"].sum(min_count=1)


@pytest.mark.slow
@LAW
@given(drawn=st.lists(PATIENT, min_size=2, max_size=8), arms=st.booleans())
def test_the_flow_of_two_parts_adds_up_to_that_of_the_whole(make_study, drawn, arms):
    # a patient with all forms in each part, so that both know every occasion
    drawn = [{**drawn[0], "forms": set(OCCASIONS), "in_first_part": True}, *drawn[1:]]
    drawn += [{**drawn[0], "in_first_part": False}]
    patients = {f"P{i}": own for i, own in enumerate(drawn)}
    cohort = study(make_study, patients, arms=arms)
    first = [name for name, own in patients.items() if own["in_first_part"]]
    parts = [cohort.select_patients(ids) for ids in (first, patients.keys() - first)]
    by_state = [counted(part, CELL[:3]) for part in parts]
    # what one part has not recorded adds nothing; what neither has stays not recorded
    total, whole = by_state[0].add(by_state[1], fill_value=0), counted(cohort, CELL[:3])
    pd.testing.assert_series_equal(total, whole, check_dtype=False)
    by_reason = pd.concat([counted(part, CELL).fillna(0) for part in parts]).groupby(CELL).sum()
    whole = counted(cohort, CELL).fillna(0)
    assert by_reason[by_reason > 0].to_dict() == whole[whole > 0].to_dict()


@LAW
@given(drawn=st.lists(PATIENT, min_size=1, max_size=8), arms=st.booleans())
def test_the_states_of_a_stage_add_up_to_those_it_concerns(make_study, drawn, arms):
    patients = {f"P{i}": {**own, "forms": set(OCCASIONS)} for i, own in enumerate(drawn)}
    table = describe_flow(study(make_study, patients, arms=arms)).table
    by_stage = table.groupby(["arm", "stage"])
    assert (by_stage["n"].sum() == by_stage["n_of"].first()).all()
    started = table[table["state"] == "not started"].groupby("arm")["n"].sum()
    concerned = table[table["stage"] == "treatment"].groupby("arm")["n_of"].first()
    everybody = table[table["stage"] == "enrolled"].set_index("arm")["n"]
    assert (concerned == everybody - started).all()

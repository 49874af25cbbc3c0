"""Whose value is missing, and why? Every reason by hand; nobody counted twice or never, by law."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.missingness import count_missing, explain_missing, say_missing
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.scores import list_scores

LAW = settings(max_examples=25, deadline=None, derandomize=True)
OCCASIONS = ("baseline", "post", "followup")
DAYS = dict(zip(OCCASIONS, (0, 84, 186), strict=True))


def study_of(forms, episodes=(), people=("A", "B"), **tables):
    """Make a study of patients P1, P2 ...; ``people`` are their arms.

    ``forms`` are (patient, occasion, score, n_missing, instrument); ``episodes`` are (patient,
    treatment_end_reason, study_end_reason).
    """
    ids = [f"P{i}" for i in range(1, len(people) + 1)]
    rows = [(p, o, DAYS[o], s, n, i) for p, o, s, n, i in forms]
    names = ["patient_id", "occasion", "day", "score", "n_missing", "instrument"]
    stays = [(p, "1", t, s) for p, t, s in episodes]
    keys = ["patient_id", "episode", "treatment_end_reason", "study_end_reason"]
    return Cohort.from_tables({
        "participants": pd.DataFrame({"patient_id": ids, "arm": people,
                                      "randomised_on": pd.Timestamp("2024-01-01")}),
        "assessments": pd.DataFrame(rows, columns=names),
        "episodes": pd.DataFrame(stays, columns=keys),
        **tables,
    })  # fmt: skip


def form(patient, occasion, score=20.0, n_missing=None, instrument="TSK-11"):
    return patient, occasion, score, n_missing, instrument


def scores_of(cohort, instrument="TSK-11"):
    scores = list_scores(cohort)
    return scores[scores["instrument"] == instrument].rename(columns={"score": "value"})


def reasons_of(cohort, patient="P1", instrument="TSK-11", seen=None):
    seen = scores_of(cohort) if seen is None else seen
    explained = explain_missing(cohort, seen, arm_of(cohort), instrument=instrument)
    own = explained[explained["patient_id"] == patient]
    return dict(zip(own["occasion"], own["reason"], strict=True))


COMPLETE = [form("P2", occasion) for occasion in OCCASIONS]  #: of P2, who is always there


@pytest.mark.parametrize(("forms", "episode", "reason"), [
    ([form("P1", "post", None, 3)], ("completed", "left"),
     "a form, but items are missing: no total"),
    ([form("P1", "post", 90.0)], ("completed", "left"), "a form, but a total outside 11 to 44"),
    ([form("P1", "post", 5.0, None, "PCS")], ("completed", "lost_to_follow_up"),
     "assessed at this occasion, without this value"),
    ([], ("completed", "lost_to_follow_up"), "left the study: lost to follow up"),
    ([], ("stopped", "left"), "left the study"),
    ([], ("pain", "completed"), "stopped treatment early: pain"),
    ([], ("stopped", "completed"), "stopped treatment early"),
    ([], ("never_started", "completed"), "did not start treatment"),
    ([], ("completed", "completed"), "in the study, without a form"),
    ([], ("completed", None), "without a form, study end not recorded"),
    ([], (None, None), "without a form, study end not recorded"),
    # a row without a total and without anything else is no form
    ([form("P1", "post", None)], ("completed", "left"), "left the study"),
])  # fmt: skip
def test_the_first_reason_that_applies_is_told(forms, episode, reason):
    cohort = study_of([*COMPLETE, *forms], [("P1", *episode)])
    assert reasons_of(cohort)["post"] == reason


def test_who_came_back_had_not_left():
    cohort = study_of([*COMPLETE, form("P1", "followup")], [("P1", "completed", "withdrew")])
    assert reasons_of(cohort) == {
        "baseline": "in the study, without a form",
        "post": "in the study, without a form",
        "followup": "",
    }


def test_values_of_a_frame_of_ones_own_also_tell_who_came_back():
    cohort = study_of(COMPLETE, [("P1", "completed", "withdrew")])
    seen = pd.DataFrame([("P1", "week_2", None), ("P1", "week_4", 3.0), ("P2", "week_2", 1.0),
                         ("P2", "week_6", 2.0)],
                        columns=["patient_id", "occasion", "value"])  # fmt: skip
    told = reasons_of(cohort, instrument=None, seen=seen)
    assert told == {
        "week_2": "in the study, without a value",
        "week_4": "",
        "week_6": "left the study: withdrew",
    }


def test_an_occasion_after_the_last_day_of_the_data_is_not_reached():
    late = pd.DataFrame([("P1", pd.Timestamp("2024-04-10")), ("P2", pd.Timestamp("2024-01-01"))],
                        columns=["patient_id", "randomised_on"]).assign(arm=["A", "B"])  # fmt: skip
    cohort = study_of([*COMPLETE, form("P1", "baseline")], participants=late)
    # P2's follow-up of 5 July ends the data; P1's post would be on 3 July, follow-up in October
    assert reasons_of(cohort) == {
        "baseline": "",
        "post": "without a form, study end not recorded",
        "followup": "the data end before this occasion",
    }


def test_counts_by_hand_and_as_they_are_said():
    cohort = study_of(
        [*COMPLETE, form("P1", "baseline"), form("P3", "baseline"), form("P4", "post")],
        [("P1", "completed", "moved"), ("P3", "completed", "moved"), ("P4", "pain", "completed")],
        people=["A", "B", "A", "A"],
    )
    explained = explain_missing(cohort, scores_of(cohort), arm_of(cohort), instrument="TSK-11")
    missing = count_missing(explained)
    assert missing[["arm", "occasion", "reason", "n", "n_considered"]].to_numpy().tolist() == [
        ["A", "baseline", "stopped treatment early: pain", 1, 3],
        ["A", "post", "left the study: moved", 2, 3],
        ["A", "followup", "left the study: moved", 2, 3],
        ["A", "followup", "stopped treatment early: pain", 1, 3],
    ]
    assert missing["share"].tolist() == pytest.approx([1 / 3, 2 / 3, 2 / 3, 1 / 3])
    assert say_missing(missing) == (
        "Without a value: at baseline 1 of 3 patients in A; at post 2 of 3 patients in A; at "
        "followup 3 of 3 patients in A."
    )


def test_nobody_missing_is_an_empty_count_and_said():
    cohort = study_of([form(p, o) for p in ("P1", "P2") for o in OCCASIONS])
    missing = count_missing(explain_missing(cohort, scores_of(cohort), arm_of(cohort)))
    assert missing.empty
    assert say_missing(missing) == "No value is missing."


def test_an_outcome_without_occasions_has_one_that_has_no_name():
    cohort = study_of(COMPLETE, [("P1", "completed", "moved")])
    seen = pd.DataFrame({"patient_id": ["P2"], "occasion": [""], "value": [3.0]})
    missing = count_missing(explain_missing(cohort, seen, arm_of(cohort)))
    assert missing["reason"].tolist() == ["left the study: moved"]
    assert say_missing(missing) == "Without a value: 1 of 1 patient in A."


def test_an_occasion_that_nobody_has_is_refused():
    cohort = study_of(COMPLETE)
    with pytest.raises(UnknownNameError, match="occasions"):
        explain_missing(cohort, scores_of(cohort), arm_of(cohort), occasions=["week 9"])


fates = st.sampled_from(["completed", "stopped", "pain", "never_started", None])
ends = st.sampled_from(["completed", "lost_to_follow_up", None])
filled = st.sampled_from(["score", "incomplete", "empty", "other", "none"])


@LAW
@given(
    patients=st.lists(
        st.tuples(st.sampled_from("AB"), fates, ends, st.tuples(filled, filled, filled)),
        min_size=1, max_size=8,
    )
)  # fmt: skip
def test_everybody_has_at_each_occasion_a_value_or_one_reason_and_the_counts_add_up(patients):
    made = {"score": (20.0, None, "TSK-11"), "incomplete": (None, 2, "TSK-11"),
            "empty": (None, None, "TSK-11"), "other": (4.0, None, "PCS")}  # fmt: skip
    forms = [form("P1", occasion) for occasion in OCCASIONS]
    forms += [
        form(f"P{i}", occasion, *made[what])
        for i, (_, _, _, whole) in enumerate(patients, start=2)
        for occasion, what in zip(OCCASIONS, whole, strict=True)
        if what != "none"
    ]
    stays = [(f"P{i}", fate, end) for i, (_, fate, end, _) in enumerate(patients, start=2)]
    cohort = study_of(forms, stays, people=["A", *(arm for arm, *_ in patients)])
    seen, arm = scores_of(cohort), arm_of(cohort)
    explained = explain_missing(cohort, seen, arm, instrument="TSK-11")
    keys = explained[["patient_id", "occasion"]]
    assert not keys.duplicated().any()
    assert len(keys) == len(arm) * len(OCCASIONS)
    values = set(zip(seen["patient_id"], seen["occasion"], strict=True))
    with_value = [pair in values for pair in keys.itertuples(index=False, name=None)]
    assert ((explained["reason"] == "") == with_value).all()
    counts = count_missing(explained).groupby(["arm", "occasion"])["n"].sum()
    for (name, occasion), own in explained.groupby(["arm", "occasion"]):
        there = (own["reason"] == "").sum()
        assert there + counts.get((name, occasion), 0) == (arm == name).sum()

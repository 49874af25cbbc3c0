"""Whom does an analysis set hold? By hand; and no patient is lost from the count, by law."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.analysis_sets import (
    ANALYSIS_SETS,
    choose_set,
    count_set,
    say_rule,
)
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.groups import arm_of

LAW = settings(max_examples=25, deadline=None, derandomize=True)
SEEN = pd.DataFrame(
    [("P1", "baseline", 3.0), ("P1", "post", 3.0), ("P1", "followup", 2.0), ("P2", "post", 1.0),
     ("P2", "followup", None), ("P3", "baseline", 5.0)],
    columns=["patient_id", "occasion", "value"],
)  # fmt: skip


def treated(arms, ends=None, sessions=None):
    """Make patients P1, P2 ... with the end of treatment and sessions: "ynu" attended, not, ?."""
    ids = [f"P{i}" for i in range(1, len(arms) + 1)]
    tables = {"participants": pd.DataFrame({"patient_id": ids, "arm": arms})}
    if ends:
        tables["episodes"] = pd.DataFrame(
            {"patient_id": ids, "episode": "1", "treatment_end_reason": ends}
        )
    if sessions:
        known = {"y": "yes", "n": "no_show", "u": None}
        rows = [
            (patient, f"{patient}-{at}", "exposure", known[mark])
            for patient, marks in zip(ids, sessions, strict=True)
            for at, mark in enumerate(marks)
        ]
        names = ["patient_id", "session_id", "phase", "attended"]
        tables["sessions"] = pd.DataFrame(rows, columns=names)
    return Cohort.from_tables(tables)


def reasons_of(cohort, name, **how):
    chosen = choose_set(cohort, name, SEEN, **how)
    assert (chosen["in_set"] == (chosen["reason"] == "")).all()
    return dict(zip(chosen["patient_id"], chosen["reason"], strict=True))


def test_intention_to_treat_is_everybody_with_an_arm():
    cohort = treated(["A", "B", None], ["pain", "never_started", "completed"])
    assert reasons_of(cohort, "intention_to_treat") == {"P1": "", "P2": "", "P3": "without an arm"}


@pytest.mark.parametrize(("at", "reasons"), [
    (None, ["", "no usable value at followup", "no usable value at followup"]),
    ("post", ["", "", "no usable value at post"]),
])  # fmt: skip
def test_completers_have_a_value_at_the_last_occasion_or_at_the_one_named(at, reasons):
    cohort = treated(["A", "B", "B"])
    assert list(reasons_of(cohort, "completers", at=at).values()) == reasons


def test_per_protocol_is_treatment_that_ended_as_planned():
    ends = ["completed", "pain", "never_started", None, "stopped"]
    assert reasons_of(treated(["A"] * 5, ends), "per_protocol") == {
        "P1": "",
        "P2": "stopped treatment early: pain",
        "P3": "did not start treatment",
        "P4": "end of treatment not recorded",
        "P5": "stopped treatment early",
    }


def test_a_least_share_of_sessions_is_asked_of_arms_that_have_any():
    cohort = treated(["A", "A", "A", "A", "B"], ["completed"] * 5,
                     ["yyn", "ynn", "ynu", "", ""])  # fmt: skip
    told = reasons_of(cohort, "per_protocol", least_share={"sessions": 2 / 3})
    few = "less than 67\u00a0% of the planned sessions attended"
    assert list(told.values()) == [
        "",
        few,
        "not recorded of how many sessions",
        "no sessions recorded",
        "",
    ]


def test_a_share_alone_needs_no_end_of_treatment():
    cohort = treated(["A", "B"], sessions=["yy", "yn"])
    told = reasons_of(cohort, "per_protocol", ended_as_planned=False, least_share={"sessions": 0.8})
    assert [reason == "" for reason in told.values()] == [True, False]


def test_per_protocol_cannot_be_told_of_an_arm_without_a_record():
    cohort = treated(["graded_exposure", "usual_care"], ["completed", None])
    with pytest.raises(
        CannotAnswerError, match=r"cannot be told of usual care.*treatment_end_reason"
    ):
        choose_set(cohort, "per_protocol", SEEN)


def test_a_share_of_what_nobody_recorded_cannot_be_told():
    cohort = treated(["A", "B"], ["completed", "completed"])
    with pytest.raises(CannotAnswerError, match="No exposures are recorded"):
        choose_set(cohort, "per_protocol", SEEN, least_share={"exposures": 0.5})


def test_completers_need_a_value_after_the_baseline():
    with pytest.raises(CannotAnswerError, match="no value after the baseline"):
        choose_set(treated(["A"]), "completers", SEEN[SEEN["occasion"] == "baseline"])


@pytest.mark.parametrize(("how", "error", "words"), [
    ({"name": "as_treated"}, UnknownNameError, "analysis_set"),
    ({"name": "completers", "at": "week 9"}, UnknownNameError, "at must be"),
    ({"name": "per_protocol", "least_share": {"hours": 0.5}}, UnknownNameError, "least_share"),
    ({"name": "per_protocol", "least_share": {"sessions": 1.2}}, CannotAnswerError, "up to 1"),
    ({"name": "per_protocol", "ended_as_planned": False}, CannotAnswerError, "needs a rule"),
])  # fmt: skip
def test_choices_that_are_none_are_refused(how, error, words):
    cohort = treated(["A"], ["completed"])
    with pytest.raises(error, match=words):
        choose_set(cohort, how.pop("name"), SEEN, **how)


def test_the_rule_is_said_in_words():
    assert say_rule("intention_to_treat") == (
        "intention to treat: all patients randomised, whatever became of them"
    )
    assert say_rule("completers", at="followup_26w", randomised=False) == (
        "completers: of all patients of the groups, those with a usable value at followup 26w"
    )
    assert say_rule("per_protocol", least_share={"sessions": 0.75}) == (
        "per protocol: of all patients randomised, those whose treatment is recorded to have ended "
        "as planned and with at least 75\u00a0% of the planned sessions attended"
    )
    with pytest.raises(UnknownNameError, match="analysis_set"):
        say_rule("as_treated")


patients = st.lists(
    st.tuples(st.sampled_from(["A", "B", None]), st.sampled_from(["completed", "pain", None])),
    min_size=1, max_size=8,
)  # fmt: skip


@LAW
@given(more=patients, name=st.sampled_from(ANALYSIS_SETS))
def test_the_counts_of_an_arm_add_up_and_every_arm_has_those_in_the_set(more, name):
    arms, ends = zip(("A", "completed"), ("B", "completed"), *more, strict=True)
    cohort = treated(list(arms), list(ends))
    arm = arm_of(cohort)
    counts = count_set(choose_set(cohort, name, SEEN), arm)
    of_arm = counts.groupby("arm")
    assert (of_arm["n"].sum() == arm.value_counts().sort_index()).all()
    assert (counts["n_considered"] == counts["arm"].map(arm.value_counts())).all()
    assert (of_arm["in_set"].sum() == 1).all()
    assert (counts["reason"].eq("") == counts["in_set"]).all()

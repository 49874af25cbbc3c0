"""How much fear comes back? By hand, by law, and by a return that was planted."""

from __future__ import annotations

import dataclasses

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.return_of_fear.answer import measure_return_of_fear
from gradex_analysis.measures.return_of_fear import DEFINITIONS

#: session 1: two exposures on 1 January; session 2: one a week later; session 3: follow-up
COURSES = {
    "E1": {-1: 70, 0: 60, 2: 80, 4: 40},
    "E2": {0: 50, 2: 60, 4: 30},
    "E3": {-1: 55, 0: 45, 2: 50, 4: 20},
    "E4": {0: 65, 2: 30},
}
WHEN = {
    "E1": {"session_id": "S1", "started_at": "2024-01-01"},
    "E2": {"session_id": "S1", "started_at": "2024-01-01"},
    "E3": {"session_id": "S2", "started_at": "2024-01-08"},
    "E4": {"session_id": "S3", "started_at": "2024-07-01"},
}
RERATED = {"baseline": 80, "post": 30, "followup": 50}


def replace_tables(cohort, **tables):
    kept = {name: frame for name, frame in cohort.tables.items() if len(frame)}
    kept["ratings"] = kept["ratings"].drop(columns=["exposure", "code", "value_100"])
    return Cohort.from_tables({**kept, **tables})


def item_ratings(**items):
    return pd.DataFrame(
        [
            {"patient_id": "P1", "item_id": item, "occasion": occasion, "expected_fear": value}
            for item, values in items.items()
            for occasion, value in values.items()
        ]
    )


@pytest.fixture
def hand(make_cohort):
    """One patient and item; ``columns`` are added to exposures, ``tables`` to the cohort."""

    def _make(courses=COURSES, columns=None, **tables):
        given = {name: {**WHEN[name], **(columns or {}).get(name, {})} for name in courses}
        cohort = make_cohort(exposures=given, **courses)
        sessions = cohort.sessions[["patient_id", "session_id", "session_number"]]
        phase = np.where(sessions["session_id"] == "S3", "followup", "exposure")
        return replace_tables(cohort, sessions=sessions.assign(phase=phase), **tables)

    return _make


HOME = {"E1": {"context": "home"}, "E2": {"context": "home"}, "E4": {"context": "home"}}
AT_WORK = {**HOME, "E3": {"context": "work"}}
EVENT = pd.DataFrame([{"patient_id": "P1", "event_id": "A1", "onset": "2024-01-05"}])


@pytest.mark.parametrize(
    ("definition", "columns", "tables", "expected"),
    [
        ("between_trial_decline_peak", {}, {}, 80 - 60),
        ("between_trial_decline_initial", {}, {}, 60 - 50),
        ("retention", {}, {}, 1 - (45 - 30) / (60 - 30)),
        ("retention_before", {}, {}, 1 - (55 - 30) / (70 - 30)),
        ("spontaneous_recovery", {}, {}, 45 - 30),
        ("spontaneous_recovery_before", {}, {}, 55 - 30),
        ("renewal_like", AT_WORK, {}, 45 - 30),
        ("renewal_like_before", AT_WORK, {}, 55 - 30),
        ("reinstatement_like", {}, {"adverse_events": EVENT}, 45 - 30),
        ("reinstatement_like_before", {"E2": {"flare": True}}, {}, 55 - 30),
        ("rof_abs", {}, {"item_ratings": item_ratings(I1=RERATED)}, 50 - 30),
        ("rof_pct", {}, {"item_ratings": item_ratings(I1=RERATED)}, 100 * 20 / 50),
        ("rof_abs_peak", {}, {}, 65 - 50),
        ("rof_pct_peak", {}, {}, 100 * (65 - 50) / (80 - 50)),
    ],
)
def test_each_definition_by_hand(hand, definition, columns, tables, expected):
    result = measure_return_of_fear(hand(columns=columns, **tables), definition=definition)
    first = result.table["estimate"].iloc[0]
    assert first == pytest.approx(expected, rel=1e-12)
    assert str(result.settings["definition"]) == definition


def test_every_definition_has_a_formula_and_none_was_read_in_full():
    assert len(DEFINITIONS) == 14
    for one in DEFINITIONS.values():
        assert one.formula
        assert one.source
        assert not one.verified
        assert one.kind == "return_of_fear"


def test_the_gap_and_what_came_between_stand_beside_the_value(hand):
    result = measure_return_of_fear(hand(), definition="spontaneous_recovery")
    row = result.table.set_index("sitting").loc["S2"]
    assert (row["gap_days"], row["place"], row["between"]) == (7.0, 2, "time_only")
    assert (row["initial"], row["last_earlier"]) == (45, 30)


def reason_of(result, sitting):
    return result.excluded.set_index("sitting")["reason"][sitting]


def test_what_came_between_parts_the_definitions(hand):
    moved = measure_return_of_fear(hand(columns=AT_WORK), definition="spontaneous_recovery")
    assert reason_of(moved, "S1") == "the first sitting with the item"
    assert reason_of(moved, "S2") == "in a context new for the item"
    assert reason_of(moved, "S3") == "back in a context practised before"
    assert moved.n_used == 0
    both = measure_return_of_fear(
        hand(columns=AT_WORK, adverse_events=EVENT), definition="renewal_like"
    )
    assert reason_of(both, "S2").startswith("another context, and a flare or an adverse event")


@pytest.mark.parametrize(
    ("onset", "exposure", "counts"),
    [
        ("2024-01-01", None, False),  # the day of the earlier sitting: before or after is unknown
        ("2024-01-02", None, True),
        ("2024-01-08", None, True),
        ("2024-01-08", "E3", False),  # the later exposure itself brought it about
        ("2024-01-09", None, False),
    ],
)
def test_an_adverse_event_counts_between_the_days_of_the_two(hand, onset, exposure, counts):
    event = EVENT.assign(onset=onset, exposure_id=exposure)
    result = measure_return_of_fear(hand(adverse_events=event), definition="reinstatement_like")
    assert ("S2" in result.table["sitting"].tolist()) == counts


@pytest.mark.parametrize(("flared", "counts"), [("E1", True), ("E3", False)])
def test_a_flare_counts_from_the_earlier_sitting_to_the_day_before_the_later(hand, flared, counts):
    cohort = hand(columns={flared: {"flare": True}})
    result = measure_return_of_fear(cohort, definition="reinstatement_like")
    assert ("S2" in result.table["sitting"].tolist()) == counts


def test_a_context_that_is_not_recorded_is_not_taken_for_the_same(hand):
    cohort = hand(columns={"E1": {"context": "home"}, "E2": {"context": "home"}})
    result = measure_return_of_fear(cohort, definition="spontaneous_recovery")
    assert reason_of(result, "S2") == "the context of the two is not recorded"


def test_nothing_is_kept_of_a_fall_that_was_none(hand):
    rising = {**COURSES, "E1": {0: 20, 2: 80}, "E2": {0: 50, 2: 60}}
    result = measure_return_of_fear(hand(rising), definition="retention")
    assert reason_of(result, "S2") == "no fall in the sitting before: nothing to keep"
    ratings = item_ratings(I1={"baseline": 30, "post": 30, "followup": 50})
    percent = measure_return_of_fear(hand(item_ratings=ratings), definition="rof_pct")
    assert percent.excluded["reason"].tolist() == [
        "no fall in treatment, of which a share could come back"
    ]


def test_an_item_never_exposed_or_not_re_rated_is_left_out_with_its_reason(hand):
    cohort = hand(
        item_ratings=item_ratings(I1={"baseline": 80, "followup": 20, "x": 1}, I2=RERATED)
    )
    result = measure_return_of_fear(
        cohort, definition="rof_abs", occasions=("baseline", "post", "followup")
    )
    assert dict(zip(result.excluded["item_id"], result.excluded["reason"], strict=True)) == {
        "I1": "not rated after treatment", "I2": "never exposed",
    }  # fmt: skip


def test_homework_is_a_sitting_of_its_own_day(make_cohort):
    days = ["2024-01-01", "2024-01-01", "2024-01-03", "2024-01-03"]
    exposures = {f"E{i}": {"session_id": None, "started_at": day} for i, day in enumerate(days, 1)}
    cohort = make_cohort(exposures=exposures, **{name: [60, 40] for name in exposures})
    result = measure_return_of_fear(cohort, definition="spontaneous_recovery")
    assert result.n_considered == 2
    assert result.table["sitting"].tolist() == ["2024-01-03"]
    undated = {name: {"session_id": None} for name in exposures}
    cohort = make_cohort(exposures=undated, **{name: [60, 40] for name in exposures})
    alone = measure_return_of_fear(cohort, definition="spontaneous_recovery")
    assert alone.table["sitting"].tolist() == ["E2", "E3", "E4"]
    assert alone.table["gap_days"].isna().all()


def test_a_rated_and_a_recalled_peak_are_not_compared(hand):
    unrated = {name: course for name, course in COURSES.items() if name != "E4"}
    cohort = hand({**unrated, "E4": {}}, columns={"E4": {"status": "done"}})
    form = pd.DataFrame(
        [("P1", "E4", "fear", "peak_recalled", 90.0, "0-100")],
        columns=["patient_id", "exposure_id", "kind", "moment", "value", "scale_id"],
    )
    ratings = cohort.ratings.drop(columns=["exposure", "code", "value_100"])
    cohort = replace_tables(cohort, ratings=pd.concat([ratings, form], ignore_index=True))
    result = measure_return_of_fear(cohort, definition="rof_abs_peak")
    assert result.excluded["reason"].tolist() == [
        "one peak was rated and another recalled: not compared"
    ]


def test_what_cannot_be_asked_is_said(hand):
    with pytest.raises(UnknownNameError, match="'retention'"):
        measure_return_of_fear(hand(), definition="relapse")
    for definition, what in (
        ("renewal_like", "exposures.context"),
        ("reinstatement_like", "adverse_events"),
        ("rof_abs", "item_ratings.occasion"),
    ):
        with pytest.raises(CannotAnswerError, match=what):
            measure_return_of_fear(hand(), definition=definition)
    rated = hand(item_ratings=item_ratings(I1=RERATED))
    with pytest.raises(CannotAnswerError, match="in fear, not in pain"):
        measure_return_of_fear(rated, definition="rof_abs", kind="pain")
    with pytest.raises(CannotAnswerError, match="'later'"):
        measure_return_of_fear(rated, definition="rof_abs", occasions=("baseline", "post", "later"))
    nameless = hand(columns={name: {"item_id": None} for name in COURSES})
    with pytest.raises(CannotAnswerError, match=r"exposures\.item_id"):
        measure_return_of_fear(nameless, definition="retention")


def test_the_sentence_says_higher_or_lower_and_who_was_left_out(hand):
    two = {name: COURSES[name] for name in ("E1", "E2", "E3")}
    assert measure_return_of_fear(hand(two), definition="spontaneous_recovery").sentence() == (
        "In 1 sitting of 1 patient, fear at the first rating was on average 15.0 points of 100 "
        "higher than the last rating of the sitting before with the same item, nothing else known "
        "between the two (mean of the patients' means, no interval: a single patient). Whether "
        "more comes back over longer gaps cannot be told: fewer than three patients have two gaps "
        "of different length. Not recorded: the context and flares or adverse events. 1 of 2 "
        "sittings left out (1: the first sitting with the item)."
    )
    lower = {**two, "E3": {0: 10, 2: 5}}
    said = measure_return_of_fear(hand(lower), definition="spontaneous_recovery").sentence()
    assert "was on average 20.0 points of 100 lower than" in said
    kept = measure_return_of_fear(hand(two), definition="retention").sentence()
    assert "0.50 of the fall was kept on average" in kept


@pytest.mark.parametrize("definition", ["spontaneous_recovery", "between_trial_decline_peak"])
def test_the_figure_draws_every_value(hand, definition):
    result = measure_return_of_fear(hand(), definition=definition)
    ax = result.plot()
    drawn = [c.get_offsets() for c in ax.collections
             if isinstance(c, mpl.collections.PathCollection)]  # fmt: skip
    axis = 1 if definition == "spontaneous_recovery" else 0
    assert set(result.table["estimate"]) <= set(np.concatenate(drawn)[:, axis])
    assert result.sentence() in result.alt_text()


def test_the_word_of_the_user_stays(hand):
    cohort = dataclasses.replace(hand(), words={"fear": "SUDS"})
    said = measure_return_of_fear(cohort, definition="spontaneous_recovery").sentence()
    assert "SUDS at the first rating" in said
    assert "fear" not in said

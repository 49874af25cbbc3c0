"""What happened with this patient? Counted by hand."""

from __future__ import annotations

import pytest

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.patient import describe_patient

DONE = {"started_at": "2024-01-10", "status": "done", "stopped_by": "plan"}
REPEATED = [{**DONE, "started_at": f"2024-01-{day}", "rated": peak}
            for day, peak in ((10, 85.0), (11, 60.0), (12, 35.0))]  # fmt: skip


def test_every_exposure_is_on_the_page_or_left_out_with_its_reason(make_case):
    page = describe_patient(
        make_case([
            {**DONE, "rated": 80.0}, {**DONE, "status": "not_done"}, {**DONE, "status": "refused"},
            {**DONE}, {**DONE, "status": None, "rated": 50.0}, {"started_at": "2024-01-10"},
            {"status": "done", "rated": 40.0},
        ]), "P1",
    )  # fmt: skip
    assert page.table["exposure_id"].tolist() == ["P1-E1", "P1-E5"]
    assert dict(zip(page.excluded["exposure_id"], page.excluded["reason"], strict=True)) == {
        "P1-E2": "planned and not done",
        "P1-E3": "refused",
        "P1-E4": "no peak of fear",
        "P1-E6": "nothing says whether it was carried out",
        "P1-E7": "neither a date nor a session number",
    }
    assert "2 of 7 exposures have a peak of fear" in page.sentence()


def test_the_sentence_says_what_a_clinician_says(make_case):
    sessions = {"session_id": ["S1", "S2", "S3"], "attended": ["yes", "no_show", "yes"]}
    at_home = [{**DONE, "is_homework": True, "rated": 30.0},
               {**DONE, "is_homework": True, "status": "not_done"}]  # fmt: skip
    stopped = {**DONE, "status": "partial", "stopped_by": "patient", "rated": 90.0, "item_id": "I2"}
    said = describe_patient(make_case([*REPEATED, *at_home, stopped], sessions=sessions), "P1")
    assert said.sentence().startswith(
        "P1: 2 of 3 sessions attended; 5 of 6 exposures done, 1 of them partly, 1 planned and not "
        "done, 1 stopped early (1 by the patient); homework 1 of 2 done. "
        "Peak fear of item I1 was 85 the first time and 35 the fourth."
    )


def test_zero_is_said_as_zero_and_nothing_as_not_recorded(make_case):
    sentence = describe_patient(make_case(REPEATED), "P2").sentence()
    assert "no session recorded; no exposure recorded; no homework recorded" in sentence
    assert "0 of 0 exposures" in sentence
    assert "0 stopped early" in describe_patient(make_case(REPEATED), "P1").sentence()


def test_a_recalled_peak_is_never_compared_with_a_rated_one(make_case):
    days = ("2024-01-10", "2024-01-11", "2024-01-12")
    peaks = ({"recalled": 90.0}, {"rated": 70.0}, {"rated": 60.0})
    page = describe_patient(
        make_case(
            [{**DONE, **peak, "started_at": day} for day, peak in zip(days, peaks, strict=True)]
        ),
        "P1",
    )
    item = page.items.iloc[0]
    assert (item["n_peaks"], item["n_compared"], item["peak_source"]) == (3, 2, "ratings")
    assert (item["first_time"], item["first_peak"], item["latest_peak"]) == (2, 70.0, 60.0)
    assert "70 the second time and 60 the third" in page.sentence()


def test_a_form_says_that_its_peaks_are_recalled(make_case):
    twice = [{**DONE, "recalled": 80.0}, {**DONE, "recalled": 50.0, "started_at": "2024-01-20"}]
    page = describe_patient(make_case(twice), "P1")
    assert "Recalled peak fear of item I1 was 80 the first time" in page.sentence()


def test_exposures_of_one_day_stand_side_by_side_in_their_order(make_case):
    page = describe_patient(make_case([{**DONE, "rated": 50.0}] * 3), "P1")
    assert page.table["at"].tolist() == pytest.approx([-0.3, 0.0, 0.3])
    assert page.settings["first_day"] == "2024-01-10"


def test_homework_without_a_date_of_its_own_is_not_put_on_its_session(make_case):
    sessions = {"session_id": ["S1"], "date": ["2024-01-05"], "session_number": [1]}
    within = {"session_id": "S1", "rated": 60.0, "status": "done"}
    page = describe_patient(
        make_case([within, {**within, "is_homework": True}], sessions=sessions), "P1"
    )
    assert page.table["exposure_id"].tolist() == ["P1-E1"]
    assert page.excluded["reason"].tolist() == ["neither a date nor a session number"]


def test_without_dates_the_axis_counts_sessions_and_says_so(make_case):
    sessions = {"session_id": ["S1", "S4"], "session_number": [1, 4]}
    done = [{"session_id": s, "rated": 60.0, "status": "done"} for s in ("S1", "S4")]
    page = describe_patient(make_case(done, sessions=sessions), "P1")
    assert page.settings["axis"] == "session numbers"
    assert page.table["at"].tolist() == [1.0, 4.0]
    assert "by session numbers" in page.alt_text()


def test_weekly_pain_is_the_mean_of_the_diary_by_weeks_from_the_first_day(make_case):
    diary = {"date": ["2024-01-10", "2024-01-16", "2024-01-17"], "pain": [4.0, 6.0, 9.0]}
    page = describe_patient(make_case(REPEATED, diary=diary), "P1")
    assert page.pain.to_numpy().tolist() == [[0, 7, 5.0, 2], [7, 14, 9.0, 1]]
    assert page.settings["pain_from"] == "diary"


def test_without_a_diary_pain_before_exercises_stands_in_and_is_named(make_case):
    done = [{**DONE, "rated": 50.0, "pain": pain} for pain in (2.0, 4.0)]
    page = describe_patient(make_case(done), "P1")
    assert page.pain["estimate"].tolist() == [3.0]
    assert page.settings["pain_from"] == "before exercise"
    assert describe_patient(make_case(REPEATED), "P1").settings["pain_from"] == "not recorded"


def test_changes_of_therapist_and_context_and_flares_are_marked(make_case):
    sessions = {
        "session_id": ["S1", "S2"], "date": ["2024-01-10", "2024-01-12"],
        "therapist_id": ["T1", "T2"], "attended": ["yes", "yes"], "content": ["education", ""],
    }  # fmt: skip
    contexts = ("usual", "usual", "new")
    done = [{**row, "context": context, "flare": context == "new"}
            for row, context in zip(REPEATED, contexts, strict=True)]  # fmt: skip
    page = describe_patient(make_case(done, sessions=sessions), "P1")
    marked = page.events[page.events["kind"] != "session"]
    assert marked[["kind", "at"]].to_numpy().tolist() == [
        ["flare within 24 h", 2.0], ["other context", 2.0], ["other therapist", 2.0],
    ]  # fmt: skip
    assert page.settings["education"] == [0.0, 0.0]


@pytest.mark.parametrize(
    ("instrument", "scores", "verdicts"),
    [
        # NRS: important change 2, no detectable change published
        ("NRS", [6.0, 4.0], ["better", "not judged", "yes"]),
        ("NRS", [4.0, 6.0], ["worse", "not judged", "yes"]),
        ("NRS", [6.0, 5.0], ["better", "not judged", "no"]),
        # PSEQ: higher is better; detectable 11.52, important 5.5
        ("PSEQ", [20.0, 32.0], ["better", "yes", "yes"]),
        ("PSEQ", [20.0, 30.0], ["better", "no", "yes"]),
        ("MYSTERY", [20.0, 30.0], ["", "not judged", "not judged"]),
    ],
)
def test_two_verdicts_stand_side_by_side(make_case, instrument, scores, verdicts):
    forms = {"instrument": [instrument] * 2, "occasion": ["baseline", "post"], "score": scores}
    page = describe_patient(make_case(REPEATED, assessments=forms), "P1")
    later = page.assessments.iloc[1]
    assert later[["direction", "beyond_error", "important"]].tolist() == verdicts
    assert page.assessments["change"].isna().tolist() == [True, False]


def test_without_a_baseline_no_change_is_judged(make_case):
    forms = {"instrument": ["NRS"], "occasion": ["post"], "score": [4.0]}
    row = describe_patient(make_case(REPEATED, assessments=forms), "P1").assessments.iloc[0]
    assert row[["change", "beyond_error", "important"]].isna().all()


def test_a_patient_who_is_not_there_is_an_error_that_lists_those_who_are(make_case):
    with pytest.raises(UnknownNameError, match="'P1', 'P2'"):
        describe_patient(make_case(REPEATED), "P3")


def test_a_cohort_without_exposure_ratings_cannot_answer(make_case):
    with pytest.raises(CannotAnswerError, match="no exposure ratings"):
        describe_patient(make_case([DONE]), "P1")


def test_stops_that_nobody_noted_are_not_none(make_case):
    unnoted = {**DONE, "stopped_by": None, "rated": 50.0}
    said = describe_patient(make_case([unnoted, unnoted]), "P1").sentence()
    assert "early stops not recorded" in said
    assert "0 stopped early" not in said

"""Straight courses over weeks: R's lmer with pbkrtest and lmerTest, the days, the slopes."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms
from gradex_analysis.errors import CannotAnswerError

#: R 4.2.2: fit <- lmerTest::lmer(score ~ baseline + arm*week + (1 + week | patient_id), trial,
#: lmerControl("bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e6)));
#: contest1D(fit, c(0, 0, 1, 0, weeks), ddf = "Kenward-Roger"): estimate, SE, df, t, p
KENWARD_ROGER = {
    "week_2": (-0.401900590103, 1.24302243123, 92.7631344089, -0.323325291649, 0.747176651984),
    "week_16": (-4.10110218623, 1.78416979177, 82.8801144391, -2.29860532621, 0.0240453623797),
}
#: the same, c(0, 0, 0, 0, 1) and c(0, 0, 0, 1, 1)
SLOPES = {
    "difference": (-0.264228685437, 0.127172953966, 79.8670055776, -2.07771131516, 0.0409486882764),
    "exposure": (-0.338589283337, 0.0917028725422, 82.5829497172, -3.69224293581, 0.00039779479926),
}
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value"]
#: two optimisers of one smooth likelihood, both near its top
SAME = {"rtol": 1e-5}


def compare(cohort, outcome="fear scale", reference="usual_care", **more):
    return compare_arms(cohort, outcome, method="growth", reference=reference, **more)


def test_contrasts_at_the_occasions_are_those_of_lmer_and_pbkrtest(simulated_trial):
    table = compare(simulated_trial).table.set_index("occasion")
    assert list(table.index) == ["week_2", "week_4", "week_8", "week_16"]
    for occasion, expected in KENWARD_ROGER.items():
        np.testing.assert_allclose(table.loc[occasion, NUMBERS].astype(float), expected, **SAME)


def test_slopes_per_week_are_those_of_lmer_and_pbkrtest(simulated_trial):
    slopes = compare(simulated_trial).slopes
    apart = slopes[slopes["reference"] == "usual_care"].iloc[0]
    np.testing.assert_allclose(apart[NUMBERS].astype(float), SLOPES["difference"], **SAME)
    own = slopes[(slopes["arm"] == "graded_exposure") & (slopes["reference"] == "")].iloc[0]
    np.testing.assert_allclose(own[NUMBERS].astype(float), SLOPES["exposure"], **SAME)


def test_the_slopes_and_their_weeks_are_said(simulated_trial):
    result = compare(simulated_trial, at="week_16")
    said = result.sentence().replace("\u00a0", " ")
    assert (
        "Difference of slopes: graded exposure less usual care \u22120.26 per week, 95 % CI "
        "\u22120.52 to \u22120.01, t(79.9) = \u22122.08, p = .041." in said
    )
    assert "straight course of each patient over weeks" in said
    assert result.settings["weeks"]["week_16"] == 16


def a_frame(simulated_trial, **changes):
    frame = simulated_trial.assessments.rename(columns={"score": "value"})
    return frame[["patient_id", "occasion", "day", "value"]].assign(**changes)


def test_a_frame_with_days_says_the_same_as_the_questionnaire(simulated_trial):
    ours = compare(simulated_trial, a_frame(simulated_trial)).table
    theirs = compare(simulated_trial).table
    np.testing.assert_allclose(ours[NUMBERS], theirs[NUMBERS], rtol=1e-8)


def test_a_value_without_a_day_is_left_out_and_said(simulated_trial):
    frame = a_frame(simulated_trial)
    undated = frame.index[(frame["patient_id"] == "P001") & (frame["occasion"] != "baseline")]
    frame.loc[undated, "day"] = np.nan
    once = frame.index[(frame["patient_id"] == "P002") & (frame["occasion"] == "week_2")]
    frame.loc[once, "day"] = np.nan
    result = compare(simulated_trial, frame)
    assert result.excluded.to_dict("records") == [
        {"patient_id": "P001", "reason": "no day of any value of the outcome"}
    ]
    assert "1 value without a day is left out." in result.sentence()


def test_occasions_without_any_day_are_refused(simulated_trial):
    frame = a_frame(simulated_trial).drop(columns="day")
    with pytest.raises(CannotAnswerError, match=r"needs days.*column day.*method 'mmrm'"):
        compare(simulated_trial, frame)


def test_one_occasion_is_no_course(simulated_trial):
    frame = a_frame(simulated_trial)
    frame = frame[frame["occasion"].isin(["baseline", "week_2"])]
    with pytest.raises(
        CannotAnswerError, match="No patient has values on two days after the baseline"
    ):
        compare(simulated_trial, frame)


def test_two_days_alike_for_all_are_no_course_of_each_patient(simulated_trial):
    frame = a_frame(simulated_trial)
    frame = frame[frame["occasion"].isin(["baseline", "week_2", "week_16"])]
    with pytest.raises(CannotAnswerError, match="All values are of the same two days"):
        compare(simulated_trial, frame)


def test_arms_are_compared_at_the_median_day_whatever_the_days(simulated_trial):
    draws = np.random.default_rng(1)
    frame = a_frame(simulated_trial)
    frame["day"] += draws.integers(-3, 4, len(frame))
    result = compare(simulated_trial, frame)
    days = frame.groupby("occasion")["day"].median()
    for _, mean in result.means.iterrows():
        assert mean["day"] == days[mean["occasion"]]
    assert result.settings["weeks"]["week_8"] == days["week_8"] / 7


def test_a_straight_course_is_found_within_its_intervals():
    hits = 0
    for seed in range(20):
        draws = np.random.default_rng(seed)
        people = pd.DataFrame({"patient_id": [f"P{i}" for i in range(40)],
                               "arm": ["exposure", "usual_care"] * 20})  # fmt: skip
        level, slope = draws.normal(30, 4, 40), draws.normal(-0.1, 0.1, 40)
        slope[::2] -= 0.3  # in exposure
        frame = pd.DataFrame(
            [(f"P{i}", f"w{week}", 7 * week + draws.integers(-3, 4), i, week)
             for i in range(40) for week in (4, 8, 12)],
            columns=["patient_id", "occasion", "day", "i", "week"],
        )  # fmt: skip
        week = frame["day"] / 7
        frame["value"] = level[frame["i"]] + slope[frame["i"]] * week + draws.normal(0, 2, 120)
        frame = frame[["patient_id", "occasion", "day", "value"]]
        slopes = compare(Cohort.from_tables({"participants": people}), frame).slopes
        row = slopes[slopes["reference"] != ""].iloc[0]
        hits += row["ci_low"] <= -0.3 <= row["ci_high"]
    assert hits >= 16  # 19 expected; fewer than 16 of 20 at 95 %: 1 in 380

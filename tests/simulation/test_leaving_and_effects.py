"""Do arms differ as planted, not at all under the null, and who leaves?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.simulation import simulate_cohort
from gradex_analysis.simulation.instruments import QUESTIONNAIRES
from gradex_analysis.simulation.truth import read_estimands


@pytest.fixture(scope="module")
def trial():
    return simulate_cohort(3000, seed=21)


def scores_of(simulation):
    """Complete scores, one column per instrument and occasion, with arm and leaving."""
    wide = simulation.truth.assessments.pivot_table(
        index="patient_id", columns=["instrument", "occasion"], values="score"
    )
    return wide, simulation.truth.patients.set_index("patient_id")


@pytest.mark.parametrize("table", ["assessments", "diary"])
def test_without_effects_answers_do_not_depend_on_the_arm_at_all(table):
    # The same patients in other arms, of another design even, answer the same.
    trial, two = (
        simulate_cohort(120, seed=8, effects="null", design=design)
        for design in ("trial", "two_exposures")
    )
    assert set(trial.truth.patients["arm"]) != set(two.truth.patients["arm"])
    pd.testing.assert_frame_equal(trial.tables[table], two.tables[table])


def test_without_effects_leaving_does_not_depend_on_the_arm():
    left = [
        simulate_cohort(120, seed=8, effects="null", design=design).truth.patients["left_on_day"]
        for design in ("trial", "two_exposures")
    ]
    pd.testing.assert_series_equal(*left)
    assert left[0].notna().any()


def test_without_effects_two_exposing_arms_share_one_law_of_the_rate():
    def difference(effects):
        people = simulate_cohort(600, seed=8, effects=effects, design="two_exposures")
        rate = people.truth.patients.groupby("arm")["log_rate"].mean()
        return rate["expectancy_rationale"] - rate["habituation_rationale"]

    assert difference("default") - difference("null") == pytest.approx(-0.25)


def test_without_effects_nobody_is_seen_after_leaving():
    simulation = simulate_cohort(300, seed=8, effects="null")
    left = simulation.truth.patients.set_index("patient_id")["left_on_day"]
    sessions = simulation.tables["sessions"]
    last = sessions["patient_id"].map(left)
    assert not (sessions["day"] > last).any()
    assert sessions.loc[last.notna(), "patient_id"].nunique() > 10


@pytest.mark.parametrize("occasion", ["post", "followup_26w"])
@pytest.mark.parametrize("instrument", [one.name for one in QUESTIONNAIRES])
def test_contrasts_of_a_trial_are_the_stored_estimands(trial, instrument, occasion):
    wide, people = scores_of(trial)
    score = wide[instrument][occasion].groupby(people["arm"])
    mean, error = score.mean(), score.sem()
    # Exposure and activity share their therapists, so only patients make the difference vary.
    found = mean["graded_exposure"] - mean["graded_activity"]
    truth = read_estimands().query(
        "estimand == 'contrast' and strategy == 'treatment_policy' and instrument == @instrument "
        "and occasion == @occasion and reference == 'graded_activity'"
    )
    limit = 4 * np.hypot(error["graded_exposure"], error["graded_activity"])
    assert found == pytest.approx(truth["estimate"].item(), abs=limit)


@pytest.mark.parametrize("one", QUESTIONNAIRES, ids=lambda one: one.name)
def test_if_nobody_leaves_contrasts_are_those_planted(one):
    wide, people = scores_of(simulate_cohort(3000, seed=22, missing="none"))
    score = wide[one.name]["post"].groupby(people["arm"])
    mean, error = score.mean(), score.sem()
    planted = one.means["graded_exposure"][0] - one.means["graded_activity"][0]
    # 4 SE, and 2 % of an SD for clipping at the ends of the scale.
    limit = 4 * np.hypot(error["graded_exposure"], error["graded_activity"]) + 0.02 * one.sd
    assert mean["graded_exposure"] - mean["graded_activity"] == pytest.approx(planted, abs=limit)


def test_baseline_scores_have_their_mean_and_sd_and_lie_within_range(trial):
    wide, _ = scores_of(trial)
    for one in QUESTIONNAIRES:
        baseline = wide[one.name]["baseline"]
        # Three sites' levels (SD .10) do not average out: .25 SD is 4 of their SE.
        assert baseline.mean() == pytest.approx(one.mean, abs=0.25 * one.sd)
        assert baseline.std() == pytest.approx(one.sd, rel=0.08)
        assert wide[one.name].min().min() >= one.low
        assert wide[one.name].max().max() <= one.high


def test_leaving_costs_the_gain_of_treatment(trial):
    wide, people = scores_of(trial)
    change = wide["TSK-11"]["post"] - wide["TSK-11"]["baseline"]
    exposed = people["arm"] == "graded_exposure"
    left = exposed & (people["left_on_day"] < 30)
    stayed = exposed & people["left_on_day"].isna()
    # Left before day 30: what was gained has faded by day 84, to usual care's -1.5.
    limit = 4 * change[left].sem()
    assert change[left].mean() == pytest.approx(-1.5, abs=limit)
    assert change[stayed].mean() < change[left].mean() - 2


def test_unreported_worsening_makes_patients_leave_only_if_missing_is_mnar():
    def excess(missing):
        """Mean change of who leaves usual care above that of who stays, at one baseline."""
        wide, people = scores_of(simulate_cohort(3000, seed=23, missing=missing))
        rows = people["arm"] == "usual_care"
        before, after = (wide["TSK-11"][when][rows] for when in ("baseline", "post"))
        slope, level = np.polyfit(before, after, 1)
        residual = after - level - slope * before
        has_left = people["left_on_day"][rows] <= 84
        return residual[has_left].mean() - residual[~has_left].mean(), residual[has_left].sem()

    mar, error = excess("mar")
    assert abs(mar) < 4 * error
    mnar, error = excess("mnar")
    assert mnar > 4 * error


def test_usual_care_loses_least_at_post_and_most_at_follow_up(trial):
    tsk = trial.tables["assessments"].query("instrument == 'TSK-11'")
    rows = tsk.merge(trial.tables["participants"], on="patient_id")
    seen = rows.pivot_table(index="occasion", columns="arm", values="score", aggfunc="count")
    assert seen.loc["post"].idxmax() == "usual_care"
    assert seen.loc["followup_26w"].idxmin() == "usual_care"

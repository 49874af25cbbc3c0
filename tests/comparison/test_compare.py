"""Did the arms differ? By hand, by law, and as it is said."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms

LAW = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
#: baseline and post of twelve patients; three cannot be analysed
TWELVE = {
    "exposure": [(30, 20), (28, 22), (26, 18), (24, 19), (22, None), (None, 18)],
    "usual_care": [(30, 27), (27, 26), (25, 21), (23, 24), (22, 20), (31, None)],
}


def compare(cohort, outcome="TSK-11", at="post", reference="usual_care", **more):
    return compare_arms(cohort, outcome, method="ancova", at=at, reference=reference, **more)


def a_trial(seed, n=24):
    draws = np.random.default_rng(seed)
    before = draws.normal(28, 5, n)
    after = 8 + 0.6 * before - 3 * (np.arange(n) % 3 == 0) + draws.normal(0, 4, n)
    arm = np.array(["exposure", "activity", "usual_care"])[np.arange(n) % 3]
    return pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)], "arm": arm,
                         "baseline": before, "value": after})  # fmt: skip


def cohort_of(frame):
    return Cohort.from_tables({"participants": frame[["patient_id", "arm"]]})


def test_without_a_baseline_the_difference_is_that_of_the_means(make_trial):
    cohort = make_trial(A=[(None, 20), (None, 22), (None, 24)], B=[(None, 25), (None, 27)])
    row = compare(cohort, reference="B").table.iloc[0]
    # means 22 and 26; residual squares 8 + 2 with 3 df; SE = sqrt(10/3 * (1/3 + 1/2))
    assert row["estimate"] == pytest.approx(-4)
    assert row["std_error"] == pytest.approx((10 / 3 * 5 / 6) ** 0.5)
    assert (row["df"], row["standardiser"]) == (3, pytest.approx((10 / 3) ** 0.5))


def test_hedges_g_stands_on_the_baseline_of_all_patients_of_both_arms(make_trial):
    result = compare(make_trial(**TWELVE))
    before = {arm: [b for b, _ in both if b is not None] for arm, both in TWELVE.items()}
    squares = sum(np.sum((np.array(own) - np.mean(own)) ** 2) for own in before.values())
    assert result.table["standardiser"].iloc[0] == pytest.approx((squares / 9) ** 0.5)


def test_patients_without_outcome_or_baseline_are_listed_not_lost(make_trial):
    result = compare(make_trial(**TWELVE))
    reasons = dict(zip(result.excluded["patient_id"], result.excluded["reason"], strict=True))
    assert reasons == {
        "P05": "no value of TSK-11 at post",
        "P06": "no value of TSK-11 at baseline",
        "P12": "no value of TSK-11 at post",
    }
    assert (result.n_used, result.n_considered) == (9, 12)
    means = result.means.set_index("arm")
    assert means.loc["exposure", ["n", "n_missing"]].tolist() == [4, 2]


def test_an_arm_of_which_one_patient_is_left_is_left_out_and_said(make_trial):
    result = compare(make_trial(**TWELVE, activity=[(25, 20), (26, None)]))
    assert result.table["arm"].tolist() == ["exposure"]
    assert "1: fewer than 2 patients of activity have what the model needs" in result.sentence()


def test_covariates_of_words_and_numbers_are_adjusted_for(make_trial):
    people = {"sex": ["f", "m"] * 6, "height": np.linspace(1.5, 2, 12)}
    result = compare(make_trial(people=people, **TWELVE), covariates=["sex", "height"])
    assert result.coefficients["term"].tolist()[2:] == ["baseline", "sex = m", "height"]
    assert "ANCOVA adjusted for baseline, sex and height;" in result.sentence()


def test_a_missing_covariate_is_a_reason(make_trial):
    people = {"height": [None, *np.linspace(1.5, 2, 11)]}
    excluded = compare(make_trial(people=people, **TWELVE), covariates=["height"]).excluded
    assert excluded["reason"].iloc[0] == "no height"


@LAW
@given(seed=st.integers(0, 99))
def test_renaming_and_shuffling_patients_changes_nothing(seed):
    frame = a_trial(seed)
    other = frame.sample(frac=1, random_state=seed)
    other["patient_id"] = [f"X{i}" for i in range(len(other))]
    ours, theirs = (compare(cohort_of(f), f, at=None).table for f in (frame, other))
    pd.testing.assert_frame_equal(ours, theirs, rtol=1e-8)


@LAW
@given(seed=st.integers(0, 99))
def test_the_other_reference_turns_the_sign(seed):
    frame = a_trial(seed)
    one = compare(cohort_of(frame), frame, at=None).table.set_index("arm").loc["exposure"]
    two = compare(cohort_of(frame), frame, at=None, reference="exposure").table
    two = two.set_index("arm").loc["usual_care"]
    for name in ("estimate", "statistic", "hedges_g"):
        assert two[name] == pytest.approx(-one[name], rel=1e-8, abs=1e-12)
    assert two["ci_low"] == pytest.approx(-one["ci_high"], rel=1e-8, abs=1e-12)
    assert two["p_value"] == pytest.approx(one["p_value"], rel=1e-7)


@LAW
@given(seed=st.integers(0, 99), scale=st.sampled_from([0.01, 0.1, 10.0, 1000.0]))
def test_another_scale_scales_the_difference_and_leaves_g_t_and_p(seed, scale):
    frame = a_trial(seed)
    scaled = frame.assign(value=scale * frame["value"], baseline=scale * frame["baseline"])
    before, after = (compare(cohort_of(f), f, at=None).table for f in (frame, scaled))
    for name in ("estimate", "std_error", "ci_low", "standardiser"):
        np.testing.assert_allclose(after[name], scale * before[name], rtol=1e-7, atol=1e-9)
    for name in ("hedges_g", "g_ci_low", "statistic", "p_value"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-6, atol=1e-9)


def test_a_known_difference_is_found_within_its_interval():
    hits = [
        (row := compare(cohort_of(f), f, at=None).table.set_index("arm").loc["exposure"])["ci_low"]
        <= -3 <= row["ci_high"]
        for f in (a_trial(seed) for seed in range(30))
    ]  # fmt: skip
    assert 24 <= sum(hits) <= 30  # 28.5 expected; fewer than 24 of 30 at 95 %: 1 in 1,700


def test_a_frame_says_the_same_as_the_questionnaire(make_trial):
    cohort = make_trial(**TWELVE)
    frame = cohort.assessments.rename(columns={"score": "value"})[
        ["patient_id", "occasion", "value"]
    ]
    from_frame, from_name = compare(cohort, frame), compare(cohort)
    pd.testing.assert_frame_equal(from_frame.table, from_name.table)
    assert "At post, the outcome was lower" in from_frame.sentence()


def test_the_sentence_of_a_trial(make_trial):
    said = compare(make_trial(**TWELVE)).sentence().replace("\u00a0", " ")
    assert said.startswith(
        "At post, TSK-11 was lower in exposure than in usual care (lower is better; adjusted "
        "difference \u22124."
    )
    assert "; ANCOVA adjusted for baseline; 9 of 12 patients analysed)." in said
    assert said.endswith("3 of 12 patients left out (2: no value of TSK-11 at post; "
                         "1: no value of TSK-11 at baseline).")  # fmt: skip
    assert "random" not in said
    assert "effect" not in said


def test_groups_that_were_not_randomised_are_called_groups(make_trial):
    result = compare(make_trial(people={"randomised_on": None}, **TWELVE))
    said = result.sentence() + result.alt_text()
    assert "Groups were not randomised: differences may have been there for other reasons." in said
    assert " arm" not in said
    assert next(iter(result.display)) == "group"


def test_an_interval_around_zero_is_not_said_to_be_a_difference(make_trial):
    cohort = make_trial(A=[(30, 20), (25, 22), (24, 26)], B=[(28, 21), (29, 25), (22, 23)])
    said = compare(cohort, reference="B").sentence()
    assert said.startswith("At post, the data do not tell whether TSK-11 was lower or higher in A")


def test_slopes_that_differ_are_said():
    frame = a_trial(3)
    steep = frame["arm"] == "exposure"
    frame.loc[steep, "value"] += 3 * (frame.loc[steep, "baseline"] - 28)
    result = compare(cohort_of(frame), frame, at=None)
    assert "The slope of the baseline differed between groups (F(2, 18) = " in result.sentence()
    assert (
        "slope" not in compare(cohort_of(frame), frame.drop(columns="baseline"), at=None).sentence()
    )


def test_figure_and_table_hold_the_same_numbers(make_trial):
    result = compare(make_trial(**TWELVE))
    ax = result.plot()
    left, right = sorted(ax.figure.axes, key=lambda axes: axes.get_position().x0)
    assert right is ax
    estimates = [line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1]
    assert estimates == result.table["estimate"].tolist()
    means = [line.get_ydata()[0] for line in left.lines if len(line.get_ydata()) == 1]
    assert means == result.means["estimate"].tolist()
    assert left.get_ylim() == (11, 44)


def test_axes_beside_others_hold_the_differences_alone(make_trial):
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2)
    compare(make_trial(**TWELVE)).plot(axes[1])
    assert figure.axes == list(axes)

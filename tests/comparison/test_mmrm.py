"""The MMRM of a trial: R's mmrm, emmeans and gls, closed forms, laws."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms

OCCASIONS = ["week_2", "week_4", "week_8", "week_16"]
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df", "statistic", "p_value"]


def compare(cohort, outcome="fear scale", reference="usual_care", **more):
    return compare_arms(cohort, outcome, method="mmrm", reference=reference, **more)


def cohort_of(people):
    return Cohort.from_tables({"participants": people})


@pytest.fixture
def oracle(reference):
    return pd.read_csv(reference("simulated/oracles.csv"))


@pytest.mark.parametrize(
    ("df", "case"), [("kenward-roger", "mmrm us KR"), ("satterthwaite", "mmrm us Satterthwaite")]
)
def test_contrasts_and_means_are_those_of_mmrm_and_emmeans(simulated_trial, oracle, df, case):
    result = compare(simulated_trial, df=df)
    theirs = oracle[oracle["case"] == case].set_index("term")
    assert result.table["occasion"].tolist() == OCCASIONS
    for visit, (_, row) in enumerate(result.table.iterrows(), 1):
        expected = theirs.loc[f"graded_exposure - usual_care @visit {visit}"]
        # R's optimiser stops early: the tolerances
        assert abs(row["estimate"] - expected["estimate"]) < 1e-4 * expected["std_error"]
        assert row["std_error"] == pytest.approx(expected["std_error"], rel=2e-4)
        assert row["df"] == pytest.approx(expected["df"], rel=1e-3)
        assert row["p_value"] == pytest.approx(expected["p_value"], rel=1e-3)
    for _, row in result.means.iterrows():
        expected = theirs.loc[f"LS mean {row['arm']} @visit {1 + OCCASIONS.index(row['occasion'])}"]
        assert abs(row["estimate"] - expected["estimate"]) < 1e-4 * expected["std_error"]
        assert row["std_error"] == pytest.approx(expected["std_error"], rel=2e-4)
        assert row["df"] == pytest.approx(expected["df"], rel=1e-3)
    deviance = result.assumptions.set_index("check").loc["-2 log likelihood (REML)", "estimate"]
    assert theirs.loc["neg2_reml", "estimate"] - 1e-5 < deviance
    assert deviance < theirs.loc["neg2_reml", "estimate"] + 1e-6


@pytest.mark.parametrize(
    ("covariance", "short"),
    [("toeplitz", "toep"), ("heterogeneous_ar1", "ar1h"), ("compound_symmetry", "cs")],
)
def test_another_covariance_is_that_of_mmrm(simulated_trial, oracle, covariance, short):
    row = compare(simulated_trial, covariance=covariance, at="week_16").table.iloc[0]
    theirs = oracle[oracle["case"] == f"mmrm {short} KR"].set_index("term")
    expected = theirs.loc["graded_exposure - usual_care @visit 4"]
    assert abs(row["estimate"] - expected["estimate"]) < 1e-4 * expected["std_error"]
    assert row["std_error"] == pytest.approx(expected["std_error"], rel=2e-4)


def a_real_trial(rows, *, keys, at, baseline):
    """Read the published baseline as a covariate with one slope, as the oracle's model has it."""
    patient, arm, time, value = keys
    rows = rows.rename(columns={patient: "patient_id", arm: "arm"}).astype({"patient_id": "str"})
    people = rows.drop_duplicates("patient_id")[["patient_id", "arm"]]
    people["before"] = people["patient_id"].map(
        rows.drop_duplicates("patient_id").set_index("patient_id")[baseline]
    )
    frame = rows[rows[time].isin(at)].rename(columns={time: "occasion", value: "value"})
    frame = frame[["patient_id", "occasion", "value"]].dropna()
    return cohort_of(people), frame.astype({"occasion": "str"}).sort_values("occasion")


@pytest.fixture
def claus(reference):
    rows = pd.read_csv(reference("clinicalsignificance/claus_2020.csv"))
    first = rows[rows["time"] == 1].set_index("id")["bdi"]
    rows = rows.assign(before=rows["id"].map(first))
    return a_real_trial(rows, keys=("id", "treatment", "time", "bdi"), at=(2, 3, 4),
                        baseline="before")  # fmt: skip


@pytest.fixture
def blues(reference):
    wide = pd.read_csv(reference("hsaur3/BtheB.csv"))
    wide["id"] = [f"B{i:03d}" for i in range(1, len(wide) + 1)]
    months = {f"bdi.{month}m": month for month in (2, 3, 5, 8)}
    rows = wide.melt(["id", "treatment", "bdi.pre"], list(months), "month", "bdi")
    rows["month"] = rows["month"].map(months)
    return a_real_trial(rows, keys=("id", "treatment", "month", "bdi"), at=(2, 3, 5, 8),
                        baseline="bdi.pre")  # fmt: skip


@pytest.mark.parametrize(
    ("trial", "dataset", "arm"), [("claus", "claus_2020", "PA"), ("blues", "BtheB", "BtheB")]
)
def test_two_real_trials_are_those_of_mmrm(request, reference, trial, dataset, arm):
    cohort, frame = request.getfixturevalue(trial)
    result = compare(cohort, frame, reference="TAU", covariates=["before"], df="satterthwaite")
    oracles = pd.read_csv(reference("oracles/r_reference.csv"))
    oracles = oracles[oracles["dataset"] == dataset]
    theirs = oracles[oracles["analysis"] == "mmrm_us_Satterthwaite_lsmdiff"].set_index("term")
    assert len(result.table) == len(theirs) > 2
    for _, row in result.table.iterrows():
        expected = theirs.loc[f"{arm} - TAU {row['occasion']}"]
        assert abs(row["estimate"] - expected["estimate"]) < 1e-4 * expected["se"]
        assert row["std_error"] == pytest.approx(expected["se"], rel=2e-4)
        assert row["df"] == pytest.approx(expected["df"], rel=1e-3)


def test_complete_data_give_the_contrasts_of_each_occasion_alone(a_course):
    # with the baseline at every occasion the equations of the occasions come apart
    people, frame = a_course(1)
    together = compare(cohort_of(people), frame).table.set_index("occasion")
    for occasion in ("mid", "post", "later"):
        alone = compare_arms(
            cohort_of(people), frame, method="ancova", at=occasion, reference="usual_care"
        ).table.iloc[0]
        for name in NUMBERS:
            assert together.loc[occasion, name] == pytest.approx(alone[name], rel=1e-6), name


def test_one_occasion_is_the_analysis_of_covariance(simulated_trial):
    scores = simulated_trial.assessments.query("occasion in ['baseline', 'week_16']")
    cohort = Cohort.from_tables(
        {"participants": simulated_trial.participants, "assessments": scores}
    )
    ours = compare(cohort).table.iloc[0]
    theirs = compare_arms(
        cohort, "fear scale", method="ancova", at="week_16", reference="usual_care"
    ).table.iloc[0]
    for name in [*NUMBERS, "hedges_g", "n"]:
        assert ours[name] == pytest.approx(theirs[name], rel=1e-7), name


@pytest.mark.parametrize("options", [{}, {"baseline": "constrained"}])
def test_names_of_patients_and_order_of_rows_change_nothing(a_course, options):
    people, frame = a_course(2)
    frame = frame.drop(index=[50, 77, 80, 101])
    before = compare(cohort_of(people), with_occasions(frame), **options)
    names = {name: f"X{900 - i}" for i, name in enumerate(people["patient_id"])}
    other = with_occasions(frame).sample(frac=1, random_state=3).replace({"patient_id": names})
    order = ["baseline", "mid", "post", "later"]
    other = other.sort_values("occasion", key=lambda own: own.map(order.index), kind="stable")
    shuffled = people.replace({"patient_id": names}).sample(frac=1, random_state=4)
    after = compare(cohort_of(shuffled), other, **options)
    pd.testing.assert_frame_equal(before.table, after.table, rtol=1e-6)


def with_occasions(frame):
    """Return the baseline as rows of its own."""
    first = frame.drop_duplicates("patient_id")
    first = first.assign(occasion="baseline", day=0, value=first["baseline"])
    return pd.concat([first, frame]).drop(columns="baseline")


def test_another_scale_scales_the_difference_and_leaves_g_t_and_p(a_course):
    people, frame = a_course(3)
    frame = frame.drop(index=[40, 60, 61])
    tenth = frame.assign(value=frame["value"] / 10, baseline=frame["baseline"] / 10)
    before, after = (compare(cohort_of(people), one).table for one in (frame, tenth))
    for name in ("estimate", "std_error", "ci_low", "standardiser"):
        np.testing.assert_allclose(10 * after[name], before[name], rtol=1e-5)
    for name in ("hedges_g", "statistic", "p_value", "df"):
        np.testing.assert_allclose(after[name], before[name], rtol=1e-4)


def test_the_constrained_model_is_that_of_gls(simulated_trial):
    # R 4.2.2, nlme: gls(score ~ occasion + a1 + a2 + a3 + a4, corSymm, varIdent, REML) with the
    # baseline as the first occasion, a1 ... a4 = exposure at each later one; gls stops early
    result = compare(simulated_trial, baseline="constrained")
    estimates = [0.543522454715, -1.851239015573, -2.272597063603, -3.660304257446]
    errors = [1.154966155376, 1.410483501143, 1.711921397122, 1.677791764767]  # before KR
    for ours, theirs, error in zip(result.table["estimate"], estimates, errors, strict=True):
        assert abs(ours - theirs) < 1e-4 * error
    assert (result.table["std_error"] > errors).all()  # KR adds what the variances' own error adds
    assert result.table["std_error"].tolist() == pytest.approx(errors, rel=0.02)
    checks = result.assumptions.set_index("check")["estimate"]
    assert checks["-2 log likelihood (REML)"] == pytest.approx(2741.04929254, abs=1e-5)
    at_baseline = result.means[result.means["occasion"] == "baseline"]
    np.testing.assert_allclose(at_baseline["estimate"], 40.769791666667, rtol=1e-6)


def test_g_may_stand_on_the_spread_at_the_occasion(simulated_trial):
    result = compare(simulated_trial, standardise_by="occasion", at="week_16")
    scores = simulated_trial.assessments.query("occasion == 'week_16'")
    arm = simulated_trial.participants.set_index("patient_id")["arm"]
    groups = scores.groupby(scores["patient_id"].map(arm))["score"]
    pooled = (groups.var() * (groups.size() - 1)).sum() / (len(scores) - 2)
    assert result.table["standardiser"].iloc[0] == pytest.approx(pooled**0.5)
    assert "standard deviations of the outcome at that occasion" in result.sentence()


def test_arms_may_have_covariances_of_their_own(simulated_trial):
    checks = compare(simulated_trial, variances_by_arm=True).assumptions
    spread = checks[checks["check"] == "residual SD at week 16"].set_index("arm")["estimate"]
    assert set(spread.index) == {"usual_care", "graded_exposure"}
    assert spread.nunique() == 2

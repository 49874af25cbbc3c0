"""What may be chosen in a comparison, and what is refused."""

import numpy as np
import pytest

from gradex_analysis.comparison import compare_arms
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

EIGHT = {
    "A": [(30, 20), (28, 22), (26, 18), (24, 19)],
    "B": [(30, 27), (27, 26), (25, 21), (23, 24)],
}


def compare(cohort, method="ancova", at="post", **more):
    return compare_arms(cohort, "TSK-11", method=method, at=at, reference="B", **more)


@pytest.mark.parametrize(
    ("method", "option", "message"),
    [
        ("mmrm", {"covariance": "diagonal"}, "covariance must be one of 'unstructured'"),
        ("ancova", {"covariance": "ar1"}, r"option of method 'ancova' must be one of 'df', "),
        ("growth", {"variances_by_arm": True}, r"option of method 'growth' must be one of"),
        ("mmrm", {"df": "normal"}, "df must be one of 'kenward-roger', 'satterthwaite'"),
        ("mmrm", {"therapist": "fixed"}, "therapist must be one of 'None', 'random', 'CR2'"),
        ("mmrm", {"baseline": "change"}, "baseline must be one of 'covariate', 'constrained'"),
        ("ancova", {"analysis_set": "all"}, "analysis_set must be one of 'intention_to_treat'"),
        ("ancova", {"multiplicity": "bonferroni"}, "multiplicity must be one of 'None', 'holm'"),
        ("ancova", {"standardise_by": "residual"}, "standardise_by must be one of 'baseline'"),
        ("ancova", {"colour": "red"}, "not 'colour'"),
    ],
)  # fmt: skip
def test_what_is_not_on_offer_is_refused(make_trial, method, option, message):
    with pytest.raises(UnknownNameError, match=message):
        compare(make_trial(**EIGHT), method, **option)


@pytest.mark.parametrize("delta", [[], ["much"], [np.nan], 3, [[1, 2]]])
def test_a_delta_that_is_no_list_of_numbers_is_refused(make_trial, delta):
    with pytest.raises(CannotAnswerError, match="delta is a list of finite numbers"):
        compare(make_trial(**EIGHT), delta=delta)


def test_one_covariate_is_given_in_a_list(make_trial):
    with pytest.raises(CannotAnswerError, match=r"say \['site_id'\]"):
        compare(make_trial(**EIGHT), covariates="site_id")


def test_a_covariate_that_would_hide_a_column_of_the_model_is_refused(make_trial):
    cohort = make_trial(people={"week": range(8)}, **EIGHT)
    with pytest.raises(CannotAnswerError, match="A covariate cannot be called 'week'"):
        compare(cohort, covariates=["week"])


def test_a_constrained_model_needs_a_baseline(make_trial):
    cohort = make_trial(A=[(None, 20), (None, 22)], B=[(None, 25), (None, 27)])
    with pytest.raises(CannotAnswerError, match="Nobody has a baseline of TSK-11"):
        compare(cohort, "mmrm", at=None, baseline="constrained")


def test_a_constrained_model_has_one_covariance_for_all(make_trial):
    with pytest.raises(CannotAnswerError, match="goes with baseline='covariate' only"):
        compare(make_trial(**EIGHT), "mmrm", baseline="constrained", variances_by_arm=True)


def test_a_frame_without_occasions_has_no_course(make_trial):
    cohort = make_trial(**EIGHT)
    frame = cohort.assessments.query("occasion == 'post'")[["patient_id", "score"]]
    with pytest.raises(CannotAnswerError, match=r"no column occasion.*method 'ancova' with at"):
        compare_arms(cohort, frame, method="mmrm", reference="B")


def test_a_patient_with_two_baselines_is_named(make_trial):
    cohort = make_trial(**EIGHT)
    frame = cohort.assessments.rename(columns={"score": "value"})
    frame = frame[["patient_id", "occasion", "value"]]
    frame["baseline"] = np.arange(len(frame), dtype="float64")
    twice = frame.assign(occasion=frame["occasion"].replace({"baseline": "mid"}))
    with pytest.raises(CannotAnswerError, match=r"with more than one baseline.*P01"):
        compare_arms(cohort, twice, method="mmrm", reference="B")


def test_every_choice_is_among_the_settings(make_trial):
    settings = compare(make_trial(**EIGHT), "mmrm", multiplicity="holm").settings
    chosen = ["method", "at", "covariance", "df", "variances_by_arm", "therapist", "baseline",
              "analysis_set", "multiplicity", "standardise_by", "delta"]  # fmt: skip
    assert [settings[name] for name in chosen] == [
        "mmrm", "post", "unstructured", "kenward-roger", False, None, "covariate",
        "intention_to_treat", "holm", "baseline", None,
    ]  # fmt: skip
    assert compare(make_trial(**EIGHT)).settings["df"] == "residual"


def test_the_information_behind_the_degrees_of_freedom_is_among_the_settings(simulated_trial):
    # they differ by up to a tenth in df: observed as in R's mmrm, expected as in pbkrtest
    found = {
        (method, more): compare_arms(
            simulated_trial, "fear scale", method=method, at="week_16", reference="usual_care",
            variances_by_arm=more,
        ).settings.get("information")
        for method, more in [("mmrm", False), ("ancova", True), ("ancova", False)]
    }  # fmt: skip
    expected = {("mmrm", False): "observed", ("ancova", True): "observed", ("ancova", False): None}
    assert found == expected
    growth = compare_arms(simulated_trial, "fear scale", method="growth", reference="usual_care")
    assert growth.settings["information"] == "expected"


@pytest.mark.parametrize("method", ["mmrm", "ancova", "change_score"])
def test_every_comparison_states_its_estimand_and_its_set(make_trial, method):
    result = compare(make_trial(**EIGHT), method)
    assert result.say_estimand()
    assert {"population", "variable", "treatment", "intercurrent_events", "summary_measure"} <= set(
        result.settings["estimand"]
    )
    assert result.settings["analysis_set_is"].startswith("intention to treat")
    assert result.sets["n"].sum() == 8


@pytest.mark.parametrize("name", ["visit 2 (cm)", "a-b", "lambda"])
def test_a_covariate_may_be_called_what_no_formula_would_take(make_trial, name):
    cohort = make_trial(people={name: [1, 5, 2, 4, 3, 2, 5, 1]}, **EIGHT)
    ours = compare(cohort, "mmrm", covariates=[name]).table.iloc[0]
    theirs = compare(cohort, "ancova", covariates=[name]).table.iloc[0]
    assert ours["estimate"] == pytest.approx(theirs["estimate"], rel=1e-7)

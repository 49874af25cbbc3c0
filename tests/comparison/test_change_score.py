"""Changes since baseline: Student's t test by hand, and what is said of them."""

import numpy as np
import pytest
from scipy import stats

from gradex_analysis.comparison import compare_arms
from gradex_analysis.errors import CannotAnswerError

TWELVE = {
    "exposure": [(30, 20), (28, 22), (26, 18), (24, 19), (22, None), (None, 18)],
    "usual_care": [(30, 27), (27, 26), (25, 21), (23, 24), (22, 20), (31, None)],
}


def compare(cohort, method="change_score", **more):
    return compare_arms(cohort, "TSK-11", method=method, at="post", reference="usual_care", **more)


def test_it_is_students_t_test_of_the_changes(make_trial):
    row = compare(make_trial(**TWELVE)).table.iloc[0]
    changes = {
        arm: [after - before for before, after in both if None not in (before, after)]
        for arm, both in TWELVE.items()
    }
    test = stats.ttest_ind(changes["exposure"], changes["usual_care"])
    assert row["statistic"] == pytest.approx(test.statistic)
    assert row["p_value"] == pytest.approx(test.pvalue)
    assert row["df"] == 4 + 5 - 2
    means = [np.mean(own) for own in changes.values()]
    assert row["estimate"] == pytest.approx(means[0] - means[1])


def test_the_baseline_is_the_unit_of_g_and_no_covariate(make_trial):
    change, ancova = (
        compare(make_trial(**TWELVE), method) for method in ("change_score", "ancova")
    )
    assert "baseline" not in change.coefficients["term"].tolist()
    assert change.table["standardiser"].iloc[0] == ancova.table["standardiser"].iloc[0]
    assert change.settings["adjusted_for"] == []


def test_it_is_said_to_be_a_change_and_less_precise_than_ancova(make_trial):
    result = compare(make_trial(**TWELVE))
    said = result.sentence().replace("\u00a0", " ")
    assert said.startswith("At post, change in TSK-11 was lower in exposure than in usual care")
    assert "less precise than ANCOVA" in said
    assert "Change scores" not in compare(make_trial(**TWELVE), "ancova").sentence()
    assert (result.settings["low"], result.settings["high"]) == (None, None)


def test_without_a_baseline_there_is_no_change(make_trial):
    cohort = make_trial(exposure=[(None, 20), (None, 22)], usual_care=[(None, 25), (None, 27)])
    with pytest.raises(CannotAnswerError, match=r"Nobody has a baseline of TSK-11"):
        compare(cohort)


def test_a_change_that_is_the_same_in_all_cannot_be_compared(make_trial):
    cohort = make_trial(exposure=[(30, 25), (28, 23)], usual_care=[(25, 20), (26, 21), (22, 17)])
    with pytest.raises(CannotAnswerError, match="change in TSK-11 is the same in all 5 patients"):
        compare(cohort)


def test_covariates_are_taken_into_account(make_trial):
    people = {"height": np.linspace(1.5, 2, 12)}
    result = compare(make_trial(people=people, **TWELVE), covariates=["height"])
    assert result.coefficients["term"].tolist()[2:] == ["height"]
    assert "; change since baseline, adjusted for height;" in result.sentence()

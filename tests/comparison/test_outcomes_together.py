"""Did the arms differ in several outcomes? The same numbers as one by one, one family."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import compare_arms, compare_outcomes, say_together
from gradex_analysis.comparison.say import say_difference
from gradex_analysis.comparison.tipping import say_delta
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

OUTCOMES = ["TSK-11", "PCS", "PSEQ"]


def make_cohort(*, randomised: bool = True, n: int = 24) -> Cohort:
    """Make a trial of three questionnaires; PSEQ was asked after treatment only, at post."""
    draws = np.random.default_rng(5)
    ids = [f"P{i:02d}" for i in range(n)]
    arms = [("exposure", "activity", "usual_care")[i % 3] for i in range(n)]
    people = pd.DataFrame({"patient_id": ids, "arm": arms})
    if randomised:
        people["randomised_on"] = pd.Timestamp("2024-05-01")
    rows = [
        (patient, name, occasion, day, middle + draws.integers(-6, 7) - 2 * (arm == "exposure"))
        for patient, arm in zip(ids, arms, strict=True)
        for name, middle in (("TSK-11", 28), ("PCS", 26), ("PSEQ", 30))
        for occasion, day in (("baseline", 0), ("post", 84), ("later", 182))
        if (name, occasion) != ("PSEQ", "later")
        and not (patient in ids[:2] and occasion != "baseline")
        and not (patient == ids[4] and name == "PCS" and occasion == "baseline")
    ]
    columns = ["patient_id", "instrument", "occasion", "day", "score"]
    scores = pd.DataFrame(rows, columns=columns)
    return Cohort.from_tables({"participants": people, "assessments": scores})


COHORT = make_cohort()


def together(cohort: Cohort = COHORT, outcomes=OUTCOMES, **more):
    return compare_outcomes(
        cohort, outcomes, **{"method": "mmrm", "reference": "usual_care"} | more
    )


@pytest.fixture(scope="module")
def plain():
    return together()


@pytest.fixture(scope="module")
def holm():
    return together(multiplicity="holm")


def test_every_outcome_has_the_numbers_it_has_alone(plain):
    for name in OUTCOMES:
        alone = compare_arms(COHORT, name, method="mmrm", reference="usual_care")
        for frame in ("table", "means", "missing"):
            own = getattr(plain, frame)
            own = own[own["outcome"] == name].drop(columns="outcome").reset_index(drop=True)
            pd.testing.assert_frame_equal(own, getattr(alone, frame), check_dtype=False)


def test_all_contrasts_are_one_family(plain, holm):
    assert "p_adjusted" not in plain.table
    expected = multipletests(plain.table["p_value"], method="holm")[1]
    np.testing.assert_allclose(holm.table["p_adjusted"], expected, rtol=1e-12)
    # 2 arms x 2 occasions of two questionnaires, 2 arms x 1 occasion of the third
    assert len(holm.table) == holm.settings["n_contrasts"] == 10
    assert "adjusted over all 10 contrasts of 3 outcomes (Holm)" in holm.sentence()
    assert "not adjusted for there being 10 contrasts of 3 outcomes" in plain.sentence()


def test_the_order_of_outcomes_changes_no_number(holm):
    keys = ["outcome", "arm", "occasion"]
    other = together(outcomes=OUTCOMES[::-1], multiplicity="holm")
    one, two = (result.table.set_index(keys).sort_index() for result in (holm, other))
    pd.testing.assert_frame_equal(one, two)


def test_every_pair_of_patient_and_outcome_is_used_or_left_out_once(plain):
    result = plain
    assert not result.excluded[["patient_id", "outcome"]].duplicated().any()
    assert plain.n_considered == 24 * 3
    assert plain.n_used == 24 * 3 - (2 + 3 + 2)
    said = "Patients left out: 2 of 24 in TSK-11, 3 of 24 in PCS, 2 of 24 in PSEQ."
    assert said in plain.sentence()


def test_an_outcome_that_cannot_be_compared_is_listed_with_its_reason():
    result = together(at="later")
    assert result.unanswered["outcome"].tolist() == ["PSEQ"]
    assert "at must be one of 'post'" in result.unanswered["reason"].iloc[0]
    assert "PSEQ could not be compared: at must be one of 'post'" in result.sentence()
    left_out = result.excluded[result.excluded["outcome"] == "PSEQ"]
    assert len(left_out) == 24
    assert set(left_out["reason"]) == {"the outcome could not be compared"}
    assert result.table["outcome"].unique().tolist() == ["TSK-11", "PCS"]


def test_a_questionnaire_without_a_score_that_can_be_used_is_no_unknown_name():
    tables = {name: COHORT.tables[name] for name in ("participants", "assessments")}
    scores = tables["assessments"]
    tables["assessments"] = scores.assign(score=scores["score"].mask(scores["instrument"] == "PCS"))
    result = together(Cohort.from_tables(tables), outcomes=["PCS", "TSK-11"], at="post")
    assert result.unanswered["reason"].tolist() == ["No form of PCS has a score that can be used."]


def test_where_none_can_be_compared_the_one_reason_is_raised():
    with pytest.raises(UnknownNameError, match="reference must be one of 'activity'"):
        together(reference="tau")
    with pytest.raises(UnknownNameError, match="at must be one of 'post', 'later'"):
        together(outcomes=["TSK-11", "PCS"], at="lather")


def test_several_reasons_are_raised_by_outcome():
    with pytest.raises(CannotAnswerError, match=r"(?s)TSK-11: at must be .*PSEQ: at must be"):
        together(outcomes=["TSK-11", "PSEQ"], at="never")


@pytest.mark.parametrize(
    ("outcomes", "error", "said"),
    [
        ([], CannotAnswerError, "an empty list"),
        ("PCS", CannotAnswerError, r"say \['PCS'\]"),
        (["PCS", "PCS"], CannotAnswerError, "'PCS' more than once"),
        (["PCS", "TSK"], UnknownNameError, "outcomes must be one of 'PCS', 'PSEQ', 'TSK-11'"),
    ],
)
def test_a_list_that_means_nothing_is_refused(outcomes, error, said):
    with pytest.raises(error, match=said):
        together(outcomes=outcomes)


def test_a_slip_in_a_choice_is_refused_before_anything_is_fitted():
    with pytest.raises(UnknownNameError, match="multiplicity"):
        together(multiplicity="bonferroni")


def test_one_occasion_by_ancova():
    result = together(method="ancova", at="post")
    assert len(result.table) == 6
    said = result.sentence().replace("\u00a0", " ")
    assert "TSK-11 (points; lower is better" in said
    assert "PSEQ (points; higher is better" in said
    assert "ANCOVA" in said


def test_what_is_the_same_for_all_is_said_once(plain):
    said = plain.sentence()
    assert said.startswith("Adjusted differences from usual care, with 95")  # models hold n: differ
    assert said.count("MMRM") == 3
    alike = together(outcomes=["TSK-11"])
    assert alike.sentence().count("MMRM") == 1
    assert "effect" not in said


def test_groups_that_were_not_randomised_are_called_groups():
    result = together(make_cohort(randomised=False))
    said = result.sentence() + result.alt_text()
    assert "Groups were not randomised" in said
    assert " arm" not in said
    assert "group" in result.display


def test_the_figure_has_a_panel_per_outcome_and_its_words_the_numbers(holm):
    figure = holm.plot().figure
    heads = {text.get_text() for ax in figure.axes for text in ax.texts}
    assert set(OUTCOMES) <= heads
    alt = holm.alt_text().replace("\u00a0", " ")
    for _, row in holm.table.iterrows():
        assert f"{row['estimate']:.1f}".replace("-", "−").replace("−0.0", "0.0") in alt
    assert holm._repr_html_().count("<figure") == 1


def test_the_settings_of_each_outcome_can_be_put_together_again(plain):
    settings = plain.settings
    own = {**settings, **settings["by_outcome"]["PSEQ"]}
    alone = compare_arms(COHORT, "PSEQ", method="mmrm", reference="usual_care").settings
    same = set(alone) - {"estimand", "n_contrasts"}
    assert {name: own[name] for name in same} == {name: alone[name] for name in same}


def test_what_is_saved_as_text_holds_estimand_missing_values_and_tipping_points(plain, tmp_path):
    plain.save(tmp_path / "three")
    text = (tmp_path / "three.txt").read_text(encoding="utf-8")
    for said in (plain.sentence(), plain.say_estimand(), plain.say_missing(), plain.say_tipping()):
        assert said
        assert said in text
    for name in OUTCOMES:
        assert f"{name}: Without a value: " in plain.say_missing()


def test_a_single_interval_that_holds_0_is_said_in_the_singular(plain):
    settings = plain.settings | {"notes": [], "multiplicity": None, "occasions": ["post"]}
    settings |= settings["by_outcome"]["PSEQ"]
    row = plain.table.iloc[0].copy()
    numbers = ["estimate", "ci_low", "ci_high", "occasion"]
    rows = {"post": (-3.0, -5.0, -1.0), "later": (1.0, -1.0, 3.0)}
    one = pd.DataFrame([row.copy() for _ in rows]).reset_index(drop=True)
    one[numbers] = [(*values, name) for name, values in rows.items()]
    both = pd.concat([one.assign(outcome="A"), *[one.iloc[1:].assign(outcome=o) for o in "BCDEFG"]])
    said = say_together.say_all(both, dict.fromkeys("ABCDEFG", settings))
    assert "the other 1 holds 0" in said
    assert "its interval holds 0" in said


def test_a_tipping_point_near_0_is_never_said_to_be_0():
    for delta, said in ((-0.02, "\u22120.02"), (0.004, "0.004"), (3.21, "3.21"), (0.0, "0.00")):
        assert say_delta(delta, 1) == said


def test_an_interval_that_leaves_out_0_is_never_shown_to_end_there():
    for high, said in ((-0.04, "\u22120.04"), (-0.0049, "\u22120.005"), (-2e-5, "\u22120.00002")):
        row = pd.Series({"estimate": -4.226, "ci_low": -8.447, "ci_high": high})
        assert say_difference(row, 1).endswith(f" to {said})")
    holds = pd.Series({"estimate": -4.226, "ci_low": -8.447, "ci_high": 0.0049})
    assert say_difference(holds, 1) == "\u22124.2 (\u22128.4 to 0.0)"

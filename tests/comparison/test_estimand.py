"""What a comparison estimates: each choice changes what is said, and only what it concerns."""

import pytest

from gradex_analysis.comparison.estimand import ATTRIBUTES, say, state
from gradex_analysis.errors import UnknownNameError

TRIAL = {
    "outcome": "TSK-11", "method": "mmrm", "reference": "usual_care", "randomised": True,
    "arms": ["graded_exposure", "usual_care"], "occasions": ["post", "followup_26w"],
    "adjusted_for": ["baseline", "site_id"], "unit": "points",
    "analysis_set": "intention_to_treat",
}  # fmt: skip


def changed(**more):
    """Return what of the statement differs from that of the trial."""
    before, after = state(TRIAL), state(TRIAL | more)
    return {name for name in after if after[name] != before[name]}


def test_an_mmrm_under_intention_to_treat_in_full():
    assert state(TRIAL) == {
        "population": "patients as randomised",
        "variable": "TSK-11 at each of post and followup 26w",
        "treatment": "graded exposure against usual care, as assigned",
        "intercurrent_events": "stopping treatment early, or having it otherwise than planned: "
        "treatment policy, values count whether or not they come after it",
        "summary_measure": "difference in means in points, arm minus usual care, adjusted for "
        "baseline and site id",
        "missing_values": "taken to be missing at random given arm, baseline, site id and the "
        "patient's other values, that is, as those of comparable patients of the same arm who "
        "were measured",
        "claim": "the difference that assignment to an arm makes",
    }


def test_ancova_does_not_use_the_other_values_of_a_patient():
    assert changed(method="ancova", at="post") == {"variable", "missing_values"}
    stated = state(TRIAL | {"method": "ancova", "at": "post"})
    assert stated["variable"] == "TSK-11 at post"
    assert "given arm, baseline and site id, that is" in stated["missing_values"]


def test_change_scores_are_called_changes_once():
    stated = state(TRIAL | {"method": "change_score", "at": "post", "adjusted_for": [],
                            "outcome": "change in TSK-11"})  # fmt: skip
    assert stated["variable"] == "change in TSK-11 from baseline to post"
    assert "given arm, that is" in stated["missing_values"]
    assert "adjusted" not in stated["summary_measure"]


def test_a_growth_model_estimates_slopes_where_it_compares_them():
    stated = state(TRIAL | {"method": "growth", "compares": "slope"})
    assert stated["summary_measure"].startswith("difference in mean slopes")
    assert stated["missing_values"].endswith("on courses of the form of the model")
    assert changed(method="growth") == {"missing_values"}


def test_the_constrained_model_says_that_arms_share_their_baseline():
    stated = state(TRIAL | {"baseline": "constrained", "adjusted_for": ["site_id"]})
    assert "one mean at baseline for all arms and adjusted for site id" in stated["summary_measure"]
    assert "given arm, site id, baseline and the patient's other" in stated["missing_values"]


@pytest.mark.parametrize("chosen", ["completers", "per_protocol"])
def test_sets_selected_after_randomisation_are_no_strategy_and_not_protected(chosen):
    stated = state(TRIAL | {"analysis_set": chosen})
    assert "none of the strategies of ICH E9(R1)" in stated["intercurrent_events"]
    assert "randomisation does not protect" in stated["claim"]
    assert stated["population"] != state(TRIAL)["population"]


def test_completers_leave_out_with_the_patients_what_is_missing():
    stated = state(TRIAL | {"analysis_set": "completers", "at": "post"})
    assert stated["population"] == "of patients as randomised, those with a value at post"
    assert stated["missing_values"].startswith("left out with the patients")


def test_groups_that_were_not_randomised_have_no_causal_estimand():
    assert changed(randomised=False) == {
        "population", "treatment", "claim", "summary_measure", "missing_values",
    }  # fmt: skip
    said = say(state(TRIAL | {"randomised": False}))
    assert "no causal estimand" in said
    assert "assign" not in said
    assert "intention to treat" not in said
    assert "group minus usual care" in said


def test_what_is_not_said_to_be_randomised_is_not_taken_to_be():
    without = {name: value for name, value in TRIAL.items() if name != "randomised"}
    assert "no causal estimand" in state(without)["claim"]


def test_the_sentence_names_all_five_attributes():
    said = say(state(TRIAL))
    assert all(name.replace("_", " ") in said for name in ATTRIBUTES)
    assert len(ATTRIBUTES) == 5
    assert said.count(". ") == 0


def test_patients_without_an_arm_are_no_treatment():
    arms = ["a", "b", "usual_care", "without an arm"]
    assert state(TRIAL | {"arms": arms})["treatment"].startswith("a or b against usual care")


@pytest.mark.parametrize("wrong", [{"method": "locf"}, {"analysis_set": "everybody"}])
def test_names_that_are_not_on_offer_are_refused(wrong):
    with pytest.raises(UnknownNameError, match=next(iter(wrong))):
        state(TRIAL | wrong)

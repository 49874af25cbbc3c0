"""Choices and questions that no fit can follow: an error that says what, never a NaN."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

VISITS = {"outcome": "score", "fixed": "baseline*visit + arm*visit", "visit": "visit",
          "subject": "patient_id"}  # fmt: skip
WEEKS = {"outcome": "score", "fixed": "baseline + arm*week", "groups": "patient_id"}


@pytest.mark.parametrize("confidence", [95, 1.5, 1, 0, -0.1, float("nan"), "a", None, True])
def test_confidence_is_a_share_between_0_and_1(trial, confidence):
    with pytest.raises(CannotAnswerError, match="confidence is a share between 0 and 1"):
        fit_mmrm(trial, **VISITS, confidence=confidence)


@pytest.mark.parametrize("steps", ["a", 2.5, 0, None, True])
def test_the_most_steps_are_a_whole_number(trial, steps):
    with pytest.raises(CannotAnswerError, match="max_iterations is a whole number from 1 on"):
        fit_mixed_model(trial, **WEEKS, max_iterations=steps)


def test_weights_in_words_and_outcomes_of_complex_numbers_are_refused(trial):
    with pytest.raises(CannotAnswerError, match="The weights w hold str, not numbers"):
        fit_mmrm(trial.assign(w="a"), **VISITS, weights="w")
    with pytest.raises(CannotAnswerError, match="The outcome score holds complex128"):
        fit_mmrm(trial.assign(score=trial["score"] + 0j), **VISITS)


def test_a_factor_is_asked_for_once(trial):
    fit = fit_mmrm(trial, **VISITS)
    for ask in (
        lambda: fit.contrasts("arm", by="arm"),
        lambda: fit.marginal_means(["arm", "arm"]),
        lambda: fit.contrasts("arm", by=["visit", "visit"]),
    ):
        with pytest.raises(CannotAnswerError, match="is asked for twice"):
            ask()


@pytest.mark.parametrize("weights", [
    {"a": {"baseline": np.inf}}, {"a": {"baseline": np.nan}}, {"a": {"baseline": "x"}},
    pd.DataFrame({"baseline": [np.inf]}), pd.DataFrame({"baseline": ["x"]}),
])  # fmt: skip
def test_a_weight_is_a_finite_number(trial, weights):
    with pytest.raises(CannotAnswerError, match=r"The weight of baseline is .*: no finite number"):
        fit_mmrm(trial, **VISITS).combine(weights)


@pytest.mark.parametrize("weights", [[1.0], {"a": 1.0}, {"a": [1.0]}, "a"])
def test_weights_name_their_terms(trial, weights):
    with pytest.raises(CannotAnswerError, match="Weights are a frame"):
        fit_mmrm(trial, **VISITS).combine(weights)


def test_copies_of_rows_are_said_where_nothing_refuses_them(trial):
    rows = trial.reset_index(drop=True)
    again = pd.concat([rows, rows.iloc[:8]], ignore_index=True)
    n, twice = (int(own["score"].notna().sum()) for own in (again, rows.iloc[:8]))
    (note,) = fit_mixed_model(again, **WEEKS).notes
    assert note.startswith(f"{twice} of {n} rows are copies of an earlier one in every column")
    assert "(rows 384, " in note
    assert fit_mixed_model(trial, **WEEKS).notes == ()
    # a column that tells rows apart says that they are values of their own
    apart = again.assign(sitting=(again.index >= len(rows)).astype(int))
    assert fit_mixed_model(apart, **WEEKS).notes == ()
    listed = again.assign(remarks=[[] for _ in again.index])
    assert fit_mixed_model(listed, **WEEKS).notes == (note,)

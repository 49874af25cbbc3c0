"""Slopes that clusters differ in, beside slopes of the groups: R's lme4, laws, bad input."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import fit_mixed_model

FIXTURES = Path(__file__).parent / "fixtures"
FIXED = "fall + number + gap + difficulty"
LEVELS = {"random": "fall", "groups": "exposure", "nested": "patient", "crossed": "item"}
SLOPES = {"patient": ["fall", "number"]}


@pytest.fixture(scope="module")
def ratings():
    return pd.read_csv(FIXTURES / "learning.csv")


@pytest.fixture(scope="module")
def theirs():
    return pd.read_csv(FIXTURES / "learning_lme4.csv").set_index("part")


def fit(rows, fixed=FIXED, **how):
    return fit_mixed_model(
        rows, outcome="value", fixed=fixed, **{**LEVELS, "slopes": SLOPES, **how}
    )


@pytest.mark.parametrize(
    ("name", "how"),
    [
        ("Satterthwaite", {"df": "satterthwaite", "information": "observed"}),
        ("Kenward-Roger", {"df": "kenward-roger"}),
    ],
)
def test_ratings_in_exposures_in_patients_are_those_of_r(name, how, ratings, theirs, agree):
    # the tightened optimiser of R stands at the optimum within the 1e-6 of a standard error
    agree(fit(ratings, **how).coefficients, theirs.loc[name], estimate=1e-5, std_error=1e-5,
          df=1e-4)  # fmt: skip


def test_the_variances_and_the_likelihood_are_those_of_r(ratings, theirs):
    found = fit(ratings)
    ours = found.variance_components
    keys = (ours["group"] + " " + ours["term"] + " " + ours["other"]).str.strip()
    values = dict(zip(keys, ours["estimate"], strict=True))
    expected = theirs.loc["variance"]
    for term, estimate in zip(expected["term"], expected["estimate"], strict=True):
        group, first, second = (*term.split(" "), "")[:3]
        if second:  # R names the covariance the other way round
            first, second = second, first
        name = "Residual" if group == "Residual" else f"{group} {first} {second}".strip()
        # variances of few patients move by 1e-4 where the deviance moves by 1e-8
        assert values[name] == pytest.approx(estimate, rel=1e-3)
    assert found.deviance == pytest.approx(theirs.loc["deviance", "estimate"], abs=1e-5)


def test_the_unit_of_a_covariate_changes_no_test(ratings):
    # the variance of a slope per day is that per week over 49, and nothing else changes
    other = ratings.assign(number=7 * ratings["number"])
    one, two = fit(ratings), fit(other)
    assert one.deviance - two.deviance == pytest.approx(2 * np.log(1 / 7), abs=1e-6)
    np.testing.assert_allclose(one.coefficients["statistic"], two.coefficients["statistic"],
                               rtol=1e-6)  # fmt: skip
    variance = [
        own.variance_components.query("group == 'patient' and term == 'number'")["estimate"].item()
        for own in (one, two)
    ]
    assert variance[0] == pytest.approx(49 * variance[1], rel=1e-4)


def test_robust_errors_by_patient_take_the_slopes_into_the_covariance(ratings):
    dense = fit(ratings, robust="CR2", clusters="patient").coefficients
    model = fit(ratings).coefficients
    # 24 patients: a sandwich has a relative error of about 1 / sqrt(2 x 24) = .14; three of them
    assert (np.abs(np.log(dense["std_error"] / model["std_error"])) < 0.45).all()


def test_bad_slopes_are_refused(ratings):
    with pytest.raises(UnknownNameError, match="column"):
        fit(ratings, slopes={"nobody": ["fall"]})
    with pytest.raises(UnknownNameError, match="column"):
        fit(ratings, slopes={"patient": ["fell"]})
    with pytest.raises(CannotAnswerError, match="0 in all rows"):
        fit(ratings.assign(nothing=0.0), slopes={"patient": ["nothing"]})
    with pytest.raises(CannotAnswerError, match="1 level"):
        fit(ratings.assign(one="a"), nested=None, slopes={"one": ["fall"]})

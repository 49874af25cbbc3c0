"""20 simulated exposures fitted by R 4.2.2: nls, lm, survreg (fixtures/curve_forms.R)."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture(scope="module")
def decay():
    return pd.read_csv(FIXTURES / "decay.csv")


@pytest.fixture(scope="module")
def theirs():
    return pd.read_csv(FIXTURES / "curve_forms.csv")


def pick(theirs, form, likelihood, what="estimate"):
    rows = theirs.query("form == @form and likelihood == @likelihood")
    return rows.pivot_table(index="series", columns="term", values=what)


def fit(decay, form, heaped=None):
    fits = fit_curves(
        decay["exposure_id"], decay["minute"], decay["fear"], form=FORMS[form], heaped=heaped
    )
    return fits.table.set_index("series")


@pytest.mark.parametrize("form", ["exponential_to_zero", "power", "linear", "flat"])
def test_estimates_errors_and_aicc_are_those_of_nls_and_lm(decay, theirs, form):
    expected = pick(theirs, form, "normal")
    ours = fit(decay, form).loc[expected.index]
    assert len(ours) == 20
    for term in expected:
        # nls stops at a relative offset of 1e-7, which moves the rate by as much
        np.testing.assert_allclose(ours[term], expected[term], rtol=2e-6)
    errors = pick(theirs, form, "normal", "std_error")
    for term in errors:
        np.testing.assert_allclose(ours[f"{term}_std_error"], errors[term], rtol=2e-6)


@pytest.mark.parametrize("form", ["linear", "exponential"])
def test_ratings_in_tens_are_fitted_as_survreg_fits_them(decay, theirs, form):
    tens = decay.assign(fear=(10 * (decay["fear"] / 10).round()).clip(0, 100))
    expected = pick(theirs, form, "in tens")
    expected = expected[expected["sd"] > 1]  # below a tenth of a step ours does not search
    ours = fit(tens, form, Heaped(grid=10)).loc[expected.index]
    assert len(ours) >= 12
    assert not ours["at_least_sd"].any()
    parameters = expected.columns.difference(["sd", "log_likelihood", "aicc"])
    np.testing.assert_allclose(ours["log_likelihood"], expected["log_likelihood"], rtol=1e-8)
    np.testing.assert_allclose(ours["aicc"], expected["aicc"], rtol=1e-8)
    # optimise of R finds a rate to the root of machine precision: the top is flat
    np.testing.assert_allclose(ours[parameters], expected[parameters], rtol=1e-5)
    freedom = ours["n"] - ours["n_parameters"] + 1
    maximum_likelihood = ours["residual_sd"] * np.sqrt(freedom / ours["n"])
    np.testing.assert_allclose(maximum_likelihood, expected["sd"], rtol=1e-5)

"""NIST Statistical Reference Datasets, nonlinear regression: Misra1a, BoxBOD and DanWood.

The model ``b1 * (1 - exp(-b2 * x))`` is a decay with a known start of 0. DanWood's ``b1 * x^b2`` is
a power that falls over ``1 / x``. No other set of theirs has one of the forms: most are sums of
exponentials, rational, or sigmoid.
https://www.itl.nist.gov/div898/strd/nls/nls_main.shtml
"""

from dataclasses import replace

import numpy as np
import pytest

from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curves import fit_decays

MISRA1A_X = [77.6, 114.9, 141.1, 190.8, 239.9, 289, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1]
MISRA1A_Y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40]
MISRA1A = ([*MISRA1A_X, 689.1, 760.0], [*MISRA1A_Y, 75.47, 81.78])
BOXBOD = ([1, 2, 3, 5, 7, 10], [109, 149, 149, 191, 213, 224])

# b1 and its standard deviation, b2 and its standard deviation, residual sum of squares.
CERTIFIED = {
    "Misra1a": (
        MISRA1A,
        (2.3894212918e02, 2.7070075241e00, 5.5015643181e-04, 7.2668688436e-06, 1.2455138894e-01),
    ),
    "BoxBOD": (
        BOXBOD,
        (2.1380940889e02, 1.2354515176e01, 5.4723748542e-01, 1.0455993237e-01, 1.1680088766e03),
    ),
}
COLUMNS = ["asymptote", "asymptote_std_error", "rate", "rate_std_error", "rss"]


@pytest.mark.parametrize("name", CERTIFIED)
def test_certified_estimates_and_errors_are_met_to_nine_digits(name):
    (x, y), certified = CERTIFIED[name]
    fit = fit_decays([name] * len(x), x, y, start=0).iloc[0]
    # 11 digits are certified; the rate is iterated until steps are below 1e-9.
    np.testing.assert_allclose(fit[COLUMNS].astype(float), certified, rtol=1e-9)


def test_both_sets_are_rising_courses_with_an_identified_rate():
    series = ["Misra1a"] * 14 + ["BoxBOD"] * 6
    x, y = MISRA1A[0] + BOXBOD[0], MISRA1A[1] + BOXBOD[1]
    fits = fit_decays(series, x, y, start=[0, 0])
    assert fits["status"].tolist() == ["rising", "rising"]
    assert fits["identified"].all()
    np.testing.assert_allclose(fits["half_life"], np.log(2) / fits["rate"])


def test_danwood_is_met_as_a_power_of_a_clock_that_begins_at_its_largest_x():
    x = np.array([1.309, 1.471, 1.490, 1.565, 1.611, 1.680])
    y = np.array([2.138, 3.421, 3.597, 4.340, 4.882, 5.660])
    first = 1 / x.max()
    # b1 x^b2 = S (1 + t / first)^-b2, where t = 1 / x - first and S = b1 / first^b2
    power = replace(FORMS["power"], clock_unit=first)
    fit = fit_curves(["DanWood"] * 6, 1 / x - first, y, form=power).table.iloc[0]
    b1, b2 = 7.6886226176e-01, 3.8604055871e00
    found = fit[["start", "rate", "rate_std_error", "rss"]].astype(float)
    expected = [b1 * first**-b2, b2, 5.1726610913e-02, 4.3173084083e-03]
    # rounding's share of 1e-12 of the sum of squares is seen in the standard error
    np.testing.assert_allclose(found, expected, rtol=1e-7)
    np.testing.assert_allclose(fit["residual_sd"], 3.2853114039e-02, rtol=1e-7)

"""Real extinction curves: skin conductance of 38 young people (Abend and others 2022).

The mixed model of these data is compared with R in ``tests/stats/mixed_models``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation import fit_habituation_curves
from gradex_analysis.habituation.learning.answer import fit_learning
from gradex_analysis.loaders import load_cohort

MAPPING = Path(__file__).with_suffix("").parent / "abend_extinction.toml"
PER_POINT = 25 / 100  #: the file's unit in a point of 100
#: R 4.2.2: nls(cs_scr ~ A + (S - A) * exp(-exp(lk) * (k - 1))) of the eight trials with CS+ of
#: extinction, tol = 1e-8, from the best of six starts: S, A, rate, residual sum of squares
NLS = {
    "2": (1.420658810839, -0.376593041179, 0.262577351648, 1.548984257536),
    "3": (1.1437443589, -0.2034823983, 0.2341257923, 0.6164105369),
    "9": (6.9711976705, 0.1366506492, 1.2112112731, 1.0379103205),
    "14": (0.30337040409, 0.09988593532, 1.12105217267, 0.07203522815),
    "23": (0.23541552724, 0.01294244536, 0.78353318668, 0.01752792423),
    "25": (1.19104170541, 0.09809409472, 0.83256390886, 0.57939774238),
    "26": (1.05529963460, 0.07612798301, 3.59259420345, 0.11670147392),
    "35": (0.2841964297, -0.00001661129887, 3.971874691, 8.426712205e-09),
    "37": (1.9764648970, 0.7322122278, 1.5850497707, 0.9264459941),
}


@pytest.fixture
def cohort(reference):
    return load_cohort(reference("scr_abend2022/trials.csv"), mapping=MAPPING)


@pytest.fixture
def curves(cohort):
    # responses are small beside their scale: by its default range all would be flat
    return fit_habituation_curves(cohort, flat_range=0.0)


def of_extinction(curves):
    table = curves.table
    return table[table["exposure_id"].str.endswith("Extinction CS+")].set_index("patient_id")


def test_the_mean_curve_is_that_of_r(cohort, curves, reference):
    oracle = pd.read_csv(reference("oracles/r_reference.csv"))
    theirs = oracle[
        (oracle["dataset"] == "scr_abend2022") & (oracle["analysis"] == "extinction_curve_CSplus")
    ]
    places = np.flatnonzero(cohort.exposures["exposure_id"].str.endswith("Extinction CS+"))
    series = curves.series[curves.series["series"].isin(places)]
    ours = series.groupby("time")["value"].agg(["mean", "size"])
    assert (ours["size"] == 38).all()
    np.testing.assert_allclose(ours["mean"] * PER_POINT, theirs["estimate"], rtol=1e-12)


def test_each_persons_curve_is_that_of_r(curves):
    table = of_extinction(curves).loc[list(NLS)]
    theirs = np.array(list(NLS.values()))
    ours = table[["start", "asymptote", "rate", "rss"]] * [PER_POINT, PER_POINT, 1, PER_POINT**2]
    # where R stops: its criterion is 1e-8 of the sum of squares, flat at its bottom
    np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-8)


def test_eight_trials_tell_the_rate_of_two_of_38_people(curves):
    counts = of_extinction(curves)["status"].value_counts()
    assert counts.sum() == 38
    assert counts["ok"] == 2
    assert counts[["at_bound", "rising", "not_identified"]].sum() == 36


def test_a_phase_that_nobody_repeats_is_no_learning_over_exposures(cohort):
    with pytest.raises(CannotAnswerError, match="No patient has two exposures to one item"):
        fit_learning(cohort)

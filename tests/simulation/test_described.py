"""A simulated study that was written down loads again as the cohort that was simulated."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.loaders import load_cohort
from gradex_analysis.simulation import simulate_cohort

KEYS = ["patient_id", "exposure_id", "kind", "moment", "minute"]


def sorted_ratings(cohort):
    ratings = cohort.ratings.drop(columns=["exposure", "code", "repetition"])
    return ratings.sort_values(KEYS, ignore_index=True)


@pytest.mark.parametrize("design", ["trial", "two_exposures"])
def test_the_tables_of_a_trial_come_back_whole(tmp_path, design):
    simulation = simulate_cohort(24, seed=3, design=design)
    simulation.save(tmp_path)
    loaded = load_cohort(tmp_path)
    assert loaded.simulated
    assert loaded.questions.empty
    assert loaded.rejected.empty
    pd.testing.assert_frame_equal(sorted_ratings(loaded), sorted_ratings(simulation.cohort))
    for name in ("participants", "sessions", "exposures", "assessments"):
        key = ["patient_id", *[c for c in ("session_id", "exposure_id") if name == f"{c[:-3]}s"]]
        if name == "assessments":
            key = ["patient_id", "instrument", "occasion"]
        ours, theirs = (c.tables[name].sort_values(key, ignore_index=True) for c in
                        (loaded, simulation.cohort))  # fmt: skip
        shared = [c for c in theirs if theirs[c].notna().any() and c != "utc_offset"]
        pd.testing.assert_frame_equal(ours[shared], theirs[shared])


def test_the_forms_of_a_clinic_come_back_with_each_therapists_scale(tmp_path):
    simulation = simulate_cohort(25, seed=3, design="clinic")
    simulation.save(tmp_path)
    loaded = load_cohort(tmp_path)
    assert loaded.simulated
    assert loaded.questions.empty
    assert loaded.rejected.empty
    assert not loaded.has_arms
    assert loaded.ratings["scale_id"].nunique() == 2
    key = ["patient_id", "kind", "moment", "scale_id"]
    ours = loaded.ratings.groupby(key)["value"].agg(["size", "sum"])
    theirs = simulation.cohort.ratings.groupby(key)["value"].agg(["size", "sum"])
    pd.testing.assert_frame_equal(ours, theirs)
    assert len(loaded.assessments) == len(simulation.tables["assessments"])

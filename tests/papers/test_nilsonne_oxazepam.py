"""Real unpleasantness ratings load through a mapping (Nilsonne and others, oxazepam, CC0)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradex_analysis.habituation import fit_habituation_curves, measure_within_session
from gradex_analysis.loaders import load_cohort

MAPPING = Path(__file__).with_suffix("").parent / "nilsonne_oxazepam.toml"


@pytest.fixture
def cohort(reference):
    return load_cohort(reference("oxazepam_nilsonne/Ratings.csv"), mapping=MAPPING)


def test_all_3110_rows_of_78_people_are_kept(cohort):
    assert len(cohort.ratings) == 3110
    assert len(cohort.participants) == 78
    assert (cohort.accounting["kept"] == 3110).all()


def test_ratings_written_na_are_coded_missing_not_dropped(cohort):
    # counted with grep -c ',NA,' in the file
    assert (cohort.ratings["code"] == "missing").sum() == 411


def test_the_axis_says_unpleasantness(cohort):
    ax = fit_habituation_curves(cohort).plot()
    assert ax.get_ylabel().startswith("Unpleasantness")
    assert ax.get_xlabel() == "Repetition"


def test_no_exposure_is_lost(cohort):
    result = measure_within_session(cohort, definition="slope")
    assert result.n_used + len(result.excluded) == len(cohort.exposures) == 311
    assert result.table["n"].sum() == cohort.ratings["value"].notna().sum() == 2699


def test_the_person_whose_second_half_is_missing_has_no_last_rating(cohort):
    result = measure_within_session(cohort, definition="initial_to_end")
    without_end = result.excluded.query("reason == 'its last rating is missing'")
    assert without_end["patient_id"].nunique() == 1
    assert len(without_end) == 4

"""Real unpleasantness ratings load through a mapping (Nilsonne and others, oxazepam, CC0)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation import fit_habituation_curves, measure_within_session
from gradex_analysis.habituation.learning.answer import fit_learning
from gradex_analysis.loaders import load_cohort
from gradex_analysis.stats.mixed_models import fit_mixed_model

#: R 4.2.2, lme4 1.1-31 with pbkrtest 0.5.2, a tightened optimiser, all rated stimuli of included
#: people: ``Unpleasantness ~ 0 + cell + cell:k + (k | Subject)``, REML, k = 1..10 within the cell;
#: the rows of cell:k: estimate, std_error, df (Kenward-Roger)
COURSE = {
    "Other High": (-0.2396269981706, 0.239494084509, 221.844117664),
    "Other Low": (0.2021417812906, 0.239300467830, 221.173572452),
    "Self High": (0.3557802607320, 0.239300467830, 221.173572452),
    "Self Low": (0.0592403072798, 0.239300467830, 221.173572452),
}
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
    assert len(set(without_end["patient_id"])) == 1
    assert len(without_end) == 4


@pytest.fixture
def ratings(reference):
    """Ratings of the people included, with the regressors of the published model.

    As in the authors' script: empathic concern is scaled over the rows of both waves, and its
    product with "other, high" less the mean of the positive products, there only.
    """
    rows = pd.read_csv(reference("oxazepam_nilsonne/Ratings.csv"))
    people = pd.read_csv(reference("oxazepam_nilsonne/demographics.csv"))
    rows = rows.merge(people, on="Subject")
    rows = rows[rows["Included_EP"]].reset_index(drop=True)
    rows["empathy"] = (rows["IRI_EC"] - rows["IRI_EC"].mean()) / rows["IRI_EC"].std()
    is_both = (rows["Condition"] == "Other") & (rows["Stimulus"] == "High")
    product = rows["empathy"] * is_both
    rows["both"] = product - product[product > 0].mean() * (product > 0)
    rows["cell"] = rows["Condition"] + " " + rows["Stimulus"]
    rows["k"] = rows.groupby(["Subject", "cell"]).cumcount() + 1.0
    levels = {"Treatment": ["Placebo", "Oxazepam"], "Stimulus": ["Low", "High"],
              "Condition": ["Self", "Other"]}  # fmt: skip
    return rows.assign(**{name: pd.Categorical(rows[name], own) for name, own in levels.items()})


@pytest.mark.parametrize(
    ("table", "waves"), [("Wave1", [1]), ("Wave2", [2]), ("Waves1and2", [1, 2])]
)
def test_the_published_model_is_that_of_the_authors(ratings, reference, table, waves):
    published = pd.read_csv(
        reference(f"oxazepam_nilsonne/result_tables/Rated_unpleasantness_{table}.csv"), index_col=0
    )
    names = {"IRI_EC_z_OtherHigh": "both", "IRI_EC_z": "empathy", "(Intercept)": "Intercept"}
    for name, levels in (("Treatment", "Oxazepam"), ("Stimulus", "High"), ("Condition", "Other")):
        published.index = published.index.str.replace(name + levels, f"{name}[T.{levels}]")
    fit = fit_mixed_model(
        ratings[ratings["Wave"].isin(waves)],
        outcome="Unpleasantness",
        fixed=f"Treatment*Stimulus*Condition{' + Wave' if len(waves) > 1 else ''} + empathy + both",
        random=None,
        groups="Subject",
        df="satterthwaite",  # Kenward-Roger would enlarge the standard errors
    )
    theirs = published.rename(index=names)
    ours = fit.coefficients.set_index("term").loc[theirs.index]
    # nlme's optimiser stops a little short of the best variance; the estimates hardly feel it
    np.testing.assert_allclose(ours["estimate"], theirs["Value"], rtol=1e-5)
    np.testing.assert_allclose(ours["std_error"], theirs["Std.Error"], rtol=1e-5)


def test_over_ten_stimuli_of_a_kind_unpleasantness_does_not_habituate(ratings):
    fit = fit_mixed_model(ratings, outcome="Unpleasantness", fixed="cell*k", random="k",
                          groups="Subject")  # fmt: skip
    slopes = fit.slopes("k", by="cell").set_index("cell")
    theirs = pd.DataFrame(COURSE, index=["estimate", "std_error", "df"]).T
    ours = slopes.loc[theirs.index, list(theirs)].to_numpy("float64")
    np.testing.assert_allclose(ours, theirs, rtol=1e-5)
    # all four intervals hold 0: as much may have been gained as lost
    assert (slopes["ci_low"] < 0).all()
    assert (slopes["ci_high"] > 0).all()


def test_the_slopes_of_single_people_average_to_those_of_the_model(cohort, ratings):
    # least squares by person and kind, then the mean over people: alike where few are missing
    found = measure_within_session(cohort, definition="slope").table
    included = found[found["patient_id"].isin(ratings["Subject"].astype(str))]
    means = included.groupby("item_id")["estimate"].mean()
    for cell, (estimate, std_error, _) in COURSE.items():
        assert means[cell] == pytest.approx(estimate, abs=std_error / 2), cell


def test_a_single_sitting_says_nothing_of_learning_over_exposures(cohort):
    with pytest.raises(CannotAnswerError, match="No patient has two exposures to one item"):
        fit_learning(cohort)

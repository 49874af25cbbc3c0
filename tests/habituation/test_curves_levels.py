"""Curves of other forms, of items and patients, of ratings in steps: by hand, by law, by truth."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation import fit_habituation_curves
from gradex_analysis.simulation.simulated import simulate_cohort
from gradex_analysis.stats.curve_forms import FORMS

MINUTES = np.arange(0, 20, 2.0)
CLEAR = (20 + 60 * np.exp(-0.2 * MINUTES)).tolist()
NOISE = [1, -2, 1, 1, -2, 2, -1, 0, 1, -1]
LOWER = (20 + 30 * np.exp(-0.2 * MINUTES)).tolist()


def test_two_exposures_to_an_item_share_a_rate_and_keep_their_starts(make_cohort):
    cohort = make_cohort(E1=CLEAR, E2=LOWER[:4])
    curves = fit_habituation_curves(cohort, level="item")
    row = curves.table.iloc[0]
    assert (row["patient_id"], row["item_id"], row["n_exposures"], row["n"]) == ("P1", "I1", 2, 14)
    assert row[["rate", "asymptote", "start"]].tolist() == pytest.approx([0.2, 20, 65])
    assert curves.starts["start"].tolist() == pytest.approx([80, 50])
    assert curves.settings["time"].startswith("since the first rating of each exposure")
    assert "each has its own start" in curves.sentence()


def test_time_counts_from_the_first_rating_of_each_exposure(make_cohort):
    late = dict(zip(MINUTES + 5, LOWER, strict=True))
    row = fit_habituation_curves(make_cohort(E1=CLEAR, E2=late), level="patient").table.iloc[0]
    assert row[["rate", "start"]].tolist() == pytest.approx([0.2, 65])


def test_an_exposure_without_an_item_has_a_part_in_the_patients_curve_only(make_cohort):
    cohort = make_cohort(E1=CLEAR, E2=LOWER, exposures={"E2": {"item_id": None}})
    by_item = fit_habituation_curves(cohort, level="item")
    assert (by_item.n_considered, by_item.n_used) == (2, 1)
    assert by_item.excluded["reason"].tolist() == ["no item: it repeats nothing"]
    by_patient = fit_habituation_curves(cohort, level="patient")
    assert by_patient.table["n_exposures"].tolist() == [2]
    assert by_patient.unit == ("patient_id",)


def test_a_patients_items_share_the_rate_and_keep_their_asymptotes(make_cohort):
    higher = (40 + 30 * np.exp(-0.2 * MINUTES)).tolist()
    cohort = make_cohort(E1=CLEAR, E2=LOWER, E3=higher, exposures={"E3": {"item_id": "I2"}})
    curves = fit_habituation_curves(cohort, level="patient")
    assert curves.table["rate"].tolist() == pytest.approx([0.2])
    assert curves.starts["asymptote"].tolist() == pytest.approx([20, 20, 40])
    assert curves.starts["start"].tolist() == pytest.approx([80, 50, 70])


@pytest.mark.slow
@pytest.mark.parametrize("level", ["item", "patient"])
def test_the_rate_of_simulated_patients_is_covered_where_their_exposures_share_a_curve(level):
    simulated = simulate_cohort(100, seed=8, design="two_exposures", mechanisms=("heaping",))
    curves = fit_habituation_curves(simulated.cohort, level=level)
    told = curves.table[~curves.table["status"].isin(["flat", "too_few"])]
    truth = told["patient_id"].map(simulated.truth.patients.set_index("patient_id")["log_rate"])
    covered = told["rate_low"].le(np.exp(truth)) & told["rate_high"].ge(np.exp(truth))
    # each patient counts once, however many items
    n_patients = told["patient_id"].nunique()
    assert covered.mean() >= 0.95 - 3.5 * np.sqrt(0.95 * 0.05 / n_patients)
    assert told["identified"].mean() > {"item": 0.1, "patient": 0.6}[level]


def test_who_has_no_curve_is_listed_with_all_reasons_of_their_exposures(make_cohort):
    cohort = make_cohort(
        patients={"E2": "P2", "E3": "P2", "E4": "P2"}, E1=CLEAR, E2=[50], E3=[], E4=[60]
    )
    curves = fit_habituation_curves(cohort, level="patient")
    assert curves.excluded.to_dict("records") == [
        {
            "patient_id": "P2",
            "reason": "fewer than 2 ratings during the exercise, or no rating of fear",
        }
    ]
    reasons = curves.starts.set_index("exposure_id")["reason"].to_dict()
    assert reasons["E1"] == ""
    assert reasons["E3"] == "no rating of fear"


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("linear", "fear fell in 1 and rose in 0; the median slope was \u22125.75 points"),
        ("flat", "median fear was 63.8 of 100"),
        ("power", "Of 1 exposure with ratings enough for a curve"),
        ("exponential_to_zero", "Of 1 exposure with ratings enough for a curve"),
    ],
)
def test_each_form_says_what_it_can(make_cohort, form, said):
    curves = fit_habituation_curves(make_cohort(E1=[70, 85, 60, 40]), form=form)
    assert said in curves.sentence()
    assert curves.settings["form"] == form
    assert ("slope" in curves.table) == (form == "linear")
    assert ("rate" in curves.table) == FORMS[form].has_rate
    assert curves.plot().has_data()


def test_ratings_in_tens_are_said_to_stand_for_their_cells(make_cohort):
    cohort = make_cohort(E1=[80, 60, 50, 40, 40, 30, 30, 30], E2=[75, 60, 50, 40, 40, 20, 0, 0])
    curves = fit_habituation_curves(cohort, likelihood="interval_censored", grid=10)
    assert curves.table["grid"].tolist() == [10, 5]
    assert "(steps of 10), one of 0 or 100 for all beyond" in curves.sentence()
    assert curves.settings["grid"] == 10


def test_a_likelihood_of_steps_needs_its_step_and_no_other_takes_one(make_cohort):
    cohort = make_cohort(E1=[80, 65, 50, 42])
    with pytest.raises(CannotAnswerError, match="ratings of 4 that lie on it, 10: 2, 5: 3, 1: 4"):
        fit_habituation_curves(cohort, likelihood="interval_censored")
    with pytest.raises(CannotAnswerError, match="takes ratings as exact"):
        fit_habituation_curves(cohort, grid=10)


@pytest.mark.parametrize("option", ["form", "level", "likelihood"])
def test_an_unknown_option_lists_those_on_offer(make_cohort, option):
    with pytest.raises(UnknownNameError, match=f"{option} must be one of .*not 'other'"):
        fit_habituation_curves(make_cohort(E1=CLEAR), **{option: "other"})


def test_forms_are_compared_where_all_of_them_can_be(make_cohort):
    noisy = np.add(CLEAR, NOISE).round().tolist()
    cohort = make_cohort(E1=noisy, E2=[80, 70, 60, 50], E3=[50] * 6, E4=[])
    forms = fit_habituation_curves(cohort).compare_forms()
    assert forms.table["form"].tolist() == list(FORMS)
    assert forms.table.set_index("form")["n_best"].to_dict() == {
        "exponential": 1, "exponential_to_zero": 0, "power": 0, "linear": 0, "flat": 0
    }  # fmt: skip
    assert (forms.n_considered, forms.n_used) == (4, 1)
    reasons = dict(zip(forms.excluded["exposure_id"], forms.excluded["reason"], strict=True))
    assert reasons["E2"].startswith("a form passes through every rating")
    assert reasons["E3"].startswith("all ratings of every run are the same")
    assert reasons["E4"] == "no rating of fear"
    assert "was: exponential in 1 (100\u00a0%)" in forms.sentence()
    assert forms.by_course["exposure_id"].unique().tolist() == ["E1"]


def test_forms_of_nothing_comparable_are_said_to_be_none(make_cohort):
    forms = fit_habituation_curves(make_cohort(E1=[80, 70, 60, 55])).compare_forms()
    assert "No exposure can have its forms compared." in forms.sentence()
    assert forms.table["n_best"].tolist() == [0] * 5
    assert not forms.plot().axison


def test_the_figure_of_forms_shows_the_shares_of_the_table(make_cohort):
    noisy = np.add(CLEAR, NOISE).tolist()
    forms = fit_habituation_curves(make_cohort(E1=noisy, E2=noisy[::-1])).compare_forms()
    drawn = [line.get_xdata().tolist() for line in forms.plot().lines]
    assert forms.table["share_best"].tolist() in drawn
    assert forms.table["mean_weight"].tolist() in drawn


RATINGS = st.lists(st.sampled_from([0.0, 0.0, 10.0, 45.0, 60.0, 100.0]), max_size=7)
LAW = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@LAW
@given(
    courses=st.lists(RATINGS, min_size=1, max_size=5),
    form=st.sampled_from(list(FORMS)),
    level=st.sampled_from(["exposure", "item", "patient"]),
    grid=st.sampled_from([None, 10, 5]),
)
def test_every_curve_is_used_or_left_out_once(make_cohort, courses, form, level, grid):
    series = {f"E{i}": course for i, course in enumerate(courses)}
    cohort = make_cohort(patients={"E1": "P2", "E3": "P2"}, **series)
    if not cohort.kinds:
        return
    likelihood = "normal" if grid is None else "interval_censored"
    curves = fit_habituation_curves(
        cohort, form=form, level=level, likelihood=likelihood, grid=grid
    )
    units = [*curves.unit]
    both = pd.concat([curves.table[units], curves.excluded[units]])
    assert not both.duplicated().any()
    assert len(both) == len(cohort.exposures[units].drop_duplicates())
    assert curves.sentence()
    assert curves.alt_text()
    forms = curves.compare_forms()
    assert forms.n_considered == curves.n_considered
    assert forms.sentence()


def test_ratings_before_the_exercise_have_no_part_in_a_curve(make_cohort):
    early = {-5.0: 90.0, **dict(zip(MINUTES, CLEAR, strict=True))}
    curves = fit_habituation_curves(make_cohort(E1=early), level="patient")
    assert curves.table["n"].tolist() == [10]
    assert curves.table["start"].tolist() == pytest.approx([80])


def test_progress_reaches_the_end(make_cohort):
    told = []
    fit_habituation_curves(
        make_cohort(E1=CLEAR, E2=LOWER),
        form="power",
        progress=lambda done, total, what: told.append((done, total, what)),
    )
    assert told[-1] == (2, 2, "curves")

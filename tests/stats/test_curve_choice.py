"""Forms compared by AICc: by hand, by law, by truth."""

import numpy as np
import pytest

from gradex_analysis.stats.curve_choice import compare_forms
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped

MINUTES = np.arange(0, 30, 3.0)
NOISE = np.array([3.0, -2, 1, 1, -4, 2, -1, 0, 2, -2])


def compare(fear, **options):
    return compare_forms(["A"] * len(fear), MINUTES[: len(fear)], fear, **options)


def test_forms_stand_in_one_order_and_weights_add_up():
    forms = compare(20 + 60 * np.exp(-0.2 * MINUTES) + NOISE)
    assert forms["form"].tolist() == list(FORMS)
    assert forms["n_parameters"].tolist() == [4, 3, 3, 3, 2]
    assert forms["weight"].sum() == pytest.approx(1)
    assert forms["delta"].min() == 0
    ratio = forms["weight"] / forms["weight"].max()
    assert ratio.tolist() == pytest.approx(np.exp(-forms["delta"] / 2).tolist())


@pytest.mark.parametrize(
    ("fear", "reason"),
    [
        ([80, 60, 50, 40, 45], "too few ratings"),
        ([50, 50, 50, 50, 50, 50], "all ratings of every run are the same"),
        ([80, 70, 60, 50, 40, 30], "a form passes through every rating"),
    ],
)
def test_no_series_is_compared_that_some_form_cannot_be_judged_in(fear, reason):
    forms = compare(fear)
    assert forms["reason"].str.startswith(reason).all()
    assert forms[["aicc", "delta", "weight"]].isna().all(axis=None)


def test_a_form_through_every_cell_is_judged_in_tens():
    forms = compare([80, 70, 60, 50, 40, 30], heaped=Heaped(grid=10))
    assert (forms["reason"] == "").all()
    assert forms.loc[forms["delta"].idxmin(), "form"] == "linear"


@pytest.mark.parametrize(
    ("form", "course"),
    [
        ("exponential", 25 + 55 * np.exp(-0.25 * MINUTES)),
        ("exponential_to_zero", 85 * np.exp(-0.07 * MINUTES)),
        ("power", 90 * (1 + MINUTES) ** -0.5),
        ("linear", 80 - 2 * MINUTES),
        ("flat", np.full(10, 55.0)),
    ],
)
def test_the_form_of_most_courses_is_found_where_noise_is_small(form, course):
    rng = np.random.default_rng(7)
    fear = course + rng.normal(0, 2, (200, 10))
    series = np.repeat(np.arange(200), 10)
    forms = compare_forms(series, np.tile(MINUTES, 200), fear.ravel())
    best = forms[forms["delta"] == 0]["form"]
    assert (best == form).mean() > 0.7


def test_progress_is_told_form_by_form():
    told = []
    compare([80, 60, 50, 40, 45, 40], progress=lambda done, total, what: told.append((done, total)))
    assert told == [(i, 5) for i in range(6)]

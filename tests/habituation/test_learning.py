"""Fall within exposures, fall between them, return over a gap: one fit, by a planted model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.learning.answer import fit_learning
from gradex_analysis.habituation.learning.basis import add_columns, choose_bases
from gradex_analysis.habituation.learning.fit import Asked, learn
from gradex_analysis.habituation.learning.rows import list_learning
from gradex_analysis.plots import style

WITHIN, BETWEEN, RETURN = "within-session fall", "between-session fall", "return over a gap"


@pytest.fixture(scope="module")
def rows(learning):
    return learning.draw(1)


@pytest.fixture(scope="module")
def result(learning, rows):
    return fit_learning(learning.cohort(rows))


def by_quantity(result):
    return result.table.set_index("quantity")


def test_the_planted_quantities_lie_in_their_intervals(result, learning):
    # a fixed draw: each of three intervals misses one draw in twenty
    table = by_quantity(result).loc[[WITHIN, BETWEEN, RETURN]]
    planted = learning.planted(result.settings["end"])
    assert ((table["ci_low"] < planted) & (planted < table["ci_high"])).all()
    assert (table["ci_low"] > 0).all()


def test_the_parallel_model_finds_them_too_where_minutes_shift_alike(learning, rows):
    result = fit_learning(learning.cohort(rows), interaction=False)
    table, planted = by_quantity(result), learning.planted(result.settings["end"])
    assert list(table.index) == [WITHIN, BETWEEN, RETURN]
    assert (np.abs(table["estimate"] - planted) < 2.5 * table["std_error"]).all()
    # what is not asked of the data is known better
    assert table.loc[RETURN, "std_error"] < by_quantity(result).loc[BETWEEN, "std_error"]


@pytest.mark.slow
def test_intervals_cover_what_is_planted(learning):
    covered, errors = np.zeros(3), []
    for seed in range(40):
        rows = list_learning(learning.cohort(learning.draw(seed, n_patients=12, n_items=3)), "fear")
        bases = choose_bases(rows, minute="decay", number="log", gap="log", rate=None)
        asked = Asked(8.0, has_gap=True, is_common=False, interaction=True)
        table = learn(*add_columns(rows, bases), bases, asked).table.iloc[:3]
        planted = learning.planted(8.0)
        covered += ((table["ci_low"] < planted) & (planted < table["ci_high"])).to_numpy()
        errors.append(((table["estimate"] - planted) / table["std_error"]).to_numpy())
    # of 40 at .95: 34 or fewer happens once in 70
    assert (covered >= 35).all()
    # the mean of 40 errors in units of their standard error: 4 Monte Carlo SE
    assert (np.abs(np.mean(errors, axis=0)) < 4 / np.sqrt(40)).all()


def test_the_pooled_rate_is_the_planted_one(result):
    # .12 per minute planted; over 40 draws its SD is .012
    assert result.settings["rate"] == pytest.approx(0.12, abs=0.04)
    assert result.settings["rate_from"] == "each with its own start and asymptote"


def test_a_gap_is_counted_from_the_exposure_before_and_is_none_at_the_first(result, rows):
    done = rows.drop_duplicates("exposure_id").set_index("exposure_id")
    days = done.groupby("item_id")["date"].diff().dt.days.fillna(0.0)
    own = result.exposures.set_index("exposure_id")
    pd.testing.assert_series_equal(
        own["gap_days"], days.reindex(own.index), check_names=False, check_dtype=False
    )
    first = own["exposure_number"] == 1
    assert (own.loc[first, "gap"] == 0).all()
    # less the mean of the repeated ones
    assert own.loc[~first, "gap"].mean() == pytest.approx(0, abs=1e-12)


def test_number_and_difficulty_are_less_their_patients_means(result):
    own = result.exposures
    means = own.groupby("patient_id")[["number", "difficulty"]].mean()
    np.testing.assert_allclose(means, 0, atol=1e-12)
    raw = np.log2(own["exposure_number"]) - own["number"]
    assert raw.groupby(own["patient_id"]).std().max() < 1e-12
    r = np.corrcoef(own["number"], own["difficulty"])[0, 1]
    assert result.settings["correlation"] == pytest.approx(r, abs=1e-12)


def test_the_scales_of_number_and_gap_change_the_question_not_its_answer(learning, rows):
    table = by_quantity(fit_learning(learning.cohort(rows), number="linear", gap="linear"))
    # linear numbers spread the same fall over five exposures: less between the first and third
    assert 0 < table.loc[BETWEEN, "estimate"] < 9.5
    assert table.loc[RETURN, "end"] == 7


def test_groups_have_their_own_quantities_and_are_not_said_to_be_randomised(learning, rows):
    result = fit_learning(learning.cohort(rows, arms=("a", "b")))
    counts = result.table.groupby("quantity")["group"].agg(list)
    assert (counts.map(tuple) == ("a", "b")).all()
    difference = result.differences.set_index("quantity")
    table = result.table.set_index(["quantity", "group"])["estimate"]
    for quantity in (WITHIN, BETWEEN, RETURN):
        expected = table[quantity, "b"] - table[quantity, "a"]
        assert difference.loc[quantity, "estimate"] == pytest.approx(expected, abs=1e-6)
    said = result.sentence()
    assert "Groups were not randomised." in said
    assert "effect" not in said


def test_a_list_that_all_share_crosses_patients(learning, rows):
    shared = rows.assign(item_id=rows["item_id"].str[-2:])
    result = fit_learning(learning.cohort(shared, common=True))
    assert result.settings["items"] == "crossed"
    assert "Items are a list that all patients share." in result.sentence()
    # each item has a mean of its own: four, less the intercept's
    assert result.coefficients["term"].str.contains("listed").sum() == 3
    few = shared[shared["patient_id"] < "P08"]
    random = fit_learning(learning.cohort(few, common=True)).variances.set_index("group")
    own = fit_learning(learning.cohort(rows[rows["patient_id"] < "P08"]))
    assert own.settings["items"] == "nested"
    # items of the draw are each patient's own: those of a number have nothing in common
    nested = own.variances.set_index("group").loc["item", "estimate"]
    assert random.loc["item", "estimate"] < nested / 3


def test_standard_errors_are_robust_where_patients_are_enough(learning, rows, result):
    assert result.settings["standard_errors"] == "CR2 by patient"
    nine = fit_learning(learning.cohort(rows[rows["patient_id"] < "P09"]))
    assert nine.settings["standard_errors"] == "kenward-roger"
    assert "Patients are too few for robust standard errors" in nine.sentence()


def test_a_rate_that_is_given_is_taken(learning, rows):
    cohort = learning.cohort(rows)
    found = fit_learning(cohort)
    given = fit_learning(cohort, rate=found.settings["rate"])
    pd.testing.assert_frame_equal(found.table, given.table)
    assert given.settings["rate_from"] == "given"
    logs = fit_learning(cohort, minute="log")
    assert logs.settings["rate"] is None
    assert logs.settings["terms"]["fall"] == "log(1 + minute)"


def test_the_sentence_says_quantities_intervals_and_who_was_left_out(result):
    said = result.sentence()
    for part in (
        "262 exposures to 80 items of 20 patients, in one model of all ratings",
        "within an exposure, from minute 0 to minute 8",
        "at minute 0 it fell by",
        "from the first to the third exposure to the same item, at the usual gap",
        "a week after the exposure before than on its day",
        "higher is a return",
        "No exposure was left out.",
    ):
        assert part in said


def test_a_rise_is_said_as_a_rise(learning, rows):
    said = fit_learning(learning.cohort(rows.assign(value=100 - rows["value"]))).sentence()
    assert "fear rose by" in said
    assert "it rose by" in said
    assert "lower a week after" in said


def test_what_is_not_on_offer_is_answered_with_what_is(learning, rows):
    cohort = learning.cohort(rows[rows["patient_id"] < "P04"])
    for name in ("minute", "number", "gap", "shown", "kind"):
        with pytest.raises(UnknownNameError, match=name):
            fit_learning(cohort, **{name: "nothing"})
    for rate, minute in ((-1.0, "decay"), (float("nan"), "decay"), (0.1, "log")):
        with pytest.raises(CannotAnswerError, match="rate is"):
            fit_learning(cohort, rate=rate, minute=minute)


def test_the_figure_is_that_of_a_paper(result):
    with style.context():
        ax = style.new_axes(result.figure_size)
    result.plot(ax)
    assert ax.get_ylim() == (0, 100)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["1", "2", "3", "4", "5"]
    assert ax.get_ylabel() == "Fear at its peak (0\u2013100)"
    texts = [text.get_text() for text in ax.texts]
    change = result.change.iloc[0]
    minus = f"{change['estimate']:.1f}".replace("-", "\u2212")
    assert any(text == f"change from 1 to 3: {minus} points" for text in texts)
    assert any(text.startswith("95\u00a0% CI") for text in texts)
    # items and patients under each tick
    counts = result.means[["n", "n_patients"]].astype(int)
    for n in [*counts["n"], *counts["n_patients"]]:
        assert str(n) in texts
    (expected,) = [line for line in ax.lines if line.get_marker() == "D"]
    assert list(expected.get_xdata()) == [0]
    assert expected.get_markerfacecolor() == "white"
    items = result.exposures.drop_duplicates("item_id").groupby("patient_id")["expected_fear"]
    assert expected.get_ydata()[0] == pytest.approx(items.mean().mean())


def test_beside_it_stands_the_course_in_minutes(result):
    left = result.plot_both()
    left_of, right = left.figure.axes
    assert left_of is left
    assert right.get_xlabel() == "Minutes since the exposure began"
    n = int((result.curves.table["n"] >= 4).sum())
    assert f"{n} exposures with 4 or more ratings" in [text.get_text() for text in right.texts]
    assert left.figure.get_size_inches()[0] == pytest.approx(180 / 25.4)


def test_the_figures_means_are_those_of_the_model_at_the_mean_item(result, rows):
    means = result.means.set_index("number")
    change = result.change.iloc[0]
    assert means.loc[3, "estimate"] - means.loc[1, "estimate"] == pytest.approx(change["estimate"])
    first = rows[rows["number"] == 1].groupby("exposure_id")["value"].max()
    # every item has a first exposure, so that the means of the ratings and the model's are alike
    assert means.loc[1, "estimate"] == pytest.approx(first.mean(), abs=2.0)
    assert means.loc[1, "n"] == 80
    assert means.loc[1, "n_patients"] == 20


def test_the_first_rating_can_be_shown_instead_and_nothing_was_expected_of_it(learning, rows):
    result = fit_learning(learning.cohort(rows), shown="initial")
    assert result.plot().get_ylabel() == "Fear at the first rating (0\u2013100)"
    assert not [line for line in result.plot().lines if line.get_marker() == "D"]


def test_the_frames_hold_the_course_and_the_page_the_coefficients(result):
    assert {"table", "means", "exposures", "course", "coefficients"} <= set(result.frames())
    assert "Coefficients" in result.details()
    assert "Line plot" in result.alt_text()

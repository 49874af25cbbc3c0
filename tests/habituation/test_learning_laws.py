"""What must change nothing, and what poor data leave of the model of learning."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.learning.answer import fit_learning

NUMBERS = ["estimate", "std_error", "df", "ci_low", "ci_high"]


@pytest.fixture(scope="module")
def rows(learning):
    return learning.draw(2, n_patients=8)


@pytest.fixture(scope="module")
def before(learning, rows):
    return fit_learning(learning.cohort(rows))


def same(result, before, rtol=1e-5):
    # the search for the covariance stops within 1e-8 of the deviance, from another place
    np.testing.assert_allclose(result.table[NUMBERS], before.table[NUMBERS], rtol=rtol, atol=1e-6)


def test_the_order_of_rows_says_nothing(learning, rows, before):
    shuffled = rows.sample(frac=1, random_state=3, ignore_index=True)
    same(fit_learning(learning.cohort(shuffled)), before)


def test_the_names_of_patients_exposures_and_items_say_nothing(learning, rows, before):
    named = rows.assign(
        patient_id="X" + (99 - rows["patient_id"].str[1:].astype(int)).astype(str),
        item_id="Y" + rows["item_id"],
        exposure_id="Z" + rows["exposure_id"],
    )
    same(fit_learning(learning.cohort(named)), before)


def test_seconds_for_minutes_give_the_same_falls(learning, rows, before):
    # not log(1 + minute), which has a unit of its own
    result = fit_learning(learning.cohort(rows.assign(minute=60 * rows["minute"])))
    assert result.settings["end"] == 60 * before.settings["end"]
    assert result.settings["rate"] == pytest.approx(before.settings["rate"] / 60, rel=1e-6)
    same(result, before)


def test_ratings_on_ten_are_those_on_a_hundred(learning, rows, before):
    ten = learning.cohort(rows.assign(value=rows["value"] / 10), scale="0-10")
    same(fit_learning(ten), before)


def test_a_constant_added_to_all_ratings_changes_no_quantity(learning, rows, before):
    inside = rows.assign(value=rows["value"] / 2)
    lower = fit_learning(learning.cohort(inside))
    higher = fit_learning(learning.cohort(inside.assign(value=inside["value"] + 30)))
    same(higher, lower)
    # half the scale, half the points
    np.testing.assert_allclose(lower.table["estimate"], before.table["estimate"] / 2, rtol=1e-5)


def test_reversed_ratings_reverse_every_quantity(learning, rows, before):
    result = fit_learning(learning.cohort(rows.assign(value=100 - rows["value"])))
    np.testing.assert_allclose(result.table["estimate"], -before.table["estimate"], rtol=1e-5)
    np.testing.assert_allclose(result.table["std_error"], before.table["std_error"], rtol=1e-5)


def test_every_exposure_is_used_or_left_out_with_its_reason(learning, rows):
    tables = dict(learning.cohort(rows).tables)
    done = tables["exposures"]
    done.loc[0, "status"] = "refused"
    done.loc[1, "status"] = "not_done"
    done.loc[2, "item_id"] = None
    done.loc[3, "item_id"] = "P00-I9"
    paused, unrated, early = done.loc[[4, 5, 6], "exposure_id"]
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    ratings = ratings[ratings["exposure_id"] != unrated]
    ratings.loc[ratings["exposure_id"] == early, "minute"] -= 1
    tables["ratings"] = ratings
    pauses = {"patient_id": ["P00"], "exposure_id": [paused], "start_minute": [1.0]}
    tables["exposure_breaks"] = pd.DataFrame(pauses)
    cohort = type(learning.cohort(rows)).from_tables({n: t for n, t in tables.items() if len(t)})
    result = fit_learning(cohort)
    assert dict(zip(result.excluded["exposure_id"], result.excluded["reason"], strict=True)) == {
        done.loc[0, "exposure_id"]: "refused",
        done.loc[1, "exposure_id"]: "planned and not done",
        done.loc[2, "exposure_id"]: "no item: it repeats nothing",
        done.loc[3, "exposure_id"]: "no fear expected of its item",
        paused: "a break: no curve is drawn through one",
        unrated: "no rating of fear",
        early: "a rating during the exercise has a minute before its onset",
    }
    assert result.n_considered == len(done) == result.n_used + 7


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda rows: rows[rows["number"] == 1], "No patient has two exposures to one item"),
        (lambda rows: rows[rows["minute"] == 0], "No exposure has ratings at two times"),
        (lambda rows: rows.iloc[:2], "No patient has two exposures to one item with"),
        (lambda rows: rows.assign(value=50.0), "ratings are 50: nothing changed"),
        (lambda rows: rows.assign(value=0.0), "ratings are 0: nothing changed"),
        (lambda rows: rows.assign(value=100.0), "ratings are 100: nothing changed"),
        (lambda rows: rows.assign(minute=rows["minute"] - 1), "before its onset"),
        (lambda rows: rows.assign(value=60.0 - rows["number"]), "cannot be fitted"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_refused_with_its_reason(learning, rows, change, why):
    with pytest.raises(CannotAnswerError, match=why):
        fit_learning(learning.cohort(change(rows)))


def test_forms_alone_are_refused(learning, rows):
    tables = dict(learning.cohort(rows).tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    tables["ratings"] = ratings.assign(moment="before", minute=-1.0).drop_duplicates("exposure_id")
    cohort = type(learning.cohort(rows)).from_tables({n: t for n, t in tables.items() if len(t)})
    with pytest.raises(CannotAnswerError, match="measure_between_sessions compares forms"):
        fit_learning(cohort)


def without_dates(rows):
    return rows.assign(date=pd.NaT)


def weekly(rows):
    """Every exposure a week after the one before to the item, but for a single one."""
    date = pd.Timestamp("2024-01-01") + pd.to_timedelta(7 * rows["number"], unit="D")
    last = (rows["patient_id"] == "P00") & (rows["number"] == rows["number"].max())
    return rows.assign(date=date + pd.to_timedelta(last.astype(int), unit="D"))


@pytest.mark.parametrize(
    ("change", "lacking", "note", "model"),
    [
        (None, ("item_ratings",), "Items were not rated apart from exposures",
         "fall * (number + gap) + (1 + fall | exposure)"),
        (without_dates, (), "No item was exposed on two known days", "fall * number + fall * diff"),
        (weekly, (), "equally many days apart", "fall * number + fall * diff"),
        (lambda rows: rows[rows["minute"].isin([0, 4])], (), "No pooled rate of decay can be told",
         "(1 | exposure)"),
        (lambda rows: rows[rows["patient_id"] == "P00"], (), "There is one patient",
         "(1 + fall | exposure) + (1 | item)"),
    ],
)  # fmt: skip
def test_a_plainer_model_is_said(learning, rows, change, lacking, note, model):
    own = change(rows) if change else rows
    result = fit_learning(learning.cohort(own, lacking=lacking))
    assert note in result.sentence()
    assert model in result.settings["model"]
    assert np.isfinite(result.table[NUMBERS].to_numpy(dtype="float64")).all()
    has_return = "return over a gap" in set(result.table["quantity"])
    assert has_return == (change not in (without_dates, weekly))


def test_one_item_of_one_patient_has_quantities_and_no_figure(learning, rows):
    own = rows[rows["item_id"] == rows.loc[rows["number"].idxmax(), "item_id"]]
    result = fit_learning(learning.cohort(own))
    assert "The means by exposure number cannot be modelled" in result.sentence()
    assert result.means.empty
    assert result.plot().texts  # says so in words
    assert len(result.plot_both().figure.axes) == 2


def test_two_exposures_an_item_are_compared_from_the_first_to_the_second(learning, rows):
    result = fit_learning(learning.cohort(rows[rows["number"] < 3]))
    row = result.table.set_index("quantity").loc["between-session fall"]
    assert (row["start"], row["end"]) == (1, 2)
    assert "from the first to the second exposure" in result.sentence()

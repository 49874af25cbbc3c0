"""How much of an error is learned? By planted updates, against the engine, and on poor data."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.expectancy import fit_learning_rate
from gradex_analysis.stats.mixed_models import fit_mixed_model


def updates(seed, *, rates, n_each=8, sd=2.0):
    """Return rows for ``make_log``: every patient learns a share of the error, and noise."""
    rng = np.random.default_rng(seed)
    rows = []
    for number, rate in enumerate(rates):
        before = rng.integers(40, 90, n_each)
        occurred = rng.integers(5, 40, n_each)
        after = before + rate * (occurred - before) + rng.normal(0, sd, n_each)
        rows += [(f"P{number:02d}", int(b), int(o), float(np.clip(a, 0, 100)))
                 for b, o, a in zip(before, occurred, after, strict=True)]  # fmt: skip
    return rows


RATES = np.linspace(0.2, 0.7, 12)


def test_planted_rates_are_found_for_everybody_and_each(make_log):
    result = fit_learning_rate(make_log(*updates(1, rates=RATES)))
    row = result.table.iloc[0]
    # an error of some 40 points and SD 2: each patient's own rate has an SE of about .02
    assert row["estimate"] == pytest.approx(RATES.mean(), abs=0.03)
    assert row["ci_low"] < RATES.mean() < row["ci_high"]
    assert result.variances["sd"].iloc[0] == pytest.approx(RATES.std(ddof=1), rel=0.15)
    np.testing.assert_allclose(result.patients["estimate"], RATES, atol=0.06)


def test_patients_are_drawn_in_as_the_model_predicts_them(make_log):
    result = fit_learning_rate(make_log(*updates(2, rates=RATES, n_each=3, sd=8)))
    fit = fit_mixed_model(result.rows, outcome="change", fixed="0 + error", random="0 + error")
    rate = fit.coefficients["estimate"].iloc[0]
    added = fit.random_effects.set_index("patient_id")["error"]
    patients = result.patients.set_index("patient_id")
    assert result.table["estimate"].iloc[0] == pytest.approx(rate)
    # the same closed form, written in two ways
    np.testing.assert_allclose(patients["estimate"], rate + added, rtol=1e-8)
    between = ((patients["estimate"] - rate) / (patients["own"] - rate)).to_numpy()
    np.testing.assert_allclose(between, patients["weight"], rtol=1e-8)
    assert ((patients["weight"] > 0) & (patients["weight"] < 1)).all()


def test_report_errors_and_an_intercept_are_shown_beside_it(make_log):
    log = make_log(*updates(3, rates=RATES))
    result = fit_learning_rate(log, report_sd=(4, 8))
    by_how = result.sensitivity.set_index("how")["estimate"]
    assert by_how.index.tolist() == [
        "as reported", "report error of SD 4", "report error of SD 8", "with an intercept"
    ]  # fmt: skip
    # an error draws the rate towards 1: the larger it is taken to be, the less is left
    assert by_how.iloc[0] > by_how.iloc[1] > by_how.iloc[2]
    assert result.sensitivity["intercept"].notna().tolist() == [False, False, False, True]
    assert "draw the rate towards 1" in result.sentence()
    assert fit_learning_rate(log, report_sd=0).sensitivity["estimate"].iloc[1] == pytest.approx(
        by_how.iloc[0]
    )


def test_where_nothing_but_error_is_left_no_rate_is_made_up(make_log):
    result = fit_learning_rate(make_log(*updates(3, rates=RATES)), report_sd=90)
    assert np.isnan(result.sensitivity["estimate"].iloc[1])
    assert "not to be told" in result.sentence()


def test_groups_are_compared_where_both_expose(make_log):
    arms = {f"P{i:02d}": "ab"[i % 2] for i in range(12)}
    rates = [0.3 if i % 2 else 0.6 for i in range(12)]
    result = fit_learning_rate(make_log(*updates(4, rates=rates), arms=arms))
    assert result.table["group"].tolist() == ["a", "b"]
    assert result.table["estimate"].tolist() == pytest.approx([0.6, 0.3], abs=0.03)
    assert result.contrasts["estimate"].abs().tolist() == pytest.approx([0.3], abs=0.04)
    assert "Groups were not randomised." in result.sentence()


def test_a_group_without_exposures_is_not_compared(make_log):
    rows = [*updates(5, rates=RATES), ("P99", None, None, None)]
    arms = {**{f"P{i:02d}": "exposed" for i in range(12)}, "P99": "usual"}
    result = fit_learning_rate(make_log(*rows, arms=arms))
    assert result.table["group"].tolist() == ["exposed"]
    assert "groups are not compared" in result.sentence()


def test_a_group_too_small_to_tell_is_not_told_apart_and_that_is_said(make_log):
    arms = {f"P{i:02d}": "a" if i < 11 else "b" for i in range(12)}
    result = fit_learning_rate(make_log(*updates(6, rates=RATES), arms=arms))
    assert result.table["group"].tolist() == ["all"]
    assert "Groups are not told apart" in result.sentence()
    assert result.plot().get_xlabel().startswith("Learning rate")


def test_an_exposure_that_went_as_expected_counts_and_others_have_reasons(make_log):
    rows = [*updates(7, rates=RATES), ("P00", 50, 50, 47), ("P00", 50, "no", 40),
            ("P00", 50, 20, None)]  # fmt: skip
    result = fit_learning_rate(make_log(*rows))
    assert result.n_used == 12 * 8 + 1
    assert result.excluded["reason"].tolist() == [
        "what occurred is said in words, which are no numbers", "no expectancy after the exercise"
    ]  # fmt: skip
    assert (result.rows["error"] == 0).sum() == 1


def test_who_does_not_differ_is_said_not_to_differ(make_log):
    result = fit_learning_rate(make_log(*updates(9, rates=[0.4] * 6, n_each=2, sd=10)))
    assert result.variances["at_boundary"].iloc[0]
    assert "Patients do not differ in it beyond chance" in result.sentence()
    assert result.patients["weight"].max() < 1e-3


POOR = {
    "one patient": ([("P1", 80, 20, 50), ("P1", 60, 10, 40)], "needs 3 patients.*there are 1"),
    "two patients": ([("P1", 80, 20, 50), ("P2", 60, 10, 41)], "there are 2"),
    "as expected": ([(f"P{i}", 50, 50, 40 + i) for i in range(6)], "there are 0"),
    "no change": ([(f"P{i % 3}", 60 + i, 20, 60 + i) for i in range(6)], "no error is left"),
    "one share": ([(f"P{i % 3}", 60 + i, 20, 40 + i / 2) for i in range(6)], "no error is left"),
    "one change": ([(f"P{i % 3}", 60 + i, 20 + 2 * i, 50 + i) for i in range(6)], "is the same"),
    "before only": ([(f"P{i % 3}", 60 + i, None, None) for i in range(6)], "needs occurrence"),
    "words": ([(f"P{i % 3}", 60 + i, "no", 50) for i in range(6)], "counts them"),
}


@pytest.mark.parametrize("case", POOR)
def test_what_cannot_tell_a_rate_is_refused_with_what_would(make_log, case):
    rows, said = POOR[case]
    with pytest.raises(CannotAnswerError, match=said):
        fit_learning_rate(make_log(*rows))


@pytest.mark.parametrize("report_sd", [-1, (5, float("nan"))])
def test_an_assumed_error_is_a_standard_deviation(make_log, report_sd):
    with pytest.raises(CannotAnswerError, match="standard deviations in points of 100"):
        fit_learning_rate(make_log(*updates(1, rates=RATES)), report_sd=report_sd)


def test_one_exposure_each_gives_a_rate_or_a_reason_never_a_crash(make_log):
    rows = [(f"P{i}", 50 + i, 20, 40 - i % 3) for i in range(12)]
    table = fit_learning_rate(make_log(*rows)).table
    assert isinstance(table, pd.DataFrame)
    assert table["estimate"].between(0.3, 0.7).all()

"""Is the population's course found, said and drawn, and is what cannot be told said to be so?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gradex_analysis as gx
from gradex_analysis.simulation import Simulation, simulate_cohort

#: true values of the simulator; ratings are halved about 25, so that none lies outside the scale
LOG_RATE = {"habituation_rationale": -2.25, "expectancy_rationale": -2.50}
ASYMPTOTE, PER_DIFFICULTY, RESIDUAL = 25 + 0.5 * 5.0, 0.5 * 0.275, 0.5 * 8.0
BOTH = {"start": ["expected_fear"], "asymptote": ["expected_fear"]}


def make(tables: dict[str, pd.DataFrame]) -> gx.Cohort:
    own = {name: frame for name, frame in tables.items() if len(frame)}
    return gx.Cohort.from_tables(own, simulated=True)


def exact_cohort(simulation: Simulation) -> gx.Cohort:
    """Ratings that follow the model exactly, halved about 25; items expected as they are."""
    tables = dict(simulation.tables)
    ratings, items = tables["ratings"], tables["item_ratings"]
    value = ratings["value"].mask(ratings["kind"] == "fear", 25 + ratings["value"] / 2)
    tables["ratings"] = ratings.assign(value=value)
    true = simulation.truth.items.set_index(["patient_id", "item_id"])["difficulty"]
    true = true.reindex(pd.MultiIndex.from_frame(items[["patient_id", "item_id"]]))
    tables["item_ratings"] = items.assign(expected_fear=np.clip(true.to_numpy(), 0, 100))
    peak = tables["exposures"]["expected_peak_fear"].clip(0, 100)
    tables["exposures"] = tables["exposures"].assign(expected_peak_fear=peak)
    return make(tables)


@pytest.fixture(scope="module")
def exact():
    simulation = simulate_cohort(60, seed=2, design="two_exposures", mechanisms=(), missing="none")
    return exact_cohort(simulation)


@pytest.fixture(scope="module")
def compared(exact):
    return gx.fit_population_curve(
        exact, method="quadrature", by="arm", random=("asymptote", "rate", "start"),
        covariates=BOTH, design="two_exposures",
    )  # fmt: skip


@pytest.fixture(scope="module")
def trial():
    return simulate_cohort(45, seed=9, design="trial").cohort


@pytest.fixture(scope="module")
def whole(trial):
    return gx.fit_population_curve(trial, method="quadrature")


def rows_of(result, group="all"):
    return result.table[result.table["group"] == group].set_index("quantity")


def test_what_was_planted_lies_within_three_standard_errors(compared):
    # with every mechanism off the ratings of an exposure follow the model, their starts nearly:
    # what was learned before lowers them
    for arm, true in LOG_RATE.items():
        row = rows_of(compared, arm).loc["rate"]
        error = row["std_error"] / row["estimate"]
        assert abs(np.log(row["estimate"]) - true) < 3 * error
    terms = compared.coefficients.set_index(["part", "term"])
    slope = terms.loc[("asymptote", "expected_fear")]
    assert abs(slope["estimate"] - PER_DIFFICULTY) < 3 * slope["std_error"]
    difficulty = compared.settings["covariate_means"]["expected_fear"]
    level = rows_of(compared, "expectancy_rationale").loc["asymptote"]
    true = ASYMPTOTE + PER_DIFFICULTY * difficulty
    assert abs(level["estimate"] - true) < 3 * level["std_error"]
    residual = compared.components.set_index("level").loc["rating"]
    assert abs(residual["estimate"] - RESIDUAL) < 3 * residual["std_error"]
    assert compared.table["status"].eq("ok").all()
    assert compared.settings["converged"]


def test_arms_that_both_expose_are_compared_on_the_rate(compared):
    (row,) = compared.contrasts.to_dict("records")
    assert (row["arm"], row["reference"]) == ("habituation_rationale", "expectancy_rationale")
    rates = compared.table[compared.table["quantity"] == "rate"].set_index("group")["estimate"]
    assert row["estimate"] == pytest.approx(rates.iloc[1] / rates.iloc[0], rel=1e-12)
    assert row["ci_low"] < np.exp(0.25) < row["ci_high"]
    assert (row["p_value"] < 0.05) == (row["ci_low"] > 1 or row["ci_high"] < 1)
    assert "times that in expectancy rationale" in compared.sentence()


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"by": "arm"}, 'design="two_exposures"'),
        ({"by": "sex"}, "not randomised to sex"),
    ],
)
def test_without_a_design_that_makes_arms_comparable_they_are_not_compared(exact, asked, why):
    result = gx.fit_population_curve(exact, method="linearized", **asked)
    assert result.contrasts.empty
    assert why in result.sentence()
    assert "times that" not in result.sentence()


def test_arms_nobody_was_randomised_to_are_not_compared(exact):
    tables = dict(exact.tables)
    tables["participants"] = tables["participants"].assign(randomised_on=pd.NaT)
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    result = gx.fit_population_curve(
        make(tables), method="linearized", by="arm", design="two_exposures"
    )
    assert result.contrasts.empty
    assert "patients were not randomised to the groups" in result.sentence()


def test_one_arm_that_exposes_has_none_to_be_compared_with(trial):
    result = gx.fit_population_curve(trial, method="quadrature", by="arm", design="two_exposures")
    assert result.table["group"].unique().tolist() == ["graded_exposure"]
    assert result.contrasts.empty
    said = result.sentence()
    assert "only graded exposure rated exposures" in said
    assert "No exposure was rated in graded activity and usual care." in said


def test_every_exposure_is_used_or_left_out_with_a_reason(trial, whole):
    assert whole.n_considered == len(trial.exposures)
    assert whole.n_used == whole.series["series"].nunique()
    assert len(whole.excluded) == whole.n_considered - whole.n_used
    assert (whole.excluded["reason"] != "").all()
    row = whole.table.iloc[0]
    assert row["n_exposures"] == whole.n_used
    assert row["n"] == len(whole.series)
    assert whole.patients["n_ratings"].sum() == len(whole.series)
    assert whole.patients["n_exposures"].sum() == whole.n_used
    assert whole.course["n"].max() == whole.n_used


def test_without_a_group_everybody_has_one_curve_with_an_own_start_for_each_exposure(whole):
    assert whole.table["quantity"].tolist() == ["start", "asymptote", "fall", "rate", "half_life"]
    assert whole.settings["random"] == ["asymptote", "rate", "exposure_start"]
    assert whole.settings["no_contrast"] == ""
    assert set(whole.components["level"]) == {"patient", "exposure", "rating"}
    start = rows_of(whole).loc["start"]
    at_onset = whole.course[(whole.course["time"] == 0) & (whole.course["level"] == "typical")]
    assert at_onset["estimate"].item() == pytest.approx(start["estimate"], rel=1e-12)


def test_short_heaped_and_stopped_exposures_give_the_truth_or_say_that_they_cannot():
    # 3 to 6 ratings within 10 minutes, in steps of up to 10, stopped by fear
    simulation = simulate_cohort(
        80, seed=5, design="two_exposures", mechanisms=("heaping", "early_stops"), missing="none"
    )
    tables = dict(simulation.tables)
    ratings = tables["ratings"]
    late = (ratings["kind"] == "fear") & (ratings["minute"] > 10)
    tables["ratings"] = ratings[~late].reset_index(drop=True)
    result = gx.fit_population_curve(
        make(tables), method="quadrature", by="arm", covariates=BOTH, design="two_exposures"
    )
    for arm, true in LOG_RATE.items():
        row = rows_of(result, arm).loc["rate"]
        assert row["status"] == "ok"
        error = row["std_error"] / row["estimate"]
        assert abs(np.log(row["estimate"]) - true) < 3 * error
    # half of the exposures end before the half-life: the level is said to be extrapolated, or seen
    for arm in LOG_RATE:
        level = rows_of(result, arm).loc["asymptote"]
        seen = 1 - np.exp(-rows_of(result, arm).loc["rate", "estimate"] * 10)
        assert level["status"] == ("ok" if seen > 0.5 else "extrapolated")


def test_exposures_too_short_to_tell_a_rate_have_none(exact):
    tables = dict(exact.tables)
    ratings = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    tables["ratings"] = ratings[~(ratings["minute"] > 2.2)].reset_index(drop=True)
    result = gx.fit_population_curve(make(tables), method="quadrature")
    rows = rows_of(result)
    untold = rows.loc[["asymptote", "half_life"], "status"]
    assert untold.isin(["not_identified", "extrapolated", "no_end"]).all()
    assert rows.loc["start", "estimate"] > 0
    said = result.sentence()
    assert "cannot be told" in said or "not to be relied on" in said or "did not end" in said


def test_a_covariate_is_centred_and_exposures_without_it_are_left_out(exact):
    tables = dict(exact.tables)
    tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
    gone = tables["exposures"]["expectancy_before"].mask(tables["exposures"].index < 10)
    tables["exposures"] = tables["exposures"].assign(expectancy_before=gone)
    cohort = make(tables)
    plain = gx.fit_population_curve(cohort, method="linearized")
    result = gx.fit_population_curve(
        cohort, method="linearized",
        covariates={"start": ["expectancy_before", "number_with_item"], "rate": ["session_number"]},
    )  # fmt: skip
    left = (result.excluded["reason"] == "no value of expectancy_before").sum()
    assert left == plain.n_used - result.n_used > 0
    assert set(result.coefficients["term"]) == {
        "Intercept", "expectancy_before", "number_with_item", "session_number",
    }  # fmt: skip
    used = cohort.exposures.merge(result.series[["patient_id"]].drop_duplicates(), on="patient_id")
    assert used["expectancy_before"].between(0, 100).any()
    assert "Covariates stand at their means" in result.sentence()
    terms = result.coefficients.set_index(["part", "term"])
    assert terms.loc[("start", "Intercept"), "estimate"] == rows_of(result).loc["start", "estimate"]


def test_the_figure_has_the_scale_in_full_and_dashes_where_few_remain(whole):
    ax = whole.plot()
    assert ax.get_ylim() == (0, 100)
    strong = [line for line in ax.lines if line.get_linewidth() > 1]
    assert [line.get_linestyle() for line in strong] == ["-", "--"]
    mean = whole.course[whole.course["level"] == "mean"]
    thin = mean.loc[mean["share_remaining"] < 0.2, "time"].min()
    assert strong[0].get_xdata().max() < thin == strong[1].get_xdata()[1]
    courses, *_ = ax.collections
    assert len(courses.get_paths()) == whole.n_used
    texts = [text.get_text() for text in ax.texts]
    assert str(whole.n_used) in texts


def test_groups_are_named_at_their_curves(compared):
    texts = [text.get_text() for text in compared.plot().texts]
    assert {"habituation rationale", "expectancy rationale"} <= set(texts)


def test_the_sentence_and_the_alternative_text_hold_the_numbers(whole):
    rows = rows_of(whole)
    said = whole.sentence()
    assert f"In {whole.n_used} exposures of {rows['n_patients'].iloc[0]} patients" in said
    assert f"starts at {rows.loc['start', 'estimate']:.1f} (95\u00a0% CI" in said
    assert "left out" in said
    assert "courses pale" in whole.alt_text()
    assert said in whole.alt_text()


def test_progress_is_told(trial):
    told = []
    gx.fit_population_curve(trial, method="quadrature", progress=lambda *args: told.append(args))
    assert told
    assert all(0 <= done <= total for done, total, _ in told)


def test_everything_is_saved(whole, tmp_path):
    names = {path.name for path in whole.save(tmp_path / "population")}
    assert any("components" in name for name in names)
    assert any("patients" in name for name in names)

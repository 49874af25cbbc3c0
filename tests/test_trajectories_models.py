"""Mixed models of courses: beside R, by law, and where they cannot be had."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.trajectories import ModelledTrajectories, fit_trajectories

BY_DAY = {"outcome": "FEAR", "time": "days", "seed": 1, "n_boot": 50}


def make_forms(values: pd.DataFrame, *, randomised: bool = False) -> Cohort:
    """Make a cohort of ``patient_id, arm, week, fear``: one form a row, each at its own day."""
    values = values.sort_values(["patient_id", "week"])
    number = values.groupby("patient_id").cumcount()
    people = values.drop_duplicates("patient_id")[["patient_id", "arm"]]
    if randomised:
        people = people.assign(randomised_on=pd.Timestamp("2026-01-05"))
    forms = pd.DataFrame(
        {
            "patient_id": values["patient_id"],
            "instrument": "FEAR",
            "occasion": number.map("visit_{:02}".format).replace("visit_00", "baseline"),
            "day": 7 * values["week"],
            "score": values["fear"],
        }
    )
    return Cohort.from_tables({"participants": people, "assessments": forms})


def simulate(n: int, seed: int, *, slopes=(-1.0, -2.0), weeks=(0, 4, 8, 12), spread=0.5):
    """Draw ``n`` patients an arm, each with a level and a slope of his or her own."""
    draws = np.random.default_rng(seed)
    rows = []
    for arm, slope in zip("ab", slopes, strict=False):
        level = draws.normal(60, 8, n)
        own = draws.normal(slope, spread, n)
        for i in range(n):
            for week in weeks:
                fear = level[i] + own[i] * week + draws.normal(0, 5)
                rows.append((f"{arm}{i:02}", arm, float(week), fear))
    return pd.DataFrame(rows, columns=["patient_id", "arm", "week", "fear"])


@pytest.fixture(scope="module")
def drawn() -> pd.DataFrame:
    return simulate(12, seed=5)


@pytest.fixture
def growth(reference) -> Cohort:
    values = pd.read_csv(reference("simulated/growth.csv"), dtype={"arm": "str"})
    return make_forms(values)


def close_to_r(ours: pd.Series, estimate: float, std_error: float, df: float) -> None:
    # the tolerances of the reference data: 1e-6 of a standard error, degrees of freedom 1e-5
    assert ours["estimate"] == pytest.approx(estimate, abs=1e-6 * std_error)
    assert ours["std_error"] == pytest.approx(std_error, rel=1e-6)
    assert ours["df"] == pytest.approx(df, rel=1e-5)


def test_slopes_over_days_are_those_of_lmertest(growth, reference):
    table = pd.read_csv(reference("simulated/oracles.csv"))
    theirs = table[table["case"] == "growth Kenward-Roger"].set_index("term")
    result = fit_trajectories(growth, **BY_DAY, model="linear", reference="0")
    slopes = result.slopes.set_index("arm")
    numbers = ["estimate", "std_error", "df"]
    close_to_r(slopes.loc["0"], *theirs.loc["week", numbers])
    close_to_r(result.slope_contrasts.iloc[0], *theirs.loc["week:arm", numbers])
    assert result.settings["deviance"] == pytest.approx(2288.77118463365, abs=1e-6)
    components = result.variance_components["estimate"].tolist()
    assert components == pytest.approx([103.937098, 0.523136, 0.378358, 59.205445], rel=1e-5)


#: lmer(fear ~ arm * (t1 + t2) + (1 + t1 + t2 | patient_id)), t1 = min(week, 8), bobyqa to 1e-10;
#: summary(ddf = "Kenward-Roger"); R 4.2.2, lme4, lmerTest, pbkrtest
PIECEWISE = {
    "before_knot": [(-1.1453539148, 0.4329759997, 30.09542057),
                    (-0.5079457108, 0.5959441047, 28.35597805)],
    "after_knot": [(-1.2353536899, 0.2701825037, 30.91455085),
                   (-0.8629330290, 0.3898681887, 31.29112821)],
}  # fmt: skip


@pytest.mark.parametrize("segment", PIECEWISE)
def test_a_piecewise_course_is_that_of_lmertest(growth, segment):
    result = fit_trajectories(growth, **BY_DAY, model="piecewise", knot=56, reference="0")
    own, difference = PIECEWISE[segment]
    slopes = result.slopes[result.slopes["segment"] == segment].set_index("arm")
    contrasts = result.slope_contrasts.set_index("segment")
    close_to_r(slopes.loc["0"], *own)
    close_to_r(contrasts.loc[segment], *difference)
    assert result.settings["deviance"] == pytest.approx(2285.744825, abs=1e-6)


def test_a_course_over_log_time_is_that_of_lmertest(growth):
    # lmer(fear ~ arm * l + (1 + l | patient_id)), l = log2(1 + week), as above
    result = fit_trajectories(growth, **BY_DAY, model="log_time", reference="0")
    close_to_r(result.slopes.set_index("arm").loc["0"], -7.117828489, 1.176134321, 32.02238860)
    close_to_r(result.slope_contrasts.iloc[0], -3.104462268, 1.650970016, 32.70013105)
    assert result.slopes["per"].tolist() == ["doubling of 1 + weeks"] * 2


def test_a_course_of_repeated_items_is_that_of_lmertest():
    rows = [
        (f"P{p}", f"I{item}", n + 1, 70 - 2 * p + 8 * item - (4 + p % 4) * n
         + round(9 * np.sin(7.0 * (100 * p + 10 * item + n)), 1))
        for p in range(8) for item in range(3) for n in range(4 - (p + item) % 3)
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["patient_id", "item_id", "exposure_number", "value"])
    table["exposure_id"] = [f"E{i}" for i in range(len(table))]
    exposures = table.drop(columns="value")
    ratings = table[["patient_id", "exposure_id", "value"]].assign(
        kind="fear", moment="during", minute=0.0, scale_id="0-100"
    )
    people = pd.DataFrame({"patient_id": table["patient_id"].unique()})
    cohort = Cohort.from_tables(
        {"participants": people, "exposures": exposures, "ratings": ratings}
    )
    result = fit_trajectories(
        cohort, outcome="peak_fear", time="exposure_number", seed=1, model="log_time"
    )
    # lmer(value ~ l + (1 + l | patient) + (1 | patient:item)), l = log2(number), bobyqa to 1e-10,
    # ddf = "Kenward-Roger"; R 4.2.2, lme4, lmerTest, pbkrtest. Tolerances: R's last digits
    numbers = result.slopes[["estimate", "std_error", "df"]].iloc[0].tolist()
    assert numbers == pytest.approx([-7.55936708, 1.750351213, 7], rel=1e-6)
    assert result.settings["deviance"] == pytest.approx(482.1756156, abs=1e-6)
    components = result.variance_components.set_index(["group", "term", "other"])["estimate"]
    assert components["series", "(Intercept)", ""] == pytest.approx(82.686908674, rel=1e-5)
    assert components["patient_id", "log_time", ""] == pytest.approx(20.491252743, rel=1e-5)


def test_without_a_model_nothing_is_modelled_and_with_one_no_course_moves(drawn):
    plain = fit_trajectories(make_forms(drawn), **BY_DAY)
    modelled = fit_trajectories(make_forms(drawn), **BY_DAY, model="linear")
    assert not isinstance(plain, ModelledTrajectories)
    assert isinstance(modelled, ModelledTrajectories)
    assert plain.settings.items() <= modelled.settings.items()
    for name, frame in plain.frames().items():
        pd.testing.assert_frame_equal(frame, modelled.frames()[name])


def test_complete_balanced_data_have_the_slopes_of_the_patients_own_lines(drawn):
    # with everybody at the same times the mean slope is that of the patients' least squares lines,
    # its variance their variance over n, and n1 + n2 - 2 degrees of freedom
    own = drawn.groupby(["arm", "patient_id"])[["week", "fear"]].apply(
        lambda rows: np.polyfit(rows["week"], rows["fear"], 1)[0]
    )
    result = fit_trajectories(make_forms(drawn), **BY_DAY, model="linear", reference="a")
    slopes = result.slopes.set_index("arm")["estimate"]
    assert slopes.to_dict() == pytest.approx(own.groupby("arm").mean().to_dict(), abs=1e-8)
    pooled = own.groupby("arm").var().mean()
    (difference,) = result.slope_contrasts.to_dict("records")
    assert difference["std_error"] == pytest.approx(np.sqrt(2 * pooled / 12), rel=1e-6)
    assert difference["df"] == pytest.approx(22, rel=1e-6)
    assert difference["contrast"] == "b - a"


def test_names_and_the_order_of_rows_change_no_slope(drawn):
    once = fit_trajectories(make_forms(drawn), **BY_DAY, model="linear")
    other = drawn.assign(patient_id="Z" + (99 - drawn["patient_id"].str[1:].astype(int)).astype(str)
                         + drawn["arm"]).sample(frac=1, random_state=2)  # fmt: skip
    again = fit_trajectories(make_forms(other), **BY_DAY, model="linear")
    for name in ("slopes", "slope_contrasts", "curve"):
        pd.testing.assert_frame_equal(getattr(once, name), getattr(again, name), rtol=1e-6)


def test_twice_the_points_are_twice_the_slope_and_no_other_test(drawn):
    once = fit_trajectories(make_forms(drawn), **BY_DAY, model="linear").slope_contrasts
    doubled = drawn.assign(fear=2 * drawn["fear"] + 7)
    twice = fit_trajectories(make_forms(doubled), **BY_DAY, model="linear").slope_contrasts
    assert twice["estimate"].item() == pytest.approx(2 * once["estimate"].item(), rel=1e-6)
    assert twice["p_value"].item() == pytest.approx(once["p_value"].item(), rel=1e-5)


def test_p_values_and_intervals_agree_and_bands_are_wider_than_points(drawn):
    result = fit_trajectories(make_forms(drawn), **BY_DAY, model="piecewise", knot=28)
    for frame in (result.slopes, result.slope_contrasts):
        is_beyond = (frame["ci_low"] > 0) | (frame["ci_high"] < 0)
        assert (is_beyond == (frame["p_value"] < 0.05)).all()
    curve = result.curve
    assert (curve["band_low"] < curve["ci_low"]).all()
    assert (curve["band_high"] > curve["ci_high"]).all()
    assert curve["time"].isin([28.0]).sum() == 2
    half = (curve["band_high"] - curve["estimate"]) / curve["std_error"]
    used = {arm: own["critical_value"] for arm, own in result.settings["band"]["arms"].items()}
    assert half.to_numpy() == pytest.approx(curve["arm"].map(used).to_numpy())


def test_a_curve_rises_by_its_slope_in_every_segment(drawn):
    result = fit_trajectories(make_forms(drawn), **BY_DAY, model="piecewise", knot=28)
    curve = result.curve[result.curve["arm"] == "a"]
    for segment, own in (("before_knot", curve[curve["time"] <= 28]),
                         ("after_knot", curve[curve["time"] >= 28])):  # fmt: skip
        per_week = 7 * np.polyfit(own["time"], own["estimate"], 1)[0]
        slopes = result.slopes.set_index(["arm", "segment"])["estimate"]
        assert per_week == pytest.approx(slopes["a", segment], abs=1e-9)


def test_a_seed_repeats_the_band_and_another_moves_it_a_little(drawn):
    cohort = make_forms(drawn)
    options = {**BY_DAY, "model": "linear", "n_draws": 2000}
    once, again = (fit_trajectories(cohort, **options).curve for _ in range(2))
    pd.testing.assert_frame_equal(once, again)
    other = fit_trajectories(cohort, **{**options, "seed": 2}).curve
    assert 0 < (once["band_low"] - other["band_low"]).abs().max() < 0.05 * once["std_error"].max()


@pytest.mark.slow
def test_intervals_hold_the_true_difference_of_slopes_as_often_as_they_say():
    # 100 trials of 2 x 10 patients, a fifth of the later forms missing: +- 3 binomial errors
    truth, inside = -0.8, []
    for seed in range(100):
        values = simulate(10, seed=seed, slopes=(-1.0, -1.0 + truth))
        lost = np.random.default_rng(seed).random(len(values)) < 0.2 * (values["week"] > 0)
        found = fit_trajectories(
            make_forms(values[~lost]), **BY_DAY, model="linear", n_draws=100
        ).slope_contrasts
        inside.append(found["ci_low"].item() <= truth <= found["ci_high"].item())
    assert np.mean(inside) == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / 100))

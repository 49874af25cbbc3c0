"""Means, contrasts and slopes by hand, from the coefficients they are sums of."""

import json

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm

VISITS = {"outcome": "score", "visit": "visit", "subject": "patient_id"}
WEEKS = {"outcome": "score", "groups": "patient_id"}
ARM = "arm[T.graded_exposure]"


@pytest.fixture(scope="module")
def visits(trial):
    return fit_mmrm(trial, **VISITS, fixed="baseline + site + arm*visit")


@pytest.fixture(scope="module")
def weeks(trial):
    return fit_mixed_model(trial, **WEEKS, fixed="baseline + arm*week")


def by_term(fit):
    return fit.coefficients.set_index("term")["estimate"]


def test_a_mean_is_its_row_of_the_grid(visits):
    cells = visits.grid(["arm", "visit"])
    means = visits.marginal_means(["arm", "visit"])
    pd.testing.assert_frame_equal(cells[["arm", "visit"]], means[["arm", "visit"]])
    rows = cells[visits.coefficients["term"]].to_numpy(float)
    expected = rows @ visits.coefficients["estimate"].to_numpy()
    np.testing.assert_allclose(means["estimate"], expected)
    variance = np.einsum("ij,jk,ik->i", rows, visits.covariance.to_numpy(), rows)
    np.testing.assert_allclose(means["std_error"], np.sqrt(variance))


def test_covariates_stand_at_their_mean_over_the_rows_used(visits, trial):
    mean = trial.loc[visits.fitted.index, "baseline"].mean()
    assert visits.grid(["arm"])["baseline"].to_numpy() == pytest.approx(mean)
    assert mean != pytest.approx(trial["baseline"].mean())
    at_mean = visits.marginal_means(["arm"], at={"baseline": mean})
    pd.testing.assert_frame_equal(at_mean, visits.marginal_means(["arm"]))


def test_factors_that_are_not_named_weigh_alike(visits, trial):
    cells = visits.marginal_means(["arm", "visit", "site"])
    assert len(cells) == 2 * 4 * trial["site"].nunique()
    expected = cells.groupby("arm", observed=True, dropna=False)["estimate"].mean()
    means = visits.marginal_means(["arm"]).set_index("arm")["estimate"]
    np.testing.assert_allclose(means, expected.loc[means.index])


def test_at_moves_a_mean_along_the_slope(weeks):
    early, late = (
        weeks.marginal_means(["arm"], at={"week": w, "baseline": 30})["estimate"] for w in (2, 12)
    )
    b = by_term(weeks)
    assert list(late - early) == pytest.approx(
        [10 * b["week"], 10 * (b["week"] + b[f"{ARM}:week"])]
    )
    assert early[0] == pytest.approx(b["Intercept"] + 30 * b["baseline"] + 2 * b["week"])


def test_slopes_and_their_contrast_are_coefficients(weeks):
    own = weeks.slopes("week", by="arm").set_index("arm")
    b = weeks.coefficients.set_index("term")
    assert own.loc["usual_care", "estimate"] == pytest.approx(b.loc["week", "estimate"])
    difference = weeks.slope_contrasts("week", "arm", reference="usual_care").iloc[0]
    assert difference["contrast"] == "graded_exposure - usual_care"
    numbers = ["estimate", "std_error", "df", "p_value", "ci_low", "ci_high"]
    expected = b.loc[f"{ARM}:week", numbers].astype(float)
    np.testing.assert_allclose(difference[numbers].astype(float), expected, rtol=1e-6)


def test_the_slope_of_a_bent_course_is_its_derivative(trial):
    bent = fit_mixed_model(trial, **WEEKS, fixed="arm*(week + I(week**2))", random=None)
    b = by_term(bent)
    square = next(t for t in b.index if "**" in t and "arm" not in t)
    slope = bent.slopes("week", by="arm", at={"week": 4.0}).set_index("arm")["estimate"]
    assert slope["usual_care"] == pytest.approx(b["week"] + 8 * b[square], rel=1e-6)


def test_all_pairs_of_three_arms(trial):
    three = trial.assign(site=pd.Categorical(trial["site"], sorted(set(trial["site"]))))
    fit = fit_mmrm(three, **VISITS, fixed="site*visit")
    levels = list(three["site"].cat.categories)
    pairs = fit.contrasts("site")
    assert len(pairs) == len(levels) * (len(levels) - 1) // 2
    means = fit.marginal_means(["site"]).set_index("site")["estimate"]
    for _, row in pairs.iterrows():
        assert row["contrast"] == f"{row['level']} - {row['reference']}"
        assert row["estimate"] == pytest.approx(means[row["level"]] - means[row["reference"]])
    within = fit.contrasts("site", by="visit", reference=levels[1])
    assert len(within) == 4 * (len(levels) - 1)
    assert set(within["reference"]) == {levels[1]}


def test_own_contrasts_are_sums_of_coefficients(weeks):
    rows = {"both": {"week": 1.0, f"{ARM}:week": 0.5}, "one": {"week": 1.0}}
    ours = weeks.combine(rows).set_index("contrast")
    b = by_term(weeks)
    assert ours.loc["both", "estimate"] == pytest.approx(b["week"] + 0.5 * b[f"{ARM}:week"])
    table = pd.DataFrame(rows).T
    pd.testing.assert_frame_equal(weeks.combine(table), ours.reset_index())
    expected = weeks.coefficients.set_index("term").loc["week", "std_error"]
    assert ours.loc["one", "std_error"] == pytest.approx(expected)


def test_every_term_of_the_formula_is_tested(visits):
    effects = visits.test_effects().set_index("term")
    names = visits.coefficients["term"]
    interaction = [name for name in names if name.startswith("arm") and "visit" in name]
    ours, direct = effects.loc["arm:visit"], visits.test(interaction)
    assert ours["df_between"] == len(interaction) == 3
    for key, value in direct.items():
        assert ours[key] == pytest.approx(value)


def test_settings_say_how_in_json(visits, weeks):
    said = json.loads(json.dumps(visits.settings))
    assert said["fixed"] == "baseline + site + arm*visit"
    assert (said["outcome"], said["method"], said["df"]) == ("score", "reml", "kenward-roger")
    assert (said["covariance"], said["information"]) == ("unstructured", "observed")
    assert json.loads(json.dumps(weeks.settings))["information"] == "expected"


def test_the_labels_of_the_rows_are_those_of_the_data(trial):
    named = trial.set_index(trial["patient_id"] + "-" + trial["visit"].astype(str))
    fit = fit_mmrm(named, **VISITS, fixed="baseline + arm*visit")
    assert list(fit.fitted.index) == list(named.index[named["score"].notna()])
    assert list(fit.excluded["row"]) == list(named.index[named["score"].isna()])


def test_a_fit_shows_its_model_its_rows_and_its_coefficients(visits, weeks):
    assert repr(visits).startswith(
        "MixedFit: score ~ baseline + site + arm*visit; unstructured; REML, kenward-roger; "
        "338 rows used, 46 left out"
    )
    assert "random week" in repr(weeks)
    assert ARM in repr(weeks)

"""A slow likelihood written out: dense V, scipy's optimiser, derivatives by differences."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm


def therapy(seed=5, therapists=7, patients=5, visits=4):
    """Patients in therapists, a slope for every patient, a fifth of the visits missing."""
    draws = np.random.default_rng(seed)
    n = therapists * patients
    rows = pd.DataFrame({
        "patient_id": np.repeat([f"P{i:02d}" for i in range(n)], visits),
        "therapist_id": np.repeat([f"T{i}" for i in range(therapists)], patients * visits),
        "arm": np.repeat(np.arange(n) % 2, visits),
        "week": np.tile(np.arange(visits, dtype=float), n),
        "item": np.tile(["I1", "I2", "I3", "I4"], n)[: n * visits],
        "weight": draws.uniform(0.5, 2, n * visits),
    })  # fmt: skip
    own = draws.normal(0, [4, 1.5], (n, 2)).repeat(visits, axis=0)
    shared = draws.normal(0, 5, therapists).repeat(patients * visits)
    items = np.tile(draws.normal(0, 3, 4), n)
    noise = draws.normal(0, 3, len(rows))
    rows["score"] = 50 + 2 * rows["arm"] + own[:, 0] + (own[:, 1] - 2) * rows["week"] + noise
    rows["score"] += shared + items
    return rows[draws.random(len(rows)) > 0.2].reset_index(drop=True)


def same(column):
    codes = column.to_numpy()
    return np.equal.outer(codes, codes) * 1.0


def apart_in(column):
    return np.abs(np.subtract.outer(column.to_numpy(float), column.to_numpy(float)))


def design(rows):
    return np.column_stack([np.ones(len(rows)), rows["week"], rows["arm"],
                            rows["week"] * rows["arm"]])  # fmt: skip


def variances(*blocks):
    return lambda theta: sum(np.exp(2 * t) * b for t, b in zip(theta, blocks, strict=True))


def nested(rows):
    slope = np.column_stack([np.ones(len(rows)), rows["week"]])

    def v(theta):
        root = np.array([[np.exp(theta[0]), 0], [theta[1], np.exp(theta[2])]])
        own = slope @ root @ root.T @ slope.T * same(rows["patient_id"])
        rest = np.exp(2 * theta[3]) * same(rows["therapist_id"])
        return own + rest + np.exp(2 * theta[4]) * np.eye(len(rows))

    return v, [1.0, 0, 0.3, 1, 1], {"random": "week", "nested": "therapist_id"}


def crossed(rows):
    blocks = same(rows["patient_id"]), same(rows["item"]), np.eye(len(rows))
    return variances(*blocks), [1.0, 1, 1], {"random": None, "crossed": "item"}


def nested_and_crossed(rows):
    blocks = same(rows["patient_id"]), same(rows["therapist_id"]), same(rows["item"])
    how = {"random": None, "nested": "therapist_id", "crossed": ["item"]}
    return variances(*blocks, np.eye(len(rows))), [1.0] * 4, how


def weighted(rows):
    rest = np.diag(1 / rows["weight"])
    return (
        variances(same(rows["patient_id"]), rest),
        [1.0, 1],
        {"random": None, "weights": "weight"},
    )


def partly_nested(rows):
    rows["therapist_id"] = rows["therapist_id"].where(rows["arm"] == 1)
    treated = same(rows["therapist_id"]) * np.outer(rows["arm"], rows["arm"])
    blocks = same(rows["patient_id"]), treated, np.eye(len(rows))
    return variances(*blocks), [1.0] * 3, {"random": None, "nested": {"therapist_id": "arm"}}


def a_variance_an_arm(rows):
    one, two = (same(rows["therapist_id"]) * same(rows["arm"].where(rows["arm"] == a))
                for a in (0, 1))  # fmt: skip
    blocks = same(rows["patient_id"]), one, two, np.eye(len(rows))
    return variances(*blocks), [1.0] * 4, {"random": None, "nested": {"therapist_id": "arm"}}


def slopes_apart(rows):
    week = rows["week"].to_numpy()
    own = same(rows["patient_id"])
    blocks = own, own * np.outer(week, week), np.eye(len(rows))
    return variances(*blocks), [1.0] * 3, {"random": None, "slopes": {"patient_id": ["week"]}}


MODELS = [
    nested, crossed, nested_and_crossed, weighted, partly_nested, a_variance_an_arm, slopes_apart
]  # fmt: skip


@pytest.mark.parametrize("model", MODELS)
def test_mixed_models_are_those_of_dense_algebra(model, dense_algebra, agree):
    rows = therapy()
    v, start, how = model(rows)
    dense = dense_algebra.fit(rows["score"].to_numpy(), design(rows), v, np.array(start))

    def fit(**inference):
        return fit_mixed_model(rows, outcome="score", fixed="week*arm", groups="patient_id",
                               **how, **inference)  # fmt: skip

    check(dense, fit, agree)
    check_fitted(dense, fit(), rows)


def check_fitted(dense, ours, rows):
    """Fitted values hold what is foreseen of every random effect: y - R V^-1 (y - X b)."""
    table = ours.variance_components.set_index("group")
    own = np.full(len(rows), float(table.loc["Residual", "estimate"]))
    if ours.settings["weights"]:
        own = own / rows["weight"].to_numpy()
    left = own * (dense.w @ (dense.y - dense.x @ dense.beta))
    np.testing.assert_allclose(ours.residuals, left, atol=1e-3 * left.std())


DAYS = {"outcome": "score", "fixed": "week*arm", "subject": "patient_id"}


def days_apart(rows):
    rows["day"] = 7 * rows["week"] + np.random.default_rng(1).integers(0, 5, len(rows))
    own = same(rows["patient_id"])
    apart = apart_in(rows["day"])

    def v(theta):
        return np.exp(2 * theta[0]) * np.exp(-apart * np.exp(theta[1])) * own

    return v, [2.0, -2.0], {"visit": "day", "covariance": "spatial_exponential"}


def a_covariance_an_arm(rows):
    own, step = same(rows["patient_id"]), apart_in(rows["week"])
    arms = [same(rows["arm"].where(rows["arm"] == a)) for a in (0, 1)]

    def v(theta):
        pairs = zip(theta.reshape(2, 2), arms, strict=True)
        return own * sum(np.exp(2 * t) * np.tanh(r) ** step * arm for (t, r), arm in pairs)

    return v, [2.0, 1, 2, 1], {"visit": "week", "covariance": "ar1", "by_group": "arm"}


def weighted_visits(rows):
    own = same(rows["patient_id"]) / np.sqrt(np.outer(rows["weight"], rows["weight"]))
    at = np.eye(4)[rows["week"].astype(int)]

    def v(theta):
        sd, share = np.exp(theta[:4]), np.tanh(theta[4])
        sigma = np.outer(sd, sd) * (share + (1 - share) * np.eye(4))
        return at @ sigma @ at.T * own

    how = {"visit": "week", "covariance": "heterogeneous_compound_symmetry", "weights": "weight"}
    return v, [2.0, 2, 2, 2, 1], how


def therapists_of_visits(rows):
    own, step = same(rows["patient_id"]), apart_in(rows["week"])

    def v(theta):
        rest = np.exp(2 * theta[2]) * same(rows["therapist_id"])
        return np.exp(2 * theta[0]) * np.tanh(theta[1]) ** step * own + rest

    return v, [2.0, 1, 1], {"visit": "week", "covariance": "ar1", "nested": "therapist_id"}


VISITS = [days_apart, a_covariance_an_arm, weighted_visits, therapists_of_visits]


@pytest.mark.parametrize("model", VISITS)
def test_repeated_measures_are_those_of_dense_algebra(model, dense_algebra, agree):
    rows = therapy()
    v, start, how = model(rows)
    dense = dense_algebra.fit(rows["score"].to_numpy(), design(rows), v, np.array(start))

    def fit(**inference):
        return fit_mmrm(rows, **DAYS, **how, fallback=False, **inference)

    check(dense, fit, agree)


def check(dense, fit, agree):
    adjusted, *_ = dense.kenward_roger("expected")
    for kind in ("observed", "expected"):
        ours = fit(df="satterthwaite", information=kind)
        assert -1e-5 < ours.deviance - dense.deviance < 1e-6
        agree(ours.coefficients, statistics(dense, dense.phi, kind), **CLOSE)
    ours = fit(df="kenward-roger", information="expected")
    agree(ours.coefficients, statistics(dense, adjusted, "expected"), **CLOSE)
    lines = np.eye(4)[2:]
    found, (statistic, df) = ours.test(lines), dense.f_test(lines, "expected")
    assert found["df_between"] == 2
    assert found["statistic"] == pytest.approx(statistic, rel=1e-4)
    assert found["df"] == pytest.approx(df, rel=1e-4)
    assert found["p_value"] == pytest.approx(stats.f.sf(statistic, 2, df), rel=1e-3)


#: Nelder-Mead's precision, and that of second differences of the deviance
CLOSE = {"estimate": 1e-5, "std_error": 1e-5, "df": 2e-4}


def statistics(dense, covariance, kind):
    table = {
        "estimate": dense.beta,
        "std_error": np.sqrt(np.diag(covariance)),
        "df": dense.df(kind),
    }
    return pd.DataFrame(table)


def test_the_dense_algebra_is_that_of_r(lmm_u16, values, dense_algebra, agree):
    x = np.column_stack(
        [np.ones(len(lmm_u16)), lmm_u16[["s", "arm"]], lmm_u16["s"] * lmm_u16["arm"]]
    )
    rows = lmm_u16.rename(columns={"id": "patient_id", "s": "week"}).assign(therapist_id=0)
    v, *_ = nested(rows)

    def no_therapist(theta):
        return v(np.array([*theta[:3], -30, theta[3]]))

    dense = dense_algebra.fit(rows["y"].to_numpy(), x, no_therapist, np.array([1.0, 0, 0.3, 1]))
    assert dense.deviance == pytest.approx(values["lmm_u16"]["remlcrit"], abs=1e-6)
    adjusted, *_ = dense.kenward_roger("expected")
    for name, ours in (
        ("satterthwaite", statistics(dense, dense.phi, "observed")),
        ("kenward_roger", statistics(dense, adjusted, "expected")),
    ):
        theirs = pd.DataFrame(values["lmm_u16"][name]).rename(
            columns={"Estimate": "estimate", "Std. Error": "std_error"}
        )
        agree(ours, theirs)


def test_three_random_effects_stand_where_the_likelihood_is_highest(dense_algebra):
    draws = np.random.default_rng(8)
    n, times = 40, np.array([0.0, 1, 2, 3, 5, 8])
    rows = pd.DataFrame({"patient_id": np.repeat(np.arange(n), 6), "week": np.tile(times, n)})
    rows["late"] = np.maximum(rows["week"] - 3, 0)
    own = draws.normal(0, [6, 2, 2.5], (n, 3)).repeat(6, axis=0)
    z = np.column_stack([np.ones(len(rows)), rows["week"], rows["late"]])
    rows["score"] = 60 + 2 * draws.normal(size=len(rows)) + ((own - [0, 4, -3]) * z).sum(axis=1)
    fit = fit_mixed_model(rows, outcome="score", fixed="week + late", random="week + late",
                          groups="patient_id")  # fmt: skip
    found = fit.variance_components["estimate"].to_numpy(float)
    scale = np.full(7, 0.01)
    scale[[1, 3, 4]] = 0.1  # covariances are near 0 here

    def v(theta):
        g = np.zeros((3, 3))
        g[np.tril_indices(3)] = theta[:6]
        g = g + np.tril(g, -1).T
        return z @ g @ z.T * same(rows["patient_id"]) + theta[6] * np.eye(len(rows))

    def deviance(theta):
        return dense_algebra(rows["score"].to_numpy(), z, v, theta).deviance

    assert deviance(found) == pytest.approx(fit.deviance, abs=1e-6)
    for step in np.diag(scale * np.maximum(np.abs(found), 1)):
        assert min(deviance(found + step), deviance(found - step)) > fit.deviance + 1e-6

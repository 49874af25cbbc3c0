"""What is predicted of therapists and items: ``s^2 Z' V^-1 (y - X b)``, written out."""

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.stats.mixed_models import fit_mixed_model, fit_mmrm


@pytest.fixture(scope="module")
def rows():
    """Return 24 patients of 6 therapists in two arms, each with four items; some values missing."""
    draws = np.random.default_rng(4)
    n, items = 24, 4
    patient = np.repeat(np.arange(n), items)
    frame = pd.DataFrame(
        {
            "patient_id": patient,
            "therapist_id": [f"T{i}" for i in patient % 6],
            "arm": np.where(patient % 2, "a", "b"),
            "item": np.tile(list("wxyz"), n),
            "weight": draws.uniform(0.5, 2, n * items),
        }
    )
    levels = draws.normal(0, 3, n)[patient] + draws.normal(0, 4, 6)[patient % 6]
    frame["score"] = 50 + levels + np.tile(draws.normal(0, 3, items), n)
    frame["score"] += draws.normal(0, 2, n * items)
    return frame[draws.random(n * items) > 0.15].reset_index(drop=True)


def written_out(fit, rows, columns, weights=None):
    """Return each level's effect from dense matrices and the variances of the fit."""
    variance = fit.variance_components.set_index("group")["estimate"].astype(float)
    own = np.ones(len(rows)) if weights is None else weights.to_numpy()
    v = np.diag(variance["Residual"] / own)
    where = {}
    for name, column in columns.items():
        same = pd.get_dummies(column).astype(float)
        where[name] = same
        v = v + variance[name] * (same @ same.T).to_numpy()
    x = np.asarray(pd.get_dummies(rows["arm"]), dtype=float)
    root = np.linalg.inv(v)
    beta = np.linalg.solve(x.T @ root @ x, x.T @ root @ rows["score"])
    left = root @ (rows["score"] - x @ beta)
    return {name: variance[name] * (same.T @ left) for name, same in where.items()}


def check(fit, expected, names):
    found = fit.cluster_effects.set_index(["cluster", "level"])["estimate"]
    assert list(dict.fromkeys(found.index.get_level_values(0))) == names
    for name in names:
        theirs = expected[name]
        # the search ends where the likelihood is flat to rounding
        np.testing.assert_allclose(found.loc[name][theirs.index], theirs, rtol=1e-5, atol=1e-8)


def test_effects_of_therapists_and_items_are_listed_beside_those_of_patients(rows):
    fit = fit_mixed_model(rows, outcome="score", fixed="arm", random=None, groups="patient_id",
                          nested="therapist_id", crossed="item", weights="weight")  # fmt: skip
    columns = {name: rows[name] for name in ("patient_id", "therapist_id", "item")}
    expected = written_out(fit, rows, columns, rows["weight"])
    check(fit, expected, ["therapist_id", "item"])
    patients = fit.random_effects.set_index("patient_id")["(Intercept)"]
    np.testing.assert_allclose(patients[expected["patient_id"].index], expected["patient_id"],
                               rtol=1e-5, atol=1e-8)  # fmt: skip
    # and together they are what the fitted values hold beside the arms
    means = fit.marginal_means("arm").set_index("arm")["estimate"]
    effects = fit.cluster_effects.set_index(["cluster", "level"])["estimate"]
    added = rows["arm"].map(means).astype(float) + rows["patient_id"].map(patients)
    for name in ("therapist_id", "item"):
        added += rows[name].map(effects.loc[name])
    np.testing.assert_allclose(fit.fitted, added, rtol=1e-9)


def test_effects_are_listed_where_there_are_clusters_only(rows):
    fit = fit_mixed_model(rows, outcome="score", fixed="arm", random=None, groups=None,
                          nested={"therapist_id": "arm"}, crossed="item")  # fmt: skip
    columns = {f"therapist_id ({arm})": rows["therapist_id"].where(rows["arm"] == arm)
               for arm in "ab"} | {"item": rows["item"]}  # fmt: skip
    check(fit, written_out(fit, rows, columns), list(columns))
    assert fit.random_effects is None


def test_effects_of_therapists_are_listed_beside_a_covariance_of_visits(rows):
    # patients apart, so that both models have the same covariance
    rows = rows.assign(score=rows["score"] + 3.0 * (rows["patient_id"] % 5))
    fit = fit_mmrm(rows, outcome="score", fixed="arm", visit="item", subject="patient_id",
                   covariance="compound_symmetry", nested="therapist_id")  # fmt: skip
    mixed = fit_mixed_model(rows, outcome="score", fixed="arm", random=None, groups="patient_id",
                            nested="therapist_id")  # fmt: skip
    pd.testing.assert_frame_equal(fit.cluster_effects, mixed.cluster_effects, rtol=1e-4)


def test_without_clusters_there_are_no_effects_of_them(rows):
    fit = fit_mixed_model(rows, outcome="score", fixed="arm", random=None, groups="patient_id")
    assert fit.cluster_effects is None

"""Is the likelihood that of the model? Set beside plain integration and dense algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gradex_analysis.stats.population_curve.estimation import Limits, integrate
from gradex_analysis.stats.population_curve.following import Likelihood
from gradex_analysis.stats.population_curve.linearized import Linearized
from gradex_analysis.stats.population_curve.parameters import RANDOM, Layout, Parts, Values
from gradex_analysis.stats.population_curve.patients import describe_patients
from gradex_analysis.stats.population_curve.rows import Problem, read
from gradex_analysis.stats.population_curve.search import Point
from gradex_analysis.stats.population_curve.sums import Slots
from gradex_analysis.stats.population_curve.tangent import expect, touch

COLUMNS = {"value": "fear", "time": "minute", "exposure": "exposure", "patient": "patient"}
LAYOUT = Layout((2, 1, 2), frozenset(RANDOM))
#: start, its slope; asymptote; log rate, its slope; triangle; log residual; start of exposures
THETA = np.array([75, 2, 25, -1.6, 0.1, 0.5, 2.0, 6.0, 1.0, -1.5, 4.0, np.log(6.0), 5.0])


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Five patients, 1 to 3 exposures, 1 to 7 ratings at irregular minutes."""
    rng = np.random.default_rng(5)
    rows = [
        (f"p{i}", f"p{i}e{j}", minute, 25 + 50 * np.exp(-0.2 * minute) + rng.normal(0, 6), float(j))
        for i in range(5)
        for j in range(int(rng.integers(1, 4)))
        for minute in np.sort(rng.uniform(0, 12, int(rng.integers(1, 8))))
    ]
    return pd.DataFrame(rows, columns=["patient", "exposure", "minute", "fear", "x"])


@pytest.fixture(scope="module")
def problem(frame: pd.DataFrame) -> Problem:
    return read(frame, COLUMNS, Parts(start="1 + x", rate="1 + x"))


def normal_given(own: pd.DataFrame, values: Values, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Means and covariances of a patient's ratings at each standardised log rate."""
    x, same = own["x"].to_numpy(), own["exposure"].to_numpy()
    rate = np.exp(values.rate[0] + values.rate[1] * x + values.triangle[0, 0] * z[:, None])
    left = np.exp(-rate * own["minute"].to_numpy())
    asymptote = values.asymptote[0] + values.triangle[1, 0] * z[:, None]
    start = values.start[0] + values.start[1] * x + values.triangle[2, 0] * z[:, None]
    columns = np.stack([1 - left, left], axis=-1) @ values.triangle[1:, 1:]
    shared = (same[:, None] == same) * left[:, :, None] * left[:, None, :]
    covariance = columns @ columns.transpose(0, 2, 1) + values.exposure_start**2 * shared
    covariance += np.exp(2 * values.log_residual) * np.eye(len(x))
    return asymptote * (1 - left) + start * left, covariance


def normal_density(own: pd.DataFrame, values: Values, z: np.ndarray) -> np.ndarray:
    """Log density of a patient's ratings at each standardised log rate, by dense algebra."""
    mean, covariance = normal_given(own, values, z)
    apart = own["fear"].to_numpy() - mean
    squares = np.einsum("gi,gi->g", apart, np.linalg.solve(covariance, apart[:, :, None])[:, :, 0])
    logs = np.linalg.slogdet(covariance)[1] + len(own) * np.log(2 * np.pi)
    return -0.5 * (squares + logs)


def patient_densities(own: pd.DataFrame, values: Values, grid: np.ndarray) -> np.ndarray:
    return normal_density(own, values, grid) + stats.norm.logpdf(grid)


def integrate_plainly(frame: pd.DataFrame, theta: np.ndarray) -> float:
    """The log likelihood: a fine grid over the log rate, dense multivariate normals of all else."""
    values, grid = LAYOUT.unpack(theta), np.linspace(-8.0, 8.0, 401)
    total = 0.0
    for _, own in frame.groupby("patient"):
        logs = patient_densities(own, values, grid)
        total += logs.max() + np.log(np.exp(logs - logs.max()).sum() * (grid[1] - grid[0]))
    return float(total)


def settled(problem: Problem, layout: Layout, theta: np.ndarray, n: int) -> Point:
    surface = Likelihood(Slots(problem.ratings), layout, n)
    point = surface.first(theta)
    for _ in range(3):
        point = surface.at(theta, point.message)
    return point


@pytest.mark.parametrize(("nodes", "within"), [(6, 1e-4), (12, 1e-5), (24, 1e-8)])
def test_the_likelihood_is_that_of_plain_integration_the_closer_the_more_nodes(
    frame, problem, nodes, within
):
    found = settled(problem, LAYOUT, THETA, nodes).log_likelihood
    assert found == pytest.approx(integrate_plainly(frame, THETA), abs=within)


def test_asymptote_start_and_rate_integrated_by_nodes_in_three_dimensions_give_the_same(frame):
    # nothing is integrated by formula here: 50 nodes an axis, patient by patient
    layout = Layout((1, 1, 1), frozenset({"asymptote", "rate", "start"}))
    theta = np.array([75, 25, -1.6, 0.5, 2.0, 6.0, 1.0, -1.5, 4.0, np.log(8.0)])
    values = layout.unpack(theta)
    x, weight = np.polynomial.hermite_e.hermegauss(50)
    z = np.stack(np.meshgrid(x, x, x, indexing="ij"), axis=-1).reshape(-1, 3)
    weights = np.einsum("i,j,k->ijk", weight, weight, weight).ravel() / weight.sum() ** 3
    means = np.array([values.rate[0], values.asymptote[0], values.start[0]])
    rate, asymptote, start = (means + z @ values.triangle.T).T[:, :, None]
    few = frame.groupby("exposure").head(2)  # nodes that do not adapt need wide posteriors
    expected = 0.0
    for _, own in few.groupby("patient"):
        left = np.exp(-np.exp(rate) * own["minute"].to_numpy())
        mean = asymptote + (start - asymptote) * left
        logs = stats.norm.logpdf(own["fear"].to_numpy(), mean, 8.0).sum(axis=1)
        expected += np.log(np.exp(logs) @ weights)
    found = settled(read(few, COLUMNS, Parts()), layout, theta, 24).log_likelihood
    assert found == pytest.approx(expected, abs=1e-5)


def test_without_a_spread_of_rates_the_likelihood_is_the_normal_one_of_dense_algebra(
    frame, problem
):
    layout = Layout((2, 1, 2), frozenset({"asymptote", "start", "exposure_start"}))
    theta = np.array([75, 2, 25, -1.6, 0.1, 6.0, -1.5, 4.0, np.log(6.0), 5.0])
    values = layout.unpack(theta)
    expected = 0.0
    for _, own in frame.groupby("patient"):
        (mean,), (covariance,) = normal_given(own, values, np.zeros(1))
        expected += stats.multivariate_normal(mean, covariance).logpdf(own["fear"])
    found = settled(problem, layout, theta, 1).log_likelihood
    assert found == pytest.approx(expected, abs=1e-9)


def differences(log_likelihood, theta: np.ndarray) -> np.ndarray:
    steps = 1e-5 * np.eye(len(theta))
    return np.array([(log_likelihood(theta + h) - log_likelihood(theta - h)) / 2e-5 for h in steps])


def test_the_slopes_are_those_of_plain_integration(frame, problem):
    found = settled(problem, LAYOUT, THETA, 48).gradient
    expected = differences(lambda theta: integrate_plainly(frame, theta), THETA)
    # central differences of a sum of a hundred: rounding over the step
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_the_linearised_slopes_are_those_of_its_likelihood(problem):
    slots = Slots(problem.ratings)
    tangent = touch(slots, expect(problem.ratings, LAYOUT.unpack(THETA)))
    surface = Linearized(slots, LAYOUT)
    expected = differences(lambda theta: surface.at(theta, tangent).log_likelihood, THETA)
    np.testing.assert_allclose(surface.at(THETA, tangent).gradient, expected, atol=1e-6)


def test_patients_have_the_means_and_sds_of_their_posterior(frame, problem):
    slots = Slots(problem.ratings)
    surface = Likelihood(slots, LAYOUT, 48)
    found = describe_patients(problem, surface, settled(problem, LAYOUT, THETA, 48))
    values, grid = LAYOUT.unpack(THETA), np.linspace(-8.0, 8.0, 401)
    for _, row in found.iterrows():
        own = frame[frame["patient"] == row["patient"]]
        logs = patient_densities(own, values, grid)
        share = np.exp(logs - logs.max())
        share /= share.sum()
        mean = share @ grid
        sd = np.sqrt(share @ (grid - mean) ** 2)
        expected = values.rate[0] + values.rate[1] * own.groupby("exposure")["x"].first().mean()
        assert row["log_rate"] == pytest.approx(expected + 0.5 * mean, abs=1e-6)
        assert row["log_rate_sd"] == pytest.approx(0.5 * sd, abs=1e-6)
        assert row["rate_kept"] == pytest.approx(sd**2, abs=1e-6)


def test_standard_errors_are_those_of_the_observed_information(cohort):
    problem = read(cohort(40, seed=3), COLUMNS, Parts())
    layout = Layout((1, 1, 1), frozenset({"asymptote", "rate"}))
    found = integrate(Slots(problem.ratings), layout, Limits(max_nodes=48, max_iterations=100))
    surface = Likelihood(Slots(problem.ratings), layout, 48)

    def at(theta):
        return surface.at(theta, found.point.message).log_likelihood

    steps = np.diag(0.05 / np.sqrt(np.diag(found.information)))
    theta = found.point.theta
    expected = np.array([[
        (at(theta + a + b) - at(theta + a - b) - at(theta - a + b) + at(theta - a - b))
        / (4 * a.sum() * b.sum()) for b in steps] for a in steps])  # fmt: skip
    # second differences at a twentieth of an error: their own error is a thousandth
    scale = np.sqrt(np.diag(found.information))
    np.testing.assert_allclose(
        found.information / np.outer(scale, scale), -expected / np.outer(scale, scale), atol=5e-3
    )

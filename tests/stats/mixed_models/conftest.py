"""Tables with known answers, and what it means to agree with them."""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize

FIXTURES = Path(__file__).parent / "fixtures"
NUMBER = re.compile(r"-?\d*\.?\d+")


def _ordered(table, **levels):
    return table.assign(**{c: pd.Categorical(table[c], order) for c, order in levels.items()})


@pytest.fixture(scope="session")
def trial():
    """96 patients, two arms, four visits; 46 scores missing."""
    rows = pd.read_csv(FIXTURES / "trial.csv")
    return _ordered(rows, arm=["usual_care", "graded_exposure"], visit=[1, 2, 3, 4])


@pytest.fixture(scope="session")
def growth():
    """40 patients at irregular weeks."""
    return pd.read_csv(FIXTURES / "growth.csv")


@pytest.fixture(scope="session")
def lmm_u16():
    """16 patients, a third of the sessions missing."""
    return pd.read_csv(FIXTURES / "lmm_u16.csv")


@pytest.fixture(scope="session")
def mmrm_60():
    """60 patients, four visits, a third missing."""
    rows = pd.read_csv(FIXTURES / "mmrm_60.csv")
    return _ordered(rows, visit=[0, 1, 2, 3], arm=[0, 1])


@pytest.fixture(scope="session")
def oracles():
    """R's answers by case and term: estimate, std_error, df, statistic, p_value."""
    return pd.read_csv(FIXTURES / "oracles.csv").set_index(["case", "term"])


@pytest.fixture(scope="session")
def values():
    """R's answers for lmm_u16 and mmrm_60, with their calls."""
    return json.loads((FIXTURES / "reference_values.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def agree():
    """Return a check of rows of statistics, in the same order, against another program's."""

    def _check(ours, theirs, *, estimate=1e-4, std_error=2e-4, df=1e-3):
        assert len(ours) == len(theirs) > 0
        found = ours[["estimate", "std_error"]].to_numpy(float)
        expected = theirs[["estimate", "std_error"]].to_numpy(float)
        off = np.abs(found[:, 0] - expected[:, 0]) / expected[:, 1]
        assert off.max() <= estimate, f"estimates differ by {off.max():.2g} SE"
        np.testing.assert_allclose(found[:, 1], expected[:, 1], rtol=std_error)
        if "df" in theirs and df is not None:
            np.testing.assert_allclose(ours["df"].astype(float), theirs["df"], rtol=df)
        if "p_value" in theirs and "p_value" in ours:
            # what the tolerances above leave a p of .5
            np.testing.assert_allclose(ours["p_value"], theirs["p_value"], rtol=0.01, atol=2e-4)

    return _check


@pytest.fixture(scope="session")
def deviance_agrees():
    """Return a check of -2 log L: a better optimum is no fault, a worse one is."""

    def _check(ours, theirs, *, above=1e-6, below=1e-5):
        assert theirs - below <= ours <= theirs + above, f"{ours:.8f} against {theirs:.8f}"

    return _check


SECTIONS = (
    "Iteration History",
    "Convergence criteria",
    "Covariance Parameter Estimates",
    "Fit Statistics",
    "Solution for Fixed Effects",
    "Type 3 Tests of Fixed Effects",
    "Differences of Least Squares Means",
    "Least Squares Means",
    "Tests of Effect Slices",
    "PSI example",
)


@pytest.fixture(scope="session")
def read_listing():
    """Return a reader of a section of a SAS listing: {labels: (numbers, half a printed digit)}."""

    def _read(text, section, count):
        rows, inside = {}, False
        for line in text.splitlines():
            heading = next((name for name in SECTIONS if name in line), None)
            inside = heading == section if heading else inside
            parts = re.split(r"\s{2,}", line.strip())
            numbers = [part.removeprefix("<") for part in parts[-count:]]
            if inside and len(parts) > count and all(map(NUMBER.fullmatch, numbers)):
                halves = [0.5 * 10.0 ** -len(n.partition(".")[2]) for n in numbers]
                rows[tuple(parts[:-count])] = (np.array(numbers, float), np.array(halves))
        return rows

    return _read


@pytest.fixture(scope="session")
def agree_as_printed():
    """Return a check of a row against estimate, SE and df as a listing rounds them.

    A search that stopped ``short`` of the optimum, in -2 log L, is off by up to its root, in SE.
    """

    def _check(ours, printed, *, short=0.0, df=True):
        numbers, halves = printed
        near = max(3e-4, np.sqrt(max(short, 0.0)))
        room = np.array([near * numbers[1], 2e-4 * numbers[1], 1e-3 * numbers[2]]) + halves[:3]
        found = ours[["estimate", "std_error", "df"]].to_numpy(float)
        off = np.abs(found - numbers[:3]) / room
        assert off[: 3 if df else 2].max() <= 1 + 1e-9, f"{found} against {numbers[:3]}"

    return _check


@pytest.fixture(scope="session")
def in_the_order_of_r():
    """Return a sorter: our coefficients, all of them, in the order of R's terms."""

    def _key(term):
        spelt = re.sub(r"\[(?:T\.)?([^\]]+)\]", r"\1", term)
        parts = {"(Intercept)": "Intercept", "bdi.pre": "pre", "wk": "week"}
        return frozenset(parts.get(part, part) for part in spelt.split(":"))

    def _sort(ours, terms):
        rows = {_key(term): i for i, term in enumerate(ours["term"])}
        assert set(rows) == set(map(_key, terms))
        return ours.iloc[[rows[_key(term)] for term in terms]]

    return _sort


@dataclass(frozen=True)
class Dense:
    """REML of ``y ~ N(X b, V(theta))`` in dense matrices, derivatives by differences."""

    y: np.ndarray
    x: np.ndarray
    v: object
    theta: np.ndarray

    @classmethod
    def fit(cls, y, x, v, start):
        def deviance(theta):
            return cls(y, x, v, theta).deviance

        theta = optimize.minimize(deviance, start, jac="3-point", options={"gtol": 1e-4}).x
        for _ in range(3):  # Newton's steps from there
            here = cls(y, x, v, theta)
            up = [deviance(theta + h) - deviance(theta - h) for h in here.steps(1e-4)]
            half = np.array(up) / 4e-4
            theta = theta - np.linalg.solve(here.information("observed"), half)
        return cls(y, x, v, theta)

    @property
    def deviance(self):
        try:
            root = np.linalg.cholesky(self.v(self.theta))
        except np.linalg.LinAlgError:
            return 1e12  # no likelihood there; a number, so that differences are numbers
        n, p = self.x.shape
        both = np.linalg.solve(root, np.column_stack([self.x, self.y]))
        r = np.linalg.qr(both, mode="r")
        fixed = 2 * np.log(np.abs(np.diag(r)[:p])).sum()
        size = 2 * np.log(np.diag(root)).sum()
        return (n - p) * np.log(2 * np.pi) + size + fixed + r[p, p] ** 2

    @cached_property
    def w(self):
        return np.linalg.inv(self.v(self.theta))

    @cached_property
    def phi(self):
        return np.linalg.inv(self.x.T @ self.w @ self.x)

    @property
    def beta(self):
        return self.phi @ self.x.T @ self.w @ self.y

    def steps(self, size):
        return [size * unit for unit in np.eye(len(self.theta))]

    @cached_property
    def slopes(self):
        return [(self.v(self.theta + h) - self.v(self.theta - h)) / 2e-5 for h in self.steps(1e-5)]

    def information(self, kind):
        if kind == "expected":
            wx = self.w @ self.x
            p = self.w - wx @ self.phi @ wx.T
            half = [p @ slope for slope in self.slopes]
            return np.array([[np.sum(a * b.T) / 2 for b in half] for a in half])

        def at(shift):
            return Dense(self.y, self.x, self.v, self.theta + shift).deviance

        return np.array([[(at(g + h) - at(g - h) - at(h - g) + at(-g - h)) / (8 * 1e-6)
                          for h in self.steps(1e-3)] for g in self.steps(1e-3)])  # fmt: skip

    def df(self, kind):
        """Return Satterthwaite's df of every coefficient."""
        spread = np.linalg.inv(self.information(kind))
        middle = [self.x.T @ self.w @ slope @ self.w @ self.x for slope in self.slopes]
        change = np.array([np.diag(self.phi @ m @ self.phi) for m in middle])
        return 2 * np.diag(self.phi) ** 2 / np.einsum("ki,kl,li->i", change, spread, change)

    def kenward_roger(self, kind):
        wx = self.w @ self.x
        first = [-wx.T @ s @ wx for s in self.slopes]
        w = np.linalg.inv(self.information(kind))
        inner = sum(
            w[i, j] * (wx.T @ a @ self.w @ b @ wx - first[i] @ self.phi @ first[j])
            for i, a in enumerate(self.slopes) for j, b in enumerate(self.slopes)
        )  # fmt: skip
        return self.phi + 2 * self.phi @ inner @ self.phi, first, w

    def f_test(self, lines, kind):
        """Kenward and Roger 1997, section 2: F, its scale and its denominator's df."""
        adjusted, first, w = self.kenward_roger(kind)
        theta = lines.T @ np.linalg.solve(lines @ self.phi @ lines.T, lines)
        parts = [theta @ self.phi @ p @ self.phi for p in first]
        pairs = [(i, j) for i in range(len(w)) for j in range(len(w))]
        a1 = sum(w[i, j] * np.trace(parts[i]) * np.trace(parts[j]) for i, j in pairs)
        a2 = sum(w[i, j] * np.trace(parts[i] @ parts[j]) for i, j in pairs)
        k = len(lines)
        b = (a1 + 6 * a2) / (2 * k)
        g = ((k + 1) * a1 - (k + 4) * a2) / ((k + 2) * a2)
        c = np.array([g, k - g, k + 2 - g]) / (3 * k + 2 * (1 - g))
        mean = 1 / (1 - a2 / k)
        spread = 2 / k * (1 + c[0] * b) / ((1 - c[1] * b) ** 2 * (1 - c[2] * b))
        df = 4 + (k + 2) / (k * spread / (2 * mean**2) - 1)
        wald = lines @ self.beta @ np.linalg.solve(lines @ adjusted @ lines.T, lines @ self.beta)
        return df / (mean * (df - 2)) * wald / k, df


@pytest.fixture(scope="session")
def dense_algebra():
    """Return the slow likelihood; ``fit(y, x, v, start)`` finds its optimum."""
    return Dense

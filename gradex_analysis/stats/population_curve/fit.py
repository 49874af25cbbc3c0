"""What does a fitted population of decays say?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.design import Design
from gradex_analysis.stats.population_curve import courses
from gradex_analysis.stats.population_curve.components import differentiate
from gradex_analysis.stats.population_curve.parameters import PARTS, Layout

NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
ENDS = ("estimate", "ci_low", "ci_high")
LEVELS = ("typical", "mean")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PopulationFit:
    """A fitted population of ``y = A + (R - A) exp(-k t) + e``.

    ``coefficients`` are of start ``R`` and asymptote ``A`` in the ratings' unit, of the rate on
    ``log k``. Intervals and p values are normal. ``variance_components`` are ``level, effect,
    other, quantity, estimate, std_error, ci_low, ci_high, at_boundary``: SDs and correlations;
    what has no variance is there with 0, without an interval. ``patients`` has a row per patient,
    see ``describe_patients``. ``excluded`` lists the rows left out, by label, with the reason.
    ``statuses`` says of each ``quantity`` that is not simply estimated its ``status`` and why.
    ``converged``: the search ended at a top; ``notes`` say in sentences what a reader must know.
    """

    designs: Mapping[str, Design]
    layout: Layout
    theta: Floats
    #: covariance of ``theta``
    covariance: Floats
    variance_components: pd.DataFrame
    log_likelihood: float
    n_nodes: int
    converged: bool
    patients: pd.DataFrame
    excluded: pd.DataFrame
    statuses: pd.DataFrame
    notes: tuple[str, ...]
    n_ratings: int
    n_exposures: int
    n_patients: int
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show the coefficients in a few lines."""
        notes = "".join(f"\n{note}" for note in self.notes)
        return (
            f"PopulationFit by {self.settings['method']}: {self.n_ratings:,} ratings in "
            f"{self.n_exposures:,} exposures of {self.n_patients:,} patients, "
            f"{len(self.excluded):,} rows left out\n"
            f"{self.coefficients.to_string(index=False)}{notes}"
        )

    @property
    def terms(self) -> list[tuple[str, str]]:
        """Part and term of every coefficient."""
        return [(part, name) for part in PARTS for name in self.designs[part].names]

    @property
    def coefficients(self) -> pd.DataFrame:
        """One row per coefficient: ``part, term, estimate ... statistic, p_value``."""
        n = self.layout.n_fixed
        frame = pd.DataFrame(self.terms, columns=["part", "term"])
        lines = self._judge(self.theta[:n], self.covariance[:n, :n])
        return pd.concat([frame, _tested(lines)], axis=1)

    @property
    def residual_sd(self) -> float:
        """Standard deviation of a rating about the course of its exposure."""
        return float(np.exp(self.theta[self.layout.residual]))

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return 2.0 * (self.layout.size - self.log_likelihood)

    @property
    def _quantile(self) -> float:
        return float(special.ndtri((1.0 + self.settings["confidence"]) / 2.0))

    def combine(self, weights: Mapping[str, Mapping[tuple[str, str], float]]) -> pd.DataFrame:
        """Estimate sums of coefficients: ``{"B - A": {("rate", "arm[T.B]"): 1.0}}``.

        One row per name; a sum over terms of the rate is a logarithm: ``exp`` of its estimate and
        ends is a ratio of rates.
        """
        rows = np.zeros((len(weights), self.layout.size))
        terms = self.terms
        for row, own in zip(rows, weights.values(), strict=True):
            for term, weight in own.items():
                if term not in terms:
                    raise UnknownNameError("term", term, [str(name) for name in terms])
                row[terms.index(term)] = weight
        if not rows.any(axis=1).all():
            raise CannotAnswerError("A contrast whose weights are all 0 says nothing.")
        lines = self._judge(rows @ self.theta, rows @ self.covariance @ rows.T)
        lines = _tested(lines)
        lines.insert(0, "contrast", list(weights))
        return lines

    def parts(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Estimate the typical patient's parts at the covariates of each row of ``frame``.

        Returns the rows with ``part`` (start, asymptote, fall, rate, half_life) and its numbers;
        the fall is start less asymptote, intervals of rate and half-life come from the log rate's.
        """
        rows = self._rows(frame)
        found = []
        for signs in ({"start": 1}, {"asymptote": 1}, {"start": 1, "asymptote": -1}, {"rate": 1}):
            own = np.zeros((len(frame), self.layout.size))
            for part, sign in signs.items():
                own[:, self.layout.parts[part]] = sign * rows[part]
            lines = self._judge(own @ self.theta, own @ self.covariance @ own.T)
            found += [_back(lines, name) for name in _NAMED["-".join(signs)]]
        blocks = [frame.reset_index(drop=True).join(lines) for lines in found]
        return pd.concat(blocks, ignore_index=True)

    def predict(
        self, frame: pd.DataFrame, times: npt.ArrayLike, *, level: str = "typical"
    ) -> pd.DataFrame:
        """Predict the course at the covariates of each row of ``frame`` and every time.

        ``typical``: the patient whose random effects are 0. ``mean``: the average over patients,
        each with a course of their own. Bands are pointwise, for the course, not for ratings.
        """
        if level not in LEVELS:
            raise UnknownNameError("level", level, LEVELS)
        time = np.atleast_1d(np.asarray(times, dtype="float64"))
        rows = self._rows(frame)
        course = courses.typical if level == "typical" else courses.mean

        def at(theta: npt.NDArray[Any]) -> npt.NDArray[Any]:
            return course(self.layout.unpack(theta), rows, time).ravel()

        slopes = differentiate(at, self.theta)
        variance = np.einsum("ki,kl,li->i", slopes, self.covariance, slopes)
        lines = self._numbers(at(self.theta), np.sqrt(variance))
        repeated = frame.loc[frame.index.repeat(len(time))].reset_index(drop=True)
        repeated[self.settings["time"]] = np.tile(time, len(frame))
        return repeated.join(lines)

    def _rows(self, frame: pd.DataFrame) -> dict[str, Floats]:
        """Return the columns of every part at the covariates of a frame."""
        if not len(frame):
            raise CannotAnswerError("frame has no row: one row per course that is wanted.")
        for part in PARTS:
            for name in self.designs[part].used.columns:
                if name not in frame:
                    raise UnknownNameError("frame", sorted(frame.columns), [str(name)])
        return {part: self.designs[part].rows_at(frame) for part in PARTS}

    def _judge(self, estimates: Floats, covariance: Floats) -> pd.DataFrame:
        return self._numbers(estimates, np.sqrt(np.diag(covariance)))

    def _numbers(self, estimate: Floats, error: Floats) -> pd.DataFrame:
        half = self._quantile * error
        columns = (estimate, error, estimate - half, estimate + half)
        return pd.DataFrame(dict(zip(NUMBERS, columns, strict=True)))


_NAMED = {
    "start": ["start"],
    "asymptote": ["asymptote"],
    "start-asymptote": ["fall"],
    "rate": ["rate", "half_life"],
}


def _tested(lines: pd.DataFrame) -> pd.DataFrame:
    statistic = lines["estimate"] / lines["std_error"]
    return lines.assign(statistic=statistic, p_value=2.0 * special.ndtr(-statistic.abs()))


def _back(lines: pd.DataFrame, part: str) -> pd.DataFrame:
    """Carry numbers of the log rate to the rate or to the half-life; others stay."""
    if part == "rate":
        own = {name: np.exp(lines[name]) for name in ENDS}
    elif part == "half_life":  # slow is long: the ends change places
        turned = zip(ENDS, ("estimate", "ci_high", "ci_low"), strict=True)
        own = {name: np.log(2.0) * np.exp(-lines[other]) for name, other in turned}
    else:
        return lines[NUMBERS].assign(part=part)[["part", *NUMBERS]]
    error = own["estimate"] * lines["std_error"]
    return pd.DataFrame({**own, "std_error": error, "part": part})[["part", *NUMBERS]]

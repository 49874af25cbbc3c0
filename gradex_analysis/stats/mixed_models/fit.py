"""What does a fitted mixed model say?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import grids
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.design import Design
from gradex_analysis.stats.mixed_models.inference import Estimates

NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"]
MEANS = ["estimate", "std_error", "df", "ci_low", "ci_high"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class MixedFit:
    """A fitted model ``y_i ~ N(X_i b, V_i)``.

    Estimates have the outcome's unit; a contrast is the named level minus the reference. ``df``,
    intervals and p values all follow ``settings["df"]``. ``log_likelihood`` is that of
    ``settings["method"]``, its ``aic`` and ``bic`` count the covariance parameters (and, for ML,
    the coefficients); ``bic`` takes the patients as the sample.

    ``excluded`` lists the rows of the data left out, by their label, with what they lack;
    ``attempts`` the covariances tried; ``notes`` what a reader must know of the fit.
    ``variance_components`` are ``group, term, other, estimate, at_boundary``;
    ``residual_covariance`` holds a frame of visits per covariance group (``fit_mmrm``);
    ``random_effects`` one row per group, and ``cluster_effects`` are ``cluster, level, estimate``,
    as predicted (BLUP); ``fitted`` of ``fit_mixed_model`` includes both, that of ``fit_mmrm`` none.
    """

    design: Design
    estimates: Estimates
    deviance: float
    n_covariance_parameters: int
    n_rows: int
    n_subjects: int
    variance_components: pd.DataFrame
    residual_covariance: dict[str, pd.DataFrame] | None
    random_effects: pd.DataFrame | None
    cluster_effects: pd.DataFrame | None
    fitted: pd.Series
    residuals: pd.Series
    excluded: pd.DataFrame
    attempts: pd.DataFrame
    notes: tuple[str, ...]
    settings: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        settings = self.settings
        covariance = settings.get("covariance") or f"random {settings['random'] or 'intercept'}"
        notes = "".join(f"\n{note}" for note in self.notes)
        return (
            f"MixedFit: {settings['outcome']} ~ {settings['fixed']}; {covariance}; "
            f"{settings['method'].upper()}, {settings['df']}; {self.n_rows:,} rows used, "
            f"{len(self.excluded):,} left out\n{self.coefficients.to_string(index=False)}{notes}"
        )

    @property
    def converged(self) -> bool:
        """Whether the search for the covariance ended at the likeliest one."""
        return bool(self.attempts["converged"].iloc[-1])

    @property
    def coefficients(self) -> pd.DataFrame:
        """One row per column of the design."""
        frame = self._lines(np.eye(len(self.design.names)))
        frame.insert(0, "term", self.design.names)
        return frame

    @property
    def covariance(self) -> pd.DataFrame:
        """Covariance of the coefficients, as the chosen method has it."""
        names = self.design.names
        return pd.DataFrame(self.estimates.covariance, index=names, columns=names)

    @property
    def log_likelihood(self) -> float:
        """Log likelihood, restricted where the method is REML."""
        return -self.deviance / 2

    @property
    def aic(self) -> float:
        """Akaike's information criterion."""
        return self.deviance + 2 * self._n_counted

    @property
    def bic(self) -> float:
        """Schwarz's information criterion, over patients."""
        return self.deviance + float(np.log(self.n_subjects)) * self._n_counted

    @property
    def _n_counted(self) -> int:
        is_ml = self.settings["method"] == "ml"
        return self.n_covariance_parameters + (len(self.design.names) if is_ml else 0)

    def _lines(self, weights: Floats, columns: Sequence[str] = NUMBERS) -> pd.DataFrame:
        lines = self.estimates.lines(weights, self.settings["confidence"])
        return pd.DataFrame({name: lines[name] for name in columns})

    def grid(
        self, factors: str | Sequence[str], at: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return the cells of ``factors`` with the weights of each cell's mean, by coefficient."""
        cells, rows = self.design.grid(_listed(factors), at)
        return cells.join(pd.DataFrame(rows, columns=self.design.names))

    def marginal_means(
        self, factors: str | Sequence[str], *, at: Mapping[str, Any] | None = None
    ) -> pd.DataFrame:
        """Estimate the mean of every cell of the named factors (least-squares means).

        Covariates stand at their mean over the rows used, or as ``at`` says; other factors are
        averaged with equal weights.
        """
        cells, rows = self.design.grid(_listed(factors), at)
        return cells.join(self._lines(rows, MEANS))

    def contrasts(
        self,
        factor: str,
        *,
        by: str | Sequence[str] | None = None,
        reference: object = None,
        at: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Contrast the levels of a factor with one of them, or all pairs, within each ``by``."""
        strata = _listed(by)
        cells, rows = self.design.grid([*strata, factor], at)
        found, weights = grids.contrast(cells, rows, factor, strata, reference)
        return found.join(self._lines(weights))

    def slopes(
        self,
        covariate: str,
        *,
        by: str | Sequence[str] | None = None,
        at: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Estimate the outcome's change per unit of a covariate, within each ``by``."""
        cells, rows = self._slope_rows(covariate, _listed(by), at)
        return cells.join(self._lines(rows))

    def slope_contrasts(
        self,
        covariate: str,
        factor: str,
        *,
        reference: object = None,
        at: Mapping[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Contrast the levels of a factor in their slope along a covariate."""
        cells, rows = self._slope_rows(covariate, [factor], at)
        found, weights = grids.contrast(cells, rows, factor, [], reference)
        return found.join(self._lines(weights))

    def _slope_rows(
        self, covariate: str, factors: list[str], at: Mapping[str, Any] | None
    ) -> tuple[pd.DataFrame, Floats]:
        if covariate not in self.design.means:
            raise UnknownNameError("covariate", covariate, list(self.design.means))
        held = dict(at or {})
        middle = float(held.get(covariate, self.design.means[covariate]))
        # a difference over one unit would be no slope where the formula bends the covariate
        step = 1e-4 * max(1.0, abs(middle))
        cells, up = self.design.grid(factors, {**held, covariate: middle + step})
        _, down = self.design.grid(factors, {**held, covariate: middle - step})
        return cells, (up - down) / (2 * step)

    def combine(self, weights: pd.DataFrame | Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
        """Estimate sums of coefficients of one's own: a row (or entry) per contrast.

        A term that is not named weighs 0, and so does an empty cell of a frame.
        """
        names, rows = grids.lay_weights(weights, self.design.names)
        found = self._lines(rows)
        found.insert(0, "contrast", names)
        return found

    def test(self, terms: Sequence[str] | npt.ArrayLike) -> dict[str, Any]:
        """Test jointly (F) that these coefficients, or rows of weights, are 0.

        Returns ``statistic, df_between, df, df_method, p_value``; ``df_method`` says where
        Kenward-Roger's scaled F does not exist and Satterthwaite's stands for it.
        """
        names = self.design.names
        if isinstance(terms, Sequence) and all(isinstance(name, str) for name in terms):
            for name in terms:
                if name not in names:
                    raise UnknownNameError("term", str(name), names)
            terms = np.eye(len(names))[[names.index(str(name)) for name in terms]]
        weights = np.atleast_2d(np.asarray(terms, dtype="float64"))
        if weights.shape[1] != len(names) or not np.isfinite(weights).all() or not weights.any():
            raise CannotAnswerError(
                f"A joint test needs rows of {len(names)} weights, one per coefficient, not all 0."
            )
        return self.estimates.test(weights)

    def test_effects(self) -> pd.DataFrame:
        """Test every term of the formula jointly, as SAS does in type III.

        A main effect within an interaction is averaged over the levels of the other factors, and
        taken where covariates are 0.
        """
        hypotheses = self.design.hypotheses().items()
        return pd.DataFrame([{"term": term, **self.test(own)} for term, own in hypotheses])


def _listed(names: str | Sequence[str] | None) -> list[str]:
    return [names] if isinstance(names, str) else list(names or [])

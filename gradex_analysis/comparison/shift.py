"""By how much does a contrast of arms move when one point is added to what is missing?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError

Floats = npt.NDArray[np.float64]

#: of a patient's leverage, left of 1, below which a patient is fitted without error
FITTED = 1e-10


@dataclass(frozen=True)
class Shift:
    """The adjusted difference in the share missing, its variance, and how it goes with the rest.

    ``covariance`` is that with the contrast as it stands: where patients who did worse before are
    those who leave, both are high in the same samples.
    """

    share: float
    variance: float
    covariance: float


def measure_shift(
    patients: pd.DataFrame,
    touched: pd.Series,
    contrast: tuple[str, str],
    adjusted_for: Sequence[str],
) -> Shift:
    """Measure ``w = l' m``: what adding 1 to the missing values ``m`` does to the contrast.

    ``l`` are the weights that the complete-data estimator (least squares on arms and covariates)
    gives to each patient; ``w`` is therefore the contrast of arms in ``m`` itself. Its variance is
    ``sum l^2 e^2 / (1 - h)`` (HC2: a share of 0 and 1 has its own variance in every arm), and the
    covariance is the same sum with the patients' expected residuals in place of one ``e``.

    References
    ----------
    MacKinnon & White (1985), doi:10.1016/0304-4076(85)90158-7 (HC2)
    """
    design, arms = _make_design(patients, adjusted_for)
    inverse = np.linalg.pinv(design)
    arm, reference = (inverse[arms.index(name)] for name in contrast)
    weights = arm - reference
    missing = touched.to_numpy(dtype="float64")
    left = missing - design @ (inverse @ missing)
    free = 1 - np.sum(design * inverse.T, axis=1)
    scaled = np.divide(weights**2 * left, free, out=np.zeros_like(free), where=free > FITTED)
    expected = patients["residual"].to_numpy(dtype="float64") if "residual" in patients else 0.0
    return Shift(
        share=float(weights @ missing),
        variance=float(scaled @ left),
        covariance=float(np.sum(scaled * expected)),
    )


def _make_design(patients: pd.DataFrame, adjusted_for: Sequence[str]) -> tuple[Floats, list[str]]:
    """Make a column per arm, then the covariates: numbers in SD from their mean, words as 0 and 1.

    Least squares by the pseudo-inverse needs no column left out.
    """
    lacking = patients.loc[patients[[*adjusted_for]].isna().any(axis=1)]
    if len(lacking):
        raise CannotAnswerError(
            f"{len(lacking)} patients lack what the contrast is adjusted for "
            f"({', '.join(adjusted_for)}): they are not part of the model."
        )
    arms = [str(name) for name in patients["arm"].unique()]
    by_arm = np.column_stack([patients["arm"] == arm for arm in arms]).astype("float64")
    covariates = [own for name in adjusted_for for own in _code(patients[name])]
    return np.column_stack([by_arm, *covariates]), arms


def _code(values: pd.Series) -> Iterator[Floats]:
    if not pd.api.types.is_numeric_dtype(values):
        for level in sorted(values.unique())[1:]:
            yield (values == level).to_numpy(dtype="float64")
        return
    numbers = values.to_numpy(dtype="float64")
    if spread := numbers.std():
        yield (numbers - numbers.mean()) / spread

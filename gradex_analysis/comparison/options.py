"""Which choices shape a comparison, and which of them go together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypedDict

import numpy as np

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import COVARIANCES

ANCOVA, CHANGE, MMRM, GROWTH = "ancova", "change_score", "mmrm", "growth"
METHODS = (MMRM, ANCOVA, GROWTH, CHANGE)
RANDOM, CR2 = "random", "CR2"
COVARIATE, CONSTRAINED = "covariate", "constrained"

_OFFERED: dict[str, tuple[str | bool | None, ...]] = {
    "covariance": tuple(name for name in COVARIANCES if name != "spatial_exponential"),
    "df": ("kenward-roger", "satterthwaite"),
    "variances_by_arm": (False, True),
    "therapist": (None, RANDOM, CR2),
    "baseline": (COVARIATE, CONSTRAINED),
    "analysis_set": ("intention_to_treat", "completers", "per_protocol"),
    "multiplicity": (None, "holm", "hochberg", "benjamini_hochberg"),
    "standardise_by": ("baseline", "occasion"),
}
#: options that say something about some methods only
_BELONGS = {"covariance": (MMRM,), "baseline": (MMRM,), "variances_by_arm": (MMRM, ANCOVA, CHANGE)}


class Options(TypedDict, total=False):
    """What may be given to ``compare_arms`` beside method, occasion and covariates.

    ``covariance`` ("unstructured" and eight others) and ``baseline`` ("covariate" or "constrained",
    where the baseline is one of the outcomes and the arms share its mean) belong to the MMRM;
    ``df`` is "kenward-roger" or "satterthwaite"; ``variances_by_arm``; ``therapist`` (None,
    "random", "CR2"); ``analysis_set`` ("intention_to_treat", "completers", "per_protocol");
    ``multiplicity`` (None, "holm", "hochberg", "benjamini_hochberg"); ``standardise_by``
    ("baseline", "occasion"); ``delta``, points added to what is missing (None: steps until the
    answer turns).
    """

    covariance: str
    df: str
    variances_by_arm: bool
    therapist: str | None
    baseline: str
    analysis_set: str
    multiplicity: str | None
    standardise_by: str
    delta: Sequence[float] | None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Everything that was chosen before the numbers were seen."""

    method: str
    at: str | None
    covariates: tuple[str, ...]
    covariance: str = "unstructured"
    df: str = "kenward-roger"
    variances_by_arm: bool = False
    therapist: str | None = None
    baseline: str = COVARIATE
    analysis_set: str = "intention_to_treat"
    multiplicity: str | None = None
    standardise_by: str = "baseline"
    delta: tuple[float, ...] | None = None

    @property
    def is_longitudinal(self) -> bool:
        """Whether the model holds every occasion after the baseline."""
        return self.method in (MMRM, GROWTH)

    @property
    def is_constrained(self) -> bool:
        """Whether the baseline is one of the outcomes."""
        return self.baseline == CONSTRAINED

    @property
    def is_plain(self) -> bool:
        """Whether least squares at one occasion answer, one variance and nobody clustered."""
        return not (self.is_longitudinal or self.therapist or self.variances_by_arm)

    def settings(self) -> dict[str, Any]:
        """Return the choices that this method has, as JSON values."""
        mine = {name: value for name, value in asdict(self).items() if _has(self.method, name)}
        del mine["covariates"], mine["at"]
        if self.is_plain:
            mine["df"] = "residual"
        return mine | {"delta": None if self.delta is None else list(self.delta)}


def choose(
    method: str, at: str | None, covariates: Sequence[str], given: Mapping[str, Any]
) -> Plan:
    """Check every choice and return them all, those not made at what is usual.

    Raises ``UnknownNameError`` for a name or a value that is not on offer.
    """
    if method not in METHODS:
        raise UnknownNameError("method", method, METHODS)
    on_offer = [name for name in Options.__annotations__ if _has(method, name)]
    for name, value in given.items():
        if name not in on_offer:
            raise UnknownNameError(f"An option of method {method!r}", name, on_offer)
        if name in _OFFERED and value not in _OFFERED[name]:
            raise UnknownNameError(name, value, [str(one) for one in _OFFERED[name]])
    if isinstance(covariates, str):
        raise CannotAnswerError(f"covariates is a list of columns: say [{covariates!r}].")
    delta = given.get("delta")
    chosen = {**given, "delta": None if delta is None else _numbers(delta)}
    plan = Plan(method=method, at=at, covariates=tuple(covariates), **chosen)
    if plan.is_constrained and plan.variances_by_arm:
        raise CannotAnswerError(
            "In the constrained model the arms share what they had at baseline, its variance too: "
            "variances_by_arm goes with baseline='covariate' only."
        )
    return plan


def _has(method: str, name: str) -> bool:
    return method in _BELONGS.get(name, METHODS)


def _numbers(delta: Sequence[float]) -> tuple[float, ...]:
    try:
        numbers = np.asarray(list(delta), dtype="float64")
    except (TypeError, ValueError):
        numbers = np.array([np.nan])
    if numbers.ndim != 1 or not len(numbers) or not np.isfinite(numbers).all():
        raise CannotAnswerError("delta is a list of finite numbers of points, for instance [1, 2].")
    return tuple(float(one) for one in numbers)

"""What else shapes a fit, and what may be said of it?"""

from __future__ import annotations

import numbers
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict

from gradex_analysis.errors import CannotAnswerError, UnknownNameError

#: a column of clusters; several; or ``{column: by}``, a variance for every value of ``by``
ClusterColumns = str | Sequence[str] | Mapping[str, str | None] | None
#: ``{column of clusters: the covariates along which they differ}``
ClusterSlopes = Mapping[str, Sequence[str]] | None


class Options(TypedDict, total=False):
    """Options of both kinds of fit; see ``How``."""

    df: str
    method: str
    information: str
    robust: str | None
    clusters: str | None
    weights: str | None
    slopes: ClusterSlopes
    fallback: bool
    max_iterations: int
    confidence: float


@dataclass(frozen=True, kw_only=True)
class How:
    """How a model is fitted and judged.

    ``df``: ``kenward-roger``, ``satterthwaite`` or ``residual`` (n - p). ``method``: ``reml`` or
    ``ml``. ``information`` on the covariance parameters: ``observed`` (as R mmrm, SAS, lmerTest)
    or ``expected`` (as pbkrtest). ``robust``: ``CR0`` or ``CR2`` standard errors with Bell and
    McCaffrey's df, by ``clusters``. ``weights``: a column; a row's variance is divided by it.
    ``slopes``: ``{"item": ["week"]}`` lets clusters differ in slope, independently of all else.
    ``fallback``: whether a covariance that cannot be estimated gives way to a plainer one.
    """

    df: str = "kenward-roger"
    method: str = "reml"
    information: str
    robust: str | None = None
    clusters: str | None = None
    weights: str | None = None
    slopes: ClusterSlopes = None
    fallback: bool = True
    max_iterations: int = 60
    confidence: float = 0.95

    @classmethod
    def read(cls, information: str, options: Mapping[str, Any]) -> How:
        """Read options over their defaults; refuse names and values nobody knows."""
        known = [field.name for field in fields(cls)]
        for name in options:
            if name not in known:
                raise UnknownNameError("option", name, known)
        how = cls(**{"information": information, **options})
        for name, offered in _OFFERED.items():
            if (value := getattr(how, name)) not in offered:
                raise UnknownNameError(name, str(value), [str(o) for o in offered])
        if not (_is_number(how.confidence) and 0 < how.confidence < 1):
            raise CannotAnswerError(
                f"confidence is a share between 0 and 1, such as 0.95; not {how.confidence!r}."
            )
        steps = how.max_iterations
        if not (_is_number(steps) and isinstance(steps, numbers.Integral) and steps >= 1):
            raise CannotAnswerError(f"max_iterations is a whole number from 1 on; not {steps!r}.")
        return how

    def as_settings(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return asdict(self)


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


_OFFERED: Mapping[str, tuple[str | None, ...]] = {
    "df": ("kenward-roger", "satterthwaite", "residual"),
    "method": ("reml", "ml"),
    "information": ("observed", "expected"),
    "robust": (None, "CR0", "CR2"),
}

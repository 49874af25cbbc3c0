"""What else shapes a fit, and what may be said of it?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict

from gradex_analysis.errors import UnknownNameError

#: a column of clusters; several; or ``{column: by}``, a variance for every value of ``by``
ClusterColumns = str | Sequence[str] | Mapping[str, str | None] | None


class Options(TypedDict, total=False):
    """Options of both kinds of fit; see ``How``."""

    df: str
    method: str
    information: str
    robust: str | None
    clusters: str | None
    weights: str | None
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
    ``fallback``: whether a covariance that cannot be estimated gives way to a plainer one.
    """

    df: str = "kenward-roger"
    method: str = "reml"
    information: str
    robust: str | None = None
    clusters: str | None = None
    weights: str | None = None
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
        return how

    def as_settings(self) -> dict[str, Any]:
        """Return them as JSON values."""
        return asdict(self)


_OFFERED: Mapping[str, tuple[str | None, ...]] = {
    "df": ("kenward-roger", "satterthwaite", "residual"),
    "method": ("reml", "ml"),
    "information": ("observed", "expected"),
    "robust": (None, "CR0", "CR2"),
}

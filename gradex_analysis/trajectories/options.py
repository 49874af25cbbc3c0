"""What shapes a model of courses?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypedDict

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.trajectories.basis import Model, check_model

#: draws of a band
FEWEST = 100


class Options(TypedDict, total=False):
    """Options of a model; see ``How``."""

    knot: float | None
    reference: str | None
    df: str
    n_draws: int


@dataclass(frozen=True, kw_only=True)
class How:
    """How courses are modelled.

    ``knot``: where a piecewise course bends, on the axis of time (a day, the number of a session or
    exposure), fixed beforehand; without it, over days, the end of treatment as observed.
    ``reference``: the arm with which the slopes of the others are compared; without it, all pairs.
    ``df``: ``kenward-roger``, ``satterthwaite`` or ``residual``. ``n_draws``: of the band.
    """

    model: Model
    knot: float | None = None
    reference: str | None = None
    df: str = "kenward-roger"
    n_draws: int = 50_000


def read_options(model: str | None, options: Mapping[str, Any]) -> How | None:
    """Read a model and its options; refuse what nobody knows, and what would say nothing."""
    known = [field.name for field in fields(How) if field.name != "model"]
    for name in options:
        if name not in known:
            raise UnknownNameError("option", name, known)
    if model is None:
        if options:
            raise CannotAnswerError(f"{', '.join(options)} shapes a model: say which, model=.")
        return None
    how = How(model=check_model(model), **options)
    _check_knot(how.knot)
    if isinstance(how.n_draws, bool) or not isinstance(how.n_draws, int) or how.n_draws < FEWEST:
        raise CannotAnswerError(
            f"n_draws is a whole number of draws, {FEWEST} or more; not {how.n_draws!r}."
        )
    if how.knot is not None and model != "piecewise":
        raise CannotAnswerError(f"A {model} course has no knot: say model='piecewise'.")
    return how


def _check_knot(knot: object) -> None:
    is_number = isinstance(knot, (int, float)) and not isinstance(knot, bool)
    if knot is not None and not (is_number and math.isfinite(float(knot))):  # type: ignore[arg-type]
        raise CannotAnswerError(
            f"knot is a number on the axis of time, such as a day; not {knot!r}. Without it, over "
            "days, a course bends at the end of treatment."
        )

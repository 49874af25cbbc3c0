"""What is the change per session with the items' difficulty held, and with it left out?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

HELD, IGNORED = "difficulty held", "difficulty left out"
PLACES = 20
MET_ONCE = (
    "No item was met at two times: difficulty is held by expected fear alone, and an error in that "
    "draws the change towards a rise."
)
NO_SLOPES = "Slopes do not differ by patient in the model: it cannot be fitted with it."


@dataclass(frozen=True)
class Clock:
    """How a time is shown."""

    label: str
    per: str


TIMES = {
    "session_number": Clock("Sessions since the first exposure", "session"),
    "days": Clock("Weeks since the first exposure", "week"),
}


@dataclass(frozen=True)
class Both:
    """The two models' slopes, the coefficient of difficulty, variances, lines and notes."""

    slopes: pd.DataFrame
    difficulty: pd.DataFrame
    variances: pd.DataFrame
    lines: pd.DataFrame
    fixed: str
    notes: list[str]


def fit_both(rows: pd.DataFrame) -> Both:
    """Fit the model with the difficulty of items, and the one without.

    ``rows`` has ``patient_id, group, item_id, time, value, expected_fear, recalled``.
    """
    _refuse(rows)
    rows = rows.assign(
        item=rows.groupby(["patient_id", "item_id"]).ngroup().astype("str"),
        recalled=rows["recalled"].astype("float64"),
    )
    # what expected fear misses of an item goes with when it is met: its mean time takes that up,
    # and leaves the slope to the same item met again (Mundlak 1978, doi:10.2307/1913646)
    rows["item_time"] = rows.groupby("item")["time"].transform("mean")
    is_met_again = bool((rows["time"] != rows["item_time"]).any())
    several = len(rows["group"].unique()) > 1
    recalled = " + recalled" if 0 < rows["recalled"].mean() < 1 else ""
    plain = f"{'group * ' if several else ''}time{recalled}"
    both = "(time + item_time)" if is_met_again else "time"
    fixed = f"{'group * ' if several else ''}{both}{recalled} + expected_fear"
    held, notes = _fit(rows, fixed, item=bool(rows["item"].duplicated().any()))
    ignored, _ = _fit(rows, plain, item=False)
    models = {HELD: held, IGNORED: ignored}
    by = ["group"] if several else []
    groups = sorted(rows["group"].unique())
    return Both(
        slopes=_stack({name: fit.slopes("time", by=by) for name, fit in models.items()}, groups),
        difficulty=held.slopes("expected_fear").assign(n=held.n_rows),
        variances=held.variance_components,
        lines=_stack({name: _line(fit, rows, by) for name, fit in models.items()}, groups),
        fixed=fixed,
        notes=[*([] if is_met_again else [MET_ONCE]), *notes, *held.notes],
    )


def _refuse(rows: pd.DataFrame) -> None:
    if rows.empty or len(rows["time"].unique()) < 2 or len(rows["expected_fear"].unique()) < 2:
        raise CannotAnswerError(
            f"{len(rows)} exposures have a rating, a time and a fear expected of their item: "
            "change over sessions with difficulty held needs two times and two difficulties."
        )


def _fit(rows: pd.DataFrame, fixed: str, *, item: bool) -> tuple[MixedFit, list[str]]:
    crossed = "item" if item else None
    for random in ("time", None):
        try:
            fit = fit_mixed_model(
                rows, outcome="value", fixed=fixed, random=random, crossed=crossed,
                df="satterthwaite",
            )  # fmt: skip
        except CannotAnswerError:
            if random is None:  # nothing plainer is left
                raise
        else:
            return fit, [] if random else [NO_SLOPES]
    raise AssertionError("The plainest model is always tried.")


def _line(fit: MixedFit, rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    # not beyond the time that nine exposures of ten lie within
    places = np.linspace(0.0, float(rows["time"].quantile(0.9)), PLACES)
    at = {"recalled": 0.0} if "recalled" in fit.design.means else {}
    parts = [
        fit.marginal_means(by, at={**at, "time": place}).assign(time=place) for place in places
    ]
    return pd.concat(parts, ignore_index=True)


def _stack(frames: dict[str, pd.DataFrame], groups: list[str]) -> pd.DataFrame:
    parts = [frame.assign(model=name) for name, frame in frames.items()]
    table = pd.concat(parts, ignore_index=True)
    if "group" not in table:
        table["group"] = groups[0]
    first = ["group", "model"]
    return table[[*first, *[name for name in table if name not in first]]]

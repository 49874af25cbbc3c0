"""How do minutes, exposure numbers, gaps and difficulty enter the model of learning?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.learning.rows import LearningRows
from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS

Curve = Callable[[npt.ArrayLike], npt.NDArray[np.float64]]

MINUTES = ("decay", "log")
SCALES = ("log", "linear")
WEEK = 7.0
#: a pooled rate is one rate of all exposures, each with its own start; who shares an asymptote
SHARING = {"exposure": "each with its own start and asymptote",
           "item": "each with its own start, each item with its own asymptote"}  # fmt: skip
NO_RATE = "No pooled rate of decay can be told: time enters as log(1 + {unit}) instead."


@dataclass(frozen=True)
class Bases:
    """What each time is in the model, and what is worth saying of it.

    ``fall`` is 0 at the onset; ``number`` and ``gap`` are taken less their means in the rows.
    ``rate`` is per unit of time, None without a decay; ``sharing`` says where it comes from.
    """

    fall: Curve
    number: Curve
    gap: Curve
    minute: str
    rate: float | None
    sharing: str
    words: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def choose_bases(
    rows: LearningRows, *, minute: str, number: str, gap: str, rate: float | None
) -> Bases:
    """Choose the bases; a decay that the ratings cannot tell gives way to log(1 + minute)."""
    for what, given, offered in (
        ("minute", minute, MINUTES), ("number", number, SCALES), ("gap", gap, SCALES)
    ):  # fmt: skip
        if given not in offered:
            raise UnknownNameError(what, given, offered)
    if rate is not None and not (np.isfinite(rate) and rate > 0 and minute == "decay"):
        raise CannotAnswerError(
            f"rate is {rate:g} with minute={minute!r}: a decay's rate is above 0, per "
            f"{rows.time_unit}, and log minutes have none."
        )
    notes, sharing = [], "given"
    if minute == "decay" and rate is None:
        rate, sharing = _pool_rate(rows)
        notes = [] if rate else [NO_RATE.format(unit=rows.time_unit)]
    is_decay = rate is not None
    unit = rows.time_unit
    words = {
        "fall": f"1 - exp(-{rate:.4g} {unit})" if rate is not None else f"log(1 + {unit})",
        "number": "log2(exposure number)" if number == "log" else "exposure number",
        "gap": "log(1 + gap days)" if gap == "log" else "gap in weeks",
    }
    return Bases(
        fall=_decay(rate) if rate is not None else lambda t: np.log1p(np.asarray(t, float)),
        number=np.log2 if number == "log" else lambda n: np.asarray(n, float),
        gap=np.log1p if gap == "log" else lambda days: np.asarray(days, float) / WEEK,
        minute="decay" if is_decay else "log",
        rate=rate,
        sharing=sharing if is_decay else "",
        words=words,
        notes=notes,
    )


def _decay(rate: float) -> Curve:
    return lambda t: -np.expm1(-rate * np.asarray(t, float))


def _pool_rate(rows: LearningRows) -> tuple[float | None, str]:
    """Return the rate that all exposures share by least squares; None where it cannot be told."""
    ratings = rows.ratings
    item = rows.exposures["item"].to_numpy()
    blocks = {"exposure": ratings["exposure"].to_numpy(), "item": item[ratings["exposure"]]}
    for name, block in blocks.items():
        one = np.zeros(len(ratings), dtype=np.intp)
        fits = fit_curves(
            one, ratings["time"], ratings["value"],
            form=FORMS["exponential"], run=ratings["exposure"], block=block,
        )  # fmt: skip
        found = fits.table.iloc[0]
        if bool(found["identified"]) and found["status"] in ("ok", "rising"):
            return float(found["rate"]), SHARING[name]
    return None, ""


def add_columns(rows: LearningRows, bases: Bases) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return exposures and ratings with the model's columns.

    ``number`` and ``difficulty`` of an exposure are less the mean of its patient's exposures; the
    ``gap`` of a repeated exposure is less the mean of all repeated, that of a first is 0: what
    sets a first exposure apart is a matter of its number.
    """
    table = rows.exposures
    repeated = table["number"] > 1
    gap = pd.Series(bases.gap(table["gap_days"].fillna(0.0)), index=table.index)
    raw = pd.Series(bases.number(table["number"]), index=table.index)
    columns = table.assign(
        number_basis=raw,
        n_number=raw - raw.groupby(table["patient_id"]).transform("mean"),
        gap=(gap - gap[repeated].mean()).where(repeated, 0.0),
        difficulty=_centre(table, "expected_fear"),
        patient=table["patient_id"],
        listed="item " + table["item"].astype("str"),
        exposure=np.arange(len(table)),
    ).rename(columns={"number": "exposure_number", "n_number": "number"})
    fall = bases.fall(rows.ratings["time"])
    at = rows.ratings["exposure"].to_numpy()
    own = columns.drop(columns=["exposure"]).iloc[at].reset_index(drop=True)
    return columns, rows.ratings.assign(fall=fall).join(own)


def _centre(table: pd.DataFrame, name: str) -> pd.Series:
    values = table[name].astype("float64")
    return values - values.groupby(table["patient_id"]).transform("mean")

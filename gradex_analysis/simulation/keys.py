"""How are ids, dates and words written in the tables?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.simulation.draws import Bools, Floats, Ints
from gradex_analysis.simulation.office import FIRST_DAY

Texts = npt.NDArray[np.object_]


def patient_ids(number: Ints) -> Texts:
    """Write P001 for the first patient, number 0; a 1,000th patient gets four digits."""
    return np.array([f"P{one + 1:03d}" for one in number], dtype=object)


def part_ids(patients: Texts, letter: str, number: npt.ArrayLike) -> Texts:
    """Write P001-E03 for the third exposure of a patient."""
    pairs = zip(patients, np.asarray(number), strict=True)
    return np.array([f"{one}-{letter}{int(part):02d}" for one, part in pairs], dtype=object)


def therapist_ids(number: Ints) -> Texts:
    """Write T01 for the first therapist, number 0; nothing for -1."""
    return np.array([f"T{one + 1:02d}" if one >= 0 else None for one in number], dtype=object)


def dates(start: Ints, day: Floats) -> Texts:
    """Write the date of a study day as YYYY-MM-DD; nothing where the day is NaN."""
    known = ~np.isnan(day)
    whole = np.where(known, day, 0).astype(np.int64)
    return only_where(known, np.datetime_as_string(FIRST_DAY + start + whole, unit="D"))


def words(position: npt.NDArray[np.number], offered: Sequence[str]) -> Texts:
    """Look words up by position; an empty word is no entry."""
    table = np.array([word or None for word in offered], dtype=object)
    found: Texts = table[np.nan_to_num(position).astype(np.int64)]
    return found


def only_where(is_so: Bools, values: npt.ArrayLike) -> Texts:
    """Keep entries where something holds; elsewhere there is none."""
    kept = np.asarray(values).astype(np.object_)
    kept[~is_so] = None
    return kept


def yes_no(is_so: npt.ArrayLike) -> Texts:
    """Write yes or no."""
    return np.where(np.asarray(is_so, dtype=np.bool_), "yes", "no").astype(object)


def bounded(values: Floats, low: float, high: float) -> Floats:
    """Round to whole numbers and keep them within a scale's ends."""
    return np.clip(np.round(values), low, high)


def whole_numbers(values: Floats) -> pd.Series:
    """Return integers that may be missing."""
    return pd.Series(values).astype("Int64")

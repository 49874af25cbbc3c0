"""Which ratings can be used, whose are they, and what is known of each exposure?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.design import (
    Design,
    check_outcome,
    make_design,
    refuse_dependent,
    split_rows,
    variables_of,
)
from gradex_analysis.stats.population_curve.parameters import PARTS, Parts

Integers = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings sorted by patient and exposure; ``value`` about its mean, so that sums keep digits.

    ``patient`` says whose each exposure is; ``designs`` hold the columns of each exposure.
    """

    value: Floats
    time: Floats
    begins: Integers
    patient: Integers
    designs: Mapping[str, Floats]
    centre: float

    @cached_property
    def counts(self) -> Integers:
        """Ratings of each exposure."""
        return np.diff(np.append(self.begins, len(self.value)))

    @cached_property
    def first_exposures(self) -> Integers:
        """First exposure of each patient."""
        return np.flatnonzero(np.diff(self.patient, prepend=-1)).astype(np.intp)

    @property
    def n_patients(self) -> int:
        """Number of patients."""
        return len(self.first_exposures)

    @cached_property
    def n_exposures(self) -> Integers:
        """Exposures of each patient."""
        return np.diff(np.append(self.first_exposures, len(self.patient)))

    @cached_property
    def span(self) -> float:
        """The usual length of an exposure: three quarters of them are shorter."""
        last = np.maximum.reduceat(self.time, self.begins)
        return float(np.quantile(last[last > 0], 0.75))

    @cached_property
    def sd(self) -> float:
        """Standard deviation of all ratings."""
        return float(np.std(self.value))

    def per_patient(self, exposures: Floats) -> Floats:
        """Add up what exposures hold, along the first axis."""
        if len(self.patient) == self.n_patients:
            return exposures
        return np.add.reduceat(exposures, self.first_exposures, axis=0)

    def per_exposure(self, rows: Floats) -> Floats:
        """Add up what ratings hold, along the first axis."""
        return np.add.reduceat(rows, self.begins, axis=0)

    @cached_property
    def exposure_of(self) -> Integers:
        """Exposure of each rating."""
        return np.repeat(np.arange(len(self.begins)), self.counts)

    def with_value(self, value: Floats) -> Ratings:
        """Return other ratings at the same times, not yet about their mean."""
        centre = float(value.mean())
        return Ratings(value - centre, self.time, self.begins, self.patient, self.designs, centre)


@dataclass(frozen=True, eq=False)
class Problem:
    """The ratings used, the ids behind them, the formulas' columns, and the rows left out."""

    ratings: Ratings
    designs: Mapping[str, Design]
    #: ids of patients and exposures, in the order of ``ratings``
    patients: pd.Index
    exposures: pd.DataFrame
    excluded: pd.DataFrame
    #: column names: value, time, exposure, patient
    columns: Mapping[str, str]
    parts: Parts


def read(data: pd.DataFrame, columns: Mapping[str, str], parts: Parts) -> Problem:
    """Sort the rows that can be used and make every part's columns, one row per exposure."""
    if not isinstance(data, pd.DataFrame):
        raise CannotAnswerError(f"data is a {type(data).__name__}: a pandas DataFrame is needed.")
    keys = [columns["patient"], columns["exposure"]]
    covariates = list(
        dict.fromkeys(name for part in PARTS for name in variables_of(parts.formula(part), data))
    )
    needed = list(dict.fromkeys([columns["value"], columns["time"], *keys, *covariates]))
    used, excluded = split_rows(data, needed, keys)
    time = used[columns["time"]]
    if not pd.api.types.is_numeric_dtype(time) or pd.api.types.is_bool_dtype(time):
        raise CannotAnswerError(f"{columns['time']} holds {time.dtype}: a number is needed.")
    used, excluded = _leave_out_early(used, excluded, columns["time"], keys)
    value = check_outcome(used, columns["value"])
    order, begins = _sort(used, keys)
    sorted_rows = used.iloc[order]
    exposures = sorted_rows.iloc[begins].reset_index(drop=True)
    _refuse_within(sorted_rows, begins, covariates, keys[1])
    designs = {part: _design(exposures, parts.formula(part)) for part in PARTS}
    patient, labels = pd.factorize(exposures[keys[0]])
    centre = float(value.mean())
    ratings = Ratings(
        value=value[order] - centre,
        time=sorted_rows[columns["time"]].to_numpy("float64"),
        begins=begins,
        patient=patient.astype(np.intp),
        designs={part: design.matrix for part, design in designs.items()},
        centre=centre,
    )
    _refuse_one_time(ratings, columns["time"])
    return Problem(ratings, designs, pd.Index(labels), exposures, excluded, columns, parts)


def _leave_out_early(
    used: pd.DataFrame, excluded: pd.DataFrame, time: str, keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Leave out ratings before the exposure began: the course is that of fear from time 0 on."""
    early = (used[time] < 0).to_numpy()
    if not early.any():
        return used, excluded
    left = used.loc[early, list(keys)].copy()
    left.insert(0, "row", left.index)
    left["reason"] = f"{time} below 0: before the exposure began"
    both = pd.concat([excluded, left], ignore_index=True)
    return used[~early], both


def _sort(used: pd.DataFrame, keys: Sequence[str]) -> tuple[Integers, Integers]:
    """Return the rows by patient and exposure, in order of appearance, and where each begins."""
    patient, exposure = (pd.factorize(used[key])[0] for key in keys)
    order = np.lexsort((exposure, patient))
    new = np.diff(patient[order], prepend=-1) != 0
    new |= np.diff(exposure[order], prepend=-1) != 0
    return order.astype(np.intp), np.flatnonzero(new).astype(np.intp)


def _refuse_within(
    rows: pd.DataFrame, begins: Integers, covariates: Sequence[str], exposure: str
) -> None:
    """Refuse covariates that change within an exposure."""
    counts = np.diff(np.append(begins, len(rows)))
    for name in covariates:
        codes = pd.factorize(rows[name])[0]
        differs = codes != np.repeat(codes[begins], counts)
        if differs.any():
            first = rows[exposure].iloc[int(np.argmax(differs))]
            raise CannotAnswerError(
                f"{name} changes within {exposure} {first}: a covariate of the course is one value "
                "per exposure. Take its value at the start."
            )


def _design(exposures: pd.DataFrame, formula: str) -> Design:
    design = make_design(exposures, formula)
    refuse_dependent(design, exposures, np.asarray(np.linalg.qr(design.matrix, mode="r")))
    return design


def _refuse_one_time(ratings: Ratings, time: str) -> None:
    distinct = np.unique(ratings.time)
    if len(distinct) < 3:
        raise CannotAnswerError(
            f"The ratings stand at {len(distinct)} different values of {time}: a decay with a "
            "start, an asymptote and a rate needs 3 or more."
        )

"""Where does every row of a patient stand, and how do visits vary together?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models.assemble import Component
from gradex_analysis.stats.mixed_models.blocks import in_several
from gradex_analysis.stats.mixed_models.derivatives import Floats
from gradex_analysis.stats.mixed_models.problem import Problem
from gradex_analysis.stats.mixed_models.repeated import Repeated, distances
from gradex_analysis.stats.mixed_models.sums import Integers

SPATIAL = "spatial_exponential"
WHOLE = "all"


@dataclass(frozen=True, eq=False)
class Visits:
    """The place of every row, and its covariance group.

    ``places`` are visits counted from 0 or, ``(rows, dimensions)``, positions in ``unit``.
    """

    places: Floats
    names: list[object]
    groups: Integers
    group_names: list[str]
    unit: float
    notes: tuple[str, ...]
    is_ordered: bool = True  #: whether the data say which visit comes first


def place(
    used: pd.DataFrame, names: Sequence[str], subject: str, by_group: str | None, *, spatial: bool
) -> Visits:
    """Place the rows; refuse two rows of one patient at the same place."""
    _refuse_twice(used, subject, names)
    groups, group_names = _group(used, by_group, subject)
    if spatial:
        for name in names:
            if not pd.api.types.is_numeric_dtype(used[name]):
                raise CannotAnswerError(f"{SPATIAL} needs numbers, such as days; {name} has none.")
        values = used[list(names)].to_numpy("float64")
        order = used.groupby(subject, observed=True)[names[0]]
        apart = order.transform(lambda own: own.sort_values().diff().to_numpy()).abs()
        unit = float(apart[apart > 0].median()) if (apart > 0).any() else 1.0
        return Visits(values / unit, [], groups, group_names, unit, ())
    column = used[names[0]]
    is_ordered = isinstance(column.dtype, pd.CategoricalDtype)
    offered = list(column.cat.categories) if is_ordered else sorted(column.unique())
    met = set(column)
    seen = [level for level in offered if level in met]
    gone = ", ".join(str(level) for level in offered if level not in met)
    notes = (f"No value at {names[0]} {gone}: not in the model.",) if gone else ()
    numbers = {level: float(at) for at, level in enumerate(seen)}
    places = column.astype(object).map(numbers).to_numpy("float64")
    return Visits(places, seen, groups, group_names, 1.0, notes, is_ordered)


def number_within(visits: Visits, subjects: Integers) -> Visits:
    """Return the visits numbered within each patient: for a covariance that asks for no distance.

    Days that differ between patients would be more visits than any patient has.
    """
    first = pd.DataFrame(visits.places)[0]
    number = first.groupby(subjects).rank("first").to_numpy("float64") - 1
    names: list[object] = list(range(1, int(number.max()) + 2))
    said = (*visits.notes, "Visits are numbered within each patient.")
    return replace(visits, places=number, names=names, unit=1.0, notes=said)


def _refuse_twice(used: pd.DataFrame, subject: str, places: Sequence[str]) -> None:
    twice = used[used.duplicated([subject, *places], keep=False)]
    if not twice.empty:
        first, rows = twice.iloc[0], ", ".join(map(str, twice.index[:5]))
        raise CannotAnswerError(
            f"{len(twice)} rows share {subject} and {places[0]} with another, the first "
            f"{first[subject]} at {first[places[0]]} (rows {rows}). Keep one value of each."
        )


def _group(used: pd.DataFrame, by_group: str | None, subject: str) -> tuple[Integers, list[str]]:
    if by_group is None:
        return np.zeros(len(used), dtype=np.intp), [WHOLE]
    codes, levels = pd.factorize(used[by_group], sort=True)
    if cut := in_several(used[subject], used[by_group]):
        first = ", ".join(map(str, cut[:5]))
        raise CannotAnswerError(f"{by_group} changes within {subject} {first}: it must not.")
    return codes.astype(np.intp), [str(level) for level in levels]


def begin(problem: Problem, visits: Visits) -> list[Floats]:
    """Return, for every group, a covariance of the residuals of least squares to start from."""
    if not visits.names:
        return [np.eye(1)] * len(visits.group_names)
    wide = np.full((problem.n_subjects, len(visits.names)), np.nan)
    wide[problem.subjects, visits.places.astype(int)] = problem.least_squares_residuals
    group = np.zeros(problem.n_subjects, dtype=np.intp)
    group[problem.subjects] = visits.groups
    return [_covary(wide[group == own]) for own in range(len(visits.group_names))]


def _covary(wide: Floats) -> Floats:
    """Return the covariances of visits, drawn towards equal correlations: a start, no estimate."""
    frame, n_visits = pd.DataFrame(wide), wide.shape[1]
    sd = np.sqrt((frame**2).mean()).fillna(1.0).clip(lower=0.05).to_numpy()
    found = frame.corr(min_periods=3).to_numpy()
    pairs = found[np.triu_indices(n_visits, 1)]
    known = pairs[~np.isnan(pairs)]
    common = float(np.clip(known.mean(), 0.0, 0.9)) if len(known) else 0.5
    equal = np.full((n_visits, n_visits), common) + (1 - common) * np.eye(n_visits)
    mixed = 0.7 * np.where(np.isnan(found), equal, found) + 0.3 * equal
    np.fill_diagonal(mixed, 1.0)
    if np.linalg.eigvalsh(mixed)[0] < 0.01:
        mixed = equal
    return np.asarray(sd[:, None] * mixed * sd)


@dataclass(frozen=True, eq=False)
class VisitCovariance:
    """The fitted covariance of any rows."""

    model: Repeated
    parameters: Floats
    visits: Visits
    subjects: Integers

    def of(self, rows: Integers) -> Floats:
        """Return it for these rows."""
        same = self.subjects[rows][:, None] == self.subjects[rows]
        own, group = self._of_groups(rows), self.visits.groups[rows]
        here = np.arange(len(rows))
        return np.asarray(own[group[:, None], here[:, None], here] * same)

    def _of_groups(self, rows: Integers) -> Floats:
        """Return the covariance that these rows would have in each group, as of one patient."""
        places = self.visits.places[rows]
        if self.model.is_spatial:
            build = self.model.structure.build(distances(places[None])[0])
            own = self.parameters.reshape(self.model.n_groups, -1)
            return np.stack([np.asarray(build(theta)) for theta in own])
        at = places.astype(int)
        return self.model.covariances(self.parameters)[:, at[:, None], at]


def list_components(
    model: Repeated, parameters: Floats, visits: Visits, scale: float
) -> tuple[list[Component], dict[str, pd.DataFrame] | None]:
    """List variances and covariances of the visits, in the outcome's squared unit.

    Of distances: the variance, and the ``range`` over which correlation falls to 1/e.
    """
    rows: list[Component] = []
    if model.is_spatial:
        own = parameters.reshape(model.n_groups, -1)
        for group, (log_sd, log_rate) in zip(visits.group_names, own, strict=True):
            variance = float(np.exp(2 * log_sd)) * scale**2
            rows.append((group, "variance", "", variance, False))
            rows.append((group, "range", "", visits.unit / float(np.exp(log_rate)), False))
        return rows, None
    frames = {}
    for group, own in zip(visits.group_names, model.covariances(parameters), strict=True):
        matrix = own * scale**2
        frame = pd.DataFrame(matrix, index=visits.names, columns=visits.names)
        frames[group] = frame
        for i, late in enumerate(visits.names):
            for j, early in enumerate(visits.names[: i + 1]):
                rows.append((group, str(late), str(early), float(matrix[i, j]), False))
    return rows, frames

"""Which rows can be used, and what are the columns of the model?"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import formulaic
import numpy as np
import pandas as pd
from formulaic.errors import FormulaicError

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.linear_model import first_collinear
from gradex_analysis.stats.mixed_models.derivatives import Floats

ROW = "row"


def split_rows(
    data: pd.DataFrame, needed: Sequence[str], keys: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with all that is needed, and the others with the first thing they lack.

    Raises ``UnknownNameError`` for columns that are not there, and ``CannotAnswerError`` for
    infinite values.
    """
    for name in needed:
        if name not in data:
            raise UnknownNameError("column", name, list(map(str, data.columns)))
    if data.index.has_duplicates:
        raise CannotAnswerError(
            "The rows' labels (the index of data) must differ: data.reset_index(drop=True)."
        )
    reason = pd.Series("", index=data.index, dtype="str")
    for name in needed:
        column = data[name]
        if pd.api.types.is_float_dtype(column) and np.isinf(column.to_numpy("float64")).any():
            rows = data.index[np.isinf(column.to_numpy("float64"))]
            raise CannotAnswerError(f"{name} is infinite in {_rows(rows)}.")
        reason[(reason == "") & column.isna()] = f"no value of {name}"
    used, left = data[reason == ""], data.loc[reason != "", list(dict.fromkeys(keys))]
    excluded = left.assign(reason=reason[reason != ""])
    excluded.insert(0, ROW, left.index)
    return used.copy(), excluded.reset_index(drop=True)


def _rows(labels: pd.Index) -> str:
    shown = ", ".join(map(str, labels[:5]))
    return f"row{'s' if len(labels) > 1 else ''} {shown}" + (" ..." if len(labels) > 5 else "")


def check_outcome(used: pd.DataFrame, outcome: str) -> Floats:
    """Return the outcome as numbers; refuse one that is text, or the same in all rows."""
    column = used[outcome]
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        raise CannotAnswerError(
            f"The outcome {outcome} holds {column.dtype}, not numbers: make it a column of numbers."
        )
    values = column.to_numpy("float64")
    if not len(values):
        raise CannotAnswerError(f"No row has {outcome} and all else that the model needs.")
    if (values == values[0]).all():
        raise CannotAnswerError(f"{outcome} is {values[0]:g} in all {len(values)} rows used.")
    return values


def parse(formula: str) -> formulaic.SimpleFormula:
    """Read the right side of a formula."""
    try:
        parsed = formulaic.Formula(formula)
    except FormulaicError as error:
        raise CannotAnswerError(f"The formula {formula!r} cannot be read.") from error
    if not isinstance(parsed, formulaic.SimpleFormula):
        raise CannotAnswerError(
            f"{formula!r} is more than the right side of a formula: the outcome is given apart."
        )
    return parsed


def variables_of(formula: str, data: pd.DataFrame) -> list[str]:
    """List the columns that a formula names."""
    names = [str(name) for name in parse(formula).required_variables]
    for name in names:
        if name not in data:
            raise UnknownNameError(f"column of {formula!r}", name, list(map(str, data.columns)))
    return names


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a formula over the rows used, and how to make them again."""

    spec: formulaic.ModelSpec
    matrix: Floats
    #: levels of every factor, in order
    levels: Mapping[str, list[Any]]
    #: mean of every covariate over the rows used
    means: Mapping[str, float]

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(map(str, self.spec.column_names))

    @property
    def terms(self) -> dict[str, list[str]]:
        """Columns of every term of the formula, in its order."""
        names = self.names
        return {str(term): names[own] for term, own in self.spec.term_slices.items()}

    def rows_at(self, frame: pd.DataFrame) -> Floats:
        """Return the model's columns for other values of its variables."""
        frame = frame.copy()
        for name, levels in self.levels.items():
            frame[name] = pd.Categorical(frame[name], categories=levels)
        return np.asarray(self.spec.get_model_matrix(frame), dtype="float64")

    def grid(
        self, factors: Sequence[str], at: Mapping[str, Any] | None = None
    ) -> tuple[pd.DataFrame, Floats]:
        """Return the cells of ``factors`` and each cell's mean row of the model.

        Other factors are averaged with equal weights; covariates stand at their mean, or as
        ``at`` says.
        """
        at = dict(at or {})
        for name in factors:
            if name not in self.levels:
                raise UnknownNameError("factor", name, list(self.levels))
        for name in at:
            if name not in {**self.levels, **self.means}:
                raise UnknownNameError("at", name, [*self.levels, *self.means])
        held: dict[str, Any] = {**self.means, **at}
        free = {name: levels for name, levels in self.levels.items() if name not in at}
        others = [name for name in free if name not in factors]
        columns = [*factors, *others]
        choices = [[at[n]] if n in at else self.levels[n] for n in columns]
        cells = pd.DataFrame(list(itertools.product(*choices)), columns=columns)
        for name in set(held) - set(columns):
            cells[name] = held[name]
        rows = self.rows_at(cells)
        n_each = int(np.prod([len(free[name]) for name in others], initial=1))
        mean = rows.reshape(-1, n_each, rows.shape[1]).mean(axis=1)
        return cells.iloc[::n_each, : len(factors)].reset_index(drop=True), mean


def make_design(used: pd.DataFrame, formula: str, *, check: bool = True) -> Design:
    """Make the columns of a formula; levels that no row has are not levels.

    Raises ``CannotAnswerError`` for columns that say nothing new.
    """
    used = used.copy()
    names = variables_of(formula, used)
    for name in names:
        if isinstance(used[name].dtype, pd.CategoricalDtype):
            used[name] = used[name].cat.remove_unused_categories()
    try:
        matrix = parse(formula).get_model_matrix(used)
    except FormulaicError as error:
        raise CannotAnswerError(f"The columns of {formula!r} cannot be made: {error}") from error
    spec = matrix.model_spec
    values = np.asarray(matrix, dtype="float64")
    levels = {name: _levels(used[name]) for name in names if _is_factor(spec, used, name)}
    means = {n: float(used[n].astype("float64").mean()) for n in names if n not in levels}
    design = Design(spec, values, levels, means)
    if check:
        _refuse_collinear(design)
    return design


def _is_factor(spec: formulaic.ModelSpec, used: pd.DataFrame, name: str) -> bool:
    if not pd.api.types.is_numeric_dtype(used[name]) or pd.api.types.is_bool_dtype(used[name]):
        return True
    return any(
        kind.value == "categorical" and name in set(map(str, spec.factor_variables[factor]))
        for factor in spec.factor_variables
        for kind, _ in [spec.encoder_state.get(str(factor), (_NUMERICAL, {}))]
    )


class _Numerical:
    value = "numerical"


_NUMERICAL = _Numerical()


def _levels(column: pd.Series) -> list[Any]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return list(column.cat.categories)
    return sorted(column.unique())


def _refuse_collinear(design: Design) -> None:
    n, p = design.matrix.shape
    if n <= p:
        raise CannotAnswerError(
            f"{n} rows can be used, and the model has {p} coefficients: more rows or fewer terms."
        )
    frame = pd.DataFrame(design.matrix, columns=design.names)
    if (term := first_collinear(frame)) is None:
        return
    if not frame[term].any():
        raise CannotAnswerError(
            f"{term!r} is 0 in all rows used: no row has this combination. Leave the interaction "
            "out, or the level that was not observed."
        )
    before = ", ".join(frame.loc[:, :term].columns[:-1])
    raise CannotAnswerError(
        f"{term!r} says nothing that {before} do not say together, in the rows used. Leave it out."
    )

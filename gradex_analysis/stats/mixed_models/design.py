"""Which rows can be used, and what are the columns of the model?"""

from __future__ import annotations

import functools
import itertools
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import formulaic
import numpy as np
import pandas as pd
from formulaic.errors import FormulaicError

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.linear_model import first_dependent
from gradex_analysis.stats.mixed_models.derivatives import Floats

ROW = "row"
#: how formulaic calls the intercept's term
INTERCEPT = "1"


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
    if twice := sorted(map(str, data.columns[data.columns.duplicated()])):
        raise CannotAnswerError(f"data has two columns of one name: {', '.join(twice)}.")
    if data.index.has_duplicates:
        raise CannotAnswerError(
            "The rows' labels (the index of data) must differ: data.reset_index(drop=True)."
        )
    lacks = np.zeros(len(data), dtype=np.intp)  # the first that a row lacks, counted from 1
    for at, name in enumerate(needed, start=1):
        column = data[name]
        missing = column.isna().to_numpy()
        if pd.api.types.is_float_dtype(column):
            _refuse_infinite(column, name)
        lacks[(lacks == 0) & missing] = at
    if not lacks.any():
        used, left = data, data.iloc[:0]
    else:
        used, left = data[lacks == 0], data[lacks > 0]
    excluded = left[list(dict.fromkeys(keys))].copy()
    excluded["reason"] = [f"no value of {needed[at - 1]}" for at in lacks[lacks > 0]]
    excluded.insert(0, ROW, left.index)
    return used, excluded.reset_index(drop=True)


def _refuse_infinite(column: pd.Series, name: str) -> None:
    infinite = np.isinf(column.to_numpy("float64", na_value=np.nan))
    if infinite.any():
        raise CannotAnswerError(
            f"{name} is infinite in {_rows(column.index[infinite])}: leave them out or mend them."
        )


def _rows(labels: pd.Index) -> str:
    shown = ", ".join(map(str, labels[:5]))
    return f"row{'s' if len(labels) > 1 else ''} {shown}" + (" ..." if len(labels) > 5 else "")


def is_numbers(column: pd.Series) -> bool:
    """Whether a column holds real numbers: neither truths nor complex ones."""
    return column.dtype.kind in "iuf"


def check_outcome(used: pd.DataFrame, outcome: str) -> Floats:
    """Return the outcome as numbers; refuse one that is text, or the same in all rows."""
    column = used[outcome]
    if not is_numbers(column):
        raise CannotAnswerError(
            f"The outcome {outcome} holds {column.dtype}, not numbers: make it a column of numbers."
        )
    values = column.to_numpy("float64")
    if not len(values):
        raise CannotAnswerError(f"No row has {outcome} and all else that the model needs.")
    if (values == values[0]).all():
        raise CannotAnswerError(
            f"{outcome} is {values[0]:g} in all {len(values)} rows used: nothing varies that a "
            "model could explain. Is it the right column?"
        )
    return values


@functools.cache
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
    names = sorted(map(str, parse(formula).required_variables))  # of a set, in no order
    for name in names:
        if name not in data:
            raise UnknownNameError(f"column of {formula!r}", name, list(map(str, data.columns)))
    return names


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of a formula over the rows used, and how to make them again."""

    spec: formulaic.ModelSpec
    matrix: Floats
    used: pd.DataFrame
    #: levels of every factor, in order
    levels: Mapping[str, list[Any]]
    #: mean of every covariate over the rows used
    means: Mapping[str, float]

    @property
    def names(self) -> list[str]:
        """Names of the columns."""
        return list(map(str, self.spec.column_names))

    def _check_at(self, at: Mapping[str, Any] | None) -> dict[str, Any]:
        """Return where variables are held; refuse what they cannot be."""
        if at is not None and not isinstance(at, Mapping):
            raise CannotAnswerError(
                f"at says variable and value, such as {{'week': 12}}; not {at!r}."
            )
        for name, value in (at or {}).items():
            if name in self.levels:
                if value not in self.levels[name]:
                    offered = [str(level) for level in self.levels[name]]
                    raise UnknownNameError(f"at {name}", str(value), offered)
            elif name not in self.means:
                raise UnknownNameError("at", name, [*self.levels, *self.means])
            elif not (isinstance(value, numbers.Real) and np.isfinite(float(value))):
                raise CannotAnswerError(
                    f"at holds {name} at {value!r}: it takes one finite number."
                )
        return dict(at or {})

    def hypotheses(self) -> dict[str, Floats]:
        """Return the weights of every term's type III hypothesis.

        These are what a term's coefficients would be, were factors coded to sum to 0: a main effect
        is averaged over the others. Satterthwaite's joint degrees of freedom depend on the rows
        that stand for a hypothesis; as in SAS they are differences from the reference level.
        """
        terms = [str(term) for term in self.spec.terms]
        centred = [":".join(self._centre(str(f)) for f in term.factors) for term in self.spec.terms]
        start = "1" if INTERCEPT in terms else "0"
        formula = " + ".join([start, *[term for term in centred if term != INTERCEPT]])
        matrix = parse(formula).get_model_matrix(self.used)
        weights = np.linalg.lstsq(np.asarray(matrix, dtype="float64"), self.matrix, rcond=None)[0]
        found = matrix.model_spec.term_slices.values()
        own = self.spec.term_slices.values()
        return {
            term: np.linalg.solve(weights[rows][:, columns], weights[rows])
            for term, rows, columns in zip(terms, found, own, strict=True)
        }

    def _centre(self, factor: str) -> str:
        for name in self.levels:
            if factor in {name, f"C({name})"}:
                return f"C(`{name}`, contr.sum)"
        return factor

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
        for name in factors:
            if name not in self.levels:
                raise UnknownNameError("factor", name, list(self.levels))
        if twice := [name for name in factors if list(factors).count(name) > 1]:
            raise CannotAnswerError(f"{twice[0]} is asked for twice: once is enough.")
        at = self._check_at(at)
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


def make_design(used: pd.DataFrame, formula: str) -> Design:
    """Make the columns of a formula; levels that no row has are not levels."""
    names = variables_of(formula, used)
    for name in names:
        if isinstance(used[name].dtype, pd.CategoricalDtype):
            used = used.assign(**{name: used[name].cat.remove_unused_categories()})
    try:
        matrix = parse(formula).get_model_matrix(used)
    except FormulaicError as error:
        raise CannotAnswerError(f"The columns of {formula!r} cannot be made: {error}") from error
    spec = matrix.model_spec
    values = np.asarray(matrix, dtype="float64")
    levels = {name: _levels(used[name]) for name in names if _is_factor(spec, used, name)}
    means = {n: float(used[n].astype("float64").mean()) for n in names if n not in levels}
    n, p = values.shape
    if n <= p:
        raise CannotAnswerError(
            f"{n} rows can be used, and the model has {p} coefficients: more rows or fewer terms."
        )
    _refuse_lone(levels)
    return Design(spec, values, used[names], levels, means)


def _refuse_lone(levels: Mapping[str, list[Any]]) -> None:
    for name, own in levels.items():
        if len(own) == 1:
            raise CannotAnswerError(
                f"{name} is {own[0]} in all rows used: a factor needs two levels. Leave {name} out "
                "of the formula, or look why the others are missing."
            )


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


def refuse_dependent(design: Design, used: pd.DataFrame, triangle: Floats) -> None:
    """Refuse a design one of whose columns says nothing new; ``triangle`` is R of its QR."""
    at = first_dependent(triangle, len(design.names))
    if at is None:
        return
    term = design.names[at]
    if empty := _empty_cell(design, used, at):
        raise CannotAnswerError(
            f"{term!r} cannot be estimated: no row used has {empty}. Leave the interaction out, or "
            "the level that was not observed."
        )
    before = ", ".join(design.names[:at]) or "nothing"
    raise CannotAnswerError(
        f"{term!r} says nothing that {before} do not say together, in the rows used. Leave it out."
    )


def _empty_cell(design: Design, used: pd.DataFrame, at: int) -> str:
    """Say the first combination of two factors of a column's term that no row has."""
    slices = design.spec.term_slices.items()
    term = next(term for term, own in slices if own.start <= at < own.stop)
    own = {str(name) for factor in term.factors for name in design.spec.factor_variables[factor]}
    factors = [name for name in design.levels if name in own]
    for one, other in itertools.combinations(factors, 2):
        met = set(zip(used[one], used[other], strict=True))
        for pair in itertools.product(design.levels[one], design.levels[other]):
            if pair not in met:
                return f"{one} {pair[0]} with {other} {pair[1]}"
    return ""

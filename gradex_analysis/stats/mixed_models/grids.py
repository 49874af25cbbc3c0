"""Which differences of cells are the contrasts of a factor?"""

from __future__ import annotations

import itertools
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models.derivatives import Floats


def contrast(
    cells: pd.DataFrame, rows: Floats, factor: str, strata: Sequence[str], reference: object
) -> tuple[pd.DataFrame, Floats]:
    """Return ``contrast, level, reference``, the strata, and the weights of each difference.

    ``cells`` holds the strata and, changing fastest, ``factor``; ``rows`` each cell's weights. With
    a reference, every other level less it; without, every pair, the later level less the earlier.
    """
    levels = list(dict.fromkeys(cells[factor]))
    if len(levels) < 2:
        raise CannotAnswerError(f"{factor} has one level, {levels[0]}: nothing to contrast.")
    if reference is not None and reference not in levels:
        raise UnknownNameError("reference", str(reference), [str(level) for level in levels])
    if reference is None:
        pairs = [(late, early) for early, late in itertools.combinations(range(len(levels)), 2)]
    else:
        base = levels.index(reference)
        pairs = [(other, base) for other in range(len(levels)) if other != base]
    found, weights = [], []
    for start in range(0, len(cells), len(levels)):
        where = {name: cells[name].iloc[start] for name in strata}
        for level, base in pairs:
            names = {"level": levels[level], "reference": levels[base]}
            title = f"{levels[level]} - {levels[base]}"
            found.append({"contrast": title, **names, **where})
            weights.append(rows[start + level] - rows[start + base])
    return pd.DataFrame(found), np.stack(weights)


def lay_weights(
    weights: pd.DataFrame | Mapping[str, Mapping[str, float]], terms: Sequence[str]
) -> tuple[list[str], Floats]:
    """Return the names of the rows, and their weights of all terms.

    A term that is not named weighs 0, and so does an empty cell of a frame.
    """
    names, given = _read_weights(weights)
    rows = np.zeros((len(given), len(terms)))
    for row, own in zip(rows, given, strict=True):
        for term, weight in own.items():
            if term not in terms:
                raise UnknownNameError("term", str(term), terms)
            if not (isinstance(weight, numbers.Real) and np.isfinite(float(weight))):
                raise CannotAnswerError(f"The weight of {term} is {weight!r}: no finite number.")
            row[list(terms).index(term)] = float(weight)
    if not rows.any(axis=1).all():
        raise CannotAnswerError("A contrast whose weights are all 0 says nothing.")
    return names, rows


def _read_weights(weights: object) -> tuple[list[str], Sequence[Mapping[Any, Any]]]:
    if isinstance(weights, pd.DataFrame) and weights.columns.is_unique:
        return list(map(str, weights.index)), weights.fillna(0.0).to_dict("records")
    if isinstance(weights, Mapping):
        given = list(weights.values())
        if all(isinstance(own, Mapping) for own in given):
            return list(map(str, weights)), given
    raise CannotAnswerError("Weights are a frame with each term once, or {name: {term: weight}}.")

"""Which differences of cells are the contrasts of a factor?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

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

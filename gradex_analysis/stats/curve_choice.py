"""Which form describes each of many series best, for the numbers it spends?"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.progress import Progress, silent
from gradex_analysis.stats.curve_fits import fit_curves
from gradex_analysis.stats.curve_forms import FORMS
from gradex_analysis.stats.curve_heaped import Heaped

COLUMNS = ["series", "form", "n", "n_runs", "n_parameters", "log_likelihood", "aicc", "status"]
FEW = "too few ratings: AICc needs two more than the exponential has parameters"
CONSTANT = "all ratings of every run are the same: flat without a model"
PERFECT = "a form passes through every rating: its normal likelihood has no bound"


def compare_forms(
    series: npt.ArrayLike | pd.Series[Any],
    time: npt.ArrayLike,
    value: npt.ArrayLike,
    *,
    run: npt.ArrayLike | pd.Series[Any] | None = None,
    block: npt.ArrayLike | pd.Series[Any] | None = None,
    heaped: Heaped | None = None,
    progress: Progress = silent,
) -> pd.DataFrame:
    """Fit all forms to every series and compare them by AICc, within one likelihood.

    One row per series and form, in the order of ``FORMS``. A series is compared where every form
    has an AICc (``n > K + 1``) and none is perfect; elsewhere ``reason`` says why not, and
    ``aicc`` is missing for all of its forms. ``delta`` is AICc above the least of the series,
    ``weight = exp(-delta / 2)`` over their sum (Burnham & Anderson 2002, doi:10.1007/b97636):
    evidence among these forms only. A form at the end of its range of rates counts as it stands.
    """
    tables = []
    for done, form in enumerate(FORMS.values()):
        progress(done, len(FORMS), f"curves, {form.name}")
        fits = fit_curves(series, time, value, form=form, run=run, block=block, heaped=heaped)
        tables.append(fits.table[COLUMNS])
    progress(len(FORMS), len(FORMS), "curves")
    table = pd.concat(tables, keys=range(len(tables)), names=["form_number", "place"])
    table = table.sort_index(level=["place", "form_number"])
    place = table.index.get_level_values("place")
    table["reason"] = _say_why_not(table, place)
    table["aicc"] = table["aicc"].where(table["reason"] == "")
    table["delta"] = table["aicc"] - table.groupby(place)["aicc"].transform("min")
    likelihood = np.exp(-0.5 * table["delta"])
    table["weight"] = likelihood / likelihood.groupby(place).transform("sum")
    return table.reset_index(drop=True)


def _say_why_not(table: pd.DataFrame, place: pd.Index[Any]) -> npt.NDArray[np.str_]:
    """Return why a series' forms are not compared, "" where they are."""
    is_flat, is_perfect = table["status"].eq("flat"), table["log_likelihood"].eq(np.inf)
    constant, perfect, short = (
        column.groupby(place).transform("any")
        for column in (is_flat, is_perfect, table["aicc"].isna())
    )
    return np.select([constant, perfect, short], [CONSTANT, PERFECT, FEW], "")

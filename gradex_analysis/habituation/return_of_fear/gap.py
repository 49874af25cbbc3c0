"""Does more come back the longer the gap, and more than where only time came between?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.sittings import ITEM, TIME_ONLY
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

WEEK = 7.0
#: gaps at which the line is drawn
PLACES = 25
#: patients that tell a slope, or a difference, from their own values
ENOUGH = 3
TOO_FEW = "fewer than three patients have two gaps of different length"
NO_VARIETY, NO_FIT = "it is the same in all", "the model cannot be fitted to them"


def fit_gap(pairs: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Fit ``estimate ~ group + weeks + (1 | patient) + (1 | item of the patient)``.

    Few patients have long gaps, and patients differ in how much comes back: standard errors are
    robust (CR2 by patient, Satterthwaite df).

    Returns
    -------
    tuple
        The slope per week (one row, or none), the line with its band at ``gap_days`` (groups
        weighed alike), and why there is none ("" where there is).
    """
    rows = pairs[pairs["gap_days"].notna()].reset_index(drop=True)
    rows["weeks"] = rows["gap_days"] / WEEK
    fit, why = _fit(rows, "weeks")
    if fit is None:
        return pd.DataFrame(), pd.DataFrame(), why
    slope = fit.slopes("weeks").assign(unit="per week", n=fit.n_rows, n_patients=fit.n_subjects)
    return slope, _line(fit, float(rows["gap_days"].max())), ""


def set_beside(pairs: pd.DataFrame, when: str) -> pd.DataFrame:
    """Compare sittings where this came between with those where only time did.

    ``estimate ~ group + came_between + log(place) + (1 | patient) + (1 | item of the patient)``:
    contexts are new early, when more is left to come back, so that the two are compared at the
    same place in the item's course.

    Returns
    -------
    DataFrame
        The difference in points with its interval (one row, or none where it cannot be fitted).
    """
    rows = pairs[pairs["between"].isin([when, TIME_ONLY])].reset_index(drop=True)
    rows["came_between"] = (rows["between"] == when).astype("float64")
    rows["log_place"] = np.log(rows["place"].astype("float64"))
    varies = len(rows["log_place"].unique()) > 1
    fit, _ = _fit(rows, "came_between", also=" + log_place" if varies else "")
    if fit is None:
        return pd.DataFrame()
    numbers = {
        "n": int(rows["came_between"].sum()),
        "n_time_only": int((rows["between"] != when).sum()),
    }
    return fit.slopes("came_between").assign(**numbers, n_patients=fit.n_subjects)


def _fit(rows: pd.DataFrame, what: str, *, also: str = "") -> tuple[MixedFit | None, str]:
    n_different = rows.groupby("patient_id")[what].nunique()
    if int((n_different > 1).sum()) < ENOUGH:
        return None, TOO_FEW
    if np.ptp(rows["estimate"]) == 0:
        return None, NO_VARIETY
    several = len(rows["group"].unique()) > 1
    rows = rows.assign(series=rows.groupby(ITEM).ngroup().astype("str"))
    fixed = f"{'group + ' if several else ''}{what}{also}"
    try:
        fit = fit_mixed_model(
            rows, outcome="estimate", fixed=fixed, random=None, df="satterthwaite", robust="CR2",
            crossed="series" if rows["series"].duplicated().any() else None,
        )  # fmt: skip
    except CannotAnswerError:
        return None, NO_FIT
    return fit, ""


def _line(fit: MixedFit, longest: float) -> pd.DataFrame:
    places = np.linspace(0.0, longest, PLACES)
    parts = [fit.marginal_means([], at={"weeks": place / WEEK}) for place in places]
    return pd.concat(parts, ignore_index=True).assign(gap_days=places)

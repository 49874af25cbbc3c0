"""How far did fear of items fall that were never exposed, beside those that were?"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.hierarchy.generalisation_rows import DISTANCES
from gradex_analysis.measures.hierarchy_items import ITEM
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model
from gradex_analysis.stats.ratio import fieller_interval

AS_RATED, HELD = "as rated", "expected fear held"
UNEXPOSED, EXPOSED, DIFFERENCE, RATIO = "unexposed", "exposed", "difference", "ratio"
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df"]
COLUMNS = ["group", "model", "quantity", *NUMBERS, "n", "n_patients", "random"]
GRADIENT = ["distance", *NUMBERS, "n", "n_patients"]
#: patients with items of both sorts, or with two distances, that a model needs at least
ENOUGH = 3
#: falls as sums of coefficients: of ratings over time, and of falls
OF_RATINGS = {
    UNEXPOSED: {"time": -1.0},
    EXPOSED: {"time": -1.0, "time:exposed": -1.0},
    DIFFERENCE: {"time:exposed": 1.0},
}
OF_FALLS = {
    UNEXPOSED: {"1": 1.0},
    EXPOSED: {"1": 1.0, "exposed": 1.0},
    DIFFERENCE: {"exposed": -1.0},
}


def fit_falls(used: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fit by group ``rating ~ time * exposed``, and the falls with the first rating held.

    *As rated*: ``rating ~ time * exposed + (1 + time | patient) + (1 | item of the patient)``.
    *Expected fear held*: ``fall ~ exposed * first rating + (1 | patient)``, the first rating as
    its deviation from the mean of the patient's items, and held at that mean. REML; standard
    errors robust (CR2 by patient), as patients differ in how much more the exposed items fall.

    Returns
    -------
    tuple
        ``group, model, quantity`` (fall of unexposed and of exposed items, their difference and
        their ratio with Fieller's interval) with the numbers, ``random`` (what differs by patient:
        ``1`` where slopes cannot be estimated); and what could not be fitted.
    """
    parts, notes = [], []
    for group, own in used.groupby("group", sort=True):
        if _count_varying(own, "is_exposed") < ENOUGH:
            notes.append(f"{group}: fewer than {ENOUGH} patients have items of both sorts.")
            continue
        for model, fit in ((AS_RATED, _fit_ratings), (HELD, _fit_falls)):
            try:
                lines = fit(own)
            except CannotAnswerError:
                notes.append(f"{group}: the model ({model}) cannot be fitted.")
            else:
                parts.append(lines.assign(group=group, model=model))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    return table[COLUMNS], notes


def _count_varying(rows: pd.DataFrame, column: str) -> int:
    """Count the patients in whom a column differs between items."""
    own = rows[column].astype("float64").groupby(rows["patient_id"])
    return int((own.max() > own.min()).sum())


def _fit_ratings(own: pd.DataFrame) -> pd.DataFrame:
    rows = own.assign(exposed=own["is_exposed"].astype("float64"))
    long = pd.concat(
        [rows.assign(time=float(at), rating=rows[name]) for at, name in enumerate(("pre", "post"))],
        ignore_index=True,
    )
    long["item"] = long.groupby(ITEM).ngroup().astype("str")
    fit, random = _fit_plainer(long)
    return _read(fit, OF_RATINGS, len(own)).assign(random=random)


def _fit_plainer(long: pd.DataFrame) -> tuple[MixedFit, str]:
    """Fit with slopes that differ by patient; without where they cannot be estimated.

    Robust standard errors are right with either.
    """
    for random in ("time", None):
        try:
            fit = fit_mixed_model(
                long, outcome="rating", fixed="time * exposed", random=random, crossed="item",
                df="satterthwaite", robust="CR2",
            )  # fmt: skip
        except CannotAnswerError:
            if random is None:  # nothing plainer is left
                raise
        else:
            return fit, "1 + time" if random else "1"
    raise AssertionError("The plainest model is always tried.")


def _fit_falls(own: pd.DataFrame) -> pd.DataFrame:
    # within patients, so that patients who are more afraid of everything lend it no slope
    mean = own.groupby("patient_id")["pre"].transform("mean")
    rows = own.assign(exposed=own["is_exposed"].astype("float64"), first=own["pre"] - mean)
    fit = fit_mixed_model(
        rows, outcome="fall", fixed=f"exposed{_first_rating(rows)}", random=None,
        df="satterthwaite", robust="CR2",
    )  # fmt: skip
    return _read(fit, OF_FALLS, len(own)).assign(random="1")


def _first_rating(rows: pd.DataFrame) -> str:
    """Return the terms that hold the first rating: a slope for each sort of items, if both vary."""
    by_sort = rows["first"].groupby(rows["exposed"])
    if bool((by_sort.max() > by_sort.min()).all()):
        return " * first"
    return " + first" if np.ptp(rows["first"]) > 0 else ""


def _read(fit: MixedFit, falls: Mapping[str, Mapping[str, float]], n: int) -> pd.DataFrame:
    names = fit.design.names
    intercept = next((name for name in names if "ntercept" in name), names[0])
    weights = pd.DataFrame(falls).T.rename(columns={"1": intercept}).fillna(0.0)
    lines = fit.combine(weights).rename(columns={"contrast": "quantity"})
    lines = lines[["quantity", *NUMBERS]]
    full = weights.reindex(columns=names).fillna(0.0).loc[[UNEXPOSED, EXPOSED]].to_numpy()
    covariance = full @ fit.covariance.to_numpy() @ full.T
    above, below = lines["estimate"].iloc[0], lines["estimate"].iloc[1]
    both = (covariance[0, 0], covariance[1, 1], covariance[0, 1])
    ratio = fieller_interval(above, below, both, float(lines["df"].iloc[:2].min()))
    last = pd.DataFrame([{"quantity": RATIO, **ratio, "df": lines["df"].iloc[:2].min()}])
    table = pd.concat([lines, last], ignore_index=True)
    return table.assign(n=n, n_patients=fit.n_subjects)


def fit_gradients(used: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Fit how the fall of unexposed items changes with the distance to the nearest exposed one.

    ``fall ~ distance (+ group) + (1 | patient)``, REML, CR2 by patient; a row per distance: of
    planned rank, per rank; of the fear expected at first, per 10 points. Difficulty is not held:
    where hard items are left, farther items are harder ones.

    Returns
    -------
    tuple
        ``distance`` and the change of the fall per step, negative where nearer items fall more; no
        row where fewer than three patients have two distances. And what could not be fitted.
    """
    parts, notes = [], []
    for name in DISTANCES:
        scale = 10.0 if name == "expected_fear" else 1.0
        rows = used[~used["is_exposed"] & used[f"distance_{name}"].notna()]
        rows = rows.assign(distance=rows[f"distance_{name}"] / scale)
        if _count_varying(rows, "distance") < ENOUGH:
            continue
        fixed = "distance + group" if len(rows["group"].unique()) > 1 else "distance"
        try:
            fit = fit_mixed_model(
                rows, outcome="fall", fixed=fixed, random=None, df="satterthwaite", robust="CR2"
            )
        except CannotAnswerError:
            notes.append(f"The model of falls on the distance by {named(name)} cannot be fitted.")
            continue
        line = fit.slopes("distance")[NUMBERS]
        parts.append(line.assign(distance=name, n=fit.n_rows, n_patients=fit.n_subjects))
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=GRADIENT)
    return table[GRADIENT], notes

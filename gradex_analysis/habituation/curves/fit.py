"""How are the courses of a cohort given to the fits, and what is kept of them?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.curves.courses import Courses
from gradex_analysis.progress import Progress
from gradex_analysis.stats.curve_fits import CurveFits, fit_curves
from gradex_analysis.stats.curve_forms import Form
from gradex_analysis.stats.curve_heaped import Heaped
from gradex_analysis.stats.curves import fit_decays

LIKELIHOODS = ("normal", "interval_censored")
STATUSES = ["ok", "not_identified", "at_bound", "flat", "rising", "too_few"]
STEPS = (10, 5, 1)
#: curves fitted between two words of the progress
PART = 4_096
#: of all that is known of a fit, what tells one form from another is left to the comparison
COMPARED = ["form", "n_parameters", "log_likelihood", "aicc"]
ONLY_IN_STEPS = ["grid", "at_least_sd"]


def choose_steps(likelihood: str, grid: float | None, value: pd.Series) -> Heaped | None:
    """Return the steps of the ratings; refuse steps without a use, and a use without steps."""
    if likelihood == "normal":
        if grid is not None:
            raise CannotAnswerError(
                f"grid is {grid:g}, but the normal likelihood takes ratings as exact. Pass "
                'likelihood="interval_censored", or no grid.'
            )
        return None
    if grid is None:
        on = ", ".join(f"{step}: {(value % step == 0).sum():,}" for step in STEPS)
        raise CannotAnswerError(
            "The interval-censored likelihood needs the step in which ratings were given. Pass "
            f"grid=10, 5 or 1 (ratings of {len(value):,} that lie on it, {on})."
        )
    return Heaped(grid=grid)


def fit_courses(
    courses: Courses, form: Form, heaped: Heaped | None, flat_range: float, progress: Progress
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit every curve; return keys and fits, and the exposures where they share curves."""
    series = courses.series
    # counted from the first rating, so that ``start`` is never extrapolated to before it
    since = series["time"] - series.groupby("exposure")["time"].transform("min")
    shares = "exposure_id" not in courses.curves
    if form.name == "exponential" and heaped is None and not shares:
        fits = fit_decays(series["curve"], since, series["value"], flat_range=flat_range)
        starts = courses.exposures.iloc[:0]
    else:
        fitted = _fit_in_parts(series.assign(time=since), form, heaped, flat_range, progress)
        fits = _keep_columns(fitted.table, form, heaped, shares=shares)
        starts = _list_starts(courses, fitted.runs, form) if shares else courses.exposures.iloc[:0]
    if form.has_rate:
        # where the rate cannot be told, neither can the asymptote: symmetric intervals do not hold
        fits.loc[~fits["identified"], ["asymptote_std_error", "rate_std_error"]] = np.nan
    table = courses.curves.join(fits.set_index("series"))
    return table.reset_index(drop=True), starts.drop(columns="curve").reset_index(drop=True)


def _fit_in_parts(
    series: pd.DataFrame, form: Form, heaped: Heaped | None, flat_range: float, progress: Progress
) -> CurveFits:
    """Fit some thousand curves at a time, so that the progress can be told."""
    total = series["curve"].nunique()
    parts = []
    for first in range(0, max(total, 1), PART):
        part = series[series["curve"].between(first, first + PART - 1)]
        parts.append(
            fit_curves(
                part["curve"], part["time"], part["value"],
                form=form, run=part["exposure"], block=part["block"], heaped=heaped,
                flat_range=flat_range,
            )
        )  # fmt: skip
        progress(min(first + PART, total), total, "curves")
    return CurveFits(*(pd.concat([getattr(p, name) for p in parts]) for name in ("table", "runs")))


def count_statuses(table: pd.DataFrame) -> pd.DataFrame:
    """Count the curves by status, also those that none has."""
    counts = table["status"].value_counts().reindex(STATUSES, fill_value=0)
    return pd.DataFrame({"status": STATUSES, "n": counts.to_numpy()})


def _keep_columns(
    table: pd.DataFrame, form: Form, heaped: Heaped | None, *, shares: bool
) -> pd.DataFrame:
    """Drop the columns that the form or the likelihood does not have."""
    dropped = [*COMPARED, *([] if heaped else ONLY_IN_STEPS), *([] if shares else ["n_runs"])]
    if form.shared != "slope":
        dropped += ["slope", "slope_std_error"]
    if not form.has_rate:
        of_rate = table.columns.str.startswith(("asymptote", "rate", "half_life"))
        dropped += list(table.columns[of_rate])
    return table.drop(columns=dropped).rename(columns={"n_runs": "n_exposures"})


def _list_starts(courses: Courses, runs: pd.DataFrame, form: Form) -> pd.DataFrame:
    shared = [form.shared, f"{form.shared}_std_error"] if form.shared else []
    own = runs.set_index("run")[["start", "start_std_error", *shared, "n"]]
    table = courses.exposures.join(courses.summary[["item_id"]]).join(own)
    table["n"] = table["n"].astype("Int64")
    return table[[*courses.exposures.columns[:2], "item_id", "curve", *own.columns, "reason"]]

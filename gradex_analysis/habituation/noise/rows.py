"""About which course, and by how much, do the ratings of each exposure scatter?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.units import describe, list_excluded
from gradex_analysis.measures.courses import list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures, summarise_series
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.reasons import why_not
from gradex_analysis.measures.within_session import Definition
from gradex_analysis.stats.curves import fit_decays

#: of an exponential: start, asymptote, rate
PARAMETERS = 3
UNTIMED = "its index rests on a rating without a time, which no course has"
TOO_FEW_TIMES = "its ratings are at too few times for a course"
NO_VALUE = "the index has no value on its fitted course"


@dataclass(frozen=True)
class Rows:
    """The exposures and the ratings they were fitted to.

    ``exposures`` has keys, ``estimate, on_curve, residual_sd, curve_status``; ``series`` its
    ratings by ``exposure`` (place in ``exposures``) with ``time`` and ``curve``.
    """

    exposures: pd.DataFrame
    series: pd.DataFrame
    excluded: pd.DataFrame
    n_considered: int
    time_unit: str


def choose_rows(cohort: Cohort, kind: str, chosen: Definition, flat_range: float) -> Rows:
    """Choose the exposures that have both the index and a course, and fit it."""
    if outside := {"before", "after"} & set(chosen.needs):
        raise CannotAnswerError(
            f"{chosen.name} reads the rating {' and '.join(sorted(outside))} the exercise, which "
            "no course over its minutes has. Take a definition of ratings during the exercise."
        )
    summary, ratings = summarise_exposures(cohort, kind), list_series(cohort, kind)
    prepared = chosen.prepare(summary, ratings)
    reason = why_not(prepared, chosen, kind)
    series, no_course, time_unit = list_courses(summary, ratings, kind)
    reason = reason.mask(reason == "", no_course)
    estimate = chosen.compute(prepared)
    by_series = index_of(series, len(summary), chosen)
    untimed = (reason == "") & ~np.isclose(estimate, by_series, rtol=0, atol=1e-9)
    reason = reason.mask(untimed, UNTIMED)
    series, fits = _fit(series[series["exposure"].map(reason) == ""], flat_range)
    table = describe(summary).assign(
        definition=chosen.name, estimate=estimate, n=summary["n"],
        on_curve=index_of(series.assign(value=series["curve"]), len(summary), chosen),
        group=summary["patient_id"].map(arm_of(cohort)),
    ).join(fits)  # fmt: skip
    reason = reason.mask((reason == "") & table["residual_sd"].isna(), TOO_FEW_TIMES)
    reason = reason.mask((reason == "") & table["on_curve"].isna(), NO_VALUE)
    used = table[reason == ""]
    series = series[series["exposure"].isin(used.index)]
    place = pd.Series(np.arange(len(used)), index=used.index)
    return Rows(
        used.reset_index(drop=True),
        series.assign(exposure=series["exposure"].map(place)).reset_index(drop=True),
        list_excluded(summary, reason),
        len(summary),
        time_unit,
    )


def index_of(series: pd.DataFrame, n_exposures: int, chosen: Definition) -> pd.Series:
    """Return the index of each series as if its last rating were its end."""
    columns = ["exposure", "time", "value"]
    summary = summarise_series(series[columns].assign(by_minute=True), n_exposures)
    summary["end"] = summary["last"]
    return chosen.compute(chosen.prepare(summary, series[columns]))


def _fit(series: pd.DataFrame, flat_range: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Fit each exposure's course; return its values at the ratings, and how they scatter."""
    if series.empty:
        empty = pd.DataFrame(columns=["residual_sd", "curve_status"])
        return series.assign(curve=np.nan), empty.astype({"residual_sd": "float64"})
    exposure = series["exposure"]
    since = series["time"] - series.groupby("exposure")["time"].transform("min")
    fits = fit_decays(exposure, since, series["value"], flat_range=flat_range).set_index("series")
    own = fits[["start", "asymptote", "rate"]].loc[exposure].to_numpy(dtype="float64")
    start, asymptote, rate = own.T
    curve = asymptote + (start - asymptote) * np.exp(-rate * since.to_numpy())
    is_flat = (exposure.map(fits["status"]) == "flat").to_numpy()
    mean = series.groupby("exposure")["value"].transform("mean").to_numpy()
    fitted = series.assign(curve=np.where(is_flat, mean, curve))
    squares = ((fitted["value"] - fitted["curve"]) ** 2).groupby(exposure).sum(min_count=1)
    freedom = fits["n"].sub(fits["status"].eq("flat").map({True: 1, False: PARAMETERS}))
    variance = (squares / freedom.where(freedom > 0)).where(fits["status"] != "too_few")
    fitted = fitted[fitted["curve"].notna()]  # too few times: no curve
    return fitted, pd.DataFrame({"residual_sd": variance**0.5, "curve_status": fits["status"]})

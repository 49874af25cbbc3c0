"""Which ratings tell of the population's course, whose are they, and what goes with them?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.courses import list_courses
from gradex_analysis.measures.exposures import list_series, summarise_exposures
from gradex_analysis.measures.follow_up import order_rerated
from gradex_analysis.measures.groups import EVERYBODY, arm_of
from gradex_analysis.measures.repeated_items import number_exposures
from gradex_analysis.stats.population_curve import PARTS

#: what the patients may be told apart by
BY = ("arm", "sex", "diagnosis", "site_id")
NOT_RECORDED = "not recorded"
#: stopping early depends on ratings already given; that can be ignored only where all are used,
#: those of an exposure that was stopped after its first rating as well
MINIMUM_RATINGS = 1
TOO_EARLY = "all ratings lie before the exercise began"
#: how patients differ cannot be asked of one
FEWEST_PATIENTS = 2
FEWEST_TIMES = 3

Covariates = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Rated:
    """The ratings used, and of every exposure of the cohort the reason why it has none.

    ``ratings`` has ``patient_id, exposure, time, value, group`` and the covariates, as deviations
    from ``means``. ``without`` lists the groups nobody of whom gave a rating that can be used.
    """

    ratings: pd.DataFrame
    summary: pd.DataFrame
    reason: pd.Series
    means: dict[str, float]
    groups: list[str]
    without: list[str]
    time_unit: str


def list_ratings(cohort: Cohort, kind: str, by: str | None, covariates: Covariates) -> Rated:
    """Choose the ratings and add group and covariates."""
    group = group_patients(cohort, by)
    names = check_covariates(covariates)
    summary = summarise_exposures(cohort, kind)
    series, reason, time_unit = list_courses(
        summary, list_series(cohort, kind), kind, minimum=MINIMUM_RATINGS
    )
    series = series[series["time"] >= 0]
    reason = reason.mask((reason == "") & ~reason.index.isin(series["exposure"]), TOO_EARLY)
    known = pd.DataFrame({name: COVARIATES[name](cohort) for name in names}, index=summary.index)
    for name in names:
        reason = reason.mask((reason == "") & known[name].isna(), f"no value of {name}")
    used = reason == ""
    _refuse(cohort, kind, summary[used], series)
    means = {name: float(known.loc[used, name].mean()) for name in names}
    exposures = pd.concat([summary[["patient_id"]], known - pd.Series(means, dtype=float)], axis=1)
    exposures["group"] = exposures["patient_id"].map(group).astype("str")
    ratings = series[series["exposure"].map(used)].join(exposures, on="exposure")
    groups = sorted(ratings["group"].unique())
    without = sorted(set(group.astype("str")) - set(groups))
    return Rated(ratings.reset_index(drop=True), summary, reason, means, groups, without, time_unit)


def group_patients(cohort: Cohort, by: str | None) -> pd.Series:
    """Return each patient's group by ``patient_id``; ``all`` where nobody is told apart."""
    people = cohort.participants.set_index("patient_id")
    if by is None:
        return pd.Series(EVERYBODY, index=people.index)
    if by not in BY:
        raise UnknownNameError("by", by, BY)
    if people[by].isna().all():
        raise CannotAnswerError(
            f"No patient has a value of {by} (participants' table), so that the cohort cannot be "
            f"told apart by it. Leave by out for one curve."
        )
    return arm_of(cohort) if by == "arm" else people[by].astype("str").fillna(NOT_RECORDED)


def check_covariates(covariates: Covariates) -> list[str]:
    """Return the names of all covariates, each once; refuse parts and names nobody knows."""
    for part, names in covariates.items():
        if part not in PARTS:
            raise UnknownNameError("a key of covariates", part, PARTS)
        if isinstance(names, str):
            raise CannotAnswerError(
                f"covariates[{part!r}] is the text {names!r}: pass a list, such as [{names!r}]."
            )
        for name in names:
            if name not in COVARIATES:
                raise UnknownNameError("a covariate", name, COVARIATES)
    return list(dict.fromkeys(name for names in covariates.values() for name in names))


def _refuse(cohort: Cohort, kind: str, used: pd.DataFrame, series: pd.DataFrame) -> None:
    word = cohort.word(kind)
    if used.empty:
        raise CannotAnswerError(
            f"No exposure has a rating of {word} during the exercise that can be used (forms only "
            "say before, peak and after): a course over minutes cannot be fitted."
        )
    n = used["patient_id"].nunique()
    if n < FEWEST_PATIENTS:
        raise CannotAnswerError(
            f"One patient has ratings of {word} that can be used: a population needs more. "
            'fit_habituation_curves(level="patient") fits a patient\'s own curve.'
        )
    value = series.loc[series["exposure"].isin(used.index), "value"]
    if value.min() == value.max():
        raise CannotAnswerError(
            f"Every rating of {word} used is {value.iloc[0]:g} of 100: there is no course to fit."
        )
    times = series.loc[series["exposure"].isin(used.index), "time"].nunique()
    if times < FEWEST_TIMES:
        raise CannotAnswerError(
            f"The ratings of {word} stand at {times} different times since the exposures began: a "
            "decay with start, lowest level and rate needs three or more."
        )


def _expect_fear(cohort: Cohort) -> pd.Series:
    ordered = order_rerated(cohort)
    if not ordered:
        raise CannotAnswerError(
            "No item was rated apart from exposures (item_ratings.expected_fear), so that it "
            "cannot be a covariate."
        )
    keys = ["patient_id", "item_id"]
    own = cohort.item_ratings
    expected = own[own["occasion"] == ordered[0]].set_index(keys)["expected_fear"]
    found = expected.reindex(pd.MultiIndex.from_frame(cohort.exposures[keys]))
    return pd.Series(found.to_numpy("float64", na_value=np.nan))


def _number_with_item(cohort: Cohort) -> pd.Series:
    return number_exposures(cohort, same_context=False)["number"].astype("float64")


def _number_session(cohort: Cohort) -> pd.Series:
    return number_exposures(cohort, same_context=False)["session_number"].astype("float64")


def _own(name: str) -> Callable[[Cohort], pd.Series]:
    return lambda cohort: cohort.exposures[name].astype("float64")


#: what may go with a part of the course, one value per exposure
COVARIATES: Mapping[str, Callable[[Cohort], pd.Series]] = {
    "expected_fear": _expect_fear,
    "number_with_item": _number_with_item,
    "session_number": _number_session,
    "is_homework": _own("is_homework"),
    "expectancy_before": _own("expectancy_before"),
}

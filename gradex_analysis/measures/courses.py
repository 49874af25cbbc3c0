"""Which exposures have a course over time that a curve may be drawn through?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.measures.exposures import usual_time_unit

#: a decay has three parameters; with fewer than four ratings nothing is left to judge it by
MINIMUM_RATINGS = 4
#: share of exposures that may have two ratings at one place of the mean course
CROWDED = 0.1
HALVINGS = 6  #: of the distance over which ratings are put together


def list_courses(
    summary: pd.DataFrame, series: pd.DataFrame, kind: str, *, minimum: int = MINIMUM_RATINGS
) -> tuple[pd.DataFrame, pd.Series, str]:
    """Choose the courses fit for a curve, and say of every other exposure why not.

    ``minimum`` is the number of ratings that a course needs.

    Returns
    -------
    tuple
        The ratings of the chosen exposures (``exposure, time, value``), the reason per exposure
        ("" where chosen), and the unit of time: that of most exposures; the others are left out.
    """
    time_unit = usual_time_unit(summary)
    n = summary["n"]
    reason = pd.Series(
        np.select(
            [
                summary["status"].eq("refused"),
                summary["status"].eq("not_done"),
                (n == 0) & summary["peak"].isna() & summary["before"].isna(),
                n == 0,
                summary["time_unit"] != time_unit,
                n < minimum,
                summary["has_break"],
            ],
            [
                "refused",
                "planned and not done",
                f"no rating of {kind}",
                "form: no rating during the exercise",
                f"not rated by {time_unit}",
                f"fewer than {minimum} ratings during the exercise",
                "a break: no curve is drawn through one",
            ],
            "",
        ),
        index=summary.index,
    )
    chosen = series["exposure"].map(reason) == ""
    return (
        series.loc[chosen, ["exposure", "time", "value"]].reset_index(drop=True),
        reason,
        time_unit,
    )


def bin_times(series: pd.DataFrame) -> pd.Series:
    """Return the time at which each rating is drawn: the usual one of those near it.

    Ratings planned every two minutes are given a little early or late; averaged by the exact time
    each would stand alone. They are put together over the usual distance between ratings, and over
    less where that would put two ratings of many exposures into one, as it does where ratings are
    close at first and far apart later.
    """
    width = _width(series)
    bins = (series["time"] / width).round()
    places = series["time"].groupby(bins).transform("median")
    whole = places.round()
    # whole minutes where that parts the bins as well
    return whole if len(whole.unique()) == len(bins.unique()) else places


def _width(series: pd.DataFrame) -> float:
    gaps = series.groupby("exposure")["time"].diff().dropna()
    width = max(1.0, float(np.round(gaps.median()))) if len(gaps) else 1.0
    exposure = series["exposure"]
    for _ in range(HALVINGS):
        twice = pd.DataFrame({"e": exposure, "bin": (series["time"] / width).round()}).duplicated()
        if exposure[twice].nunique() <= CROWDED * exposure.nunique():
            break
        width /= 2
    return width

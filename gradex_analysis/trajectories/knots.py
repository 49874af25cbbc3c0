"""Where does a course bend, and who says so? A knot is never estimated."""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.days import choose_origin, first_meetings, starts
from gradex_analysis.measures.observations import Observations
from gradex_analysis.measures.outcomes import Outcome

POST = "post"  #: the occasion that stands at the end of treatment
FIXED = "fixed beforehand"


def choose_knot(
    cohort: Cohort, chosen: Outcome, seen: Observations, *, knot: float | None, time: str
) -> tuple[float, str]:
    """Return where a piecewise course bends, on its axis, and where that comes from.

    What the caller fixed; else, over days, the end of treatment as observed: the mean day of the
    assessments at ``post``, or the median day of ``treatment_end`` in the table episodes.
    """
    if knot is not None:
        return float(knot), FIXED
    if time == "days":
        found = _post(seen) if chosen.source == "assessments" else _end(cohort, chosen, seen)
        if found:
            return found
    raise CannotAnswerError(
        f"A piecewise course over {time} needs its knot, fixed beforehand: say knot=, on the axis "
        "of time. (Over days it may also be the end of treatment: the occasion post of "
        "questionnaires, or treatment_end in the table episodes.)"
    )


def _post(seen: Observations) -> tuple[float, str] | None:
    days = seen.frame.loc[seen.frame["occasion"] == POST, "time"]
    if days.empty or not seen.time_words.startswith("Days"):
        return None
    return float(days.iloc[0]), f"end of treatment: mean day of the occasion {POST}"


def _end(cohort: Cohort, chosen: Outcome, seen: Observations) -> tuple[float, str] | None:
    origins = starts(cohort) if chosen.source == "diary" else first_meetings(cohort)
    _, start = choose_origin(origins, seen.frame["patient_id"])
    ends = cohort.episodes.groupby("patient_id")["treatment_end"].max()
    days = pd.Series((ends - start.reindex(ends.index)).dt.days).dropna()
    if days.empty:
        return None
    words = f"end of treatment: median of {len(days)} observed"
    return float(days.median()), words

"""How did a questionnaire change from the baseline, patient by patient?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.occasions import BASELINE, order_occasions
from gradex_analysis.measures.scores import list_scores


@dataclass(frozen=True)
class Change:
    """Changes ``patient_id, estimate`` (later less baseline), the scale's span, and when."""

    frame: pd.DataFrame
    span: float
    words: str


def change_of(cohort: Cohort, name: str, at: str | None) -> Change:
    """List each patient's change from the baseline; at the last occasion where ``at`` is None.

    Patients without both scores have no row.
    """
    scores = list_scores(cohort)
    own = scores[scores["instrument"] == name]
    later = [one for one in order_occasions(cohort) if one in set(own["occasion"])]
    if BASELINE not in later or len(later) == 1:
        raise CannotAnswerError(
            f"{name} has no scores at the baseline and later: its change would come from the "
            "table assessments."
        )
    later.remove(BASELINE)
    if at is not None and at not in later:
        raise CannotAnswerError(f"{name} was not given at {at}; it was at {', '.join(later)}.")
    when = at or later[-1]
    by_occasion = own.pivot_table(index="patient_id", columns="occasion", values="score")
    change = (by_occasion[when] - by_occasion[BASELINE]).dropna()
    if change.empty:
        raise CannotAnswerError(f"No patient has {name} both at the baseline and at {when}.")
    key = cohort.instrument(name)
    return Change(
        change.rename("estimate").reset_index(),
        key.high - key.low,
        f"from baseline to {named(when)}",
    )

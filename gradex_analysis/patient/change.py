"""Did a patient's questionnaires change by more than measurement error, and by enough to matter?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.occasions import BASELINE, order_occasions
from gradex_analysis.measures.scores import list_scores

YES, NO, NOT_JUDGED = "yes", "no", "not judged"
KNOWN = {"better": "str"} | {
    f"{change}_change{what}": kind
    for change in ("detectable", "important")
    for what, kind in (("", "float64"), ("_source", "str"), ("_verified", "bool"))
}


def judge_changes(cohort: Cohort, patient_id: str) -> pd.DataFrame:
    """Set each score beside the baseline: ``change`` = score - baseline, in points of the total.

    ``beyond_error``: the change is at least the instrument's detectable change. ``important``: at
    least its important change, to either side. ``direction`` is ``better`` or ``worse`` where the
    instrument says which end is better. Without a published value a verdict is ``not judged``.

    Returns
    -------
    DataFrame
        One row per instrument and occasion: ``instrument, occasion, day, score, better, change,
        direction, beyond_error, important``, and of each threshold its value, ``_source`` and
        whether it was read there (``_verified``).
    """
    scores = list_scores(cohort)
    own = scores[scores["patient_id"] == patient_id]
    own = own[["instrument", "occasion", "day", "score"]]
    place = {name: at for at, name in enumerate(order_occasions(cohort))}
    first_met = {name: at for at, name in enumerate(scores["instrument"].unique())}
    own = own.sort_values("occasion", key=lambda names: names.map(place), kind="stable")
    own = own.sort_values("instrument", key=lambda n: n.map(first_met), kind="stable")
    own = own.reset_index(drop=True)
    known = {name: cohort.instrument(name) for name in own["instrument"].unique()}
    for column in KNOWN:
        own[column] = own["instrument"].map({n: getattr(known[n], column) for n in known})
    own = own.astype(KNOWN)  # also where there is no row to tell
    start = own[own["occasion"] == BASELINE].drop_duplicates("instrument").set_index("instrument")
    later = own["occasion"] != BASELINE
    baseline = own["instrument"].map(start["score"]).astype("float64")
    own["change"] = (own["score"] - baseline).where(later)
    own["direction"] = _direction(own)
    own["beyond_error"] = _verdict(own, "detectable_change")
    own["important"] = _verdict(own, "important_change")
    return own


def _direction(own: pd.DataFrame) -> pd.Series:
    gain = own["change"] * own["better"].map({"higher": 1.0, "lower": -1.0}).astype("float64")
    words = np.select([gain > 0, gain < 0], ["better", "worse"], "")
    return pd.Series(words, index=own.index, dtype="str")


def _verdict(own: pd.DataFrame, threshold: str) -> pd.Series:
    # a change of 0.1 + 0.2 points is one of 0.3
    reached = own["change"].abs() >= own[threshold] - math.ulp(100.0)
    judged = own["change"].notna() & own[threshold].notna()
    words = np.select([~judged, reached], [NOT_JUDGED, YES], NO)
    return pd.Series(words, index=own.index, dtype="str").where(own["change"].notna())

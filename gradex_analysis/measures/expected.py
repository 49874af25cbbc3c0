"""What was expected of every exposure, what occurred, and why does a definition have no value?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.carried_out import ACTIVITY, state_exposures
from gradex_analysis.measures.expectancy import IN_WORDS, OCCURRED, Definition
from gradex_analysis.measures.exposures import KEYS, summarise_exposures
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.repeated_items import NOT_CARRIED_OUT

DESCRIBED = ["session_number", "item_id", "exposure_number"]
#: as the exposure itself says, on 0 to 100
SAID = [
    "expectancy_before", "occurrence", "occurrence_100", "expectancy_after", "surprise",
    "expected_peak_fear",
]  # fmt: skip
PEAKS = {"peak": "peak_gap", "pain_peak": "pain_peak_gap"}
NO_EXPOSURES = "The cohort holds no exposures: what was expected is recorded with exposures."
ASKED_FOR = {
    "expectancy_before": "expectancy_before (0 to 100)",
    "occurrence_100": "occurrence (0 to 100)",
    "expectancy_after": "expectancy_after (0 to 100)",
    "surprise": "surprise (0 to 100)",
    "expected_peak_fear": "expected_peak_fear (0 to 100)",
    "expected_peak_pain": "expected_pain (0 to 10)",
    "peak": "ratings of fear, or its recalled peak",
    "pain_peak": "ratings of pain, or its recalled peak",
}


def list_expected(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List what was expected of every exposure and what was found, on 0 to 100.

    Returns
    -------
    DataFrame
        One row per exposure, in the order of ``cohort.exposures``: keys, ``group``, description,
        ``state``, ``what``, the columns of ``SAID``, ``expected_peak_pain``, ``peak`` of ``kind``
        and ``pain_peak``, each with ``_source`` (``ratings``, ``recalled``) and ``_gap``.
    """
    if cohort.exposures.empty:
        raise CannotAnswerError(NO_EXPOSURES)
    summary = summarise_exposures(cohort, kind)
    own = ["peak", "peak_source", "peak_gap"]
    states = state_exposures(cohort)
    rows = summary[[*KEYS, *DESCRIBED, *own]].join(states[["state", "what", *SAID]])
    rows = rows.join(summarise_exposures(cohort, "pain")[own].add_prefix("pain_"))
    rows["expected_peak_pain"] = 10 * cohort.exposures["expected_pain"]
    rows.insert(2, "group", rows["patient_id"].map(arm_of(cohort)))
    return rows


def refuse_unrecorded(rows: pd.DataFrame, definition: Definition, name: str = "") -> None:
    """Refuse a definition of which no exposure of the cohort has what it needs.

    ``name`` is what asks, where it is not the definition itself.
    """
    name = name or definition.name
    for column in definition.needs:
        if rows[column].notna().any():
            continue
        in_words = column == OCCURRED and rows["occurrence"].notna().any()
        if in_words and not definition.takes_words:
            raise CannotAnswerError(
                f"{name} needs a number of what occurred, and every exposure says it in "
                "words. gx.measure_expectancy(definition='expectancy_violation') counts them."
            )
        if not in_words:
            raise CannotAnswerError(
                f"{name} needs {ASKED_FOR[column]}, which no exposure has. A file's own "
                "name for it is said in the mapping (MAPPING.md)."
            )


def why_no_value(rows: pd.DataFrame, definition: Definition) -> pd.Series:
    """Return the first reason that applies to each exposure; "" where it is used.

    An exposure that says in words what occurred is used by a definition that takes words.
    """
    reason = say_not_carried_out(rows)
    in_words = rows["occurrence"].notna() & rows[OCCURRED].isna()
    for column, why in definition.needs.items():
        lacks = rows[column].isna()
        if column == OCCURRED:
            lacks &= ~(in_words & definition.takes_words)
            reason = reason.mask((reason == "") & lacks & in_words, IN_WORDS)
        if column in PEAKS:
            gap = rows[PEAKS[column]]
            hidden = (reason == "") & lacks & (gap != "")
            reason = reason.mask(hidden, "a rating " + gap + ": it may have been the highest")
        reason = reason.mask((reason == "") & lacks, why)
    none = definition.compute(rows).isna() & ~(in_words & definition.takes_words)
    return reason.mask((reason == "") & none, definition.no_value)


def say_not_carried_out(rows: pd.DataFrame) -> pd.Series:
    """Return why an exposure does not count: refused, not done, or no exposure; else "".

    One without a status that says what occurred or was expected afterwards was carried out.
    """
    reason = pd.Series("", index=rows.index, dtype="str")
    told = rows[["occurrence", OCCURRED, "expectancy_after"]].notna().any(axis=1)
    for state, why in NOT_CARRIED_OUT.items():
        where = rows["state"] == state
        reason = reason.mask(where & ~told if state == "unknown" else where, why)
    is_activity = (rows["what"] == ACTIVITY) & ~told
    return reason.mask((reason == "") & is_activity, "an activity without a feared item")


def list_left_out(rows: pd.DataFrame, reason: pd.Series) -> pd.DataFrame:
    """List the exposures that have a reason to be left out, with it."""
    listed = rows[KEYS].assign(reason=reason)
    return listed[reason != ""].reset_index(drop=True)


def shown_columns(rows: pd.DataFrame) -> list[str]:
    """Return the keys and those descriptions that any exposure has."""
    return [*KEYS, "group", *[name for name in DESCRIBED if rows[name].notna().any()]]


def count_clamped(rows: pd.DataFrame, columns: list[str], clamp: float) -> int:
    """Return how many exposures have a share nearer to an end than the logit is taken of."""
    values = rows[columns].to_numpy("float64")
    return int(((values < clamp) | (values > 100 - clamp)).any(axis=1).sum()) if len(rows) else 0


BANDS = (0, 20, 40, 60, 80)
WORDS = ("no", "partly", "yes", "not_testable")


def band_of(expected: pd.Series) -> pd.Series:
    """Return the lower end of the fifth of the scale in which an expectancy lies."""
    return pd.Series(np.clip(expected // 20 * 20, 0, 80), index=expected.index).astype("int64")


def name_band(low: int) -> str:
    """Return ``60 to 79``; the last one reaches 100."""
    return f"{low} to {100 if low == BANDS[-1] else low + 19}"

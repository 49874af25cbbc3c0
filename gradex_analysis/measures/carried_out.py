"""Which exposures were carried out, which only planned, and which were activities without an item?

Once, for all questions that count exposures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.groups import arm_of

EXPOSURE, ACTIVITY = "exposure", "activity"
CARRIED_OUT = ("done", "partial", "rated")
#: what became of an exposure; each is in exactly one of them
STATES = (*CARRIED_OUT, "refused", "not_done", "unknown")
NOT_RECORDED = "not_recorded"
KEYS = ["patient_id", "exposure_id"]


def state_exposures(cohort: Cohort) -> pd.DataFrame:
    """Say of every exposure what it was and what became of it.

    An exposure without a status was carried out (``rated``) where it has a rating or minutes that
    were done; without either its state is ``unknown``. One without an item is an ``activity``,
    such as a quota of graded activity; where a patient's log names no item at all, its exposures
    are known by their ratings.

    Returns
    -------
    DataFrame
        The columns of ``cohort.exposures`` in their order, with ``arm``, ``what`` (``exposure``,
        ``activity``), ``state`` (one of ``STATES``), ``carried_out`` and ``homework`` (``yes``,
        ``no``, ``not_recorded``).
    """
    table = cohort.exposures
    rated = _is_rated(cohort)
    shown = rated | (table["done_minutes"] > 0)
    state = table["status"].mask(table["status"].isna() & shown, "rated").fillna("unknown")
    exposure = _names_an_item(table) | _is_known_by_ratings(table, rated)
    return table.assign(
        arm=table["patient_id"].map(arm_of(cohort)),
        what=np.where(exposure, EXPOSURE, ACTIVITY),
        state=state,
        carried_out=state.isin(CARRIED_OUT),
        homework=say_yes_no(table["is_homework"]),
    )


def say_yes_no(answers: pd.Series) -> pd.Series:
    """Return ``yes``, ``no`` or ``not_recorded`` for each answer."""
    said = answers.astype("object").map({True: "yes", False: "no"})
    return said.astype("str").fillna(NOT_RECORDED)


def find_attendance(cohort: Cohort) -> pd.DataFrame:
    """Say of every treatment session whether the patient was there.

    A session without a note of attendance took place where an exposure within it was carried out.
    Sessions of the phases ``baseline`` and ``followup`` are no treatment and are left out.

    Returns
    -------
    DataFrame
        ``patient_id, session_id, attended`` (``yes``, ``late_cancel``, ``no_show``,
        ``not_recorded``).
    """
    sessions = cohort.sessions
    sessions = sessions[~sessions["phase"].isin(["baseline", "followup"])]
    exposures = state_exposures(cohort)
    # homework names the session that assigned it, which need not be one it was done in
    within = exposures[exposures["carried_out"] & (exposures["homework"] != "yes")]
    keys = ["patient_id", "session_id"]
    held = pd.MultiIndex.from_frame(sessions[keys]).isin(pd.MultiIndex.from_frame(within[keys]))
    attended = sessions["attended"].mask(sessions["attended"].isna() & held, "yes")
    known = sessions[keys].assign(attended=attended.fillna(NOT_RECORDED))
    return known.reset_index(drop=True)


def _is_rated(cohort: Cohort) -> pd.Series:
    ratings = cohort.ratings
    rated = ratings.loc[ratings["value_100"].notna(), "exposure"]
    return pd.Series(np.isin(np.arange(len(cohort.exposures)), rated), dtype="bool")


def _names_an_item(table: pd.DataFrame) -> pd.Series:
    return table["item_id"].notna()


def _is_known_by_ratings(table: pd.DataFrame, rated: pd.Series) -> pd.Series:
    owner = table["patient_id"]
    names_items = owner.isin(owner[_names_an_item(table)])
    return ~names_items & owner.isin(owner[rated])

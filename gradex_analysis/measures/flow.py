"""How far did each patient come: allocated, started, treated as planned, in the study, assessed?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import find_attendance, state_exposures
from gradex_analysis.measures.groups import arm_of

NOT_RECORDED = "not recorded"
NEVER_STARTED = "never_started"
COMPLETED = "completed"
#: the states of each stage, in order; the first is what was hoped for
STATES = {
    "enrolled": ("enrolled",),
    "allocated": ("allocated", "not allocated"),
    "started": ("started", "not started", NOT_RECORDED),
    "treatment": ("as planned", "stopped early", NOT_RECORDED),
    "study": ("to its end", "left", NOT_RECORDED),
}
ASSESSED_STATES = (
    "assessed",
    "left the study",
    "in the study, without a form",
    "without a form, study end not recorded",
)


def follow_patients(cohort: Cohort, occasions: Sequence[str]) -> pd.DataFrame:
    """Say of every patient how far they came.

    Started: attended a treatment session or carried out an exposure; not started: all were missed
    or the episode says ``never_started``; with neither, not recorded. Several episodes count once:
    treatment was stopped early where any episode was, with the first such reason, and the study
    ended as the latest episode says. Without a form, a patient who left counts as having left at
    every occasion after the last one assessed.

    Returns
    -------
    DataFrame
        One row per patient: ``patient_id, arm``, a column per stage of ``STATES`` with its state
        (none in ``treatment`` for those who did not start), ``treatment_reason``,
        ``study_reason``, and one column ``assessed_<occasion>`` per occasion.
    """
    arm = arm_of(cohort)
    people = cohort.participants.set_index("patient_id").loc[arm.index]
    flow = pd.DataFrame({"arm": arm}, index=arm.index)
    flow["enrolled"] = "enrolled"
    if cohort.has_arms:
        flow["allocated"] = np.where(people["arm"].notna(), "allocated", "not allocated")
    endings = _endings(cohort.episodes).reindex(arm.index)
    flow["started"] = _started(cohort, arm.index, endings["treatment_reason"])
    flow["treatment"] = _ended(endings["treatment_reason"], "treatment")
    flow["treatment"] = flow["treatment"].mask(flow["started"] == "not started")
    flow["treatment_reason"] = _unless_completed(endings["treatment_reason"])
    flow["study"] = _ended(endings["study_reason"], "study")
    flow["study_reason"] = _unless_completed(endings["study_reason"])
    for occasion, states in _assessed(cohort, flow["study"], occasions).items():
        flow[f"assessed_{occasion}"] = states
    return flow.rename_axis("patient_id").reset_index()


def _endings(episodes: pd.DataFrame) -> pd.DataFrame:
    """Return how treatment and study ended, over all episodes of a patient."""
    # a stop counts before an ending nobody noted, and that before one as planned
    reason = episodes["treatment_end_reason"]
    grave = np.select([reason == COMPLETED, reason.isna()], [2, 1], 0)
    ordered = episodes.assign(grave=grave).sort_values("start", kind="stable")
    worst = ordered.sort_values("grave", kind="stable").drop_duplicates("patient_id")
    latest = ordered.dropna(subset="study_end_reason").drop_duplicates("patient_id", keep="last")
    return pd.DataFrame(
        {
            "treatment_reason": worst.set_index("patient_id")["treatment_end_reason"],
            "study_reason": latest.set_index("patient_id")["study_end_reason"],
        },
        dtype="str",
    )


def _started(cohort: Cohort, patients: pd.Index, reason: pd.Series) -> pd.Series:
    sessions, exposures = find_attendance(cohort), state_exposures(cohort)
    came = sessions.loc[sessions["attended"] == "yes", "patient_id"]
    did = exposures.loc[exposures["carried_out"], "patient_id"]
    missed = sessions.loc[sessions["attended"].isin(["late_cancel", "no_show"]), "patient_id"]
    unsure = sessions.loc[sessions["attended"] == "not_recorded", "patient_id"]
    doubtful = exposures.loc[exposures["state"] == "unknown", "patient_id"]
    began = patients.isin(pd.concat([came, did]))
    only_missed = patients.isin(pd.concat([missed, exposures["patient_id"]]))
    only_missed &= ~patients.isin(pd.concat([unsure, doubtful]))
    never = only_missed | (reason == NEVER_STARTED).to_numpy()
    states = np.select([began, never], STATES["started"][:2], NOT_RECORDED)
    return pd.Series(states, index=patients, dtype="str")


def _ended(reason: pd.Series, stage: str) -> pd.Series:
    planned, early, unknown = STATES[stage]
    states = np.select([reason.isna(), reason == COMPLETED], [unknown, planned], early)
    return pd.Series(states, index=reason.index, dtype="str")


def _unless_completed(reason: pd.Series) -> pd.Series:
    return reason.where(reason != COMPLETED).fillna("")


def _assessed(cohort: Cohort, study: pd.Series, occasions: Sequence[str]) -> dict[str, np.ndarray]:
    scored = cohort.assessments.dropna(subset="score")
    answered = cohort.assessment_items.dropna(subset="response")
    filled = pd.concat([frame[["patient_id", "occasion"]] for frame in (scored, answered)])
    assessed, left, without_a_form, unsure = ASSESSED_STATES
    states = {}
    later = np.zeros(len(study), dtype=bool)
    for occasion in reversed(occasions):
        has_form = study.index.isin(filled.loc[filled["occasion"] == occasion, "patient_id"])
        gone = (study == "left").to_numpy() & ~later
        unknown = (study == NOT_RECORDED).to_numpy() & ~later
        states[occasion] = np.select(
            [has_form, gone, unknown], [assessed, left, unsure], without_a_form
        )
        later |= has_form
    return {occasion: states[occasion] for occasion in occasions}

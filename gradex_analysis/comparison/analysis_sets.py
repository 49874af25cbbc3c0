"""Which patients does an analysis set hold, and what does its name mean?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.missingness import order_seen
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.dose import tally_patients
from gradex_analysis.measures.flow import COMPLETED, NOT_RECORDED, follow_patients
from gradex_analysis.measures.groups import WITHOUT_ARM, arm_of
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.results import wording

INTENTION_TO_TREAT, COMPLETERS, PER_PROTOCOL = "intention_to_treat", "completers", "per_protocol"
ANALYSIS_SETS = (INTENTION_TO_TREAT, COMPLETERS, PER_PROTOCOL)
#: what was done, perhaps done, and planned, in the tally of patients
DOSES = {
    "sessions": ("n_attended", "n_attendance_unknown", "n_sessions"),
    "exposures": ("n_carried_out", "n_unknown", "n_exposures"),
}
DONE = {"sessions": "attended", "exposures": "carried out"}
ROUNDING = 1e-9  #: 2 / 3 of 3 sessions are 2


def choose_set(
    cohort: Cohort,
    name: str,
    seen: pd.DataFrame,
    *,
    at: str | None = None,
    ended_as_planned: bool = True,
    least_share: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Choose the patients of an analysis set.

    ``intention_to_treat``: everybody with an arm, whatever became of them. ``completers``: those of
    them with a usable value at ``at``. ``per_protocol``: those of them whose treatment is recorded
    to have ended as planned, and who had at least ``least_share`` of what was planned; what was
    planned for nobody of an arm is not asked of it.

    Parameters
    ----------
    seen
        ``patient_id, occasion, value``: NaN, or no row, where there is no value.
    at
        The occasion of completers; by default the last of ``seen``.
    least_share
        ``{"sessions": 0.67, "exposures": 0.5}``, of those planned. This and ``ended_as_planned``
        are the rule of per protocol.

    Returns
    -------
    DataFrame
        One row per patient of the cohort: ``patient_id, in_set, reason`` ("" in the set). Raises
        ``CannotAnswerError`` where the cohort does not hold what the set is chosen by.
    """
    if name not in ANALYSIS_SETS:
        raise UnknownNameError("analysis_set", name, ANALYSIS_SETS)
    arm = arm_of(cohort)
    reason = pd.Series("", index=arm.index, dtype="str").mask(arm == WITHOUT_ARM, WITHOUT_ARM)
    if name == COMPLETERS:
        rules = [_without_value(cohort, arm, seen, at)]
    elif name == PER_PROTOCOL:
        shares = _check(least_share, ended_as_planned=ended_as_planned)
        rules = list(_off_protocol(cohort, shares, ended_as_planned=ended_as_planned))
    else:
        rules = []
    for why in rules:
        reason = reason.mask(reason == "", why)
    frame = reason.rename_axis("patient_id").rename("reason").reset_index()
    frame.insert(1, "in_set", frame["reason"] == "")
    return frame


def count_set(chosen: pd.DataFrame, arm: pd.Series) -> pd.DataFrame:
    """Count the patients in the set and, by reason, out of it.

    Returns
    -------
    DataFrame
        ``arm, in_set, reason, n, n_considered``; the ``n`` of an arm add up to ``n_considered``,
        and every arm has a row of those in the set.
    """
    own = chosen.assign(arm=chosen["patient_id"].map(arm)).dropna(subset="arm")
    counts = own.groupby(["arm", "in_set", "reason"]).size().rename("n").reset_index()
    considered = counts.groupby("arm")["n"].sum().rename("n_considered")
    without = considered.index.difference(counts.loc[counts["in_set"], "arm"])
    nobody = pd.DataFrame({"arm": without, "in_set": True, "reason": "", "n": 0})
    table = pd.concat([counts, nobody]) if len(nobody) else counts
    ordered = table.sort_values(["arm", "in_set", "reason"], ascending=[True, False, True])
    return ordered.join(considered, on="arm").reset_index(drop=True)


def say_rule(
    name: str,
    *,
    at: str | None = None,
    ended_as_planned: bool = True,
    least_share: Mapping[str, float] | None = None,
    randomised: bool = True,
) -> str:
    """Say what the name of an analysis set means."""
    everybody = "all patients randomised" if randomised else "all patients of the groups"
    if name == INTENTION_TO_TREAT:
        # without an assignment there is none that anybody could intend
        lead = "intention to treat: " if randomised else ""
        return f"{lead}{everybody}, whatever became of them"
    if name == COMPLETERS:
        when = f"at {named(at)}" if at else "at the last occasion"
        return f"completers: of {everybody}, those with a usable value {when}"
    if name != PER_PROTOCOL:
        raise UnknownNameError("analysis_set", name, ANALYSIS_SETS)
    rules = ["whose treatment is recorded to have ended as planned"] if ended_as_planned else []
    rules += [f"with {_say_share(what, share)}" for what, share in (least_share or {}).items()]
    return f"per protocol: of {everybody}, those {' and '.join(rules)}"


def _say_share(what: str, share: float) -> str:
    return f"at least {wording.percent(share, 1)} of the planned {what} {DONE[what]}"


def _without_value(cohort: Cohort, arm: pd.Series, seen: pd.DataFrame, at: str | None) -> pd.Series:
    offered = [o for o in order_seen(cohort, seen) if o != BASELINE]
    offered = [o for o in offered if o in set(seen["occasion"].astype("str"))]
    if not offered:
        raise CannotAnswerError(
            "Completers are those with a value at the last occasion, and there is no value after "
            "the baseline."
        )
    last = offered[-1] if at is None else at
    if last not in offered:
        raise UnknownNameError("at", at, offered)
    has_value = seen[seen["occasion"].astype("str") == last].dropna(subset="value")["patient_id"]
    out = f"no usable value{f' at {named(last)}' if last else ''}"
    return pd.Series(np.where(arm.index.isin(has_value), "", out), arm.index, dtype="str")


def _check(least_share: Mapping[str, float] | None, *, ended_as_planned: bool) -> dict[str, float]:
    shares = dict(least_share or {})
    for what, share in shares.items():
        if what not in DOSES:
            raise UnknownNameError("least_share of", what, DOSES)
        if not 0 < share <= 1:
            raise CannotAnswerError(f"A least share of {what} is above 0 and up to 1; not {share}.")
    if not (shares or ended_as_planned):
        raise CannotAnswerError("Per protocol needs a rule: ended_as_planned, or a least_share.")
    return shares


def _off_protocol(
    cohort: Cohort, least_share: Mapping[str, float], *, ended_as_planned: bool
) -> Iterator[pd.Series]:
    if ended_as_planned:
        yield _ended_otherwise(follow_patients(cohort, []).set_index("patient_id"))
    tally = tally_patients(cohort).set_index("patient_id") if least_share else pd.DataFrame()
    for what, share in least_share.items():
        yield _had_too_little(tally, what, share)


def _ended_otherwise(flow: pd.DataFrame) -> pd.Series:
    silent = (flow["treatment"] == NOT_RECORDED).groupby(flow["arm"]).all()
    if unknown := [named(arm) for arm in silent.index[silent] if arm != WITHOUT_ARM]:
        raise CannotAnswerError(
            f"Who was treated per protocol cannot be told of {', '.join(unknown)}: no patient's "
            "end of treatment is recorded (table episodes, column treatment_end_reason, "
            f"{COMPLETED!r} where it ended as planned). Choose another analysis set, or a rule of "
            "another kind."
        )
    codes = flow["treatment_reason"].map(named)
    told = "stopped treatment early" + (": " + codes).where(~codes.isin(["", "stopped"]), "")
    reason = told.where(flow["treatment"] == "stopped early", "")
    reason = reason.mask(flow["treatment"] == NOT_RECORDED, "end of treatment not recorded")
    return reason.mask(flow["started"] == "not started", "did not start treatment")


def _had_too_little(tally: pd.DataFrame, what: str, share: float) -> pd.Series:
    done, perhaps, planned = (tally[column].astype("float64") for column in DOSES[what])
    if not planned.any():
        raise CannotAnswerError(
            f"No {what} are recorded for any patient, so that nobody's share of them can be told "
            f"(table {what})."
        )
    needed = share * planned - ROUNDING
    asked = (planned > 0).groupby(tally["arm"]).transform("any")
    few = f"less than {wording.percent(share, 1)} of the planned {what} {DONE[what]}"
    reason = pd.Series("", index=tally.index, dtype="str")
    reason[done < needed] = few
    reason[(done < needed) & (done + perhaps >= needed)] = f"not recorded of how many {what}"
    reason[asked & (planned == 0)] = f"no {what} recorded"
    return reason

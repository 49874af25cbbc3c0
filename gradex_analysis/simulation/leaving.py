"""Who starts, who stops treatment when, and who is assessed?"""

from __future__ import annotations

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import MONTHS, SESSIONS, Bools, Draws, Floats, Ints, logistic
from gradex_analysis.simulation.instruments import OCCASION_DAYS
from gradex_analysis.simulation.schedule import Schedule

NEVER_STARTED = -1
EXPOSING, ACTIVE, UNTREATED = range(3)  # rows of LeavingAssumptions.hazard
MONTH = 28.0


def draw_starters(arm: Ints, uniforms: Draws, *, setting: Setting) -> Bools:
    """Return who comes to a first session; usual care has nothing to start."""
    share = setting.assumptions.leaving.never_started
    never = [share[0] if one.exposes else share[1] if one.treats else 0.0 for one in setting.arms]
    if setting.missing == "none" or setting.is_null:
        return np.ones(len(arm), dtype=np.bool_)
    return uniforms["traits"][:, 5] >= np.array(never)[arm]


def leaves_after_exposures(
    last_peak: Floats, worsening: Floats, uniforms: Floats, *, setting: Setting
) -> Bools:
    """Return who stops after a session, given the last peak that was reported.

    ``logit = base + .03 (last reported peak - 60)``; "mnar" adds ``.8 worsening`` (latent TSK-11
    above baseline, in SD). Without differences between arms leaving is settled by month.
    """
    if setting.missing == "none" or setting.is_null:
        return np.zeros(len(uniforms), dtype=np.bool_)
    one = setting.assumptions.leaving
    logit = one.hazard[EXPOSING] + one.per_peak * np.nan_to_num(last_peak - 60.0)
    return uniforms < logistic(logit + _unreported(worsening, setting))


def leaving_activity(
    severity: Floats, worsening: Floats, schedule: Schedule, uniforms: Draws, *, setting: Setting
) -> Ints:
    """Return after which session graded activity is stopped; the number of sessions: never.

    ``severity`` is TSK-11 at baseline and ``worsening`` that per full treatment, both in SD.
    """
    one = setting.assumptions.leaving
    if setting.missing == "none" or setting.is_null:
        return np.full(len(severity), SESSIONS)
    share = np.minimum(schedule.day / OCCASION_DAYS[1], 1.0)
    logit = one.hazard[ACTIVE] + (one.per_severity * severity)[:, None]
    hazard = logistic(logit + _unreported(worsening[:, None] * share, setting))
    leaves = (uniforms["leave"] < hazard) & schedule.is_open
    return np.where(leaves.any(axis=1), np.argmax(leaves, axis=1), SESSIONS)


def leaving_by_month(
    severity: Floats, worsening: Floats, uniforms: Draws, *, setting: Setting
) -> Floats:
    """Return the study day on which usual care is left (by month, to month 6); NaN: never."""
    one = setting.assumptions.leaving
    if setting.missing == "none":
        return np.full(len(severity), np.nan)
    days = MONTH * (1 + np.arange(MONTHS))
    share = np.minimum(days / OCCASION_DAYS[1], 1.0)
    logit = one.hazard[UNTREATED] + (one.per_severity * severity)[:, None]
    hazard = logistic(logit + _unreported(worsening[:, None] * share, setting))
    leaves = uniforms["leave_month"] < hazard
    return np.where(leaves.any(axis=1), days[np.argmax(leaves, axis=1)], np.nan)


def draw_assessed(leave_day: Floats, arm: Ints, uniforms: Draws, *, setting: Setting) -> Bools:
    """Return which of baseline, post and follow-up were obtained.

    Baseline always; later ones with a probability that depends only on having left before.
    """
    one = setting.assumptions.leaving
    shape = (len(arm), len(OCCASION_DAYS))
    if setting.missing == "none":
        return np.ones(shape, dtype=np.bool_)
    stays = np.array([(1.0, *one.assessed_stayers)])
    if setting.is_clinic:
        stays = np.array([(1.0, one.clinic_post, 0.0)])
    elif not setting.is_null:
        untreated = np.array([not each.treats for each in setting.arms])[arm]
        stays = np.where(untreated[:, None], np.array([(1.0, *one.assessed_untreated)]), stays)
    has_left = leave_day[:, None] <= np.array(OCCASION_DAYS)
    has_left[:, 0] = False
    leavers = np.minimum(stays, one.assessed_leavers)
    return uniforms["assessed"] < np.where(has_left, leavers, stays)


def _unreported(worsening: Floats, setting: Setting) -> Floats:
    is_informative = setting.missing == "mnar"
    return is_informative * setting.assumptions.leaving.worsening * worsening

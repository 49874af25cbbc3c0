"""What do patients answer in questionnaires and in the pain diary?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.simulation.design import Arm, Setting
from gradex_analysis.simulation.draws import DIARY_DAYS, Draws, Floats, Ints
from gradex_analysis.simulation.exposing import Worsening
from gradex_analysis.simulation.instruments import (
    EXPECTED_FEAR_CHANGE,
    OCCASION_DAYS,
    QUESTIONNAIRES,
    UNTREATED,
    Questionnaire,
)
from gradex_analysis.simulation.office import Office
from gradex_analysis.simulation.people import People

TSK, PCS, NRS = 0, 1, 4  # places in QUESTIONNAIRES
WEEK = 7.0


@dataclass(frozen=True)
class Answering:
    """Latent answers, in SDs of each questionnaire, worse is higher: (patients, 5, 3)."""

    level: Floats  #: everything but arms, fear, therapists
    planted: Floats  #: change of the mean by arm if nobody leaves, native units, no baseline
    untreated: Floats  #: the same in usual care
    expected: Floats  #: expected change in mean item fear at post and follow-up, (patients, 2)

    def take(self, rows: Ints) -> Answering:
        """Return some patients."""
        return Answering(*(values[rows] for values in vars(self).values()))


def prepare_answers(
    people: People, office: Office, normals: Draws, *, setting: Setting
) -> Answering:
    """Add up severity, occasion, questionnaire and answer; look up the arms' means."""
    loadings = np.sqrt([one.loadings for one in QUESTIONNAIRES])
    own = normals["questionnaire"].copy()
    spread = setting.assumptions.people.pain
    own[:, NRS] = (people.pain - spread[0]) / spread[1]
    parts = (
        people.severity[:, None, None],
        normals["occasion"][:, None, :],
        own[:, :, None],
        normals["answer"],
    )
    level = sum(loadings[:, k][:, None] * part for k, part in enumerate(parts))
    level = level + office.site_level[:, None, None]
    is_first_arm = office.arm == 0
    level[:, PCS] += setting.planted.pcs_imbalance * is_first_arm[:, None]
    arms = [UNTREATED if setting.is_null else arm.like for arm in setting.arms]
    planted = np.array([_planted(arm) for arm in arms])
    change = np.array([_expected_change(arm) for arm in setting.arms])
    untreated = np.broadcast_to(_planted(UNTREATED), (len(level), *planted.shape[1:]))
    return Answering(level, planted[office.arm], untreated, change[office.arm])


def expected_worsening(answers: Answering) -> Worsening:
    """Return how far latent TSK-11 is above baseline, in SD, on a day of treatment."""
    one = QUESTIONNAIRES[TSK]
    planted = answers.planted[:, TSK, 0] / one.sd
    own = answers.level[:, TSK, 1] - answers.level[:, TSK, 0]

    def worsening(day: Floats, fear_change: Floats) -> Floats:
        share = np.minimum(day / OCCASION_DAYS[1], 1.0)
        from_fear = one.per_fear * (fear_change - share * answers.expected[:, 0]) / one.sd
        return np.asarray(share * (planted + own) + from_fear)

    return worsening


def answer(
    answers: Answering, office: Office, fear_change: Floats, leave_day: Floats, *, setting: Setting
) -> Floats:
    """Return the complete scores, (patients, 5, 3), rounded and kept within each range.

    ``Q = M + s (+-) (level + T) + beta(arm, v) + c (D - E[D])``; beta, T and D from post on.
    """
    scores = np.empty_like(answers.level)
    planted = _fade(answers, leave_day, setting)
    fear = np.zeros_like(fear_change) if setting.is_null else fear_change - answers.expected
    for j, one in enumerate(QUESTIONNAIRES):
        level = answers.level[:, j].copy()
        level[:, 1:] += office.therapist_level[:, None]
        latent = one.mean + one.worse * one.sd * level
        latent[:, 1:] += planted[:, j] + one.per_fear * fear
        scores[:, j] = np.clip(np.round(latent), one.low, one.high)
    return scores


def diary_deviations(normals: Draws, *, setting: Setting) -> Floats:
    """Return daily deviations of pain from its course: AR(1), (patients, days)."""
    one = setting.assumptions.pain
    noise = one.day_sd * normals["diary"]
    deviation = noise.copy()
    for day in range(1, DIARY_DAYS):
        deviation[:, day] = (
            one.memory * deviation[:, day - 1] + np.sqrt(1 - one.memory**2) * noise[:, day]
        )
    return deviation


def _expected_change(arm: Arm) -> tuple[float, float]:
    of_like = EXPECTED_FEAR_CHANGE.get(arm.like, (0.0, 0.0))
    return EXPECTED_FEAR_CHANGE.get(arm.name, of_like)


def _planted(arm: str) -> Floats:
    return np.array([_changes(one, arm) for one in QUESTIONNAIRES])


def _changes(one: Questionnaire, arm: str) -> tuple[float, float]:
    post, later = one.means[arm]
    return post - one.mean, later - one.mean


def _fade(answers: Answering, leave_day: Floats, setting: Setting) -> Floats:
    """Return beta for stayers and leavers: what was built up fades to usual care's."""
    one = setting.assumptions.leaving
    week = leave_day[:, None] / WEEK
    later = np.array(OCCASION_DAYS[1:]) / WEEK
    built = np.minimum(week / one.baseline_weeks, 1.0)
    left = np.clip(1 - (later - week) / one.fade_weeks, 0.0, 1.0)
    kept = np.where(np.isnan(week) | (week >= later), 1.0, built * left)
    return answers.untreated + (answers.planted - answers.untreated) * kept[:, None, :]

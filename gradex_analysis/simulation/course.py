"""How does fear run within one exposure, what is reported of it, and when does it stop?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import RATINGS, Bools, Draws, Floats, Ints, logistic
from gradex_analysis.simulation.people import People

FALLING, FLAT, RISING = 0, 1, 2
PLAN, CRITERION, FEAR, PAIN, THERAPIST, TIME, UNKNOWN = range(7)
STOPPED_BY = ("plan", "plan", "patient", "patient", "therapist", "other", "other")
STOP_CAUSES = ("", "criterion", "fear", "pain", "event", "time", "unknown")
SPACING = 2.0  # minutes between ratings, more where 9 would not reach the planned end
JITTER = 0.3


@dataclass(frozen=True)
class Course:
    """One row per exposure; ratings that were not reported are NaN."""

    kind: Ints
    rate: Floats
    planned: Floats
    minute: Floats
    latent: Floats  #: mu at each minute
    reported: Floats
    anticipated: Floats
    n_moments: Ints  #: rating moments until the stop
    stop: Ints
    done: Floats

    @property
    def peak(self) -> Floats:
        """Highest reported rating; NaN where none was."""
        highest = np.where(np.isnan(self.reported), -np.inf, self.reported).max(axis=1)
        return np.where(np.isinf(highest), np.nan, highest)

    @property
    def last_latent(self) -> Floats:
        last: Floats = np.take_along_axis(self.latent, self.n_moments[:, None] - 1, axis=1)[:, 0]
        return last


def run_course(
    start: Floats,
    asymptote: Floats,
    people: People,
    normals: Draws,
    uniforms: Draws,
    *,
    setting: Setting,
) -> Course:
    """Run one exposure of every patient; blocks hold this exposure's random numbers only.

    ``mu(t) = A + (R0 - A) exp(-k t)``; flat: ``R0``; rising: ``R0 + slope t``. A rating is mu
    plus a deviation, rounded to the patient's step and kept within 0 to 100.
    """
    fear = setting.assumptions.fear
    planned = _planned_minutes(normals, setting)
    minute = _rating_minutes(planned, uniforms["jitter"])
    kind = _kinds(people, uniforms, setting)
    rate = np.exp(people.log_rate)
    latent = _latent(start, asymptote, rate, kind, minute, slope=fear.rising_slope)
    deviation = _deviations(minute, people.noise_sd, normals["noise"], setting)
    reported = _report(latent + deviation, people.step, setting)
    anticipated = _report(
        (start + fear.anticipation_sd * normals["anticipation"])[:, None], people.step, setting
    )[:, 0]
    if setting.has("missing_ratings"):
        is_missing = uniforms["missing"] < fear.missing
        reported = np.where(is_missing[:, 1:], np.nan, reported)
        anticipated = np.where(is_missing[:, 0], np.nan, anticipated)
    stop, n_moments = _stop(reported, minute, uniforms, people, setting=setting)
    reported = np.where(np.arange(RATINGS) < n_moments[:, None], reported, np.nan)
    done = np.take_along_axis(minute, n_moments[:, None] - 1, axis=1)[:, 0]
    return Course(kind, rate, planned, minute, latent, reported, anticipated, n_moments, stop, done)


def _planned_minutes(normals: Draws, setting: Setting) -> Floats:
    one = setting.assumptions.schedule
    minutes = np.exp(one.minutes[0] + one.minutes[1] * normals["minutes"])
    return np.clip(np.round(minutes), *one.minutes_range)


def _rating_minutes(planned: Floats, jitter: Floats) -> Floats:
    """Return onset, about every two minutes, and the planned end; NaN beyond it."""
    gaps = np.clip(np.floor(planned / SPACING), 2, RATINGS - 1)
    number = np.arange(RATINGS)
    even = number / gaps[:, None] * planned[:, None]
    is_inner = (number > 0) & (number < gaps[:, None])
    minute = even + np.where(is_inner, JITTER * (2 * jitter - 1), 0.0)
    return np.where(number <= gaps[:, None], np.round(minute, 1), np.nan)


def _kinds(people: People, uniforms: Draws, setting: Setting) -> Ints:
    fear = setting.assumptions.fear
    draw = uniforms["course"]
    kind = np.where(draw < fear.flat, FLAT, np.where(draw < fear.flat + fear.rising, RISING, 0))
    kind = kind if setting.has("odd_courses") else np.zeros_like(kind)
    is_planted = people.number == setting.planted.rising_patient
    return np.where(is_planted, RISING, kind)


def _latent(
    start: Floats, asymptote: Floats, rate: Floats, kind: Ints, minute: Floats, *, slope: float
) -> Floats:
    level, first = asymptote[:, None], start[:, None]
    falling = level + (first - level) * np.exp(-rate[:, None] * minute)
    flat_or_rising = first + np.where(kind == RISING, slope, 0.0)[:, None] * minute
    return np.where((kind == FALLING)[:, None], falling, flat_or_rising)


def _deviations(minute: Floats, sd: Floats, noise: Floats, setting: Setting) -> Floats:
    if not setting.has("autocorrelation"):
        return sd[:, None] * noise
    rho = np.exp(-np.diff(minute, axis=1) / setting.assumptions.fear.rho_minutes)
    deviation = noise.copy()
    for j in range(1, RATINGS):
        kept = rho[:, j - 1]
        deviation[:, j] = kept * deviation[:, j - 1] + np.sqrt(1 - kept**2) * noise[:, j]
    return sd[:, None] * deviation


def _report(values: Floats, step: Floats, setting: Setting) -> Floats:
    if not setting.has("heaping"):
        return values
    return np.clip(step[:, None] * np.round(values / step[:, None]), 0.0, 100.0)


def _stop(
    reported: Floats, minute: Floats, uniforms: Draws, people: People, *, setting: Setting
) -> tuple[Ints, Ints]:
    """Return why and after how many rating moments each exposure stops.

    Stops depend on ratings already reported and on chance, never on unreported fear.
    """
    n_moments = np.sum(~np.isnan(minute), axis=1)
    stop = np.full(len(minute), PLAN)
    if setting.has("early_stops"):
        reasons = _reasons(reported, n_moments, uniforms, setting)
        is_inner = (np.arange(RATINGS) > 0) & (np.arange(RATINGS) < n_moments[:, None] - 1)
        reasons = np.where(is_inner, reasons, PLAN)
        has_stopped = (reasons != PLAN).any(axis=1)
        at = np.argmax(reasons != PLAN, axis=1)
        stop = np.where(has_stopped, reasons[np.arange(len(at)), at], stop)
        n_moments = np.where(has_stopped, at + 1, n_moments)
    is_single = people.number == setting.planted.single_rating_patient
    return np.where(is_single, FEAR, stop), np.where(is_single, 1, n_moments)


def _reasons(reported: Floats, n_moments: Ints, uniforms: Draws, setting: Setting) -> Ints:
    fear = setting.assumptions.fear
    meets = _meets_criterion(reported) & (uniforms["criterion"] < fear.criterion_used)[:, None]
    reasons = np.where(meets, CRITERION, PLAN)
    chance, where = uniforms["other_stop"].T
    other = THERAPIST + np.searchsorted(fear.other_stops, chance)
    at = 1 + np.floor(where * np.maximum(n_moments - 2, 1)).astype(np.int64)
    is_here = (np.arange(RATINGS) == at[:, None]) & (other <= UNKNOWN)[:, None]
    reasons = np.where(is_here, other[:, None], reasons)
    level, slope = fear.patient_stop
    hazard = np.nan_to_num(logistic(level + slope * (reported - 60.0)))
    by_patient = np.where(uniforms["stop_cause"] < fear.stop_for_fear, FEAR, PAIN)
    return np.where(uniforms["patient_stop"] < hazard, by_patient[:, None], reasons)


def _meets_criterion(reported: Floats) -> Bools:
    known = np.where(np.isnan(reported), -np.inf, reported)
    is_half = known <= 0.5 * np.maximum.accumulate(known, axis=1)
    is_half &= ~np.isnan(reported)
    meets = is_half.copy()
    meets[:, 1:] &= is_half[:, :-1]
    meets[:, 0] = False
    return meets

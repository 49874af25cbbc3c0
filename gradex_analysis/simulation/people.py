"""Who are the patients, and what do they fear?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gradex_analysis.simulation.assumptions import HierarchyAssumptions, PeopleAssumptions
from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import ITEMS, Bools, Draws, Floats, Ints, logistic
from gradex_analysis.simulation.office import Office

HEAPING_STEPS = np.array([1.0, 5.0, 10.0])


@dataclass(frozen=True)
class People:
    """One row per patient: traits that do not change."""

    number: Ints  #: place in the study, the first is 0
    fear: Floats
    asymptote: Floats
    log_rate: Floats
    retained: Floats
    relapse: Floats
    learning: Floats
    noise_sd: Floats
    pain: Floats
    severity: Floats
    expectancy: Floats
    step: Floats  #: ratings are given in steps of this
    birth_year: Ints
    is_female: Bools
    pain_months: Ints
    event_day: Floats  #: day of an adverse event, else NaN

    def take(self, rows: Ints) -> People:
        """Return some patients."""
        return People(*(values[rows] for values in vars(self).values()))


@dataclass(frozen=True)
class Items:
    """One row per patient, one column per item in planned order, the easiest-looking first."""

    exists: Bools
    is_exposed: Bools
    difficulty: Floats
    expected: Floats  #: expected fear at intake, unrounded
    place: Floats  #: (patients, items, 2)
    similarity: Floats  #: (patients, items, items); 0 with itself

    def take(self, rows: Ints) -> Items:
        """Return some patients."""
        return Items(*(values[rows] for values in vars(self).values()))


def draw_people(
    number: Ints, office: Office, normals: Draws, uniforms: Draws, *, setting: Setting
) -> People:
    """Turn the patients' blocks into traits."""
    one = setting.assumptions.people
    z, u = normals["traits"].T, uniforms["traits"].T
    log_noise = one.log_noise_sd[0] + setting.has("personal_noise") * one.log_noise_sd[1] * z[6]
    shift = np.array([0.0 if setting.is_null else arm.log_rate_shift for arm in setting.arms])
    event = uniforms["event"]
    pain = setting.assumptions.pain
    return People(
        number=number,
        fear=one.fear_sd * z[0],
        asymptote=_normal(one.asymptote, z[1]),
        log_rate=_normal(one.log_rate, z[2]) + shift[office.arm],
        retained=logistic(_normal(one.logit_retained, z[3])),
        relapse=logistic(_normal(one.logit_relapse, z[4])) * setting.has("return_of_fear"),
        learning=logistic(_normal(one.logit_learning, _correlate(z[2], z[5], one.rate_learning))),
        noise_sd=np.exp(log_noise),
        pain=_normal(one.pain, _correlate(z[0], z[7], one.fear_pain)),
        severity=_correlate(z[0], z[8], one.severity_fear),
        expectancy=one.expectancy_sd * z[9],
        step=_steps(u[0], one),
        birth_year=(1955 + 45 * u[1]).astype(np.int64),
        is_female=u[2] < 0.6,
        pain_months=(6 + 120 * u[3] ** 2).astype(np.int64),
        event_day=np.where(event[:, 0] < pain.adverse_event, np.floor(event[:, 1] * 182), np.nan),
    )


def draw_items(people: People, normals: Draws, uniforms: Draws, *, setting: Setting) -> Items:
    """Draw every patient's feared situations, sorted by the fear expected at intake."""
    one = setting.assumptions.hierarchy
    low, high = one.counts
    count = low + (uniforms["traits"][:, 4] * (high - low + 1)).astype(np.int64)
    exists = np.arange(ITEMS) < count[:, None]
    share = np.arange(ITEMS) / (count[:, None] - 1)
    first, last = one.difficulty
    difficulty = first + (last - first) * share + one.difficulty_sd * normals["difficulty"]
    expected = difficulty + people.fear[:, None] + one.expected_sd * normals["expected"]
    order = np.argsort(np.where(exists, expected, np.inf), axis=1)
    never = np.argsort(np.where(exists, uniforms["never"], np.inf), axis=1)
    is_exposed = exists.copy()
    np.put_along_axis(is_exposed, never[:, : one.never_exposed], values=False, axis=1)
    place = uniforms["place"]
    return Items(
        exists=exists,
        is_exposed=np.take_along_axis(is_exposed, order, axis=1),
        difficulty=np.take_along_axis(difficulty, order, axis=1),
        expected=np.take_along_axis(expected, order, axis=1),
        place=place,
        similarity=_similarity(place, exists, one),
    )


def _similarity(place: Floats, exists: Bools, one: HierarchyAssumptions) -> Floats:
    distance = np.sqrt(((place[:, :, None] - place[:, None]) ** 2).sum(axis=-1))
    is_other = ~np.eye(ITEMS, dtype=np.bool_)
    return np.asarray(np.exp(-distance / one.reach) * exists[:, None] * is_other)


def _normal(mean_and_sd: tuple[float, float], z: Floats) -> Floats:
    mean, sd = mean_and_sd
    return np.asarray(mean + sd * z)


def _correlate(given: Floats, own: Floats, correlation: float) -> Floats:
    return np.asarray(correlation * given + np.sqrt(1 - correlation**2) * own)


def _steps(uniforms: Floats, one: PeopleAssumptions) -> Floats:
    return np.asarray(HEAPING_STEPS[np.searchsorted(one.heaping, uniforms)])

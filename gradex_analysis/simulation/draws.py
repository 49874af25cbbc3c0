"""Which random numbers belong to a patient?

Every patient has an own generator and draws one fixed block from it, whatever becomes of the
numbers: patient 1 is the same among 10 and among 1,000, and with a mechanism on or off.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Draws = dict[str, Floats]

ITEMS, SESSIONS, PREPARATION = 12, 13, 3
WEEKS = SESSIONS - PREPARATION  # sessions with exposures
CLINIC, HOMEWORK = 4, 3  # most exposures of a session, and homework assigned after it
PER_WEEK = CLINIC + HOMEWORK
SLOTS = WEEKS * PER_WEEK
RATINGS = 9
DIARY_DAYS = 84
MONTHS = 6
QUOTAS = 12

NORMALS: dict[str, tuple[int, ...]] = {
    "traits": (10,),
    "questionnaire": (5,),
    "occasion": (3,),
    "answer": (5, 3),
    "difficulty": (ITEMS,),
    "expected": (ITEMS,),
    "re_rating": (ITEMS, 2),
    "item_expectancy": (ITEMS,),
    "diary": (DIARY_DAYS,),
    "start": (SLOTS,),
    "anticipation": (SLOTS,),
    "noise": (SLOTS, RATINGS),
    "minutes": (SLOTS,),
    "update": (SLOTS,),
    "report": (SLOTS, 2),
    "opinion": (SLOTS, 3),
    "expected_peak": (SLOTS,),
    "recalled": (SLOTS,),
    "pain": (SLOTS, 2),
    "quota": (QUOTAS,),
}
UNIFORMS: dict[str, tuple[int, ...]] = {
    "traits": (8,),
    "place": (ITEMS, 2),
    "never": (ITEMS,),
    "gap": (SESSIONS, 3),
    "attended": (SESSIONS,),
    "exposures": (WEEKS,),
    "leave": (SESSIONS,),
    "leave_month": (MONTHS,),
    "assessed": (3,),
    "assessment_day": (3,),
    "item_missing": (5, 3),
    "event": (4,),
    "status": (SLOTS,),
    "logged": (SLOTS,),
    "late": (SLOTS, 2),
    "choice": (SLOTS,),
    "context": (SLOTS,),
    "companion": (SLOTS,),
    "safety": (SLOTS, 4),
    "safety_recorded": (SLOTS,),
    "course": (SLOTS,),
    "jitter": (SLOTS, RATINGS),
    "missing": (SLOTS, RATINGS + 1),
    "criterion": (SLOTS,),
    "patient_stop": (SLOTS, RATINGS),
    "stop_cause": (SLOTS,),
    "other_stop": (SLOTS, 2),
    "occurrence": (SLOTS,),
    "testable": (SLOTS,),
    "flare": (SLOTS,),
    "answered": (DIARY_DAYS,),
    "quota": (QUOTAS, 2),
}


def spawn_patients(seed: int, n: int) -> list[np.random.SeedSequence]:
    """Return one seed sequence per patient; the first are the same whatever ``n``."""
    return np.random.SeedSequence(seed, spawn_key=(0,)).spawn(n)


def office_generator(seed: int, number: int) -> np.random.Generator:
    """Return a generator for what is drawn once, not per patient (sites, arms, therapists)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(1, number)))


def draw_blocks(children: Sequence[np.random.SeedSequence]) -> tuple[Draws, Draws]:
    """Draw the whole block of standard normals and of uniforms of every patient."""
    n_normal, n_uniform = _size(NORMALS), _size(UNIFORMS)
    normals, uniforms = np.empty((len(children), n_normal)), np.empty((len(children), n_uniform))
    for row, child in enumerate(children):
        generator = np.random.Generator(np.random.SFC64(child))
        generator.standard_normal(out=normals[row])
        generator.random(out=uniforms[row])
    return _cut(normals, NORMALS), _cut(uniforms, UNIFORMS)


def take_patients(draws: Draws, rows: Ints) -> Draws:
    """Return the blocks of some patients."""
    return {name: block[rows] for name, block in draws.items()}


def poisson_of_mean_one(uniforms: Floats) -> Ints:
    """Turn uniforms into Poisson(1) numbers (inverse distribution function)."""
    cumulative = np.cumsum([0.36788, 0.36788, 0.18394, 0.06131, 0.01533, 0.00307])
    return np.searchsorted(cumulative, uniforms).astype(np.int64)


def logistic(values: Floats) -> Floats:
    """Return 1 / (1 + exp(-x))."""
    return 1.0 / (1.0 + np.exp(-values))


def _size(layout: dict[str, tuple[int, ...]]) -> int:
    return sum(prod(shape) for shape in layout.values())


def _cut(block: Floats, layout: dict[str, tuple[int, ...]]) -> Draws:
    ends = np.cumsum([prod(shape) for shape in layout.values()])
    parts = np.split(block, ends[:-1], axis=1)
    return {
        name: part.reshape(len(block), *shape)
        for (name, shape), part in zip(layout.items(), parts, strict=True)
    }

"""How do fear and expectancy change from exposure to exposure?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import ITEMS, Bools, Draws, Floats, Ints
from gradex_analysis.simulation.people import Items, People


@dataclass
class State:
    """What exposing patients carry from exposure to exposure; it is updated in place.

    Arrays are (patients, items) but for ``last_peak`` (patients).
    """

    learned: Floats  #: B, points of fear unlearned for good
    last_day: Floats  #: study day of the last exposure; NaN: never
    expectancy: Floats  #: after the last exposure
    first_expectancy: Floats
    asymptote: Floats
    n_done: Ints
    low_runs: Ints  #: exposures in a row with a low peak
    last_peak: Floats  #: reported, whatever the item; NaN: none yet

    def is_mastered(self, setting: Setting) -> Bools:
        return self.low_runs >= setting.assumptions.schedule.mastered_runs


def begin_state(people: People, items: Items, normals: Draws, *, setting: Setting) -> State:
    """Return the state before any exposure."""
    one, fear = setting.assumptions.expectancy, setting.assumptions.fear
    first = (
        one.level
        + one.per_difficulty * (items.difficulty - 50)
        + people.expectancy[:, None]
        + one.item_sd * normals["item_expectancy"]
    )
    first = np.clip(first, 0.0, 100.0)
    shape = items.difficulty.shape
    return State(
        learned=np.zeros(shape),
        last_day=np.full(shape, np.nan),
        expectancy=first.copy(),
        first_expectancy=first,
        asymptote=people.asymptote[:, None] + fear.asymptote_share * items.difficulty,
        n_done=np.zeros(shape, dtype=np.int64),
        low_runs=np.zeros(shape, dtype=np.int64),
        last_peak=np.full(len(first), np.nan),
    )


def choose_item(state: State, items: Items, uniforms: Floats, *, setting: Setting) -> Ints:
    """Return the next item: the lowest planned and unmastered; sometimes the next, or a step back.

    When all are mastered the hardest is repeated.
    """
    one = setting.assumptions.schedule
    is_open = items.is_exposed & ~state.is_mastered(setting)
    place = np.cumsum(is_open, axis=1)
    lowest = np.where(is_open.any(axis=1), np.argmax(is_open, axis=1), _last(items.is_exposed))
    after = np.where(place[:, -1] > 1, np.argmax(place == 2, axis=1), lowest)
    is_done = items.is_exposed & state.is_mastered(setting)
    before = np.where(is_done.any(axis=1), _last(is_done), lowest)
    return np.where(
        uniforms < one.skip, after, np.where(uniforms < one.skip + one.regress, before, lowest)
    )


def expectancy_now(state: State, day: Floats, *, setting: Setting) -> Floats:
    """Return what is expected of every item: it creeps back towards the first expectancy."""
    back = setting.assumptions.expectancy.recovery * _pause(state, day, setting)
    return state.expectancy + back * (state.first_expectancy - state.expectancy)


def level_now(
    state: State, people: People, items: Items, day: Floats, *, setting: Setting
) -> Floats:
    """Return fear at the start of each item on a day, without context, events and chance.

    ``d + f - B (1 - r (1 - exp(-gap/14))) + .10 (P - 50)``
    """
    lost = people.relapse[:, None] * _pause(state, day, setting)
    expected = expectancy_now(state, day, setting=setting)
    return (
        items.difficulty
        + people.fear[:, None]
        - state.learned * (1 - lost)
        + setting.assumptions.fear.per_expectancy * (expected - 50.0)
    )


def learn_fear(
    state: State,
    people: People,
    items: Items,
    item: Ints,
    fall: Floats,
    *,
    unsafe: Floats,
    setting: Setting,
) -> Floats:
    """Add ``b (1 - .3 safety) fall`` to the item, and a share to similar ones; return it.

    ``unsafe`` is 1 - .3 where safety behaviours were used, else 1; a fall of 0 changes nothing.
    What is learned is kept between 0 and what takes fear down to its asymptote.
    """
    gained = people.retained * unsafe * fall
    rows = np.arange(len(item))
    share = items.similarity[rows, item] * setting.assumptions.fear.generalised
    share = share if setting.has("generalisation") else np.zeros_like(share)
    share[rows, item] = 1.0
    most = np.maximum(0.0, items.difficulty + people.fear[:, None] - state.asymptote)
    state.learned = np.clip(state.learned + share * gained[:, None], 0.0, most)
    return gained


def draw_occurrence(difficulty: Floats, uniforms: Floats, *, setting: Setting) -> Floats:
    """Return how far the feared outcome occurred, 0 to 100 (Beta)."""
    level, slope, precision = setting.assumptions.expectancy.occurrence
    mean = np.clip(level + slope * difficulty, 0.02, 0.9)
    return np.asarray(100 * betaincinv(mean * precision, (1 - mean) * precision, uniforms))


def learn_expectancy(
    before: Floats, occurrence: Floats, learning: Floats, z: Floats, *, setting: Setting
) -> Floats:
    """Return ``P + l (O - P) + N(0, 4^2)``, within 0 to 100; O unknown (NaN): no learning."""
    error = np.where(np.isnan(occurrence), 0.0, occurrence - before)
    moved = before + learning * error + setting.assumptions.expectancy.update_sd * z
    return np.clip(moved, 0.0, 100.0)


def record_exposure(
    state: State, item: Ints, is_done: Bools, *, day: Floats, peak: Floats, setting: Setting
) -> None:
    """Note for who exposed when it was and whether the peak was low."""
    rows = np.flatnonzero(is_done)
    at = (rows, item[rows])
    state.last_day[at] = day[rows]
    state.n_done[at] += 1
    is_low = peak[rows] <= setting.assumptions.schedule.mastered_at
    state.low_runs[at] = np.where(
        is_low, state.low_runs[at] + 1, np.where(np.isnan(peak[rows]), state.low_runs[at], 0)
    )
    state.last_peak[rows] = np.where(np.isnan(peak[rows]), state.last_peak[rows], peak[rows])


def mean_over_items(values: Floats, items: Items) -> Floats:
    """Return each patient's mean over existing items."""
    total: Floats = np.where(items.exists, values, 0.0).sum(axis=1)
    return np.asarray(total / items.exists.sum(axis=1))


def _pause(state: State, day: Floats, setting: Setting) -> Floats:
    gap = np.nan_to_num(day[:, None] - state.last_day)
    return 1 - np.exp(-np.maximum(gap, 0.0) / setting.assumptions.fear.pause_days)


def _last(mask: Bools) -> Ints:
    return np.asarray(ITEMS - 1 - np.argmax(mask[:, ::-1], axis=1))

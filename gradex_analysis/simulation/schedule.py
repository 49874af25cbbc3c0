"""When do sessions take place, who comes, and what is planned for them?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from gradex_analysis.simulation.design import Setting
from gradex_analysis.simulation.draws import (
    PREPARATION,
    QUOTAS,
    SESSIONS,
    Bools,
    Draws,
    Floats,
    Ints,
    poisson_of_mean_one,
)

ATTENDED = ("yes", "late_cancel", "no_show")
BREAK_FROM = PREPARATION  # breaks fall between weekly sessions, not into the preparation


@dataclass(frozen=True)
class Schedule:
    """One row per patient, one column per session slot."""

    day: Floats  #: study day
    attendance: Ints  #: position in ``ATTENDED``
    is_open: Bools  #: within the treatment window and the number of sessions of the arm
    n_exposures: Ints  #: one column per weekly session

    def take(self, rows: Ints) -> Schedule:
        """Return some patients."""
        return Schedule(*(values[rows] for values in vars(self).values()))

    def until(self, leave_day: Floats) -> Schedule:
        """Return the schedule without sessions after a day; NaN: with all."""
        return replace(self, is_open=self.is_open & ~(self.day > leave_day[:, None]))


def plan_sessions(uniforms: Draws, is_exposing: Bools, *, setting: Setting) -> Schedule:
    """Set days, attendance and numbers of exposures.

    Exposing arms: 3 preparatory sessions, then weekly ones; activity: 12 weekly sessions.
    Weekly gaps are ``6 + Poisson(1)`` days, or a break of 21 to 35 days with probability .10.
    """
    one = setting.assumptions.schedule
    gap = uniforms["gap"]
    is_close = is_exposing[:, None] & (np.arange(SESSIONS) < PREPARATION)
    least = np.where(is_close, one.preparation_gap, one.session_gap)
    shortest, longest = one.break_days
    pause = shortest + np.floor((longest - shortest + 1) * gap[:, :, 2])
    is_break = (gap[:, :, 1] < one.break_probability) & (np.arange(SESSIONS) >= BREAK_FROM)
    days = np.where(is_break, pause, least + poisson_of_mean_one(gap[:, :, 0]))
    day = np.cumsum(days, axis=1)
    last = np.where(is_exposing, SESSIONS, QUOTAS)
    return Schedule(
        day=day,
        attendance=np.searchsorted(one.attendance, uniforms["attended"]).astype(np.int64),
        is_open=(day <= one.window) & (np.arange(SESSIONS) < last[:, None]),
        n_exposures=1 + np.searchsorted(one.exposures, uniforms["exposures"]).astype(np.int64),
    )

"""Cohorts whose fall, between-session fall and return over a gap are planted."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

LEVEL, FALL, RATE = 58.0, -24.0, 0.12
PER_DOUBLING, PER_LOG_DAY, PER_POINT = -6.0, 1.5, 0.4
GAPS = (0, 0, 3, 7, 14, 28)
USUAL = float(np.log1p(GAPS).mean())  #: the gap at which the fall between exposures is planted
COLUMNS = ["patient_id", "exposure_id", "item_id", "number", "date", "expected", "minute", "value"]


def rate_exposure(draws, start, fall):
    """Rate one exposure every two minutes, up to a planned end."""
    minute = 2.0 * np.arange(draws.integers(3, 8))
    course = start + fall * (1 - np.exp(-RATE * minute))
    return minute, np.round(course + draws.normal(0, 5, len(minute)), 6)


def draw_rows(seed, *, n_patients=20, n_items=4, deepest=5):
    """Draw the ratings of patients who repeat their items; nothing depends on the ratings."""
    draws = np.random.default_rng(seed)
    rows = []
    for p in range(n_patients):
        level, fall, slope = draws.normal([LEVEL, FALL, PER_DOUBLING], [5, 5, 1.5])
        n_exposures = 0
        for i in range(n_items):
            expected = float(draws.integers(30, 90))
            own, day = draws.normal(0, 4), pd.Timestamp("2024-01-01") + pd.Timedelta(days=30 * i)
            for number in range(1, int(draws.integers(2, deepest + 1)) + 1):
                gap = 0 if number == 1 else int(draws.choice(GAPS))
                day += pd.Timedelta(days=gap)
                n_exposures += 1
                start, deeper = draws.normal([0, 0], [4, 6])
                start += level + own + slope * np.log2(number) + PER_POINT * (expected - 60)
                start += PER_LOG_DAY * (np.log1p(gap) - USUAL) if number > 1 else 0.0
                keys = (f"P{p:02d}", f"P{p:02d}-E{n_exposures:02d}", f"P{p:02d}-I{i}", number,
                        day, expected)  # fmt: skip
                minute, value = rate_exposure(draws, start, fall + deeper)
                rows += [(*keys, m, v) for m, v in zip(minute, value, strict=True)]
    frame = pd.DataFrame(rows, columns=COLUMNS)
    return frame.assign(value=frame["value"].clip(0, 100))


def as_cohort(frame, *, arms=None, common=False, lacking=(), scale="0-100"):
    """Make the tables of a cohort from rows; ``lacking`` names tables to leave out."""
    keys = ["patient_id", "exposure_id"]
    people = frame[["patient_id"]].drop_duplicates()
    if arms:
        people["arm"] = [arms[i % len(arms)] for i in range(len(people))]
    done = frame.drop_duplicates(keys)
    items = frame.drop_duplicates(["patient_id", "item_id"])
    listed = items[["item_id"]].drop_duplicates() if common else items[["patient_id", "item_id"]]
    tables = {
        "participants": people,
        "items": listed,
        "exposures": done[[*keys, "item_id"]].assign(
            status="done",
            exposure_number=done["number"],
            started_at=done["date"].dt.strftime("%Y-%m-%d"),
        ),
        "ratings": frame[[*keys, "minute", "value"]].assign(
            kind="fear", moment="during", scale_id=scale
        ),
        "item_ratings": items[["patient_id", "item_id"]].assign(
            occasion="baseline", expected_fear=items["expected"]
        ),
    }
    return Cohort.from_tables({n: t for n, t in tables.items() if n not in lacking})


def planted(end):
    """Return what is planted: the fall up to a minute, from 1 to 3, and the return over a week."""
    fall = -FALL * (1 - np.exp(-RATE * end))
    return np.array([fall, -PER_DOUBLING * np.log2(3), PER_LOG_DAY * np.log(8)])


@pytest.fixture(scope="session")
def learning():
    """Return ``draw_rows``, ``as_cohort`` and ``planted``: rows, their cohort, what is true."""
    return SimpleNamespace(draw=draw_rows, cohort=as_cohort, planted=planted)

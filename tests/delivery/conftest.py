"""Studies typed into the test's own lines: one dict a row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

Rows = Sequence[dict[str, Any]]


@pytest.fixture
def make_study() -> Callable[..., Cohort]:
    """Make a cohort: ``make_study({"P1": "A", "P2": None}, sessions=[...], episodes=[...])``.

    The first argument gives each patient's arm; a row names its patient with ``p``. Sessions and
    exposures are numbered where they have no id; a ``fear`` of an exposure becomes a rating.
    """

    def _make(patients: dict[str, str | None], **tables: Rows) -> Cohort:
        people = pd.DataFrame({"patient_id": list(patients), "arm": list(patients.values())})
        if "randomised_on" in tables:
            people["randomised_on"] = tables.pop("randomised_on")
        frames = {"participants": people.astype({"arm": "str"})}
        for name, rows in tables.items():
            frame = pd.DataFrame(list(rows)).rename(columns={"p": "patient_id"})
            frames[name] = _numbered(frame, name)
        if "fear" in frames.get("exposures", ()):
            frames["ratings"] = _ratings(frames["exposures"])
            frames["exposures"] = frames["exposures"].drop(columns="fear")
        return Cohort.from_tables(frames)

    return _make


def _numbered(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    key = {
        "sessions": "session_id",
        "exposures": "exposure_id",
        "episodes": "episode",
        "adverse_events": "event_id",
    }.get(name)
    if key is None or key in frame or frame.empty:
        return frame
    return frame.assign(**{key: [f"{key[0].upper()}{i}" for i in range(1, len(frame) + 1)]})


def _ratings(exposures: pd.DataFrame) -> pd.DataFrame:
    rated = exposures.dropna(subset="fear")
    ratings = rated[["patient_id", "exposure_id"]].assign(value=rated["fear"].astype("float64"))
    return ratings.assign(kind="fear", moment="during", minute=0.0, scale_id="0-100")

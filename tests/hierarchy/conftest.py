"""Hierarchies typed into the test: an exposure is a patient, an item and its peak."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

#: patient, item, peak (None: no rating), and what else its row says
Exposure = tuple[Any, ...]


@pytest.fixture
def as_cohort() -> Callable[..., Cohort]:
    """Make a cohort: an exposure a day and a session of its own, in the order given.

    ``ranks`` by item, the same for every patient; ``rated``: expected fear by occasion, of a
    patient's item; peaks are on 0 to 100, written on 0 to 10 with ``scale=0.1``.
    """

    def _make(
        exposures: Sequence[Exposure],
        *,
        ranks: Mapping[str, int] | None = None,
        rated: Mapping[tuple[str, str], Mapping[str, float]] | None = None,
        arms: Mapping[str, str] | None = None,
        scale: float = 1.0,
    ) -> Cohort:
        owners = dict.fromkeys([*(one[0] for one in exposures), *(key[0] for key in rated or {})])
        people = pd.DataFrame({"patient_id": list(owners)}).astype("str")
        if arms:
            people["arm"] = people["patient_id"].map(arms)
        tables = {
            "participants": people,
            "sessions": _sessions(exposures),
            "exposures": _exposures(exposures),
            "ratings": _ratings(exposures, scale),
            "items": _frame(
                [(owner, item, rank) for owner in owners for item, rank in (ranks or {}).items()],
                "planned_rank",
            ),
            "item_ratings": _frame(
                [(*key, *pair) for key, values in (rated or {}).items() for pair in values.items()],
                "occasion", "expected_fear",
            ),
        }  # fmt: skip
        kept = {name: frame for name, frame in tables.items() if len(frame)}
        return Cohort.from_tables({"participants": people, **kept})

    return _make


@pytest.fixture
def shuffled_and_renamed() -> Callable[[Cohort], Cohort]:
    """Return the cohort with its rows in another order and its patients named the other way."""

    def _change(cohort: Cohort) -> Cohort:
        names = sorted(cohort.participants["patient_id"])
        other = dict(zip(names, [f"X{900 - i}" for i in range(len(names))], strict=True))
        tables = {}
        for name, frame in cohort.tables.items():
            if len(frame):
                mixed = frame.sample(frac=1, random_state=3, ignore_index=True)
                tables[name] = mixed.assign(patient_id=mixed["patient_id"].map(other))
        tables["ratings"] = tables["ratings"].drop(columns=["exposure", "code", "value_100"])
        return Cohort.from_tables(tables)

    return _change


def _frame(rows: list[tuple[Any, ...]], *columns: str) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["patient_id", "item_id", *columns])


def _exposures(exposures: Sequence[Exposure]) -> pd.DataFrame:
    rows = []
    for place, (patient, item, _, *more) in enumerate(exposures):
        day = pd.Timestamp("2024-01-01") + pd.Timedelta(days=place)
        row = {
            "patient_id": patient, "exposure_id": f"E{place:03d}", "item_id": item,
            "session_id": f"S{place:03d}", "status": "done", "started_at": f"{day:%Y-%m-%d}",
        }  # fmt: skip
        rows.append({**row, **(more[0] if more else {})})
    return pd.DataFrame(rows)


def _sessions(exposures: Sequence[Exposure]) -> pd.DataFrame:
    owner = pd.Series([one[0] for one in exposures], dtype="object")
    frame = pd.DataFrame({"patient_id": owner})
    frame["session_id"] = [f"S{place:03d}" for place in range(len(exposures))]
    return frame.assign(session_number=frame.groupby("patient_id").cumcount() + 1)


def _ratings(exposures: Sequence[Exposure], scale: float) -> pd.DataFrame:
    rows = [
        (one[0], f"E{place:03d}", one[2] * scale)
        for place, one in enumerate(exposures)
        if one[2] is not None
    ]
    frame = pd.DataFrame(rows, columns=["patient_id", "exposure_id", "value"])
    return frame.assign(kind="fear", moment="during", minute=0.0, scale_id=f"0-{100 * scale:.0f}")

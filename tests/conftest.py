"""Cohorts typed into the test's own line, a headless backend, figures closed."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import matplotlib as mpl
import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

mpl.use("Agg")

REFERENCE = Path(
    os.environ.get(
        "GRADEX_REFERENCE_DATA", Path(__file__).parents[2] / "shared" / "reference"
    )
)  # fmt: skip


@pytest.fixture(autouse=True)
def _close_figures() -> Iterator[None]:
    yield
    from matplotlib import pyplot as plt

    plt.close("all")


@pytest.fixture
def reference() -> Callable[[str], Path]:
    """Return a file of the reference data, or skip and say so where it is absent."""

    def _find(name: str) -> Path:
        path = REFERENCE / name
        if not path.exists():
            pytest.skip(f"reference data {name} is absent (GRADEX_REFERENCE_DATA)")
        return path

    return _find


Series = Sequence[float] | dict[float, float]


@pytest.fixture
def make_cohort() -> Callable[..., Cohort]:
    """Make a cohort: ``make_cohort(E1=[70, 85, 60], E2={0: 40, 5: 20})``.

    A list is rated every two minutes from the onset, a dict by minute (negative: before). All
    belong to patient P1 unless ``patients`` says otherwise; ``exposures`` adds columns by exposure.
    """

    def _make(
        patients: dict[str, str] | None = None,
        arms: dict[str, str] | None = None,
        exposures: dict[str, dict[str, object]] | None = None,
        **series: Series,
    ) -> Cohort:
        owner = {name: (patients or {}).get(name, "P1") for name in series}
        people = pd.DataFrame({"patient_id": sorted(set(owner.values()))})
        people["arm"] = people["patient_id"].map(arms or {})
        rows = [
            (owner[name], name, "fear", "before" if minute < 0 else "during", minute, value)
            for name, values in series.items()
            for minute, value in _by_minute(values).items()
        ]
        ratings = pd.DataFrame(
            rows, columns=["patient_id", "exposure_id", "kind", "moment", "minute", "value"]
        ).assign(scale_id="0-100")
        done = pd.DataFrame(
            [
                {"patient_id": owner[name], "exposure_id": name, "item_id": "I1",
                 "session_id": f"{owner[name]}-S1", **(exposures or {}).get(name, {})}
                for name in series
            ]
        )  # fmt: skip
        sessions = done[["patient_id", "session_id"]].dropna().drop_duplicates()
        sessions = sessions.assign(session_number=1)
        tables = {
            "participants": people, "sessions": sessions, "exposures": done, "ratings": ratings
        }  # fmt: skip
        return Cohort.from_tables(tables)

    return _make


def _by_minute(values: Series) -> dict[float, float]:
    if isinstance(values, dict):
        return values
    return {2.0 * i: value for i, value in enumerate(values)}

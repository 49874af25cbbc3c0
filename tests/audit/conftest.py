"""A clinic's records, typed in a line."""

from __future__ import annotations

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort


@pytest.fixture
def make_clinic():
    """Make a cohort: ``make_clinic(P1=[{...}, ...], sessions=[...])``; exposures are by patient.

    They follow one another by a day from 1 January 2024; ``peak`` is a recalled peak of fear.
    Tables other than exposures are given by name.
    """

    def make(people=(), *, tables=None, **exposures):
        rows, ratings = [], []
        for patient, given in exposures.items():
            for at, one in enumerate(given):
                row = {
                    "patient_id": patient, "exposure_id": f"{patient}-E{at + 1}", "item_id": "I1",
                    "started_at": pd.Timestamp("2024-01-01") + pd.Timedelta(days=at),
                    "status": "done", "stopped_by": "plan", **one,
                }  # fmt: skip
                if (peak := row.pop("peak", 50.0)) is not None:
                    ratings.append((patient, row["exposure_id"], peak))
                rows.append(row)
        others = {name: pd.DataFrame(given) for name, given in (tables or {}).items()}
        ids = {*people, *exposures}.union(
            *(frame.get("patient_id", []) for frame in others.values())
        )
        made = {
            "participants": pd.DataFrame({"patient_id": sorted(ids)}),
            "exposures": pd.DataFrame(
                rows, columns=None if rows else ["patient_id", "exposure_id"]
            ),
            "ratings": pd.DataFrame(ratings, columns=["patient_id", "exposure_id", "value"]).assign(
                kind="fear", moment="peak_recalled", scale_id="0-100"
            ),
        }
        return Cohort.from_tables(made | others)

    return make

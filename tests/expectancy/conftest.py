"""Logs of expectancies typed into the test's own line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort

COLUMNS = ["patient_id", "expectancy_before", "occurrence", "expectancy_after"]


@pytest.fixture
def make_log() -> Callable[..., Cohort]:
    """Make a cohort: ``make_log(("P1", 80, 20, 50), ("P1", 60, "no", None))``.

    Patient, expectancy before, what occurred, expectancy after; exposures are E1, E2, ... with
    the item I1, done. ``more`` adds columns by exposure, ``ratings`` (exposure, kind, moment,
    minute, value on 0 to 100).
    """

    def _make(
        *rows: Sequence[object],
        arms: Mapping[str, str] | None = None,
        more: Mapping[str, Mapping[str, object]] | None = None,
        ratings: Sequence[tuple[object, ...]] = (),
        safety: Sequence[tuple[str, str, str]] = (),
        scale: str = "0-100",
    ) -> Cohort:
        done = pd.DataFrame(rows, columns=COLUMNS).astype("object")
        done.insert(1, "exposure_id", [f"E{i}" for i in range(1, len(done) + 1)])
        done = done.assign(item_id="I1", status="done")
        for exposure, columns in (more or {}).items():
            for name, value in columns.items():
                if name not in done:
                    done[name] = None
                done.loc[done["exposure_id"] == exposure, name] = value
        done["occurrence"] = done["occurrence"].map(lambda said: "" if pd.isna(said) else str(said))
        owner = done.set_index("exposure_id")["patient_id"]
        rated = pd.DataFrame(
            ratings, columns=["exposure_id", "kind", "moment", "minute", "value"]
        ).assign(scale_id=scale)
        rated.insert(0, "patient_id", rated["exposure_id"].map(owner))
        used = pd.DataFrame(safety, columns=["exposure_id", "code", "used"])
        used.insert(0, "patient_id", used["exposure_id"].map(owner))
        people = pd.DataFrame({"patient_id": sorted(set(done["patient_id"]))})
        people["arm"] = people["patient_id"].map(arms or {})
        tables = {"participants": people, "exposures": done}
        tables |= {"ratings": rated} if len(rated) else {}
        tables |= {"safety_behaviours": used} if len(used) else {}
        return Cohort.from_tables(tables)

    return _make

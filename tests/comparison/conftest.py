"""Trials typed into the test's own line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import pytest

from gradex_analysis.cohort.cohort import Cohort


@pytest.fixture
def make_trial() -> Callable[..., Cohort]:
    """Make a trial: ``make_trial(A=[(30, 25), (28, None)], B=[...])``, (baseline, post) by arm.

    Patients are P01, P02 ... in that order; ``people`` adds columns of participants.
    """

    def _make(
        people: Mapping[str, Sequence[object]] | None = None,
        instrument: str = "TSK-11",
        **arms: Sequence[tuple[float | None, float | None]],
    ) -> Cohort:
        rows = [(arm, *scores) for arm, both in arms.items() for scores in both]
        ids = [f"P{i:02d}" for i in range(1, len(rows) + 1)]
        participants = pd.DataFrame({"patient_id": ids, "arm": [arm for arm, *_ in rows]})
        more = {"randomised_on": pd.Timestamp("2024-05-01"), **(people or {})}
        participants = participants.assign(**more)
        assessments = pd.DataFrame(
            [
                (patient, instrument, occasion, score)
                for patient, (_, *scores) in zip(ids, rows, strict=True)
                for occasion, score in zip(("baseline", "post"), scores, strict=True)
                if score is not None
            ],
            columns=["patient_id", "instrument", "occasion", "score"],
        )
        return Cohort.from_tables({"participants": participants, "assessments": assessments})

    return _make


@pytest.fixture
def btheb(reference: Callable[[str], object]) -> Cohort:
    """Beating the Blues (Proudfoot 2003), as HSAUR3 has it: depression at 2 to 8 months."""
    wide = pd.read_csv(reference("hsaur3/BtheB.csv"), keep_default_na=True)  # type: ignore[call-overload]
    wide["patient_id"] = [f"B{i:03d}" for i in range(1, len(wide) + 1)]
    people = wide[["patient_id", "drug", "length"]].assign(arm=wide["treatment"])
    occasions = {"bdi.pre": "baseline", "bdi.2m": "2m", "bdi.3m": "3m"}
    long = wide.melt("patient_id", list(occasions), var_name="occasion", value_name="score")
    scores = long.assign(occasion=long["occasion"].map(occasions), instrument="BDI")
    return Cohort.from_tables({"participants": people, "assessments": scores.dropna()})

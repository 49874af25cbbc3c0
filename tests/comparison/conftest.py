"""Trials typed into the test's own line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
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


@pytest.fixture
def simulated_trial(reference: Callable[[str], object]) -> Cohort:
    """Return the simulated trial behind the oracles: 96 patients, two arms, weeks 2 to 16."""
    rows = pd.read_csv(reference("simulated/trial.csv"))  # type: ignore[call-overload]
    people = rows.drop_duplicates("patient_id")[["patient_id", "arm", "site", "therapist_id"]]
    people = people.rename(columns={"site": "site_id"})
    before = rows.drop_duplicates("patient_id").assign(
        week=0, score=lambda first: first["baseline"]
    )
    scores = pd.concat([before, rows]).dropna(subset="score")
    scores = scores.assign(
        occasion=scores["week"].map(lambda week: f"week_{week}" if week else "baseline"),
        day=7.0 * scores["week"],
        instrument="fear scale",
    )
    columns = ["patient_id", "instrument", "occasion", "day", "score"]
    return Cohort.from_tables(
        {
            "participants": people.assign(randomised_on=pd.Timestamp("2024-05-01")),
            "assessments": scores[columns],
        }
    )


@pytest.fixture
def a_course() -> Callable[..., tuple[pd.DataFrame, pd.DataFrame]]:
    """Draw a trial of three occasions without dropout: its patients, and their values by day."""

    def _make(seed: int, n: int = 36) -> tuple[pd.DataFrame, pd.DataFrame]:
        draws = np.random.default_rng(seed)
        before = draws.normal(28, 5, n)
        arm = np.array(["exposure", "usual_care"])[np.arange(n) % 2]
        level = draws.normal(0, 3, n)
        rows = [
            (f"P{i}", occasion, day,
             8 + 0.6 * before[i] + level[i] - fall * (arm[i] == "exposure") + draws.normal(0, 2))
            for occasion, day, fall in (("mid", 30, 1), ("post", 60, 3), ("later", 180, 2))
            for i in range(n)
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=["patient_id", "occasion", "day", "value"])
        frame["baseline"] = frame["patient_id"].map(dict(zip(frame["patient_id"][:n], before,
                                                             strict=True)))  # fmt: skip
        people = pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)], "arm": arm})
        return people, frame

    return _make

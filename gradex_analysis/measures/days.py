"""From which day does a patient's time run?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort

Origins = Iterator[tuple[str, pd.Series]]
ABSENT = ("late_cancel", "no_show")


def first_meetings(cohort: Cohort) -> Origins:
    """Yield the days from which exposures may count: the first session, the first exposure."""
    sessions = cohort.sessions
    held = sessions[~sessions["attended"].isin(ABSENT)]
    yield "the first session", held.groupby("patient_id")["date"].min()
    yield "the first exposure", cohort.exposures.groupby("patient_id")["started_at"].min()


def starts(cohort: Cohort) -> Origins:
    """Yield the days from which a study may count, before anybody had a session."""
    yield "randomisation", cohort.participants.set_index("patient_id")["randomised_on"]
    yield "the start of treatment", cohort.episodes.groupby("patient_id")["start"].min()
    yield from first_meetings(cohort)
    yield "the first diary entry", cohort.diary.groupby("patient_id")["date"].min()


def choose_origin(origins: Origins, patients: pd.Series) -> tuple[str, pd.Series]:
    """Choose the first origin that all of these patients have, else the one that most have.

    Returns
    -------
    tuple
        Its name, and the day by patient. Patients are never counted from different events.
    """
    everybody = pd.Index(patients.unique())
    known = [(name, days.reindex(everybody).dt.normalize()) for name, days in origins]
    return max(known, key=lambda pair: int(pair[1].notna().sum()))

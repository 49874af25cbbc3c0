"""Who treated whom, and can the differences between therapists be told?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.options import CR2, Plan
from gradex_analysis.errors import CannotAnswerError

THERAPIST, CLUSTER = "therapist_id", "therapists"
#: of an arm; with fewer, the variance between them is hardly known
FEW = 5


def therapist_of(cohort: Cohort) -> pd.Series:
    """Return each patient's therapist by ``patient_id``; missing where there is none.

    As the participants' table says it; else the therapist of most of the patient's sessions, the
    first of them where several had as many.
    """
    people = cohort.participants.set_index("patient_id")[THERAPIST]
    met = cohort.sessions.dropna(subset=THERAPIST)
    if met.empty:
        return people
    counts = met.groupby(["patient_id", THERAPIST], sort=False).size().rename("n").reset_index()
    most = counts.sort_values("n", ascending=False, kind="stable").drop_duplicates("patient_id")
    return people.fillna(most.set_index("patient_id")[THERAPIST])


def count_therapists(people: pd.DataFrame, arms: Sequence[str]) -> dict[str, int]:
    """Count the therapists of each arm's patients."""
    counts = people.groupby("arm")[THERAPIST].nunique()
    return {arm: int(counts[arm]) for arm in arms}


def cluster(people: pd.DataFrame, arms: Sequence[str], plan: Plan) -> pd.DataFrame:
    """Give each patient analysed a cluster: a variance of its own per arm, or one for CR2.

    A random term needs two therapists in an arm: where there are fewer, its patients belong to no
    cluster. For CR2 a patient without a therapist is a cluster.
    """
    if plan.therapist is None:
        return people
    counts = count_therapists(people, arms)
    if max(counts.values()) < 2:
        raise CannotAnswerError(
            "Therapists cannot be told apart: in no arm do the patients analysed have two or more. "
            "The column therapist_id of participants or sessions would say who treated whom; or "
            "leave out therapist."
        )
    own = people[THERAPIST]
    if plan.therapist == CR2:
        return people.assign(**{CLUSTER: own.fillna("alone: " + people["patient_id"])})
    several = people["arm"].map(counts) >= 2
    return people.assign(**{CLUSTER: own.where(several)})


def say_therapists(counts: dict[str, int], plan: Plan, word: str) -> str:
    """Say how therapists were taken into account, and in which arms there are too few of them."""
    arms = [(named(arm), n) for arm, n in counts.items() if n]
    said = ", ".join(f"{n} in {arm}" for arm, n in arms)
    if plan.therapist == CR2:
        return f"Standard errors allow for clusters by therapist (CR2; {said})."
    few = [arm for arm, n in arms if 1 < n < FEW]
    known = f"; with fewer than {FEW}, in {' and '.join(few)}, it is hardly known" if few else ""
    single = [arm for arm, n in arms if n == 1]
    none = f"; none in {' and '.join(single)}, where there is one therapist" if single else ""
    return f"Therapists are random, with a variance for each {word} ({said}){known}{none}."

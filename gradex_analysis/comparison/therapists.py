"""Who treated whom, and can the differences between therapists be told?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.options import CR2, RANDOM, Plan
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.results import wording

THERAPIST, CLUSTER, SITE = "therapist_id", "therapists", "site_id"
FEWEST = 2  #: of an arm, between whom a variance can be told
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
    if max(counts.values()) < FEWEST:
        raise CannotAnswerError(
            "Therapists cannot be told apart: in no arm do the patients analysed have two or more. "
            "The column therapist_id of participants or sessions would say who treated whom; or "
            "leave out therapist."
        )
    own = people[THERAPIST]
    if plan.therapist == CR2:
        return people.assign(**{CLUSTER: own.fillna("alone: " + people["patient_id"])})
    several = people["arm"].map(counts) >= FEWEST
    return people.assign(**{CLUSTER: own.where(several)})


def count_sites(cohort: Cohort, patients: pd.Series) -> int:
    """Count the sites of these patients, as the participants' table says them."""
    people = cohort.participants
    return int(people.loc[people["patient_id"].isin(patients), SITE].nunique())


def say_therapists(
    people: pd.DataFrame, arms: Sequence[str], plan: Plan, *, word: str, n_sites: int
) -> str:
    """Say how therapists were taken into account, where they are too few, and what was not."""
    counts = count_therapists(people, arms)
    said = [_say_clusters({arm: n for arm, n in counts.items() if n}, plan, word)]
    in_clusters = people[people["arm"].map(counts) >= FEWEST]
    treated = in_clusters[[THERAPIST, "arm"]].dropna().drop_duplicates()
    n_across = int(treated.loc[treated[THERAPIST].duplicated(), THERAPIST].nunique())
    if plan.therapist == RANDOM and n_across:
        said.append(
            f"{wording.count(n_across, 'therapist')} treated patients of several {word}s: a "
            f"therapist's effects in two {word}s are taken as unrelated."
        )
    # sites are few, so that a variance between them is hardly known: a trial's strata are fixed
    if n_sites > 1:
        sites = "are fixed terms of the model"
        if SITE not in plan.covariates:
            sites = f"are not allowed for: {SITE} among the covariates would do so"
        said.append(f"Clusters are therapists; the {n_sites} sites {sites}.")
    return " ".join(said)


def _say_clusters(counts: Mapping[str, int], plan: Plan, word: str) -> str:
    """Say what is clustered by therapist, and in which arms there are too few of them."""
    robust = plan.therapist == CR2
    said = ", ".join(f"{n} in {named(arm)}" for arm, n in counts.items())
    few = " and ".join(named(arm) for arm, n in counts.items() if FEWEST <= n < FEW)
    single = " and ".join(named(arm) for arm, n in counts.items() if n < FEWEST)
    known = f"; with fewer than {FEW}, in {few}, {'they are' if robust else 'it is'} hardly known"
    lead = f"Therapists are random, with a variance for each {word} ({said})"
    none = f"; none in {single}, where there is one therapist"
    if robust:
        lead = f"Standard errors allow for clusters by therapist (CR2; {said})"
        none = f"; in {single}, where there is one therapist, nothing tells how they differ"
    return f"{lead}{known if few else ''}{none if single else ''}."

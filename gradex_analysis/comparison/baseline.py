"""What is known of every patient before treatment?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.instruments import Instrument
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.measures.scores import list_scores
from gradex_analysis.results import wording

#: columns of participants that are no covariate
OTHERS = (
    "patient_id", "site_id", "therapist_id", "arm", "randomised_on", "birth_year", "sex",
    "diagnosis", "pain_duration_months",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Variable:
    """What a baseline variable is called and how a table shows it.

    ``shown`` is ``mean`` (with SD), ``median`` (with quartiles, for durations, which are skewed)
    or ``count``.
    """

    variable: str
    label: str
    kind: Literal["continuous", "categorical"] = "continuous"
    shown: Literal["mean", "median", "count"] = "mean"
    low: float = math.nan
    high: float = math.nan


def read_baseline(cohort: Cohort) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read what the participants' table and the first questionnaires say of each patient.

    Returns
    -------
    variables, values
        One row per variable (``variable, label, kind, shown, low, high``); one row per patient and
        a column per variable, indexed by ``patient_id``. What nobody has is in neither.
    """
    found = [(variable, own) for variable, own in _every(cohort) if own.notna().any()]
    variables = pd.DataFrame(
        [asdict(variable) for variable, _ in found],
        columns=list(Variable.__dataclass_fields__),
    )
    values = pd.DataFrame(
        {variable.variable: own for variable, own in found},
        index=pd.Index(cohort.participants["patient_id"]),
    )
    return variables, values


def list_not_recorded(cohort: Cohort) -> list[str]:
    """List the usual variables of a first table that no patient has."""
    people = cohort.participants
    usual = {
        "age": ["birth_year"], "sex": ["sex"], "diagnosis": ["diagnosis"],
        "pain duration": ["pain_duration_months"], "site": ["site_id"],
    }  # fmt: skip
    if "age" in people:
        del usual["age"]
    return [name for name, columns in usual.items() if people[columns].isna().all(axis=None)]


def _every(cohort: Cohort) -> Iterator[tuple[Variable, pd.Series]]:
    people = cohort.participants.set_index("patient_id")
    yield from _age(people)
    yield _named("sex", "Sex", people["sex"])
    yield _named("diagnosis", "Diagnosis", people["diagnosis"])
    duration = Variable(
        variable="pain_duration_months", label="Pain duration (months)", shown="median"
    )
    yield duration, people["pain_duration_months"]
    yield _named("site_id", "Site", people["site_id"])
    covariates = [str(name) for name in people if name not in OTHERS]
    for name in covariates:
        yield _named(name, named(name).capitalize(), people[name])
    yield from _scores(cohort, taken=covariates)


def _age(people: pd.DataFrame) -> Iterator[tuple[Variable, pd.Series]]:
    """Give the age where it can be told, else the year of birth; what the study says goes first."""
    if "age" in people:
        return
    born = people["birth_year"].astype("float64")
    age = people["randomised_on"].dt.year - born
    if age.notna().any():
        yield Variable(variable="age", label="Age at randomisation (years)"), age
    else:
        yield Variable(variable="birth_year", label="Year of birth"), born


def _named(name: str, label: str, own: pd.Series) -> tuple[Variable, pd.Series]:
    if pd.api.types.is_numeric_dtype(own):
        return Variable(variable=name, label=label), own.astype("float64")
    return Variable(variable=name, label=label, kind="categorical", shown="count"), own


def _scores(cohort: Cohort, *, taken: list[str]) -> Iterator[tuple[Variable, pd.Series]]:
    scores = list_scores(cohort)
    first = scores[scores["occasion"] == BASELINE]
    for name in first["instrument"].unique():
        own = first[first["instrument"] == name].set_index("patient_id")["score"]
        known = cohort.instrument(name)
        variable = Variable(
            variable=f"{name} (questionnaire)" if name in taken else str(name),
            label=f"{name}{_range(known)}",
            low=known.low,
            high=known.high,
        )
        yield variable, own


def _range(known: Instrument) -> str:
    said = [] if math.isnan(known.low) else [wording.between(known.low, known.high, 0)]
    said += [f"{known.better} is better"] if known.better else []
    return f" ({'; '.join(said)})" if said else ""

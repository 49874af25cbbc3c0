"""Which outcomes does a cohort offer, under which names?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.instruments import find_instrument
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.exposures import summarise_exposures

#: the first part of an outcome's name, the column of ``summarise_exposures`` and its words
POINTS = {
    "peak": ("peak", "peak {}"),
    "initial": ("initial", "{} at the first rating"),
    "mean": ("mean_level", "mean {} over the exercise"),
    "before": ("before", "{} before the exercise"),
    "after": ("after", "{} after the exercise"),
}
DIARY = {"diary_fear": "fear", "diary_pain": "pain"}
#: the diary's ends: those that the data model gives its columns
DIARY_HIGH = {"fear": 100.0, "pain": 10.0}
Source = Literal["exposures", "assessments", "diary"]


@dataclass(frozen=True)
class Outcome:
    """What is followed over time: where it stands, what it is called, its ends, which is better.

    ``column`` is a column of ``summarise_exposures`` or of the diary, or "score". Ends that nobody
    knows are NaN, and ``better`` is then "".
    """

    name: str
    source: Source
    column: str
    label: str
    kind: str = ""
    low: float = 0.0
    high: float = 100.0
    better: str = "lower"


def list_outcomes(cohort: Cohort) -> list[str]:
    """List the names of the outcomes that this cohort holds."""
    return [outcome.name for outcome in _offered(cohort)]


def choose_outcome(cohort: Cohort, name: str) -> Outcome:
    """Return the outcome of this name.

    Raises ``CannotAnswerError`` for one that this cohort lacks, and ``UnknownNameError`` for one
    that nobody has; both list those on offer.
    """
    for outcome in _offered(cohort):
        if outcome.name == name:
            return outcome
    offered = list_outcomes(cohort)
    if _lacks(name):
        raise CannotAnswerError(
            f"The cohort holds no value of {name} ({_lacks(name)}). It holds: "
            f"{', '.join(offered) or 'no outcome at all'}."
        )
    raise UnknownNameError("outcome", name, offered)


def _lacks(name: str) -> str:
    """Say where the values of a known name would come from; "" of a name nobody knows."""
    point, _, kind = name.partition("_")
    if name in DIARY:
        return f"they would come from the table diary, column {DIARY[name]}"
    if point in POINTS and kind:
        return f"they would come from the ratings of {kind} at exposures"
    known = find_instrument(name)
    return "they would come from the table assessments" if known.has_key else ""


def _offered(cohort: Cohort) -> Iterator[Outcome]:
    yield from _of_assessments(cohort)
    yield from _of_diary(cohort)
    yield from _of_exposures(cohort)


def _of_assessments(cohort: Cohort) -> Iterator[Outcome]:
    both = (cohort.assessments["instrument"], cohort.assessment_items["instrument"])
    for name in sorted({str(name) for names in both for name in names.dropna()}):
        known = cohort.instrument(name)
        yield Outcome(
            name, "assessments", "score", name, low=known.low, high=known.high, better=known.better
        )


def _of_diary(cohort: Cohort) -> Iterator[Outcome]:
    for name, column in DIARY.items():
        if cohort.diary[column].notna().any():
            label = f"{cohort.word(column)} in the diary"
            yield Outcome(name, "diary", column, label, kind=column, high=DIARY_HIGH[column])


def _of_exposures(cohort: Cohort) -> Iterator[Outcome]:
    if cohort.exposures.empty:
        return
    for kind in cohort.kinds:
        has = summarise_exposures(cohort, kind)[[column for column, _ in POINTS.values()]]
        word = cohort.word(kind)
        for point, (column, words) in POINTS.items():
            if has[column].notna().any():
                label = words.format(word)
                yield Outcome(f"{point}_{kind}", "exposures", column, label, kind=kind)

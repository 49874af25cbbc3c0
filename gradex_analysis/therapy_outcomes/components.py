"""By which numbers is each of the therapy's four outcomes described? Components as data.

An outcome is a theory of why patients get better; its components are numbers that the theory
points to. Two theories may point to the same number, which is then measured once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.expectancy import measure_expectancy
from gradex_analysis.habituation import (
    measure_between_sessions,
    measure_return_of_fear,
    measure_within_session,
)
from gradex_analysis.measures.confidence import list_gains, list_gains_by_item
from gradex_analysis.measures.within_session import POINTS
from gradex_analysis.results.result import Result
from gradex_analysis.therapy_outcomes.questionnaires import change_of

HABITUATION, EXTINCTION = "habituation", "extinction"
SELF_EFFICACY, PROCESSING = "self_efficacy", "emotional_processing"
OUTCOMES = {
    HABITUATION: "Habituation",
    EXTINCTION: "Extinction",
    SELF_EFFICACY: "Self-efficacy",
    PROCESSING: "Emotional processing",
}
HIGHER, LOWER, NEITHER = "higher", "lower", ""
DURING, AROUND = "(ratings during the exercise)", "(ratings before and after it)"


@dataclass(frozen=True)
class Measured:
    """One component: ``frame`` has ``patient_id, estimate``, one row per unit, in ``unit``.

    ``counted`` names what has a row, ``per_100`` turns a value into points of 100 for the figure,
    ``version`` is the definition's and ``detail`` says which one where several would do.
    """

    frame: pd.DataFrame
    unit: str
    counted: str
    per_100: float = 1.0
    version: int = 1
    detail: str = ""


@dataclass(frozen=True)
class Number:
    """A number that a theory points to: what it is, what above 0 means, and which is better.

    Both are "" for a level, of which the theory asks for some and not for more.
    """

    name: str
    words: str
    positive_means: str
    better: str
    measure: Callable[[Cohort, str | None, str | None], Measured]
    digits: int = 1


def _first_of(
    question: Callable[..., Result], definitions: Mapping[str, str], *, per_100: float = 1.0
) -> Callable[[Cohort, str | None, str | None], Measured]:
    """Measure by the first definition that has a value (forms hold other moments), and say it."""

    def _measure(cohort: Cohort, kind: str | None, at: str | None) -> Measured:
        why = ""
        for definition, words in definitions.items():
            try:
                found = question(cohort, definition=definition, kind=kind)
            except CannotAnswerError as problem:
                why = why or str(problem)
                continue
            if found.n_used:
                return _taken(found, per_100, words)
            why = why or found.say_left_out()
        raise CannotAnswerError(why)

    return _measure


def _taken(found: Result, per_100: float, detail: str) -> Measured:
    frame, settings = found.table[["patient_id", "estimate"]], found.settings
    unit, version = str(settings["unit"]), int(settings["version"])
    return Measured(frame, unit, found.noun(), per_100, version, detail)


def _expectancy(cohort: Cohort, kind: str | None, at: str | None) -> Measured:
    return _taken(measure_expectancy(cohort, definition="expectancy_change"), 1.0, "")


def _gain(cohort: Cohort, kind: str | None, at: str | None) -> Measured:
    return Measured(list_gains(cohort), POINTS, "exposure")


def _gain_by_item(cohort: Cohort, kind: str | None, at: str | None) -> Measured:
    return Measured(list_gains_by_item(cohort), POINTS, "patient-item")


def _score(name: str) -> Callable[[Cohort, str | None, str | None], Measured]:
    def _measure(cohort: Cohort, kind: str | None, at: str | None) -> Measured:
        change = change_of(cohort, name, at)
        return Measured(change.frame, "points", "patient", 100.0 / change.span, detail=change.words)

    return _measure


WITHIN = {"initial_to_end": "(first rating to end)", "before_to_after": "(before to after)"}
RETENTION = {"retention": DURING, "retention_before": AROUND}
RECOVERY = {"spontaneous_recovery": DURING, "spontaneous_recovery_before": AROUND}
FOLLOW_UP = {"rof_abs": "(of the fear expected of items)", "rof_abs_peak": "(of the peak)"}
NUMBERS = {
    number.name: number
    for number in (
        Number(
            "activation", "peak of an exposure", "", NEITHER,
            _first_of(measure_within_session, {"activation_peak": ""}),
        ),
        Number(
            "fall_within_exposures", "fall within an exposure", "it fell", HIGHER,
            _first_of(measure_within_session, WITHIN),
        ),
        Number(
            "fall_between_exposures", "fall of the peak from the first to the last exposure to "
            "the same item", "it fell", HIGHER,
            _first_of(measure_between_sessions, {"first_to_last_peak": ""}),
        ),
        Number(
            "decline_within_sittings", "decline of the peak over the exposures to one item in one "
            "sitting", "it fell", HIGHER,
            _first_of(measure_return_of_fear, {"between_trial_decline_peak": ""}),
        ),
        Number(
            "retention", "share of a fall that was kept until the next sitting", "some was kept",
            HIGHER,
            _first_of(measure_return_of_fear, RETENTION, per_100=100.0),
            digits=2,
        ),
        Number(
            "spontaneous_recovery", "return by the next sitting with the same item", "it came back",
            LOWER,
            _first_of(measure_return_of_fear, RECOVERY),
        ),
        Number(
            "return_at_follow_up", "return at follow-up", "it came back", LOWER,
            _first_of(measure_return_of_fear, FOLLOW_UP),
        ),
        Number(
            "expectancy_change", "fall of the feared outcome's expectancy over an exposure",
            "less was expected", HIGHER, _expectancy,
        ),
        Number(
            "confidence_gain", "gain of confidence over an exposure", "confidence rose", HIGHER,
            _gain,
        ),
        Number(
            "confidence_gain_by_item", "gain of confidence from before the first to before the "
            "last exposure to the same item", "confidence rose", HIGHER, _gain_by_item,
        ),
        Number("PSEQ", "change of PSEQ", "self-efficacy rose", HIGHER, _score("PSEQ")),
        Number("PCS", "change of PCS", "catastrophizing rose", LOWER, _score("PCS")),
    )
}  # fmt: skip

#: what each theory points to, in the order of the page
COMPONENTS = {
    HABITUATION: ("fall_within_exposures", "fall_between_exposures"),
    EXTINCTION: (
        "decline_within_sittings", "retention", "spontaneous_recovery", "return_at_follow_up",
        "expectancy_change",
    ),
    SELF_EFFICACY: ("confidence_gain", "confidence_gain_by_item", "PSEQ"),
    PROCESSING: ("activation", "fall_within_exposures", "fall_between_exposures", "PCS"),
}  # fmt: skip

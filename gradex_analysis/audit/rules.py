"""By which rules is a point worth a look? Rules as data; for research, no triage."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from gradex_analysis.audit import patterns

FIRST, LOOK, NOTE = "look first", "look", "note"
URGENCIES = (FIRST, LOOK, NOTE)

EARLY_WHAT = (
    "exposures ended before their plan more often, or more rarely, at one {} than limits around "
    "the overall share allow"
)
EARLY_WHY = "Patients, practice or notes may differ there; the funnel shows how sure that is."
EARLY_SAID = "{count} of {about} exposures ended before their plan"


@dataclass(frozen=True)
class Rule:
    """What is looked for, why, from which threshold on, and how a finding is said.

    ``title`` is short, for a figure; ``said`` holds ``{count}`` and, where there is one,
    ``{about}``; ``lacks`` says why nothing could be looked for. What no longer held at the
    patient's latest record is a note, whatever its urgency.
    """

    name: str
    urgency: str
    title: str
    what: str
    why: str
    said: str
    threshold: float
    unit: str
    find: patterns.Find
    version: int = 1
    lacks: str = "not recorded"

    def describe(self) -> dict[str, Any]:
        """Return the rule as a line of a table, without its function."""
        return {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "find"
        }


RULES = (
    Rule(
        "serious_adverse_event", FIRST, "serious adverse event",
        "a serious adverse event",
        "Its handling and report may be due.",
        "serious adverse events: {count} (the first: event {about})",
        1, "events", patterns.serious_events,
    ),
    Rule(
        "no_later_questionnaire", FIRST, "no questionnaire after the baseline",
        "no questionnaire after the baseline, 28 days after treatment ended or, where no end is "
        "recorded, after the last session or exposure; without those who left the study",
        "Without it nobody can say what became of the patient.",
        "no questionnaire after the baseline, {count} days after the end of treatment or the last "
        "contact", 28, "days", patterns.no_later_form,
    ),
    Rule(
        "rising_peaks", FIRST, "peak above the exposure before, 3 times running",
        "the peak above that of the same item's exposure before, three times running; rated and "
        "recalled peaks apart",
        "The item, its size or what the patient does meanwhile may want another look.",
        "item {about}: peak above the exposure before, {count} times running", 3, "in a row",
        patterns.rising_peaks,
    ),
    Rule(
        "flare_then_no_exposure", FIRST, "flare, and no exposure in the 14 days since",
        "a flare within 24 hours of the latest exposure, and none in the 14 days since; without "
        "those who completed treatment",
        "A flare may have ended exposure.",
        "no exposure in the {count} days since one with a flare", 14, "days",
        patterns.flare_then_nothing,
    ),
    Rule(
        "missed_sessions", LOOK, "2 sessions missed in a row",
        "two sessions missed in a row", "The patient may be leaving.",
        "{count} sessions missed in a row", 2, "in a row", patterns.missed_sessions,
    ),
    Rule(
        "stopped_by_patient", LOOK, "3 exposures in a row stopped by the patient",
        "three exposures in a row stopped early by the patient",
        "The steps may be too large.",
        "{count} exposures in a row stopped early by the patient", 3, "in a row",
        patterns.stops_by_patient,
    ),
    Rule(
        "homework_not_done", LOOK, "homework not done 3 times in a row",
        "homework assigned and not done three times in a row",
        "Homework may be too hard or not understood.",
        "homework not done {count} times in a row", 3, "in a row", patterns.homework_not_done,
    ),
    Rule(
        "related_adverse_event", LOOK, "adverse event not said to be unrelated",
        "an adverse event not said to be unrelated to treatment",
        "It belongs in the report.",
        "adverse events not said to be unrelated: {count} (first {about})", 1, "events",
        patterns.related_events,
    ),
    Rule(
        "early_stops_by_site", LOOK, "sites outside the 99.8 % limits of early stops",
        EARLY_WHAT.format("site"), EARLY_WHY, EARLY_SAID, 99.8, "percent",
        patterns.early_stops("site"), lacks="fewer than 3 sites recorded",
    ),
    Rule(
        "early_stops_by_therapist", LOOK, "therapists outside the 99.8 % limits of early stops",
        EARLY_WHAT.format("therapist"), EARLY_WHY, EARLY_SAID, 99.8, "percent",
        patterns.early_stops("therapist"), lacks="fewer than 3 therapists recorded",
    ),
    Rule(
        "safety_not_recorded", NOTE, "safety behaviours not recorded in over half",
        "safety behaviours not recorded in more than half of the exposures done",
        "Empty boxes are not an answer of none.",
        "safety behaviours not recorded in {count} exposures done", 0.5, "share",
        patterns.safety_not_recorded,
    ),
    Rule(
        "ratings_missing", NOTE, "no usable peak in over a fifth",
        "no usable peak in more than a fifth of the exposures done",
        "What is not rated is in no curve.",
        "{count} exposures done without a usable peak", 0.2, "share", patterns.ratings_missing,
    ),
)  # fmt: skip

"""What happened with this patient, on one page?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.measures.exposures import KEYS
from gradex_analysis.patient import words
from gradex_analysis.patient.change import judge_changes
from gradex_analysis.patient.course import find_education, list_events, measure_weekly_pain
from gradex_analysis.patient.exposures import SHOWN, Exposures, list_exposures
from gradex_analysis.patient.items import list_items, say_expected, shorten
from gradex_analysis.plots import style
from gradex_analysis.plots.patient_page import Sheet, draw_sheet
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PatientPage(Result):
    """One patient on one page: fear by exposure, expectancy, pain, questionnaires.

    ``table`` has one row per exposure on the page. ``items`` has one row per item, ``assessments``
    one per instrument and occasion with the change since baseline and its two verdicts,
    ``events`` what is marked along the axis, ``pain`` one row per week, ``counts`` what was
    planned and done. Places on the axis (``at``) are in ``settings["axis"]``.
    """

    items: pd.DataFrame
    assessments: pd.DataFrame
    events: pd.DataFrame
    pain: pd.DataFrame
    counts: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (297 * style.MILLIMETRE, 210 * style.MILLIMETRE)
    headline: ClassVar[str] = "items"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the page: three panels that share their days, questionnaires at the right."""
        with style.context():
            return draw_sheet(style.given_or_new(ax), self._sheet())

    def sentence(self) -> str:
        """Say what was planned and done, and how the item done most often went."""
        n = dict(zip(self.counts["what"], self.counts["n"], strict=True))
        said = [words.say_sessions(n), words.say_exposures(n), words.say_homework(n)]
        if activities := words.say_activities(n):
            said.append(activities)
        shown = (
            f"{self.n_used} of {self.n_considered} exposures have a peak of "
            f"{self.settings['subject']} on the page, to {n['items']} items."
        )
        course = words.say_item(self.items, self.settings["subject"])
        named = f"{self.settings['patient_id']}: {'; '.join(said)}."
        return " ".join(filter(None, (named, course, shown, self.say_left_out())))

    def alt_text(self) -> str:
        """Describe the page with its numbers."""
        listed = [
            f"{row['item']}: {row['first_peak']:.0f} the first time, {row['latest_peak']:.0f} the "
            f"latest of {row['n_compared']}"
            for _, row in self.items[self.items["n_compared"] > 0].iterrows()
        ]
        return (
            f"One patient on one page by {self.settings['axis']}: one point per exposure at its "
            "peak, exposures to the same item joined; below it expectancy and pain; at the right "
            f"the questionnaires. {'; '.join(listed)}. {self.sentence()}"
        )

    def _sheet(self) -> Sheet:
        settings = self.settings
        n = dict(zip(self.counts["what"], self.counts["n"], strict=True))
        footer = [words.say_sessions(n), words.say_exposures(n), words.say_homework(n)]
        footer += [words.say_activities(n), words.say_unrated(n, settings["subject"])]
        return Sheet(
            exposures=self.table,
            items=self.items,
            events=self.events,
            pain=self.pain,
            assessments=self.assessments,
            settings=settings,
            footer=". ".join(line[0].upper() + line[1:] for line in footer if line) + ".",
        )


def describe_patient(cohort: Cohort, patient_id: str, *, kind: str | None = None) -> PatientPage:
    """Describe what happened with one patient, on one page; no judgement, no triage.

    Peaks are on 0 to 100, whatever the patient's own scale. A peak recalled on a form has a
    horizontal tick. Expectancies are 0 to 100; weekly pain is 0 to 10, from the diary, else from
    the ratings before exercises.

    Parameters
    ----------
    cohort
        The cohort the patient belongs to.
    patient_id
        The patient.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    PatientPage
        Every exposure without a peak is in ``excluded`` with its reason.

    Raises
    ------
    UnknownNameError, CannotAnswerError
        For a patient who is not in the cohort; for a cohort without exposure ratings.
    """
    known = cohort.participants["patient_id"].tolist()
    if patient_id not in known:
        raise UnknownNameError("patient_id", patient_id, known)
    kind = cohort.choose_kind(kind)
    part = cohort.select_patients([patient_id])
    exposures = list_exposures(part, kind)
    every = exposures.table
    shown = every["reason"] == ""
    items = list_items(part, every)
    pain, pain_source = measure_weekly_pain(part, exposures)
    counts = words.count_delivery(part, every)
    table = every.loc[shown, SHOWN].reset_index(drop=True)
    table.insert(3, "item", shorten(table["item_id"], part))
    return PatientPage(
        table=table,
        items=items,
        assessments=judge_changes(cohort, patient_id),
        events=list_events(part, exposures),
        pain=pain,
        counts=pd.DataFrame({"what": list(counts), "n": list(counts.values())}),
        unit=tuple(KEYS),
        n_considered=len(every),
        n_used=int(shown.sum()),
        excluded=every.loc[~shown, [*KEYS, "reason"]].reset_index(drop=True),
        settings={
            **_describe(cohort, part, exposures),
            "kind": kind,
            "subject": cohort.word(kind),
            "expected_from": say_expected(every, items),
            "pain_from": pain_source,
        },
    )


def _describe(cohort: Cohort, part: Cohort, exposures: Exposures) -> dict[str, Any]:
    """Return who it is and what the axis is, as JSON values; no label, which is free text."""
    person = part.participants.iloc[0]
    shown = ("patient_id", "site_id", "therapist_id", "arm")
    education = find_education(part, exposures)
    first_day = exposures.first_day
    return {
        **{name: None if pd.isna(person[name]) else str(person[name]) for name in shown},
        "randomised": cohort.is_randomised,
        "axis": exposures.axis,
        "first_day": None if pd.isna(first_day) else first_day.date().isoformat(),
        "education": list(education) if education else None,
        "simulated": cohort.simulated,
    }

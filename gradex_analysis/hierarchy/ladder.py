"""How does a patient's own ladder look?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.hierarchy.ladder_rows import find_prediction, list_steps
from gradex_analysis.hierarchy.ladder_words import describe_steps, say_climb, say_prediction
from gradex_analysis.measures.hierarchy_items import ITEM
from gradex_analysis.plots import style
from gradex_analysis.plots.ladder import draw_ladder
from gradex_analysis.results.result import Result

FEAR = "fear"
REMARK = (
    "First and latest are the first and the latest rating of one sort: meanwhile, or afterwards."
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Ladder(Result):
    """A patient's ladder, for the patient: steps, what was expected, the first and latest peak.

    ``table`` has one row per item, ``step`` 1 the easiest; peaks are on 0 to 100 and of one
    source (rated, or recalled on a form). ``labels`` holds the items' own words by step, else
    their codes: they stand in the figure and nowhere else. No averages, no other patients.
    """

    prediction: Mapping[str, Any] | None
    labels: Mapping[int, str] = field(default_factory=dict)

    figure_size: ClassVar[tuple[float, float]] = (148 * style.MILLIMETRE, 210 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the ladder, the hardest step on top; A5 portrait."""
        with style.context():
            ax = style.given_or_new(ax)
            return draw_ladder(ax, self.table, self.labels, self._texts())

    def _texts(self) -> dict[str, str]:
        settings = self.settings
        subject = settings["subject"]
        where = ""
        if self.prediction is not None and self.prediction["step"] is not None:
            where = f"at “{self.labels[self.prediction['step']]}”"
        note = [settings["patient_id"]]
        return {
            "question": "How afraid?" if subject == FEAR else f"How much {subject}?",
            "subject": subject,
            "below": say_prediction(self.prediction, where),
            "remark": REMARK if (self.table["first_number"] > 1).any() else "",
            "note": "   ·   ".join(
                ["Simulated example data", *note] if settings["simulated"] else note
            ),
        }

    def noun(self) -> str:
        """Return what one unit is called."""
        return "step"

    def sentence(self) -> str:
        """Say to the patient what was tried, how it went, and what happened of what was feared."""
        where = ""
        if self.prediction is not None:
            where = f"at step {self.prediction['step']}"
        said = [*say_climb(self.table, self.settings["subject"])]
        return " ".join(filter(None, [*said, say_prediction(self.prediction, where)]))

    def alt_text(self) -> str:
        """Describe the ladder step by step; steps by number, not by their words."""
        return (
            f"A ladder of {len(self.table)} steps, the hardest on top, from 0 (not at all) to 100 "
            f"(the most I can imagine): {describe_steps(self.table)}. {self.sentence()}"
        )


def describe_ladder(cohort: Cohort, patient_id: str, *, kind: str | None = None) -> Ladder:
    """Describe a patient's ladder for the patient: one row per step, and a page to hand over.

    The items' own words (``cohort.item_labels``) stand in the figure only, which belongs on this
    machine or on paper; everything else names steps by number. Fear that rose looks like fear that
    fell: nothing is judged.

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
    Ladder
        One row per item of the patient; steps not tried, or tried without a rating, are among them.

    Raises
    ------
    UnknownNameError, CannotAnswerError
        For a patient who is not in the cohort; for one without any item.
    """
    known = cohort.participants["patient_id"].tolist()
    if patient_id not in known:
        raise UnknownNameError("patient_id", patient_id, known)
    # a ladder can be drawn before anything was rated
    kind = cohort.choose_kind(kind) if cohort.kinds else FEAR
    part = cohort.select_patients([patient_id])
    steps = list_steps(part, kind)
    if steps.empty:
        raise CannotAnswerError(
            f"Patient {patient_id} has no item: a ladder needs item_id in items, item_ratings or "
            "exposures."
        )
    return Ladder(
        table=steps,
        prediction=find_prediction(part, kind, steps),
        labels=_label(cohort, patient_id, steps),
        unit=tuple(ITEM),
        n_considered=len(steps),
        n_used=len(steps),
        excluded=pd.DataFrame({name: pd.Series(dtype="str") for name in [*ITEM, "reason"]}),
        settings={
            "patient_id": patient_id,
            "kind": kind,
            "subject": cohort.word(kind),
            "simulated": cohort.simulated,
            "arms": [],
        },
    )


def _label(cohort: Cohort, patient_id: str, steps: pd.DataFrame) -> dict[int, str]:
    """Return the words of each step, else its item's code without the patient's id."""
    return {
        int(step): cohort.item_labels.get(item, str(item).removeprefix(f"{patient_id}-"))
        for step, item in zip(steps["step"], steps["item_id"], strict=True)
    }

"""How many patients came how far: enrolled, allocated, treated, assessed?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.delivery import flow_words as words
from gradex_analysis.delivery.stages import ASSESSED, count_by_arm, count_stages
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.flow import follow_patients
from gradex_analysis.measures.groups import EVERYBODY, list_arms
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.plots import flow as drawing
from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Flow(Result):
    """How many patients came how far, by arm.

    ``table`` has one row per arm, stage, state and reason: ``n`` patients ``n_of`` those whom the
    stage concerns; ``n`` is missing where it is not recorded. ``patients`` has one row per
    patient with the state at each stage, ``by_arm`` one per arm with what papers count. Every
    patient is used.
    """

    patients: pd.DataFrame
    by_arm: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 135 * style.MILLIMETRE)
    headline: ClassVar[str] = "by_arm"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a column of boxes per arm, those lost on the way beside them."""
        with style.context():
            ax = style.given_or_new(ax)
            drawing.flow_chart(ax, self._boxes(), self.looks())
        return ax

    def sentence(self) -> str:
        """Say who was allocated, started, stopped, left and was assessed, of how many."""
        return " ".join(part for part in self._say() if part)

    def alt_text(self) -> str:
        """Describe the boxes, column by column."""
        boxes = self._boxes()
        columns = boxes.iloc[1:].groupby("arm", sort=False)
        told = [f"{_name(str(arm))}: {'; '.join(_say_boxes(own))}." for arm, own in columns]
        return f"Flow chart of {wording.count(self.n_used, 'patient')}. {' '.join(told)}"

    def _boxes(self) -> pd.DataFrame:
        return words.make_boxes(self.table, self.settings["allocated"])

    def _say(self) -> Iterator[str]:
        table, n = self.table, self.n_used
        yield f"{words.count_patients(n)} enrolled."
        yield self._say_allocation()
        in_arms = [
            self._say_treatment(str(arm), own)
            for arm, own in table[table["stage"].isin(["started", "treatment"])].groupby("arm")
        ]
        yield f"Treatment: {'; '.join(in_arms)}."
        sums = table.groupby(["stage", "state", "reason"], sort=False)["n"].sum(min_count=1)
        everybody = sums.reset_index().assign(n_of=n)
        study = everybody[everybody["stage"] == "study"]
        yield f"Study: {words.say_stage(study, 'stayed in it to its end')}."
        assessed = [
            f"{words.say_stage(own, f'at {words.say_occasion(str(stage))}')}"
            for stage, own in everybody.groupby("stage", sort=False)
            if str(stage).startswith(ASSESSED)
        ]
        yield f"Assessed: {'; '.join(assessed)}." if assessed else "No assessment is recorded."

    def _say_allocation(self) -> str:
        rows = self.table[self.table["stage"] == "allocated"]
        if rows.empty:
            return ""
        own = rows[rows["state"] == "allocated"]
        arms = ", ".join(
            f"{n:,} to {named(arm)}" for arm, n in zip(own["arm"], own["n"], strict=True) if n
        )
        n, how = int(own["n"].sum()), self.settings["allocated"]
        was = f"{n:,} of {self.n_used:,} were {how} ({arms})."
        return was if self.settings["is_randomised"] else f"{was} Groups were not randomised."

    def _say_treatment(self, arm: str, rows: pd.DataFrame) -> str:
        alone = len(self.table["arm"].unique()) == 1
        told = [words.say_stage(rows[rows["stage"] == "started"], "started")]
        treated = rows[rows["stage"] == "treatment"]
        if treated["n_of"].any():
            told.append(words.say_stage(treated, "ended as planned"))
        return f"{words.of_arm(arm, alone=alone)}{', '.join(told)}"


def describe_flow(cohort: Cohort, *, occasions: Sequence[str] | None = None) -> Flow:
    """Count the patients at each stage, from enrolment to the last assessment.

    A patient started who attended a treatment session or carried out an exposure. Reasons are
    those of the episodes; ``completed`` is as planned, any other is a stop or a leaving. Whoever
    has several episodes (a cross-over) counts once: stopped early where any episode was, and in
    the study until the latest ends. What is not recorded is missing in the table, never 0.

    Parameters
    ----------
    cohort
        Patients; with episodes, sessions, exposures and assessments as far as recorded.
    occasions
        The assessments to show, in order; by default all, baseline first, then by mean day.

    Returns
    -------
    Flow
        Counts by arm, stage, state and reason; within an arm those of a stage add up.

    Raises
    ------
    CannotAnswerError, UnknownNameError
        For a cohort without patients; for an occasion that it does not have.
    """
    if cohort.participants.empty:
        raise CannotAnswerError("The cohort holds no patients: a flow needs a participants table.")
    known = order_occasions(cohort)
    for occasion in occasions or []:
        if occasion not in known:
            raise UnknownNameError("occasions", occasion, known)
    chosen = known if occasions is None else list(occasions)
    patients = follow_patients(cohort, chosen)
    table = count_stages(patients)
    return Flow(
        table=table,
        by_arm=count_by_arm(table),
        patients=patients,
        unit=("patient_id",),
        n_considered=len(patients),
        n_used=len(patients),
        excluded=pd.DataFrame(columns=["patient_id", "reason"]),
        settings={
            "occasions": chosen,
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
            "allocated": "randomised" if cohort.is_randomised else "allocated",
            "several_episodes": "stopped early where any was; in the study until the latest ends",
        },
    )


def _name(arm: str) -> str:
    return "All" if arm == EVERYBODY else named(arm)


def _say_boxes(boxes: pd.DataFrame) -> Iterator[str]:
    for stage, text, count, note in boxes[["stage", "text", "count", "note"]].itertuples(
        index=False
    ):
        said = count if stage == "allocated" else f"{text} {count}"
        yield f"{said} ({note})" if note else said

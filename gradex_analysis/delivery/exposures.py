"""How much treatment was planned and delivered, and was anyone harmed?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.delivery import amounts, harms
from gradex_analysis.delivery import delivery_words as words
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.dose import tally_patients
from gradex_analysis.measures.flow import follow_patients
from gradex_analysis.measures.groups import EVERYBODY, list_arms
from gradex_analysis.plots import delivery as drawing
from gradex_analysis.plots import style
from gradex_analysis.results.result import Result

NOTHING_RECORDED = "no session and no exposure recorded"
MOST_ROWS = 120
DESCRIPTION = ["patient_id", "exposure_id", "arm", "what", "homework", "state", "stopped_by"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Delivery(Result):
    """What was planned, what was done, and what went wrong.

    ``table`` has one row per patient (the columns of ``tally_patients``). Further frames:
    ``dose`` (each measure over the patients of an arm), ``statuses`` (each exposure once),
    ``planned_done``, ``stops``, ``breaks``, ``safety``, ``harms`` (all patients of the cohort,
    also those left out here) and ``exposures`` (one row each, in the order they were planned).
    """

    dose: pd.DataFrame
    statuses: pd.DataFrame
    planned_done: pd.DataFrame
    stops: pd.DataFrame
    breaks: pd.DataFrame
    safety: pd.DataFrame
    harms: pd.DataFrame
    exposures: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 120 * style.MILLIMETRE)
    headline: ClassVar[str] = "dose"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what became of each exposure, one row per patient in the order planned.

        Of more than 120 patients, whose rows nobody could tell apart, the sums are drawn.
        """
        with style.context():
            ax = style.given_or_new(ax)
            if self.exposures.empty:
                return style.say_instead(ax, "No exposure was planned.")
            if self.n_used > MOST_ROWS:
                drawing.status_bars(ax, self.statuses)
            else:
                drawing.delivery_map(
                    ax, self.exposures, self.table[["patient_id", "arm"]], self.looks()
                )
        return ax

    def sentence(self) -> str:
        """Say the paragraph on delivery: dose, statuses, stops, safety behaviours, harms."""
        return " ".join(part for part in self._say() if part)

    def alt_text(self) -> str:
        """Describe the map or the bars."""
        drawn = "One row per patient, one mark per planned exposure or activity in order"
        if self.n_used > MOST_ROWS:
            drawn = "One bar per group for the planned exposures or activities"
        return f"{drawn}: done, done in part, refused or not done. {self.sentence()}"

    def _say(self) -> Iterator[str]:
        for arm, own in self.table.groupby("arm", sort=True):
            name = "" if arm == EVERYBODY else str(arm)
            yield words.say_dose(name, own, self.dose[self.dose["arm"] == arm])
        if self.settings["arms"] and not self.settings["is_randomised"]:
            yield "Groups were not randomised."
        yield words.say_statuses(self.statuses)
        yield words.say_stops(self.stops)
        yield words.say_breaks(self.breaks)
        yield words.say_safety(self.safety)
        yield words.say_harms(self.harms, self.n_considered)
        yield self.say_left_out()


def describe_exposures(cohort: Cohort) -> Delivery:
    """Describe what was planned and done, by patient and arm, and what went wrong.

    An exposure was carried out where its status is ``done`` or ``partial``, or where it has no
    status but a rating. Activities without an item (quotas of graded activity) are counted apart
    from exposures. Homework counts once, with the exposures. 0 is a count; what nobody recorded
    is missing.

    Parameters
    ----------
    cohort
        Sessions and exposures; safety behaviours, breaks and adverse events as far as recorded.

    Returns
    -------
    Delivery
        One row per patient; ``excluded`` lists the patients of whom no session and no exposure is
        recorded and who are not known never to have started.

    Raises
    ------
    CannotAnswerError
        For a cohort with neither sessions nor exposures.
    """
    if cohort.sessions.empty and cohort.exposures.empty:
        raise CannotAnswerError(
            "The cohort holds no sessions and no exposures: delivery needs one of these tables."
        )
    tally = tally_patients(cohort)
    has_rows = (tally["n_sessions"] + tally["n_exposures"] + tally["n_activities"]) > 0
    never = follow_patients(cohort, [])["started"] == "not started"
    used = (has_rows | never).to_numpy()
    exposures = state_exposures(cohort)
    return Delivery(
        table=tally[used].reset_index(drop=True),
        unit=("patient_id",),
        n_considered=len(tally),
        n_used=int(used.sum()),
        excluded=tally.loc[~used, ["patient_id", "arm"]].assign(reason=NOTHING_RECORDED),
        dose=amounts.summarise_dose(tally[used]),
        statuses=amounts.count_statuses(exposures),
        planned_done=amounts.compare_planned_done(exposures),
        stops=amounts.count_stops(exposures),
        breaks=amounts.count_breaks(
            exposures, cohort.exposure_breaks, recorded=cohort.has_table("exposure_breaks")
        ),
        safety=harms.count_safety(
            exposures, cohort.safety_behaviours, recorded=cohort.has_table("safety_behaviours")
        ),
        harms=harms.count_harms(cohort, exposures),
        exposures=_in_order(exposures),
        settings={
            "carried_out": "status done or partial, or no status but a rating",
            "activity": "no item named",
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
        },
    )


def _in_order(exposures: pd.DataFrame) -> pd.DataFrame:
    """Return each patient's exposures in the order planned; undated ones as the table has them."""
    on = exposures["planned_on"].fillna(exposures["started_at"])
    ordered = exposures.assign(planned_on=on).sort_values("planned_on", kind="stable")
    ordered = ordered.sort_values("patient_id", kind="stable").reset_index(drop=True)
    place = ordered.groupby("patient_id").cumcount() + 1
    return ordered[DESCRIPTION].assign(place=place)

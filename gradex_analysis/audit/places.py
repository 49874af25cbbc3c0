"""How do sites or therapists compare in exposures that ended before their plan? Never ranked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.exposures import EARLY_STOPS, KEYS
from gradex_analysis.plots import funnel, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.funnel import lower_limit, upper_limit

COLUMNS = {"site": "site_id", "therapist": "therapist_id"}
FEWEST_PLACES = 3
OUTSIDE, BETWEEN, WITHIN = "outside 99.8 %", "between the limits", "within 95 %"
OUTER, INNER = 99.8, 95.0
CAUTION = (
    "The limits take exposures as independent; those of one patient are alike, so that more lie "
    "outside by chance than the limits say"
)


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class PlaceAudit(Result):
    """The share of exposures that ended before their plan, by site or therapist.

    ``table`` has one row per site or therapist in the order of their ids: ``estimate`` (a share),
    ``n`` exposures, ``n_early``, ``n_patients``, binomial limits around the overall share and
    where the share lies. ``limits`` holds the limits by number of exposures, for the figure.
    """

    limits: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (120 * style.MILLIMETRE, 85 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the funnel: share against number of exposures, with limits of 95 and 99.8 %."""
        with style.context():
            ax = style.given_or_new(ax)
            return funnel.draw_funnel(
                ax, self.table, self.limits, overall=self.settings["overall"], by=self._by
            )

    @property
    def _by(self) -> str:
        return str(self.settings["by"])

    def sentence(self) -> str:
        """Say the overall share and who lies outside the limits; no order of merit."""
        overall = wording.percent(self.table["n_early"].sum(), self.n_used)
        outside = self.table[self.table["position"] == OUTSIDE]
        listed = ", ".join(
            f"{getattr(row, self._by)} ({row.n_early} of {row.n})" for row in outside.itertuples()
        )
        where = (
            f"outside the 99.8 % limits: {listed}" if listed else "none outside limits of 99.8 %"
        )
        return (
            f"Of {self.n_used} of {self.n_considered} exposures, {overall} ended before their "
            f"plan; of {len(self.table)} {self._by}s, {where}. {CAUTION}. {self.say_left_out()}"
        )

    def alt_text(self) -> str:
        """Describe the funnel with its numbers."""
        listed = "; ".join(
            f"{getattr(row, self._by)} {row.n_early} of {row.n}" for row in self.table.itertuples()
        )
        return (
            f"Funnel plot: one point per {self._by}, the share of exposures ended before their "
            f"plan against their number, with limits of 95 and 99.8 % around the overall share. "
            f"{listed}. {self.sentence()}"
        )


def audit_places(cohort: Cohort, *, by: Literal["site", "therapist"]) -> PlaceAudit:
    """Compare sites or therapists in how many exposures ended before their plan; never rank them.

    ``estimate = n_early / n``. Early: stopped by patient, therapist or something else. Limits:
    a count lies outside those of 99.8 % exactly where the binomial probability of one as far out,
    to that side, is below 0.1 % (funnel plots: Spiegelhalter 2005, doi:10.1002/sim.1970). An
    exposure belongs to the therapist of its session, else to the patient's.

    Parameters
    ----------
    cohort
        Exposures with the note of who stopped them.
    by
        ``"site"`` or ``"therapist"``.

    Returns
    -------
    PlaceAudit
        Exposures that were not carried out, or without a note of how they ended, are in
        ``excluded``.

    Raises
    ------
    UnknownNameError, CannotAnswerError
        For another ``by``; with fewer than 3 sites or therapists, where a funnel says nothing.
    """
    if by not in COLUMNS:
        raise UnknownNameError("by", by, COLUMNS)
    every = _exposures(cohort, by)
    reason = _why_not(every, by)
    used = every[reason == ""]
    table = _count(used, by)
    if len(table) < FEWEST_PLACES:
        found = wording.count(len(table), by)
        raise CannotAnswerError(
            f"A funnel needs {FEWEST_PLACES} {by}s or more whose exposures say who stopped them; "
            f"here is {found}. It reads {COLUMNS[by]} of participants or sessions and stopped_by "
            "of exposures."
        )
    overall = float(table["n_early"].sum() / table["n"].sum())
    grid = np.unique(np.geomspace(1, table["n"].max() * 1.1, 200).round())
    return PlaceAudit(
        table=_place(table, overall),
        limits=pd.DataFrame({"n": grid}).assign(**_limits(grid, overall)),
        unit=tuple(KEYS),
        n_considered=len(every),
        n_used=len(used),
        excluded=every.loc[reason != "", KEYS].assign(reason=reason[reason != ""]),
        settings={"by": by, "overall": overall, "limits": [INNER, OUTER], "independent": True},
    )


def _exposures(cohort: Cohort, by: str) -> pd.DataFrame:
    states = state_exposures(cohort)
    table = states[states["what"] == "exposure"]
    people = cohort.participants.set_index("patient_id")
    table = table.assign(place=table["patient_id"].map(people[COLUMNS[by]]))
    if by == "therapist":
        table["session_id"] = table["session_id"].fillna(table["assigned_in"])
        held = cohort.sessions[["patient_id", "session_id", "therapist_id"]]
        table = table.merge(held, on=["patient_id", "session_id"], how="left")
        table["place"] = table["therapist_id"].fillna(table["place"])
    return table.reset_index(drop=True)


def _why_not(every: pd.DataFrame, by: str) -> pd.Series:
    reason = pd.Series("", index=every.index, dtype="str")
    reason[every["place"].isna()] = f"no {by} recorded"
    reason[every["stopped_by"].isna()] = "nobody noted how it ended"
    reason[~every["carried_out"]] = "not carried out"
    return reason


def _count(used: pd.DataFrame, by: str) -> pd.DataFrame:
    early = used.assign(early=used["stopped_by"].isin(EARLY_STOPS))
    counts = early.groupby("place").agg(
        n=("early", "size"), n_early=("early", "sum"), n_patients=("patient_id", "nunique")
    )
    return counts.rename_axis(by).reset_index()


def _place(table: pd.DataFrame, overall: float) -> pd.DataFrame:
    placed = table.assign(
        estimate=table["n_early"] / table["n"], **_limits(table["n"].to_numpy(), overall)
    )
    share = placed["estimate"]
    beyond = {
        name: (share < placed[f"low_{name}"]) | (share > placed[f"high_{name}"])
        for name in ("95", "998")
    }
    position = np.select([beyond["998"], beyond["95"]], [OUTSIDE, BETWEEN], WITHIN)
    return placed.assign(position=position, expected=overall)


def _limits(n: np.ndarray, overall: float) -> dict[str, np.ndarray]:
    tails = {"95": 0.025, "998": 0.001}
    low = {f"low_{name}": lower_limit(n, overall, tail=tail) for name, tail in tails.items()}
    high = {f"high_{name}": upper_limit(n, overall, tail=tail) for name, tail in tails.items()}
    return {**low, **high}

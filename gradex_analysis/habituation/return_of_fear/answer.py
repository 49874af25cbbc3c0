"""How much fear comes back: until the next sitting with an item, and until follow-up?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.return_of_fear import words
from gradex_analysis.habituation.return_of_fear.gap import fit_gap, set_beside
from gradex_analysis.habituation.return_of_fear.pairs import Occasions, list_pairs, unit_of
from gradex_analysis.measures import return_of_fear as rivals
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.measures.sittings import EVENT, NEW_CONTEXT, records_contexts, records_events
from gradex_analysis.plots import patients, style
from gradex_analysis.plots.return_of_fear import change_by_gap
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ReturnOfFear(Result):
    """How much of a rating came back, by one named definition.

    ``table`` has one row per sitting (or per patient and item, at follow-up): what was compared,
    ``gap_days``, what came ``between`` and ``estimate`` (in ``settings["unit"]``; the sign is in
    ``settings["sign"]``). ``average`` has one row per group: the mean of the patients' means with
    its t interval over patients, and the median of the values. ``gap`` is the change of
    ``estimate`` per week of gap (one row), ``line`` that line with its band. ``beside`` is the
    difference from sittings before which only time is known to have come between (one row).
    """

    average: pd.DataFrame
    gap: pd.DataFrame
    line: pd.DataFrame
    beside: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 90 * style.MILLIMETRE)
    headline: ClassVar[str] = "average"
    perhaps: ClassVar[tuple[str, ...]] = ("gap", "line", "beside")

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw what came back against the gap in days; without gaps, one line per patient."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            label = f"{self.settings['label']} ({self.settings['unit']})"
            if self._has_gaps:
                y = f"{label}\n{words.direction(self.settings, upright=True)}"
                change_by_gap(ax, self.table, self.line, self.average, y, self.looks())
            else:
                x = f"{label}\n{words.direction(self.settings)}"
                patients.patient_rows(ax, self.table, self.average, x, self.looks())
        return ax

    @property
    def _has_gaps(self) -> bool:
        return "gap_days" in self.table and bool(self.table["gap_days"].notna().any())

    def sentence(self) -> str:
        """Say the mean of every group, what the gap changes, and who was left out."""
        if self.table.empty:
            all_of_them = words.counted(self.n_considered, self.noun())
            none = f"None of {all_of_them} can be measured by {self.settings['definition']}."
            return f"{none} {self.say_left_out()}"
        said = words.say_groups(self.average, self.settings)
        if len(self.average) > 1 and not self.settings["is_randomised"]:
            said.append("Groups were not randomised.")
        said += words.say_gap(self.gap, self.settings)
        said += words.say_beside(self.beside, self.settings)
        return " ".join([*said, *words.say_unknown(self.settings), self.say_left_out()])

    def noun(self) -> str:
        """Return what one unit is called."""
        return "sitting" if "sitting" in self.unit else "patient-item"

    def alt_text(self) -> str:
        """Describe the figure."""
        if self._has_gaps:
            what = "Points: one per sitting, by the days since the sitting before"
            line = "; the line is the mean at each gap with its band." if len(self.line) else "."
            return f"{what}{line} {self.sentence()}"
        return (
            "Dot plot with one line per patient: pale points are items, dark points the patients' "
            f"means, the band is the interval of their mean. {self.sentence()}"
        )


def measure_return_of_fear(
    cohort: Cohort,
    *,
    definition: str,
    kind: str | None = None,
    occasions: Occasions | None = None,
) -> ReturnOfFear:
    """Measure how much of a rating came back, by a named definition.

    Differences are later minus earlier: positive when fear is higher later. A sitting is a
    patient's exposures to one item in one session or on one day at home. An exposure that is
    stopped *because* a rating is low ends on a rating that is low by chance, so that the next one
    is higher without anything coming back: read the gap's slope beside the mean.

    Parameters
    ----------
    cohort
        Exposures with items and ratings; for ``rof_abs`` and ``rof_pct`` items that were re-rated.
    definition
        For example ``"spontaneous_recovery"``; formulae: ``gx.list_definitions("return_of_fear")``.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    occasions
        Of re-rated items: before treatment, after it, follow-up; by default baseline, the next
        and the last.

    Returns
    -------
    ReturnOfFear
        One row per sitting or patient-item; every other one is in ``excluded`` with its reason.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    kind = _choose_kind(cohort, chosen, kind)
    pairs = list_pairs(cohort, chosen, kind, occasions)
    used = pairs[pairs["reason"] == ""].drop(columns="reason").reset_index(drop=True)
    used.insert(len(unit_of(chosen)) + 1, "definition", chosen.name)
    gap, line, why = fit_gap(used) if "gap_days" in used else (pd.DataFrame(), pd.DataFrame(), "")
    unit = unit_of(chosen)
    return ReturnOfFear(
        table=used,
        average=_average(used),
        gap=gap,
        line=line,
        beside=_beside(cohort, chosen, kind),
        unit=tuple(unit),
        n_considered=len(pairs),
        n_used=len(used),
        excluded=pairs.loc[pairs["reason"] != "", [*unit, "reason"]].reset_index(drop=True),
        settings={**chosen.settings(), **_describe(cohort, kind), "no_slope": why},
    )


def _choose_kind(cohort: Cohort, chosen: rivals.Definition, kind: str | None) -> str:
    if chosen.pairs != rivals.RERATED:
        return cohort.choose_kind(kind)
    if kind not in (None, "fear"):
        raise CannotAnswerError(
            f"Items are re-rated in fear, not in {kind}: {chosen.name} takes kind='fear'."
        )
    return "fear"


def _average(used: pd.DataFrame) -> pd.DataFrame:
    average = mean_over_patients(used["group"], used["patient_id"], used["estimate"])
    medians = used.groupby("group")["estimate"].median()
    average["median"] = average["group"].map(medians).astype("float64")
    return average.sort_values("group", ignore_index=True)


def _beside(cohort: Cohort, chosen: rivals.Definition, kind: str) -> pd.DataFrame:
    if chosen.when not in (NEW_CONTEXT, EVENT):
        return pd.DataFrame()
    whatever = list_pairs(cohort, replace(chosen, when=""), kind, None)
    return set_beside(whatever[whatever["reason"] == ""], chosen.when)


def _describe(cohort: Cohort, kind: str) -> dict[str, Any]:
    undated = cohort.adverse_events["onset"].isna().sum()
    return {
        "kind": kind,
        "subject": cohort.word(kind),
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "records_contexts": records_contexts(cohort),
        "records_events": records_events(cohort),
        "undated_events": int(undated),
        "peak_includes": cohort.answers.get("peak_includes", []),
        "confidence": 0.95,
    }

"""How high does fear go in an exposure, how far does it fall, how much does it vary?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.habituation.scale_words import SCALE_USE, say_scale_use
from gradex_analysis.habituation.units import UNIT, describe, list_excluded
from gradex_analysis.measures import within_session as rivals
from gradex_analysis.measures.exposures import (
    list_series,
    summarise_exposures,
    usual_time_unit,
)
from gradex_analysis.measures.groups import EVERYBODY, WITHOUT_ARM, list_arms
from gradex_analysis.measures.reasons import why_not
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.measures.scale_use import count_scale_use
from gradex_analysis.plots import patients, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class WithinSessionChange(Result):
    """How ratings went in each exposure, by one named definition.

    ``table`` has one row per exposure: its keys and description, ``definition``, ``estimate`` (in
    ``settings["unit"]``; the sign is in ``settings["sign"]``), ``n`` ratings and the ratings it was
    made of. ``average`` has one row per arm (or ``all``): the mean of the patients' means with its
    t interval over patients. ``scale_use`` has the shares of their ratings at the ends of the
    scale, and of those that are round numbers.
    """

    average: pd.DataFrame
    scale_use: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 90 * style.MILLIMETRE)
    headline: ClassVar[str] = "average"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one line per patient, the exposures pale, the mean of the patient means strong."""
        with style.context():
            ax = style.given_or_new(ax)
            if self.table.empty:
                return style.say_instead(ax, self.sentence())
            label = f"{self.settings['label']} ({self.settings['unit']})\n{self._direction()}"
            values = _by_group(self.table, self.settings["arms"])
            patients.patient_rows(ax, values, self.average, label, self.looks())
        return ax

    def _direction(self) -> str:
        return {
            rivals.FALL: "← rose      fell →",
            rivals.RISE: "← fell      rose →",
            rivals.RISEN: "← fell      rose →",
        }.get(self.settings["sign"], "")

    def sentence(self) -> str:
        """Say the mean of every group, its interval, and how many were left out."""
        if self.table.empty:
            return f"{self._none_used()} {self.say_left_out()}"
        said = [self._say_group(row) for _, row in self.average.iterrows()]
        said += say_scale_use(self.scale_use)
        return f"{' '.join(said)} {self._say_recalled()}{self.say_left_out()}"

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return how the scale was used."""
        return {"Use of the scale": (SCALE_USE, self.scale_use)}

    def _say_recalled(self) -> str:
        if "peak" not in self.table:
            return ""
        n = int((self.table["peak_source"] == "recalled").sum())
        if n == self.n_used:  # the sentence says so already
            return ""
        return f"The peak of {wording.count(n, 'exposure')} is as recalled on a form. " if n else ""

    def _none_used(self) -> str:
        exposures = wording.count(self.n_considered, "exposure")
        return f"None of {exposures} can be measured by {self.settings['definition']}."

    def _say_group(self, row: pd.Series) -> str:
        settings = self.settings
        verb, flip = _verb(settings["sign"], row["estimate"])
        low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
        where = (
            f"{wording.count(int(row['n']), 'exposure')} of "
            f"{wording.count(int(row['n_patients']), 'patient')}"
            f"{'' if row['group'] == EVERYBODY else ' in ' + named(row['group'])}"
        )
        digits = settings["digits"]
        amount = f"{wording.number(flip * row['estimate'], digits)} {settings['unit']}"
        unsaid = settings["sign"] in (rivals.RISE, rivals.LEVEL)  # by the verb
        sign = f"; {settings['sign']}" if unsaid else ""
        return (
            f"In {where}, {settings['subject']} {verb} {amount} {settings['in_words']} (mean of "
            f"the patients' means, {wording.interval(low, high, digits)}{sign})."
        )

    def alt_text(self) -> str:
        """Describe the dot plot."""
        return (
            "Dot plot with one line per patient: pale points are exposures, dark points the "
            f"patients' means, the band is the {wording.LEVEL} interval of their mean. "
            f"{self.sentence()}"
        )


def _verb(sign: str, estimate: float) -> tuple[str, int]:
    """Return the verb, and -1 where the number is turned: no sentence has a fall of minus 5."""
    fell, rose = "fell on average by", "rose on average by"
    if sign in (rivals.FALL, rivals.RISEN):
        falls = (sign == rivals.FALL) == (estimate >= 0)
        return (fell if falls else rose), (1 if estimate >= 0 else -1)
    verbs = {
        rivals.RISE: "changed on average by",
        rivals.LEVEL: "was on average",
        rivals.SPREAD: "varied on average by",
        rivals.HALVED: "was halved in",
    }
    return verbs[sign], 1


def measure_within_session(
    cohort: Cohort, *, definition: str, kind: str | None = None
) -> WithinSessionChange:
    """Measure how ratings went in each exposure, by a named definition.

    How high they went (activation), how far they fell, how much they varied. All values are on 0 to
    100, whatever the patient's own scale. ``gx.list_definitions()`` shows formula, sign and source
    of each; falls are positive, slopes keep the scale's sign.

    Parameters
    ----------
    cohort
        Exposures with their ratings.
    definition
        For example ``"initial_to_end"`` or ``"peak_to_end"``. Peak to end cannot be negative and
        is therefore positive under noise alone: ``gx.fit_noise_benchmark`` says how far.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    WithinSessionChange
        One row per exposure; every other exposure is in ``excluded`` with its reason.

    Raises
    ------
    UnknownNameError, CannotAnswerError
        For a definition or kind that is not on offer; for a cohort without exposure ratings.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    kind = cohort.choose_kind(kind)
    summary = chosen.prepare(summarise_exposures(cohort, kind), list_series(cohort, kind))
    reason = why_not(summary, chosen, kind)
    used = summary[reason == ""]
    table = describe(used).assign(definition=chosen.name, estimate=chosen.compute(used))
    table = table.join(used[["n", *chosen.needs, "peak_source"]])
    arms = list_arms(cohort)
    groups = _by_group(table, arms)
    average = mean_over_patients(groups["group"], groups["patient_id"], groups["estimate"])
    return WithinSessionChange(
        table=table.reset_index(drop=True),
        average=average.sort_values("group", ignore_index=True),
        scale_use=count_scale_use(cohort, kind, groups["group"]),
        unit=UNIT,
        n_considered=len(summary),
        n_used=len(table),
        excluded=list_excluded(summary, reason),
        settings={
            **chosen.settings(usual_time_unit(summary), only_recalled=_only_recalled(used)),
            "kind": kind,
            "subject": cohort.word(kind),
            "arms": arms,
            "last_before_stop": cohort.answers.get("last_before_stop", "last"),
            "peak_includes": cohort.answers.get("peak_includes", []),
            "confidence": 0.95,
        },
    )


def _only_recalled(used: pd.DataFrame) -> bool:
    return bool(len(used)) and bool((used["peak_source"] == "recalled").all())


def _by_group(table: pd.DataFrame, arms: list[str]) -> pd.DataFrame:
    """Return ``patient_id, group, estimate``; the table names no arm where none of its rows has."""
    values = table.reindex(columns=["patient_id", "arm", "estimate"])
    values = values.rename(columns={"arm": "group"}).astype({"group": "str"})
    return values.fillna({"group": WITHOUT_ARM if arms else EVERYBODY})

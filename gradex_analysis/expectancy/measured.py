"""Was what patients expected violated, and what became of their expectancy?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.expectancy import measured_words as words
from gradex_analysis.expectancy.measured_counts import average, count_words, typical
from gradex_analysis.measures import expectancy as rivals
from gradex_analysis.measures.expected import (
    count_clamped,
    list_expected,
    list_left_out,
    refuse_unrecorded,
    shown_columns,
    why_no_value,
)
from gradex_analysis.measures.exposures import KEYS
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.plots import patients, style
from gradex_analysis.plots.expectancy import dumbbells, word_grid
from gradex_analysis.results.result import Result

OVER_FEAR = "overprediction_fear"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ExpectancyMeasured(Result):
    """What was expected against what was found, by one named definition.

    ``table`` has one row per exposure: what was expected and found, and ``estimate`` (in
    ``settings["unit"]``; the sign is in ``settings["sign"]``). ``average`` has one row per group:
    the mean of the patients' means with its t interval over patients; of a ratio, which has no
    usable mean, the median and quartiles over exposures and the share that is undefined.
    ``counts`` (where what occurred is in words) counts exposures by fifths of what was expected
    and by the word; these exposures have no ``estimate``.
    """

    average: pd.DataFrame
    counts: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 110 * style.MILLIMETRE)
    headline: ClassVar[str] = "summary"
    perhaps: ClassVar[tuple[str, ...]] = ("average", "counts")

    @property
    def summary(self) -> pd.DataFrame:
        """What a page shows first: the average, or the counts where all is in words."""
        return self.average if len(self.average) else self.counts

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw expected against found, a dumbbell per exposure; words as a grid of counts."""
        with style.context():
            ax = style.given_or_new(ax)
            settings, table = self.settings, self.table
            numbers = table[table["estimate"].notna()]
            if table.empty:
                return style.say_instead(ax, self.sentence())
            if numbers.empty:
                word_grid(ax, words.pooled(self.counts), words.name_words(self.counts))
            elif settings["ends"]:
                dumbbells(ax, numbers, words.ends_of(settings), words.axis_of(settings),
                          words.say_drawn(numbers), self.looks())  # fmt: skip
            else:
                label = f"{settings['label']} ({settings['unit']})"
                patients.patient_rows(ax, numbers, self.average, label, self.looks())
        return ax

    def sentence(self) -> str:
        """Say the mean of every group, what is said in words, and who was left out."""
        if self.table.empty:
            return f"{words.say_none(self.n_considered, self.settings)} {self.say_left_out()}"
        said = words.say_average(self.average, self.settings)
        said += words.say_counts(self.counts)
        said += words.say_caveats(self.table, self.average, self.settings)
        return " ".join([*said, self.say_left_out()])

    def alt_text(self) -> str:
        """Describe the figure with its numbers."""
        return f"{words.describe_figure(self.table, self.counts, self.settings)} {self.sentence()}"


def measure_expectancy(
    cohort: Cohort, *, definition: str, kind: str | None = None
) -> ExpectancyMeasured:
    """Measure what was expected against what was found, by a named definition.

    All values are on 0 to 100. Expectancy violation, the change that follows it and their ratio
    are three things. What occurred may be recorded in words (no, partly, yes, not testable): words
    are counted against what was expected and never become numbers.

    Parameters
    ----------
    cohort
        Exposures with what was expected of them.
    definition
        ``"expectancy_violation"``, ``"expectancy_change"``, ``"belief_change_logit"``,
        ``"learning_ratio"``, ``"overprediction_fear"``, ``"overprediction_pain"`` or
        ``"surprise"``; formulae: ``gx.list_definitions("expectancy")``.
    kind
        What was rated, for over-prediction of fear; by default fear, or the only kind but pain.

    Returns
    -------
    ExpectancyMeasured
        One row per exposure; every other exposure is in ``excluded`` with its reason.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    kind = cohort.choose_kind(kind) if kind or chosen.name == OVER_FEAR else "fear"
    rows = list_expected(cohort, kind)
    refuse_unrecorded(rows, chosen)
    reason = why_no_value(rows, chosen)
    rows["estimate"] = chosen.compute(rows)
    used = rows[reason == ""]
    return ExpectancyMeasured(
        table=_tidy(used, chosen),
        average=(average if chosen.has_mean else typical)(used, rows, reason, chosen),
        counts=count_words(used) if chosen.takes_words else pd.DataFrame(),
        unit=tuple(KEYS),
        n_considered=len(rows),
        n_used=len(used),
        excluded=list_left_out(rows, reason),
        settings=_settings(cohort, chosen, kind, used),
    )


def _tidy(used: pd.DataFrame, chosen: rivals.Definition) -> pd.DataFrame:
    read = list(chosen.needs)
    if chosen.takes_words and used["occurrence"].notna().any():
        read.append("occurrence")
    read += [f"{name}_source" for name in chosen.needs if f"{name}_source" in used]
    table = used[[*shown_columns(used), *read, "estimate"]].reset_index(drop=True)
    table.insert(len(KEYS) + 1, "definition", chosen.name)
    return table


def _settings(
    cohort: Cohort, chosen: rivals.Definition, kind: str, used: pd.DataFrame
) -> dict[str, Any]:
    clamped = chosen.unit == "logits"
    return {
        **chosen.settings(),
        "kind": kind,
        "subject": cohort.word(kind),
        "clamp_percent": rivals.CLAMP if clamped else None,
        "n_clamped": count_clamped(used, list(chosen.ends), rivals.CLAMP) if clamped else 0,
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }

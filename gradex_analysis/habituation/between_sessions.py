"""How far does fear fall from one exposure to an item to the next?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.scale_words import SCALE_USE, say_scale_use
from gradex_analysis.measures import between_sessions as rivals
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.groups import EVERYBODY, arm_of, list_arms
from gradex_analysis.measures.repeated_items import number_exposures, series_keys
from gradex_analysis.measures.rivals import choose_definition
from gradex_analysis.measures.scale_use import count_scale_use
from gradex_analysis.measures.within_session import RISE
from gradex_analysis.plots import patients, style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class BetweenSessionChange(Result):
    """How far ratings changed between exposures to the same item, by one named definition.

    ``table`` has one row per patient and item (and context): ``n_exposures`` carried out,
    ``n_used`` of them with the rating compared, ``first`` and ``last`` of these with their numbers
    and the ``days_between``, and ``estimate`` (in ``settings["unit"]``; the sign is in
    ``settings["sign"]``). ``average`` has one row per group: the mean of the patients' means with
    its t interval over patients. ``n_repeated`` patient-items have two exposures or more.
    """

    average: pd.DataFrame
    scale_use: pd.DataFrame
    n_repeated: int

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 90 * style.MILLIMETRE)
    headline: ClassVar[str] = "average"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw one line per patient, the items pale, the mean of the patient means strong."""
        with style.context():
            ax = style.given_or_new(ax)
            values = self.table
            if values.empty:
                return style.say_instead(ax, self.sentence())
            direction = "← fell      rose →" if self._is_slope else "← rose      fell →"
            label = (
                f"{self.settings['label']} ({self.settings['unit']})\n{direction}\n"
                "between exposures to the same item"
            )
            patients.patient_rows(ax, values, self.average, label, self.looks())
        return ax

    @property
    def _is_slope(self) -> bool:
        return bool(self.settings["sign"] == RISE)

    def sentence(self) -> str:
        """Say the mean of every group, how many items were repeated, and who was left out."""
        all_of_them = wording.count(self.n_considered, "patient-item")
        verb = "has" if self.n_repeated == 1 else "have"
        repeated = (
            f"{self.n_used:,} of {all_of_them} could be measured; {self.n_repeated:,} {verb} two "
            f"exposures or more{', each context apart' if 'context' in self.unit else ''}."
        )
        said = [self._say_group(row) for _, row in self.average.iterrows()]
        if not said:
            name = self.settings["definition"]
            said = [f"None of {self.n_considered:,} patient-items can be measured by {name}."]
        if len(said) > 1 and not self.settings["is_randomised"]:
            said.append("Groups were not randomised.")
        said += [repeated, *self._say_same_day(), *say_scale_use(self.scale_use)]
        return " ".join([*said, self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return how the scale was used."""
        return {"Use of the scale": (SCALE_USE, self.scale_use)}

    def _say_same_day(self) -> list[str]:
        n = int((self.table["days_between"] == 0).sum())
        return [f"In {n:,} of those measured the first and the last were on one day."] if n else []

    def _say_group(self, row: pd.Series) -> str:
        settings = self.settings
        # a negative fall is said as a rise, so that no sentence has a fall of minus 5
        flip = -1 if not self._is_slope and row["estimate"] < 0 else 1
        verb = "changed" if self._is_slope else "fell" if flip == 1 else "rose"
        low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
        where = wording.count(int(row["n_patients"]), "patient")
        if row["group"] != EVERYBODY:
            where += f" in {named(row['group'])}"
        return (
            f"In {wording.count(int(row['n']), 'patient-item')} of {where}, {settings['subject']} "
            f"{settings['compared']} {verb} on average by "
            f"{wording.number(flip * row['estimate'])} {settings['unit']} {settings['in_words']} "
            f"(mean of the patients' means, {wording.interval(low, high)}"
            f"{'; ' + settings['sign'] if self._is_slope else ''})."
        )

    def noun(self) -> str:
        """Return what an item of one patient is called."""
        return "patient-item"

    def alt_text(self) -> str:
        """Describe the dot plot."""
        return (
            "Dot plot with one line per patient: pale points are items, dark points the patients' "
            f"means, the band is the {wording.LEVEL} interval of their mean. {self.sentence()}"
        )


def measure_between_sessions(
    cohort: Cohort, *, definition: str, kind: str | None = None, same_context: bool = True
) -> BetweenSessionChange:
    """Measure how far ratings changed between exposures to the same item, by a named definition.

    All values are on 0 to 100; falls are positive, slopes keep the scale's sign. Exposures count
    from the first that was carried out; *first* and *last* are those with the rating compared. A
    rated peak and one recalled on a form are never compared. Formulae: ``gx.list_definitions()``.

    Parameters
    ----------
    cohort
        Exposures with items and ratings.
    definition
        For example ``"first_to_last_peak"`` or ``"consecutive_peak"``.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    same_context
        Whether the same item in another context is another series, where contexts are recorded.

    Returns
    -------
    BetweenSessionChange
        One row per patient and item; every other one is in ``excluded`` with its reason.
    """
    chosen = choose_definition(rivals.DEFINITIONS, definition)
    kind = cohort.choose_kind(kind)
    values = _list_values(cohort, kind, chosen, same_context=same_context)
    table = _summarise(values, chosen).assign(definition=chosen.name)
    table.insert(0, "group", table["patient_id"].map(arm_of(cohort)))
    table["reason"] = _why_not(table, chosen)
    used = table[table["reason"] == ""].drop(columns="reason").reset_index(drop=True)
    average = mean_over_patients(used["group"], used["patient_id"], used["estimate"])
    only_recalled = bool(len(used)) and bool(used["source"].eq("recalled").all())
    unit = series_keys(table)
    return BetweenSessionChange(
        table=used[[*unit, *[name for name in used if name not in unit]]],
        average=average.sort_values("group", ignore_index=True),
        scale_use=_count_scale_use(cohort, kind, values, table),
        n_repeated=int((table["n_exposures"] > 1).sum()),
        unit=tuple(unit),
        n_considered=len(table),
        n_used=len(used),
        excluded=table.loc[table["reason"] != "", [*unit, "reason"]].reset_index(drop=True),
        settings={
            **chosen.settings(only_recalled=only_recalled),
            "kind": kind,
            "subject": cohort.word(kind),
            "same_context": same_context,
            "arms": list_arms(cohort),
            "is_randomised": cohort.is_randomised,
            "peak_includes": cohort.answers.get("peak_includes", []),
            "confidence": 0.95,
        },
    )


def _count_scale_use(
    cohort: Cohort, kind: str, values: pd.DataFrame, table: pd.DataFrame
) -> pd.DataFrame:
    """Count over all ratings of the exposures to the items that could be measured."""
    group = table.loc[table["reason"] == "", "group"]
    own = values[values["series"].isin(group.index)].set_index("exposure")["series"]
    return count_scale_use(cohort, kind, own.map(group))


def _list_values(
    cohort: Cohort, kind: str, chosen: rivals.Definition, *, same_context: bool
) -> pd.DataFrame:
    """List the numbered exposures with the rating compared, by series and number."""
    summary = summarise_exposures(cohort, kind)
    numbered = number_exposures(cohort, same_context=same_context)
    is_peak = chosen.column == "peak"
    numbered["value"] = summary[chosen.column]
    numbered["exposure"] = numbered.index
    numbered["source"] = summary["peak_source"] if is_peak else ""
    done = numbered[numbered["number"].notna()]
    if done.empty:
        raise CannotAnswerError(
            "No exposure that was carried out names its item: whether fear falls between exposures "
            "to the same item cannot be told. It would come from exposures.item_id."
        )
    done = done.assign(series=done.groupby(series_keys(done)).ngroup())
    return done.sort_values(["series", "number"], ignore_index=True)


def _summarise(values: pd.DataFrame, chosen: rivals.Definition) -> pd.DataFrame:
    """Summarise each series by its first and last exposure with the rating compared."""
    series = values.groupby("series")
    table = series[series_keys(values)].first().assign(n_exposures=series.size())
    rated = values[values["value"].notna()]
    first = rated.drop_duplicates("series").set_index("series")
    last = rated.drop_duplicates("series", keep="last").set_index("series")
    table["n_used"] = rated.groupby("series").size().reindex(table.index, fill_value=0)
    for name, end in (("first", first), ("last", last)):
        table[name], table[f"{name}_number"] = end["value"], end["number"]
    table["days_between"] = (last["date"] - first["date"]).dt.days
    table["source"] = first["source"]
    return table.assign(estimate=chosen.compute(rated))


def _why_not(table: pd.DataFrame, chosen: rivals.Definition) -> pd.Series:
    reason = np.select(
        [table["n_exposures"] < 2, table["n_used"] < 2, table["estimate"].isna()],
        ["one exposure", f"fewer than two exposures with {chosen.what}", chosen.no_value],
        "",
    )
    return pd.Series(reason, index=table.index, dtype="str")

"""Who are the patients of each arm, in a table, a sentence and a picture?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison.baseline import list_not_recorded, read_baseline
from gradex_analysis.comparison.table_one import (
    OVERALL,
    describe_variables,
    group_patients,
    lay_out,
    measure_balance,
)
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.groups import WITHOUT_ARM, arm_of
from gradex_analysis.plots import baseline as plots
from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ArmDescription(Result):
    """The patients at baseline, by arm (a paper's Table 1).

    ``table`` has one row per variable, level and arm (and ``overall``); ``display`` is the same as
    a paper prints it. ``balance`` has one row per variable and pair of arms with the standardised
    difference. ``patients`` has one row per patient and variable.
    """

    display: pd.DataFrame
    balance: pd.DataFrame
    variables: pd.DataFrame
    patients: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (140 * style.MILLIMETRE, 90 * style.MILLIMETRE)
    headline: ClassVar[str] = "display"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw how far the arms are apart; in a cohort without arms, the patients themselves."""
        with style.context():
            ax = style.given_or_new(ax)
            if len(self.balance):
                plots.balance_rows(ax, self.balance, self.variables)
            elif len(numbers := self.variables.query("kind == 'continuous'")):
                plots.value_rows(ax, self.patients, numbers, self.table)
            else:
                return style.say_instead(ax, self.sentence())
        return ax

    def sentence(self) -> str:
        """Say how many patients there are, where the arms differ most and what is missing."""
        said = [self._say_counts(), self._say_balance(), self._say_missing()]
        if recorded := self.settings["not_recorded"]:
            said.append(f"Not recorded: {', '.join(recorded)}.")
        if len(self.excluded):
            said.append(self.say_left_out())
        return " ".join(filter(None, said))

    def _say_counts(self) -> str:
        n_by_arm = self.settings["n_by_arm"]
        by_arm = ", ".join(f"{n:,} in {named(arm)}" for arm, n in n_by_arm.items())
        arms = f" ({by_arm})" if len(n_by_arm) > 1 else ""
        patients = wording.count(self.n_considered, "patient")
        return f"{self.n_used:,} of {patients} are described at baseline{arms}."

    def _say_balance(self) -> str:
        known = self.balance.dropna(subset=["smd"])
        if known.empty:
            return ""
        most = known.iloc[int(known["smd"].abs().argmax())]
        label = self.variables.set_index("variable")["label"][most["variable"]]
        large = int((known["smd"].abs() > 0.2).sum())
        not_random = "" if self.settings["randomised"] else "Groups were not randomised. "
        word = "arms" if self.settings["randomised"] else "groups"
        return (
            f"{not_random}The largest standardised difference between {word} is "
            f"{wording.number(abs(most['smd']), 2)} SD, in {label}, {named(most['arm'])} "
            f"against {named(most['reference'])}; {large} of "
            f"{len(known)} differences exceed 0.2."
        )

    def _say_missing(self) -> str:
        whole = self.table[self.table["arm"] == self.settings["whole"]]
        n_missing = whole.drop_duplicates("variable").set_index("variable")["n_missing"]
        if not n_missing.any():
            return "No value is missing."
        labels = self.variables.set_index("variable")["label"]
        some = ", ".join(
            f"{labels[str(name)]} ({n})" for name, n in n_missing[n_missing > 0].items()
        )
        return f"Missing (patients): {some}."

    def _numbers(self) -> Iterator[tuple[str, pd.Series]]:
        labels = self.variables.set_index("variable")["label"]
        for _, row in self.table[self.table["kind"] == "continuous"].iterrows():
            yield str(labels[row["variable"]]), row

    def alt_text(self) -> str:
        """Describe the figure with its numbers."""
        if self.balance.empty and not any(self._numbers()):
            return self.sentence()
        if self.balance.empty:
            said = "; ".join(
                f"{label} {wording.median_range(row['median'], row['q1'], row['q3'])}"
                for label, row in self._numbers()
            )
            return (
                "One line per characteristic: each patient a dot, the median a point, the "
                f"quartiles a bar. {said}. {self.sentence()}"
            )
        most = self.balance.assign(size=self.balance["smd"].abs())
        largest = most.groupby("variable", sort=False)["size"].max().dropna()
        labels = self.variables.set_index("variable")["label"]
        said = "; ".join(f"{labels[str(name)]} {value:.2f}" for name, value in largest.items())
        return (
            "Love plot: one line per characteristic, one mark per pair of arms, at the absolute "
            f"standardised difference. Largest of each: {said}. {self.sentence()}"
        )


def describe_arms(cohort: Cohort) -> ArmDescription:
    """Describe the patients at baseline, by arm: a paper's Table 1.

    Mean (SD) of numbers, median (quartiles) of durations, n (percent of those not missing) of
    categories; age is the year of randomisation less the year of birth. There are no p values:
    arms that were randomised differ at baseline by chance, so that the test asks what is known
    already, and it finds large differences in small trials as readily as small ones in large
    trials. Standardised differences say how far apart the arms are, whatever their size.

    Returns
    -------
    ArmDescription
        Patients without an arm, in a cohort that has arms, are in ``excluded``.

    References
    ----------
    Senn (1994), doi:10.1002/sim.4780131703
    """
    arm = arm_of(cohort)
    without = arm == WITHOUT_ARM
    variables, values = read_baseline(cohort)
    if variables.empty:
        raise CannotAnswerError(
            "Nothing is known of the patients at baseline: columns of participants, or scores at "
            "the occasion 'baseline', would say it."
        )
    groups = group_patients(arm[~without])
    table = describe_variables(variables, values, groups)
    return ArmDescription(
        table=table,
        display=lay_out(variables, table, groups),
        balance=measure_balance(variables, values, groups),
        variables=variables,
        patients=_long(variables, values, arm[~without]),
        unit=("patient_id",),
        n_considered=len(arm),
        n_used=int((~without).sum()),
        excluded=pd.DataFrame({"patient_id": arm.index[without], "reason": WITHOUT_ARM}),
        settings={
            "randomised": cohort.is_randomised,
            "n_by_arm": {name: len(ids) for name, ids in groups.items() if name != OVERALL},
            "whole": list(groups)[-1],
            "not_recorded": list_not_recorded(cohort),
            "percent_of": "patients whose value is not missing",
        },
    )


def _long(variables: pd.DataFrame, values: pd.DataFrame, arm: pd.Series) -> pd.DataFrame:
    """Return one row per patient and variable: a number in ``value`` or a word in ``level``."""
    parts = [
        pd.DataFrame(
            {
                "patient_id": arm.index,
                "arm": arm.to_numpy(),
                "variable": variable["variable"],
                "value": own if variable["kind"] == "continuous" else np.nan,
                "level": "" if variable["kind"] == "continuous" else own,
            }
        )
        for _, variable in variables.iterrows()
        for own in [values.loc[arm.index, variable["variable"]].to_numpy()]
    ]
    return pd.concat(parts, ignore_index=True)

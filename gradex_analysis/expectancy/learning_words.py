"""How is a learning rate said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]

SIGN = "0 when nothing is learned, 1 when what occurred becomes what is expected"
AXIS = "Learning rate\n← nothing learned (0)      all of the error (1) →"
ON_NOISE = (
    "An error in the expectancy reported before an exposure is on both sides of the equation and "
    "draws the rate towards 1; an error of the other reports does not, or draws it towards 0. "
    "The intercept is the change where what occurred was expected."
)
ON_PATIENTS = (
    "own: least squares through 0 on the patient's own exposures; estimate: drawn towards the "
    "group's rate; weight: the share of own in it."
)


def say_rates(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the learning rate of each group."""
    said = []
    for _, row in table.iterrows():
        where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
        said.append(
            f"In {wording.count(int(row['n']), 'exposure')} of "
            f"{wording.count(int(row['n_patients']), 'patient')}{where}, expectancy moved by "
            f"{wording.number(row['estimate'], 2)} of the way to what occurred "
            f"({wording.interval(row['ci_low'], row['ci_high'], 2)}; 0 is nothing, 1 all of it)."
        )
    return said


def say_spread(patients: pd.DataFrame, variances: pd.DataFrame) -> list[str]:
    """Say how much patients differ, and how much their own exposures tell of each."""
    between = variances.iloc[0]
    if between["at_boundary"]:
        return ["Patients do not differ in it beyond chance (SD 0)."]
    weight = patients["weight"]
    return [
        f"Learning rates differ between patients with an SD of {wording.number(between['sd'], 2)}; "
        f"a patient's own exposures make up {wording.percent(weight.min(), 1)} to "
        f"{wording.percent(weight.max(), 1)} of the patient's estimate, the others' the rest."
    ]


def say_contrasts(contrasts: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how groups differ, where several expose; else why they are not compared."""
    if contrasts.empty:
        lone = len(settings["arms"]) > 1 and not any("told apart" in n for n in settings["notes"])
        return ["Only one group has such exposures: groups are not compared."] if lone else []
    said = [
        f"The difference {_named_contrast(row)} is {wording.number(row['estimate'], 2)} "
        f"({wording.interval(row['ci_low'], row['ci_high'], 2)})."
        for _, row in contrasts.iterrows()
    ]
    return said if settings["is_randomised"] else [*said, "Groups were not randomised."]


def _named_contrast(row: pd.Series) -> str:
    return named(row["contrast"]).replace(" - ", " minus ")


def say_noise(sensitivity: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    """Say the rate under each assumed error of report."""
    assumed = sensitivity[sensitivity["report_sd"].notna()]
    said = []
    for sd, own in assumed.groupby("report_sd", sort=True):
        rates = []
        for _, row in own.iterrows():
            where = f" in {named(row['group'])}" if len(table) > 1 else ""
            rates.append(f"{_say_corrected(row)}{where}")
        said.append(f"{wording.number(float(str(sd)), 0)} points: {', '.join(rates)}")
    if not said:
        return []
    return [
        "Errors in the expectancy reported before draw the rate towards 1; without them it would "
        f"be, for errors with an SD of {'; '.join(said)}."
    ]


def _say_corrected(row: pd.Series) -> str:
    if pd.isna(row["estimate"]):
        return "not to be told (such errors would be more than all that was seen)"
    return (
        f"{wording.number(row['estimate'], 2)} "
        f"({wording.interval(row['ci_low'], row['ci_high'], 2)})"
    )


def describe_figure(patients: pd.DataFrame) -> str:
    """Say what the figure shows."""
    return (
        f"A row per patient ({len(patients)}): a pale open mark is the rate from the patient's own "
        "exposures, a filled one the estimate drawn towards the group's; the line is the group's "
        "rate, the band its interval."
    )

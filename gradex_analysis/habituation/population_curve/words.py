"""How is a population's course said?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.habituation.population_curve.fit import WHY
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]
#: fewer patients than this: normal intervals are a little too narrow
FEW_PATIENTS = 30
ONE_LEVEL = (
    "The level that ratings tend to is one per patient: where it differs between the items of a "
    "patient, the half-life comes out too long."
)
LINEARIZED = (
    "The model was linearised, which is biased where patients have few ratings: fit by quadrature "
    "for estimates to be reported."
)


def say_groups(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the typical course of each group, with what cannot be told."""
    groups = list(dict.fromkeys(table["group"]))
    return [_say_group(table[table["group"] == group], settings) for group in groups]


def _say_group(rows: pd.DataFrame, settings: Settings) -> str:
    own = {str(row["quantity"]): row for _, row in rows.iterrows()}
    first = rows.iloc[0]
    where = (
        f"{wording.count(int(first['n_exposures']), 'exposure')} of "
        f"{wording.count(int(first['n_patients']), 'patient')}"
        f"{_say_where(str(first['group']), settings)}"
    )
    subject, unit = settings["subject"], settings["time_unit"]
    start, end, half = own["start"], own["asymptote"], own["half_life"]
    said = f"In {where} ({int(first['n']):,} ratings), {subject} of the typical patient starts at "
    said += _with_interval(start)
    if end["status"] == "not_identified":
        return f"{said} of 100. Rate, half-life and the level it tends to cannot be told."
    if half["status"] == "no_fall":
        level = f"the level it tends to is {_with_interval(end)}"
        return f"{said} of 100 and {level}. Its rate cannot be told: {WHY['no_fall']}."
    verb = "rises" if end["estimate"] > start["estimate"] else "falls"
    said += f" and {verb} towards {_with_interval(end)} of 100"
    said += f", half of the way in {_with_interval(half)} {unit}s."
    if end["status"] != "ok":
        what = "That level is" if end["status"] == "outside_scale" else "Level and half-life are"
        said += f" {what} not to be relied on: {WHY[end['status']]}."
    return said


def _say_where(group: str, settings: Settings) -> str:
    if group == EVERYBODY:
        return ""
    is_arm = settings["by"] == "arm"
    return f" in {named(group)}" if is_arm else f" with {named(settings['by'])}: {named(group)}"


def _with_interval(row: pd.Series) -> str:
    has_interval = not math.isnan(row["ci_low"])
    told = wording.interval(row["ci_low"], row["ci_high"]) if has_interval else "no interval"
    return f"{wording.number(row['estimate'])} ({told})"


def say_spread(components: pd.DataFrame) -> str:
    """Say how patients and exposures differ, as far as that can be told."""
    sds = components[(components["quantity"] == "sd") & (components["estimate"] > 0)]
    known = {(str(r["level"]), str(r["effect"])): float(r["estimate"]) for _, r in sds.iterrows()}
    said = []
    if ("patient", "rate") in known:
        factor = wording.number(math.exp(known["patient", "rate"]), 2)
        said.append(f"in their rate by a factor of {factor}")
    said += [
        f"in {what} by {wording.number(known['patient', name])}"
        for name, what in (("asymptote", "the level they tend to"), ("start", "their usual start"))
        if ("patient", name) in known
    ]
    spread = f"Patients differ (one SD) {_join(said)}; " if said else ""
    if ("exposure", "start") in known:
        starts = wording.number(known["exposure", "start"])
        spread += f"exposures of a patient differ in their start by {starts}; "
    residual = wording.number(known.get(("rating", "residual"), math.nan))
    whole = f"{spread}ratings lie about the course of their exposure with an SD of {residual}."
    return whole[0].upper() + whole[1:]


def say_contrasts(contrasts: pd.DataFrame, settings: Settings) -> list[str]:
    """Say how the arms' rates differ, or why they are not compared."""
    if settings["no_contrast"]:
        return [f"The groups' rates are not compared: {settings['no_contrast']}."]
    said = []
    for _, row in contrasts.iterrows():
        said.append(
            f"The rate in {named(row['arm'])} is {wording.number(row['estimate'], 2)} times that "
            f"in {named(row['reference'])} ({wording.interval(row['ci_low'], row['ci_high'], 2)}; "
            f"{wording.say_p(row['p_value'])}; above 1: faster)."
        )
    return said


def say_limits(table: pd.DataFrame, settings: Settings) -> list[str]:
    """Say what limits the answer: the method, what the model could not tell, few patients."""
    said = [LINEARIZED] if settings["method"] == "linearized" else []
    said += settings["notes"]
    if settings["without"]:
        said.append(
            f"No exposure was rated in {_join([named(group) for group in settings['without']])}."
        )
    if settings["covariates"]:
        said.append("Covariates stand at their means over the exposures.")
    if "asymptote" not in settings["covariates"]:
        said.append(ONE_LEVEL)
    n = int(table.drop_duplicates("group")["n_patients"].sum())
    if n < FEW_PATIENTS:
        said.append(f"With {n} patients the intervals, which are normal ones, may be too narrow.")
    return said


def _join(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"

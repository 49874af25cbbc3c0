"""How are fitted curves said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.results import wording
from gradex_analysis.stats.curve_forms import FORMS, Form

#: with fewer identified exposures their half-lives are not summarised in the sentence
FEWEST_HALF_LIVES = 10

ITS_OWN = {"asymptote": "lowest level", "slope": "slope"}


def say_curves(table: pd.DataFrame, statuses: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Say what the form can: how many fell, and how fast where that can be told."""
    form = settings["form"]
    said = {"linear": _say_lines, "flat": _say_levels}.get(form, _say_rates)(
        table, statuses, settings
    )
    if settings["likelihood"] == "interval_censored":
        said += (
            f" A rating is taken to stand for what lies within half a step of it (steps of "
            f"{settings['grid']:g}), one of 0 or 100 for all beyond."
        )
    return said + _say_sharing(FORMS[form], settings["level"])


def _say_sharing(form: Form, level: str) -> str:
    """Say what the exposures of a curve share, and what each item or exposure has of its own."""
    if level == "exposure":
        return ""
    if level == "item":
        return (
            " All of a patient's exposures to an item share one curve, but each has its own start; "
            "the fall between exposures is in the starts and not in the curve."
        )
    rate = "All of a patient's exposures share one rate, but each" if form.has_rate else "Each"
    item = f" item has its own {ITS_OWN[form.shared]} and each" if form.shared else ""
    given = f", and their mean {form.shared} is given" if form.shared else ""
    return (
        f" {rate}{item} exposure has its own start{given}; the fall between exposures is in the "
        "starts."
    )


def _say_rates(table: pd.DataFrame, statuses: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    counts = dict(zip(statuses["status"], statuses["n"], strict=True))
    known = table.loc[table["status"] == "ok", "half_life"]
    form = FORMS[settings["form"]]
    n_fitted = wording.count(len(table) - counts["too_few"], settings["level"])
    if len(table) == counts["too_few"]:
        return f"No {settings['level']} has ratings enough for a curve."
    said = (
        f"Of {n_fitted} with ratings enough for a curve, the rate of decay can be told in "
        f"{counts['ok']} and cannot in {counts['not_identified'] + counts['at_bound']}; "
        f"{counts['flat']} were flat and {counts['rising']} rose."
    )
    if counts["too_few"] and settings["level"] != "exposure":
        said += f" {counts['too_few']} more had too few ratings."
    if len(known) >= FEWEST_HALF_LIVES:
        low, middle, high = map(wording.number, known.quantile([0.25, 0.5, 0.75]))
        unit = settings["time_unit"]
        of_start = "" if form.shared else " (to half of the start)"
        said += (
            f" Where it can be told the median half-life{of_start} was {middle} {unit}s (quartiles "
            f"{low} and {high}); these are the clearest falls, not a sample of all."
        )
    return said


def _say_lines(table: pd.DataFrame, statuses: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    slope = table["slope"].dropna()
    n_fitted = wording.count(len(slope), settings["level"])
    if slope.empty:
        return f"No {settings['level']} has ratings enough for a straight line."
    low, middle, high = (wording.number(q, 2) for q in slope.quantile([0.25, 0.5, 0.75]))
    return (
        f"Along straight lines through {n_fitted}, {settings['subject']} fell in "
        f"{(slope < 0).sum()} and rose in {(slope > 0).sum()}; the median slope was {middle} "
        f"points of 100 a {settings['time_unit']} (quartiles {low} and {high}; negative: it falls)."
    )


def _say_levels(table: pd.DataFrame, statuses: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    level = table["start"].dropna()
    n_fitted = wording.count(len(level), settings["level"])
    if level.empty:
        return f"No {settings['level']} has ratings enough for a level."
    low, middle, high = map(wording.number, level.quantile([0.25, 0.5, 0.75]))
    return (
        f"As level lines through {n_fitted}, median {settings['subject']} was {middle} of 100 "
        f"(quartiles {low} and {high}); the form says nothing of a fall."
    )

"""How does a paper say that arms differed?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison.ancova import SLOPES
from gradex_analysis.results import wording


def digits_for(spread: float) -> int:
    """Return as many decimals as show a tenth of the spread; at least one."""
    return max(1, 1 - math.floor(math.log10(spread)))


def say_contrast(row: pd.Series, settings: Mapping[str, Any], digits: int) -> str:
    """Say one contrast, as a paper would."""
    better = f"{settings['better']} is better; " if settings["better"] else ""
    word = "adjusted difference" if settings["adjusted_for"] else "difference"
    unit = f"{wording.NO_BREAK}{settings['unit']}" if settings["unit"] else ""
    size = (
        f"{word} {wording.number(row['estimate'], digits)}{unit}, "
        f"{wording.interval(row['ci_low'], row['ci_high'], digits)}, "
        f"t({row['df']:.0f}) = {wording.number(row['statistic'], 2)}, "
        f"{wording.say_p(row['p_value'])}"
    )
    if not math.isnan(row["hedges_g"]):
        size += (
            f"; Hedges' g = {wording.number(row['hedges_g'], 2)}, "
            f"{wording.interval(row['g_ci_low'], row['g_ci_high'], 2)}"
        )
    return (
        f"{_say_finding(row, settings)} ({better}{size}; {say_model(settings)}; "
        f"{row['n']:,} of {wording.count(int(row['n_considered']), 'patient')} analysed)."
    )


def say_model(settings: Mapping[str, Any]) -> str:
    """Say which model, adjusted for what."""
    *others, last = settings["adjusted_for"] or [""]
    if not last:
        return "analysis of variance: no baseline was given"
    without = "" if "baseline" in settings["adjusted_for"] else " alone: no baseline was given"
    return f"ANCOVA adjusted for {' and '.join(filter(None, [', '.join(others), last]))}{without}"


def say_slopes(assumptions: pd.DataFrame, settings: Mapping[str, Any]) -> str:
    """Warn where the difference depends on the baseline."""
    row = assumptions[assumptions["check"] == SLOPES]
    if row.empty or not row["p_value"].iloc[0] < 0.05:
        return ""
    test = row.iloc[0]
    return (
        f"The slope of the baseline differed between {settings['word']}s "
        f"(F({test['df_between']:.0f}, {test['df']:.0f}) = {wording.number(test['statistic'], 2)}, "
        f"{wording.say_p(test['p_value'])}): the differences hold at the mean baseline and not at "
        "every other."
    )


def say_surroundings(settings: Mapping[str, Any], n_contrasts: int) -> str:
    """Say what a reader must know of all contrasts."""
    said = [
        f"Hedges' g is in standard deviations of the {settings['standardised_by']}, pooled over "
        f"the two {settings['word']}s."
    ]
    if n_contrasts > 1:
        said.append("The p values are not adjusted for the number of contrasts.")
    if not settings["randomised"]:
        said.append(
            "Groups were not randomised: differences may have been there for other reasons."
        )
    return " ".join(said)


def lay_out(table: pd.DataFrame, settings: Mapping[str, Any], digits: int) -> pd.DataFrame:
    """Lay the contrasts out as a paper prints them: text."""
    word = "adjusted difference" if settings["adjusted_for"] else "difference"
    rows = [
        {
            settings["word"]: row["arm"],
            "against": row["reference"],
            f"{word} (95 % CI)": _with_interval(row, ("estimate", "ci_low", "ci_high"), digits),
            f"t({row['df']:.0f})": wording.number(row["statistic"], 2),
            "p": wording.p_value(row["p_value"]),
            "Hedges' g (95 % CI)": _with_interval(row, ("hedges_g", "g_ci_low", "g_ci_high"), 2),
            "analysed": f"{row['n']:,} of {row['n_considered']:,}",
        }
        for _, row in table.iterrows()
    ]
    return pd.DataFrame(rows).astype("str")


def _say_finding(row: pd.Series, settings: Mapping[str, Any]) -> str:
    name, arm, reference = settings["outcome"], named(row["arm"]), named(row["reference"])
    where = f"At {named(settings['at'])}, " if settings["at"] else ""
    if row["ci_low"] <= 0 <= row["ci_high"]:
        said = (
            f"the data do not tell whether {name} was lower or higher in {arm} than in {reference}"
        )
    else:
        direction = "lower" if row["estimate"] < 0 else "higher"
        said = f"{name} was {direction} in {arm} than in {reference}"
    return where + said if where else said[:1].upper() + said[1:]


def _with_interval(row: pd.Series, names: tuple[str, str, str], digits: int) -> str:
    value, low, high = (row[name] for name in names)
    if math.isnan(value):
        return wording.NONE
    return f"{wording.number(value, digits)} ({wording.between(low, high, digits)})"

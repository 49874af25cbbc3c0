"""How does a paper say that arms differed?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison.ancova import SLOPES
from gradex_analysis.comparison.options import ANCOVA, CHANGE, GROWTH, MMRM
from gradex_analysis.results import wording


def digits_for(spread: float) -> int:
    """Return as many decimals as show a tenth of the spread; at least one."""
    return max(1, 1 - math.floor(math.log10(spread)))


def decimals_for(value: float, digits: int) -> int:
    """Return these decimals, or as many as show that a number is not 0."""
    while value != 0 and float(f"{value:.{digits}f}") == 0:
        digits += 1
    return digits


def say_contrast(row: pd.Series, settings: Mapping[str, Any], digits: int) -> str:
    """Say one contrast with its model, as a paper would."""
    better = f"{settings['better']} is better; " if settings["better"] else ""
    said = f"{word_for(settings)} {_say_size(row, settings, digits)}"
    return (
        f"{_say_finding(row, settings)} ({better}{said}; {say_model(settings)}; "
        f"{_say_counts(row, settings)})."
    )


def say_contrasts(table: pd.DataFrame, settings: Mapping[str, Any], digits: int) -> list[str]:
    """Say the contrasts: one by one, or an arm at all its occasions, the model last."""
    if not _has_several(table):
        return [say_contrast(row, settings, digits) for _, row in table.iterrows()]
    said = [
        _say_course(own, settings, digits)
        for _, own in table.groupby("arm", sort=False, observed=True)
    ]
    model = say_model(settings)
    n = f"{settings['n_in_model']:,} of {_people(settings['n_with_arm'], settings)} in the model"
    return [*said, f"Model: {model}; {n}."]


def word_for(settings: Mapping[str, Any]) -> str:
    """Return what a difference is called."""
    return "adjusted difference" if settings["adjusted_for"] else "difference"


def say_model(settings: Mapping[str, Any]) -> str:
    """Say which model, adjusted for what."""
    method = settings["method"]
    if method == ANCOVA:
        return _say_ancova(settings)
    adjusted = _adjusted(settings)
    if method == CHANGE:
        return f"change since baseline{adjusted}{_say_df(settings)}"
    if method == GROWTH:
        return (
            f"straight course of each patient over weeks (random intercept and slope)"
            f"{_say_df(settings)}{adjusted}"
        )
    shape = f"MMRM, {named(settings['covariance'])} covariance"
    if len(settings["occasions"]) == 1:  # one value a patient: there is nothing to correlate
        shape = "MMRM of one occasion, an analysis of covariance"
    by_arm = f", one per {settings['word']}" if settings["variances_by_arm"] else ""
    return f"{shape}{by_arm}{_say_df(settings)}{adjusted}"


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


def say_course_slopes(slopes: pd.DataFrame, settings: Mapping[str, Any], digits: int) -> str:
    """Say how the slopes over weeks differ, where the model has any."""
    apart = slopes[slopes["reference"] != ""]
    if apart.empty:
        return ""
    unit = f"{wording.NO_BREAK}{settings['unit']}" if settings["unit"] else ""
    said = [
        f"{named(row['arm'])} less {named(row['reference'])} "
        f"{_with_test(row, digits + 1, f'{unit} per week')}"
        for _, row in apart.iterrows()
    ]
    return f"Difference of slopes: {'; '.join(said)}."


def say_surroundings(settings: Mapping[str, Any], n_contrasts: int) -> str:
    """Say what a reader must know of all contrasts."""
    said = [
        f"Hedges' g is in standard deviations of the {settings['standardised_by']}, pooled over "
        f"the two {settings['word']}s."
    ]
    if settings["method"] == CHANGE:
        said.append(
            "Change scores take the baseline off in full and are less precise than ANCOVA, which "
            "takes off as much as the data ask for."
        )
    if settings["multiplicity"] and n_contrasts > 1:
        how = settings["multiplicity"].replace("_", "-").title()
        said.append(f"The p values are adjusted over {n_contrasts} contrasts ({how}).")
    elif n_contrasts > 1:
        said.append("The p values are not adjusted for the number of contrasts.")
    if settings["analysis_set"] != "intention_to_treat":
        said.append(f"Analysed: {settings['analysis_set_is']}.")
    if not settings["randomised"]:
        said.append(
            "Groups were not randomised: differences may have been there for other reasons."
        )
    return " ".join(filter(None, [*said, *settings["notes"]]))


def lay_out(table: pd.DataFrame, settings: Mapping[str, Any], digits: int) -> pd.DataFrame:
    """Lay the contrasts out as a paper prints them: text."""
    several, one_df = _has_several(table), len(set(table["df"])) == 1
    rows = [
        {
            settings["word"]: row["arm"],
            "against": row["reference"],
            **({"occasion": named(row["occasion"])} if several else {}),
            f"{word_for(settings)} (95 % CI)": say_difference(row, digits),
            **_lay_test(row, one_df=one_df),
            "p": wording.p_value(row["p_value"]),
            **({"p adjusted": wording.p_value(row["p_adjusted"])} if "p_adjusted" in row else {}),
            "Hedges' g (95 % CI)": say_size_in_sd(row),
            "analysed": f"{row['n']:,} of {row['n_considered']:,}",
        }
        for _, row in table.iterrows()
    ]
    return pd.DataFrame(rows).astype("str")


def _has_several(table: pd.DataFrame) -> bool:
    return "occasion" in table and len(set(table["occasion"])) > 1


def say_difference(row: pd.Series, digits: int) -> str:
    """Return a difference with its interval, as a table or a figure prints it."""
    return _with_interval(row, ("estimate", "ci_low", "ci_high"), digits)


def say_size_in_sd(row: pd.Series) -> str:
    """Return Hedges' g with its interval, as a table prints it."""
    return _with_interval(row, ("hedges_g", "g_ci_low", "g_ci_high"), 2)


def _lay_test(row: pd.Series, *, one_df: bool) -> dict[str, str]:
    statistic = wording.number(row["statistic"], 2)
    if one_df:
        return {f"t({_show_df(row['df'])})": statistic}
    return {"t (df)": f"{statistic} ({_show_df(row['df'])})"}


def _show_df(df: float) -> str:
    return f"{df:.0f}" if float(df).is_integer() else f"{df:.1f}"


def _say_size(row: pd.Series, settings: Mapping[str, Any], digits: int) -> str:
    unit = f"{wording.NO_BREAK}{settings['unit']}" if settings["unit"] else ""
    size = _with_test(row, digits, unit)
    if "p_adjusted" in row:
        size += f", adjusted {wording.say_p(row['p_adjusted'])}"
    if not math.isnan(row["hedges_g"]):
        low, high = row["g_ci_low"], row["g_ci_high"]
        digits = _enough(2, low, high)
        size += f"; Hedges' g = {wording.number(row['hedges_g'], digits)}, "
        size += wording.interval(low, high, digits)
    return size


def _with_test(row: pd.Series, digits: int, unit: str) -> str:
    digits = _enough(digits, row["ci_low"], row["ci_high"])
    return (
        f"{wording.number(row['estimate'], digits)}{unit}, "
        f"{wording.interval(row['ci_low'], row['ci_high'], digits)}, "
        f"t({_show_df(row['df'])}) = {wording.number(row['statistic'], 2)}, "
        f"{wording.say_p(row['p_value'])}"
    )


def _say_course(own: pd.DataFrame, settings: Mapping[str, Any], digits: int) -> str:
    """Say how one arm differed from the reference at each occasion."""
    first = own.iloc[0]
    better = f"; {settings['better']} is better" if settings["better"] else ""
    told = "; ".join(
        f"at {named(row['occasion'])} {_direction(row) or 'the data do not tell'} "
        f"({_say_size(row, settings, digits)}; {row['n']:,} analysed)"
        for _, row in own.iterrows()
    )
    name = settings["outcome"]
    return (
        f"{name[:1].upper()}{name[1:]} in {named(first['arm'])} compared with "
        f"{named(first['reference'])} ({word_for(settings)}{better}): {told}."
    )


def _say_finding(row: pd.Series, settings: Mapping[str, Any]) -> str:
    name, arm, reference = settings["outcome"], named(row["arm"]), named(row["reference"])
    at = row["occasion"] if "occasion" in row else settings["at"]
    where = f"At {named(at)}, " if at else ""
    if direction := _direction(row):
        said = f"{name} was {direction} in {arm} than in {reference}"
    else:
        said = (
            f"the data do not tell whether {name} was lower or higher in {arm} than in {reference}"
        )
    return where + said if where else said[:1].upper() + said[1:]


def _direction(row: pd.Series) -> str:
    """Return lower or higher; "" where the interval holds 0."""
    if row["ci_low"] <= 0 <= row["ci_high"]:
        return ""
    return "lower" if row["estimate"] < 0 else "higher"


def _say_counts(row: pd.Series, settings: Mapping[str, Any]) -> str:
    considered = _people(int(row["n_considered"]), settings)
    if settings["method"] not in (MMRM, GROWTH):
        return f"{row['n']:,} of {wording.count(int(row['n_considered']), 'patient')} analysed"
    return (
        f"{row['n']:,} of {considered} analysed at {named(row['occasion'])}, "
        f"{row['n_in_model']:,} in the model"
    )


def _people(n: int, settings: Mapping[str, Any]) -> str:
    return wording.count(n, "randomised patient" if settings["randomised"] else "patient")


def _say_ancova(settings: Mapping[str, Any]) -> str:
    if not settings["adjusted_for"]:
        return f"analysis of variance{_say_df(settings)}: no baseline was given"
    without = "" if "baseline" in settings["adjusted_for"] else " alone: no baseline was given"
    by_arm = f", a variance per {settings['word']}" if settings["variances_by_arm"] else ""
    adjusted = _adjusted(settings).removeprefix(",")
    return f"ANCOVA{adjusted}{without}{by_arm}{_say_df(settings)}"


def _adjusted(settings: Mapping[str, Any]) -> str:
    names = [named(name) for name in settings["adjusted_for"]]
    constrained = ""
    if settings.get("baseline") == "constrained":
        constrained = ", the baseline among its outcomes with one mean for all"
        names.remove("baseline")
    *others, last = names or [""]
    both = " and ".join(filter(None, [", ".join(others), last]))
    return f"{constrained}, adjusted for {both}" if both else constrained


def _say_df(settings: Mapping[str, Any]) -> str:
    """Say by which method the degrees of freedom were found, where least squares did not."""
    if settings["therapist"] == "CR2":
        return ", CR2 standard errors"
    names = {"kenward-roger": "Kenward-Roger", "satterthwaite": "Satterthwaite"}
    return f", {names[settings['df']]}" if settings["df"] in names else ""


def _with_interval(row: pd.Series, names: tuple[str, str, str], digits: int) -> str:
    value, low, high = (row[name] for name in names)
    if math.isnan(value):
        return wording.NONE
    digits = _enough(digits, low, high)
    return f"{wording.number(value, digits)} ({wording.between(low, high, digits)})"


def _enough(digits: int, low: float, high: float) -> int:
    """Return more decimals where an interval that leaves out 0 would be shown to end there."""
    return decimals_for(min(abs(low), abs(high)), digits) if low * high > 0 else digits

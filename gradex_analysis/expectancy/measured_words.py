"""How is it said what was expected and what was found?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.expectancy import DEFINITIONS, OVER
from gradex_analysis.measures.expected import WORDS
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.results import wording

Settings = Mapping[str, Any]

END_NAMES = {
    "expectancy_before": "expected",
    "occurrence_100": "occurred",
    "expectancy_after": "expected after",
    "expected_peak_fear": "expected",
    "peak": "peak",
    "expected_peak_pain": "expected",
    "pain_peak": "peak",
}
#: an expectancy of this much or more is called a strong one
STRONG = 60


def ends_of(settings: Settings) -> dict[str, str]:
    """Return the columns that a dumbbell joins, with their names."""
    return {column: END_NAMES[column] for column in settings["ends"]}


def axis_of(settings: Settings) -> str:
    """Name the axis of what was expected and found."""
    if settings["definition"] == "overprediction_fear":
        return f"{settings['subject'].capitalize()} at its peak (0–100)"
    if settings["definition"] == "overprediction_pain":
        return "Pain at its peak (0–100)"
    return "The feared outcome (0–100)"


def say_drawn(numbers: pd.DataFrame) -> str:
    """Say how many exposures of how many patients are drawn, and in which order."""
    n_patients = numbers["patient_id"].nunique()
    return (
        f"{wording.count(len(numbers), 'exposure')} of {wording.count(n_patients, 'patient')}, "
        "by what was expected"
    )


def say_none(n_considered: int, settings: Settings) -> str:
    """Say that no exposure has a value."""
    exposures = wording.count(n_considered, "exposure")
    return f"None of {exposures} can be measured by {settings['definition']}."


def say_average(average: pd.DataFrame, settings: Settings) -> list[str]:
    """Say the mean of each group with its interval, or median and quartiles of a ratio."""
    say = _say_median if "median" in average else _say_mean
    said = [say(row, settings) for _, row in average.iterrows()]
    if len(average) > 1 and not settings["is_randomised"]:
        said.append("Groups were not randomised.")
    return said


def _where(row: pd.Series) -> str:
    group = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
    exposures = wording.count(int(row["n"]), "exposure")
    return f"{exposures} of {wording.count(int(row['n_patients']), 'patient')}{group}"


def _say_mean(row: pd.Series, settings: Settings) -> str:
    definition, digits = DEFINITIONS[settings["definition"]], settings["digits"]
    # a negative mean is said the other way round, so that nothing falls by minus 5
    flip = -1 if row["estimate"] < 0 else 1
    low, high = sorted((flip * row["ci_low"], flip * row["ci_high"]))
    said = definition.said[0 if flip == 1 else 1].replace("fear", settings["subject"])
    verb, _, by = said.rpartition(" ")
    if by == "by":
        said = f"{verb} on average {by}" if not verb.endswith(",") else f"{verb} on average by"
    else:
        said = f"{said} on average"
    return (
        f"In {_where(row)}, {said} {wording.number(flip * row['estimate'], digits)} "
        f"{settings['unit']} (mean of the patients' means, "
        f"{wording.interval(low, high, digits)}){_say_share(row, settings)}."
    )


def _say_share(row: pd.Series, settings: Settings) -> str:
    if settings["sign"] != OVER:
        return ""
    share = wording.percent(row["share_positive"], 1)
    return f"; more than was felt was expected in {share} of them (SD {wording.number(row['sd'])})"


def _say_median(row: pd.Series, settings: Settings) -> str:
    total = int(row["n"] + row["n_undefined"])
    undefined = wording.count_percent(int(row["n_undefined"]), total)
    if not row["n"]:
        return f"The ratio is undefined in all {wording.count(total, 'exposure')}."
    return (
        f"In {_where(row)}, the ratio of change to violation had a median of "
        f"{wording.number(row['median'], 2)} (quartiles {wording.between(row['q1'], row['q3'], 2)} "
        f"over exposures); it is undefined in {undefined} of {total:,}, in which what occurred was "
        "what was expected."
    )


def say_counts(counts: pd.DataFrame) -> list[str]:
    """Say how often which word was used, and how often after a strong expectancy."""
    if counts.empty:
        return []
    by_word = counts.groupby("occurrence")["n"].sum().reindex(WORDS)
    total = int(by_word.sum())
    listed = ", ".join(
        f"{named(word)} in {wording.count_percent(int(n), total)}" for word, n in by_word.items()
    )
    said = [f"In {wording.count(total, 'exposure')} what occurred is said in words: {listed}."]
    strong = counts[counts["expected_low"] >= STRONG].groupby("occurrence")["n"].sum()
    n_strong = int(strong.sum())
    if n_strong:
        said.append(
            f"Of {wording.count(n_strong, 'exposure')} in which {STRONG} or more of 100 was "
            f"expected, it did not occur in {wording.count_percent(int(strong['no']), n_strong)}."
        )
    return said


def say_caveats(table: pd.DataFrame, average: pd.DataFrame, settings: Settings) -> list[str]:
    """Say what a reader may misread: recalled peaks, shares at an end, a ratio's mean."""
    said = []
    for column in ("peak", "pain_peak"):
        if f"{column}_source" in table:
            n = int((table[f"{column}_source"] == "recalled").sum())
            if n:
                said.append(f"The peak of {wording.count(n, 'exposure')} is as recalled on a form.")
    if settings["clamp_percent"] is not None and settings["n_clamped"]:
        clamp = settings["clamp_percent"]
        said.append(
            f"In {wording.count(settings['n_clamped'], 'exposure')} an expectancy of 0 or 100 was "
            f"taken for {wording.number(clamp)} or {wording.number(100 - clamp)}."
        )
    if "median" in average:
        said.append(
            "A description only: a ratio with a violation near 0 below the line has no usable "
            "mean; fit_learning_rate estimates the learning rate."
        )
    return said


def pooled(counts: pd.DataFrame) -> pd.DataFrame:
    """Add up the counts of all groups: the picture is one grid."""
    keys = ["expected", "expected_low", "occurrence"]
    return counts.groupby(keys, sort=False)["n"].sum().reset_index()


def name_words(counts: pd.DataFrame) -> dict[str, str]:
    """Return the words in order with the number of exposures of each."""
    by_word = counts.groupby("occurrence")["n"].sum()
    return {word: f"{named(word)}\nn = {by_word[word]:,}" for word in WORDS}


def describe_figure(table: pd.DataFrame, counts: pd.DataFrame, settings: Settings) -> str:
    """Say what the figure shows."""
    if table.empty:
        return "No figure."
    if table["estimate"].isna().all():
        cells = "; ".join(
            f"{row['expected']}, {named(row['occurrence'])}: {row['n']}"
            for _, row in pooled(counts).iterrows()
            if row["n"]
        )
        return f"Grid of what was expected (rows) by what occurred (columns), counts: {cells}."
    if not settings["ends"]:
        return "Dot plot with one line per patient: pale points are exposures, dark ones means."
    names = list(ends_of(settings).values())
    after = f", a bar what was {names[2]}" if len(names) > 2 else ""
    not_drawn = int(table["estimate"].isna().sum())
    words = f" {not_drawn} in words are not drawn." if not_drawn else ""
    return (
        "A row per exposure, sorted by what was expected: an open mark is what was "
        f"{names[0]}, a filled one the {_noun(names[1])}{after}.{words}"
    )


def _noun(name: str) -> str:
    return {"occurred": "occurrence", "expected after": "expectancy afterwards"}.get(name, name)

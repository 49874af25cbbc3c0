"""How is the comparison of definitions said?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.results import wording

#: patients that a rank correlation rests on at least, where it is said
ENOUGH = 4


def say_means(own: pd.DataFrame, *, name_groups: bool) -> str:
    """Return a definition's means, intervals and numbers for short lines of the figure."""
    lines = []
    for _, row in own.iterrows():
        digits = 1 if abs(row["estimate"]) >= 1 else 2
        interval = wording.between(row["ci_low"], row["ci_high"], digits)
        interval = "one patient" if row["n_patients"] == 1 else interval
        mean = f"{wording.number(row['estimate'], digits)} ({interval})"
        n = f"n{wording.NO_BREAK}={wording.NO_BREAK}{row['n']:,.0f}"
        line = f"{named(row['group'])}: {mean}, {n}" if name_groups else mean
        lines.append(line)
    unit = own["unit"].iloc[0]
    return "\n".join([*lines, unit if name_groups else f"{unit}, {n}"])


def say_all(
    table: pd.DataFrame,
    agreement: pd.DataFrame,
    classified: pd.DataFrame,
    settings: Mapping[str, Any],
) -> list[str]:
    """Say how many definitions have a value, how they agree, and who is classified differently."""
    asked = table["definition"].unique()
    measured = table.loc[table["n"] > 0, "definition"].unique()
    said = [
        f"{len(measured)} of {len(asked)} definitions of {settings['of_in_words']} have a value."
    ]
    if missing := [named(name) for name in asked if name not in measured]:
        said.append(f"Without any: {', '.join(missing)}.")
    said += _say_classes(classified, settings)
    primary = settings["primary"]
    if primary is None:
        said.append("No definition was named as primary.")
    else:
        agreement = agreement[agreement["definition"] == primary]
    of_whom = "every two" if primary is None else f"{named(primary)} (primary) and the others"
    return said + _say_ranks(agreement, of_whom) + _say_moved(agreement, of_whom, settings)


def _say_classes(classified: pd.DataFrame, settings: Mapping[str, Any]) -> list[str]:
    if not settings["classified_by"]:
        what = settings["of_in_words"]
        return [f"Definitions of {what} are no falls: nobody is classified by them."]
    known = classified.dropna(subset="fell")
    if known.empty:
        return []
    own = known.groupby("definition", sort=False)["fell"]
    share = own.mean().astype("float64")
    low, high = str(share.idxmin()), str(share.idxmax())
    verb = "came back" if settings["of"] == "return_of_fear" else "fell"
    ends = [
        f"{wording.count_percent(int(own.sum()[name]), int(own.size()[name]))} of "
        f"{wording.count(int(own.size()[name]), 'patient')} by {named(name)}"
        for name in dict.fromkeys((low, high))
    ]
    said = [f"On average {settings['subject']} {verb} in {' and in '.join(ends)}."]
    # a rating after the exercise may be above the peak
    if any(name in ("peak_to_end", "peak_to_last") for name in share.index):
        said.append(
            "A fall from the peak within the exercise cannot be negative: nearly everyone has one."
        )
    return said


def _say_ranks(agreement: pd.DataFrame, of_whom: str) -> list[str]:
    known = agreement[agreement["spearman"].notna() & (agreement["n_patients"] >= ENOUGH)]
    if known.empty:
        return [f"Rank agreement cannot be told: no two vary in the same {ENOUGH} patients."]
    in_order = known.sort_values("spearman", kind="stable")
    ends = [in_order.iloc[0], in_order.iloc[-1]]
    low, high = [
        f"{_rho(row['spearman'])} ({named(row['definition'])}, {named(row['other'])})"
        for row in ends
    ]
    if len(known) == 1:
        return [f"Spearman's correlation of the patients' means is {low}."]
    return [
        f"Spearman's correlation of the patients' means by {of_whom} runs from {low} to {high}."
    ]


def _say_moved(agreement: pd.DataFrame, of_whom: str, settings: Mapping[str, Any]) -> list[str]:
    known = agreement[agreement["n_by_sign"] > 0]
    if known.empty:
        return []
    worst = known.sort_values("n_sign_differs", kind="stable").iloc[-1]
    n = int(worst["n_sign_differs"])
    if n == 0:
        return [f"No patient is classified differently ({settings['classified_by']})."]
    return [
        f"Classified differently ({settings['classified_by']}) by {of_whom}: at most "
        f"{wording.count_percent(n, int(worst['n_by_sign']))} of "
        f"{wording.count(int(worst['n_by_sign']), 'patient')} ({named(worst['definition'])}, "
        f"{named(worst['other'])})."
    ]


def _rho(value: float) -> str:
    return wording.number(value, 2)

"""How are times until fear has come down said?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.measures.exposures import EARLY_STOPS
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.measures.times import NOT_CONFIRMED, ORIGINS, REACHED
from gradex_analysis.results import wording

Settings = Mapping[str, Any]

STOPS = (
    "An exposure that ends once fear is down cannot have it confirmed by a later rating; one that "
    "is stopped because fear is high is censored where it would have gone on. Neither is chance."
)
CROSSINGS = (
    "Where each exposure's own exponential crosses, of those whose rate can be told. They are not "
    "like the others: a rate can be told where ratings are many and fall far."
)
INFORMATIVE = (
    "Exposures end because fear is down, or because it is not: the curve takes their ends as "
    "unrelated to fear, so that it describes and no more."
)


def say_times(
    table: pd.DataFrame, medians: pd.DataFrame, crossings: pd.DataFrame, settings: Settings
) -> list[str]:
    """Say how many came down by when, what censored the others, and what fitted curves say."""
    said = [_say_group(row, settings) for _, row in medians.iterrows()]
    if len(medians) > 1 and not settings["is_randomised"]:
        said.append("Groups were not randomised.")
    return [*said, *_say_censored(table, settings), INFORMATIVE, _say_crossings(crossings)]


def _say_group(row: pd.Series, settings: Settings) -> str:
    n = int(row["n"])
    where = "" if row["group"] == EVERYBODY else f" in {named(row['group'])}"
    of_whom = (
        f"{wording.count(n, 'exposure')} of {wording.count(int(row['n_patients']), 'patient')}"
    )
    return (
        f"In {wording.count_percent(int(row['n_reached']), n)} of {of_whom}{where}, "
        f"{settings['subject']} came down to {settings['in_words']} and was there at the next "
        f"rating as well; {_say_median(row, settings)}."
    )


def _say_median(row: pd.Series, settings: Settings) -> str:
    since = f"since {ORIGINS[settings['origin']]}"
    if math.isinf(row["estimate"]):
        return f"the median time {since} was not reached"
    low, high = row["ci_low"], row["ci_high"]
    if math.isnan(low):
        interval = "no interval: a single patient"
    elif math.isinf(low):
        interval = f"{wording.LEVEL} CI not reached"
    elif math.isinf(high):
        interval = f"{wording.LEVEL} CI from {wording.number(low)}, no upper end"
    else:
        interval = wording.interval(low, high)
    between = f"between {wording.number(row['left'])} and {wording.number(row['estimate'])}"
    exact = row["left"] == row["estimate"]
    place = wording.number(row["estimate"]) if exact else f"lies {between}"
    few = f", with {wording.count(int(row['n_above']), 'exposure')} still above"
    return f"the median time {since} {place} {settings['unit']}s{few} ({interval})"


def _say_censored(table: pd.DataFrame, settings: Settings) -> list[str]:
    others = table[table["outcome"] != REACHED]
    if others.empty:
        return []
    alone = int((others["outcome"] == NOT_CONFIRMED).sum())
    said = (
        f"Of the other {wording.count(len(others), 'exposure')}, {alone:,} had "
        f"{'a last rating' if alone == 1 else 'last ratings'} that low with none after to confirm"
    )
    if not settings["records_stops"]:
        return [f"{said}; who stopped them is not recorded."]
    early = others["stopped_by"].isin(EARLY_STOPS)
    by = others.loc[early, "stopped_by"].value_counts()
    who = f" ({', '.join(f'{named(name)} {n:,}' for name, n in by.items())})" if len(by) else ""
    unknown = int(others["stopped_by"].isna().sum())
    unsaid = f"; of {unknown:,} it is not recorded" if unknown else ""
    both = int((early & (others["outcome"] == NOT_CONFIRMED)).sum())
    also = f"; {both:,} of these are among the former" if both else ""
    return [f"{said}, and {int(early.sum()):,} were stopped early{who}{also}{unsaid}."]


def _say_crossings(crossings: pd.DataFrame) -> str:
    n, known, crossing = (
        int(crossings[name].sum()) for name in ("n", "n_with_a_rate", "n_crossing")
    )
    return (
        f"A fitted curve has a rate in {known:,} of {wording.count(n, 'exposure')} and comes down "
        f"that far in {crossing:,} of them."
    )

"""Why does a definition have no value for an exposure?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gradex_analysis.measures.exposures import EARLY_STOPS, usual_time_unit
from gradex_analysis.measures.within_session import Definition

Reasons = Iterator[tuple[pd.Series, str]]

#: what ratings before, after and as recalled say nothing of
OF_SERIES = {"initial", "slope", "mean_level"}


def why_not(table: pd.DataFrame, definition: Definition, kind: str) -> pd.Series:
    """Return the first reason that applies to each exposure; "" where the definition has a value.

    ``table`` is that of ``summarise_exposures``, as the definition prepares it.
    """
    lacks = table[list(definition.needs)].isna().any(axis=1)
    reason = pd.Series("", index=table.index, dtype="str")
    for find in (_not_carried_out, _behind_gaps, _never_rated, _too_few):
        for where, why in find(table, definition, lacks, kind):
            reason[(reason == "") & where] = why
    without_value = (reason == "") & definition.compute(table).isna()
    reason[without_value] = definition.no_value
    return reason


def _not_carried_out(
    table: pd.DataFrame, definition: Definition, lacks: pd.Series, kind: str
) -> Reasons:
    yield table["status"] == "refused", "refused"
    yield table["status"] == "not_done", "planned and not done"


def _behind_gaps(
    table: pd.DataFrame, definition: Definition, lacks: pd.Series, kind: str
) -> Reasons:
    hidden = (
        ("initial", "initial_gap", "its first rating {}"),
        ("end", "last_gap", "its last rating {}"),
        ("last", "last_gap", "its last rating {}"),
        ("peak", "peak_gap", "a rating {}: it may have been the highest"),
    )
    for column, gap, words in hidden:
        if column in definition.needs:
            for why in table[gap].unique():
                if why:
                    yield table[column].isna() & (table[gap] == why), words.format(why)


def _never_rated(
    table: pd.DataFrame, definition: Definition, lacks: pd.Series, kind: str
) -> Reasons:
    needs = set(definition.needs)
    during = bool(OF_SERIES & needs) or definition.derive is not None
    rated = (table["n"] > 0) | table[["before", "after", "peak", "last"]].notna().any(axis=1)
    yield lacks & ~rated, f"no rating of {kind}"
    yield lacks & (table["n"] == 0) & during, "form: no rating during the exercise"
    if "end" in needs:
        without = lacks & table["end"].isna()
        early = table["stopped_by"].isin(EARLY_STOPS) & table["last"].notna()
        yield without & early, "stopped early: its last rating is not an end"
        yield without, "no rating at the end of the exercise"
    for column, words in (("after", "no rating afterwards"), ("before", "no rating before")):
        if column in needs:
            yield lacks & table[column].isna(), words
    if definition.is_per_time:
        unit = usual_time_unit(table)
        yield ~table["time_unit"].isin(["", unit]), f"not rated by {unit}"
    if "peak" in needs:
        yield lacks & table["peak"].isna(), "no peak"


def _too_few(table: pd.DataFrame, definition: Definition, lacks: pd.Series, kind: str) -> Reasons:
    apart = {"before", "after"} & set(definition.needs)
    if definition.fewest > 2:
        few = f"fewer than {definition.fewest} ratings during the exercise"
        yield table["n"] < definition.fewest, few
    elif definition.fewest == 2 and not apart:
        alone = (table["n"] == 1) & (table["peak_source"] == "ratings")
        yield alone, "a single rating during the exercise"
    yield lacks & (definition.derive is not None), definition.no_value
    yield lacks & (table["n"] > 1), "all ratings of the exercise at one time"
    yield lacks, "a single rating during the exercise"

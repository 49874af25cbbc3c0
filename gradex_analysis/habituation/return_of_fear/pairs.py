"""Which two moments does a definition of return of fear compare, and which can it not?"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures import return_of_fear as rivals
from gradex_analysis.measures.follow_up import choose_occasions, list_rerated, list_tested
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.sittings import (
    CAME_BETWEEN,
    EVENT,
    FIRST,
    ITEM,
    NEW_CONTEXT,
    SITTING,
    list_sittings,
    pair_sittings,
    records_contexts,
    records_events,
)

OTHER_SOURCE = "one peak was rated and another recalled: not compared"
NO_ITEMS = (
    "No exposure that was carried out names its item: whether fear comes back cannot be told. It "
    "would come from exposures.item_id."
)
NOT_RECORDED = {
    NEW_CONTEXT: (
        records_contexts,
        "No exposure names its context (exposures.context): a new one cannot be told.",
    ),
    EVENT: (
        records_events,
        "Neither flares (exposures.flare) nor adverse events (adverse_events) are recorded: what "
        "came between two sittings cannot be told.",
    ),
}
DESCRIBED = ["place", "n_exposures", "gap_days", "between", "context", "context_earlier"]

Occasions = tuple[str, str, str]


def unit_of(chosen: rivals.Definition) -> list[str]:
    """Return the keys of what a definition has one value of."""
    return SITTING if chosen.pairs in (rivals.WITHIN, rivals.SITTINGS) else ITEM


def list_pairs(
    cohort: Cohort, chosen: rivals.Definition, kind: str, occasions: Occasions | None
) -> pd.DataFrame:
    """List what the definition compares, with its value or the reason why there is none.

    Returns
    -------
    DataFrame
        One row per unit: its keys, ``group``, what describes it, the ratings compared,
        ``estimate`` and ``reason`` ("" where there is an estimate).
    """
    pairs = _read(cohort, chosen, kind, occasions)
    if pairs.empty:
        raise CannotAnswerError(NO_ITEMS)
    estimate = chosen.compute(pairs)
    reason = pd.Series("", index=pairs.index, dtype="str")
    for where, why in (*_circumstances(pairs, chosen), *_lacking(pairs, chosen, estimate)):
        reason = reason.mask((reason == "") & where, why)
    keys = unit_of(chosen)
    table = pairs[keys].assign(group=pairs["patient_id"].map(arm_of(cohort)))
    shown = [*[name for name in DESCRIBED if name in pairs], *chosen.needs]
    return table.join(pairs[shown]).assign(estimate=estimate, reason=reason)


def _read(
    cohort: Cohort, chosen: rivals.Definition, kind: str, occasions: Occasions | None
) -> pd.DataFrame:
    if chosen.pairs == rivals.RERATED:
        return list_rerated(cohort, choose_occasions(cohort, occasions))
    if chosen.pairs == rivals.TESTED:
        return list_tested(cohort, kind)
    if chosen.pairs == rivals.WITHIN:
        return list_sittings(cohort, kind)
    if chosen.when in NOT_RECORDED:
        records, why = NOT_RECORDED[chosen.when]
        if not records(cohort):
            raise CannotAnswerError(why)
    return pair_sittings(cohort, kind)


def _circumstances(
    pairs: pd.DataFrame, chosen: rivals.Definition
) -> Iterator[tuple[pd.Series, str]]:
    if chosen.pairs == rivals.RERATED:
        yield ~pairs["is_exposed"], "never exposed"
    elif chosen.pairs == rivals.TESTED:
        yield ~pairs["is_tested"], "no exposure at follow-up"
    elif chosen.pairs == rivals.WITHIN:
        yield pairs["n_exposures"] < 2, "one exposure in the sitting"
        contexts = pairs[["first_context", "last_context"]].fillna("")
        moved = contexts["first_context"] != contexts["last_context"]
        yield moved, "its first and its last exposure were in different contexts"
    else:
        yield pairs["place"] == 1, CAME_BETWEEN[FIRST]
        yield pairs["gap_days"] < 0, "dated before the sitting before"
        for between, words in CAME_BETWEEN.items():
            if chosen.when and between != chosen.when:
                yield pairs["between"] == between, words


def _lacking(
    pairs: pd.DataFrame, chosen: rivals.Definition, estimate: pd.Series
) -> Iterator[tuple[pd.Series, str]]:
    for name, words in chosen.needs.items():
        yield pairs[name].isna(), words
    sources = [f"{name}_source" for name in chosen.needs if f"{name}_source" in pairs]
    for name in sources[1:]:
        yield pairs[name] != pairs[sources[0]], OTHER_SOURCE
    yield estimate.isna(), chosen.no_value

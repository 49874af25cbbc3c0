"""Which sittings repeat an item, and what came between two of them?

A sitting is a patient's exposures to one item in one session; outside sessions on one day; without
a day each exposure is one. A flare counts as having come between two sittings where one of the
patient's exposures was followed by it, from the day of the earlier sitting to the day before the
later one; an adverse event where it began after the day of the earlier one and not after the day of
the later one.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
SITTING = [*ITEM, "sitting"]

#: what may have come between two sittings
TIME_ONLY, NEW_CONTEXT, EVENT = "time_only", "new_context", "event"
OTHER_CONTEXT, BOTH = "other_context", "context_and_event"
NO_CONTEXT, UNDATED, FIRST = "no_context", "undated", "first"
CAME_BETWEEN = {
    TIME_ONLY: "nothing but time is known to have come between",
    NEW_CONTEXT: "in a context new for the item",
    OTHER_CONTEXT: "back in a context practised before",
    EVENT: "a flare or an adverse event came between",
    BOTH: "another context, and a flare or an adverse event between",
    NO_CONTEXT: "the context of the two is not recorded",
    UNDATED: "not dated: what came between is not known",
    FIRST: "the first sitting with the item",
}

_ENDS = {
    "first": ["exposure_id", "peak", "peak_source", "initial", "context"],
    "last": ["exposure_id", "peak", "peak_source", "initial", "context"],
}


def list_sittings(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the sittings in order, with the ratings of their first and last exposure.

    Only exposures that were carried out and name their item count.

    Returns
    -------
    DataFrame
        One row per sitting: ``patient_id, item_id, sitting`` (its session, day or exposure),
        ``place`` (from 1), ``date``, ``n_exposures``, ``first_``/``last_`` ``exposure_id, peak,
        peak_source, initial, context``, ``initial`` and ``before`` of its first exposure, ``last``
        and ``final`` (the rating after it, else the last) of its last, ``is_new_context``.
    """
    rows = _list_exposures(cohort, kind)
    sittings = rows.groupby(SITTING, sort=False)
    table = sittings["date"].first().to_frame().assign(n_exposures=sittings.size())
    first, last = sittings.nth(0).set_index(SITTING), sittings.nth(-1).set_index(SITTING)
    for name, end in (("first", first), ("last", last)):
        table = table.join(end[_ENDS[name]].add_prefix(f"{name}_"))
    table = table.join(first[["initial", "before", "is_new_context"]])
    table = table.join(last[["last", "final"]]).reset_index()
    table.insert(3, "place", table.groupby(ITEM, sort=False).cumcount() + 1)
    return table


def pair_sittings(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the sittings beside the one before with the same item.

    Returns
    -------
    DataFrame
        ``list_sittings`` with ``date, before, initial, last, final`` of the ``_earlier`` sitting,
        ``gap_days``, ``context`` and ``context_earlier`` (at the sitting's first exposure and at
        the last before it) and ``between``: what came between, one of ``CAME_BETWEEN``.
    """
    table = list_sittings(cohort, kind)
    columns = ["date", "before", "initial", "last", "final", "last_context"]
    earlier = table.groupby(ITEM, sort=False)[columns].shift()
    table = table.join(earlier.add_suffix("_earlier"))
    table["gap_days"] = (table["date"] - table["date_earlier"]).dt.days.astype("float64")
    table["context"], table["context_earlier"] = (
        table["first_context"], table["last_context_earlier"],
    )  # fmt: skip
    return table.assign(between=_say_between(cohort, table))


def records_events(cohort: Cohort) -> bool:
    """Return whether flares or adverse events are recorded at all."""
    return cohort.has_table("adverse_events") or bool(cohort.exposures["flare"].notna().any())


def records_contexts(cohort: Cohort) -> bool:
    """Return whether any exposure names its context."""
    return bool(cohort.exposures["context"].notna().any())


def name_sittings(cohort: Cohort, rows: pd.DataFrame) -> pd.Series:
    """Return the sitting of each exposure: its session, else its day, else itself.

    ``rows`` are all exposures with their ``date`` (``number_exposures``).
    """
    days = rows["date"].dt.strftime("%Y-%m-%d")
    return cohort.exposures["session_id"].fillna(days).fillna(rows["exposure_id"])


def _list_exposures(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the exposures that were carried out by patient, item and number, with their sitting."""
    summary = summarise_exposures(cohort, kind)
    rows = number_exposures(cohort, same_context=False)
    rows["date"] = rows["date"].dt.normalize()
    rows["sitting"] = name_sittings(cohort, rows)
    rows["context"] = cohort.exposures["context"]
    rows = rows.join(summary[["peak", "peak_source", "initial", "before", "last"]])
    rows["final"] = summary["after"].fillna(summary["last"])
    rows = rows[rows["number"].notna()].sort_values([*ITEM, "number"], ignore_index=True)
    rows["is_new_context"] = ~rows.duplicated([*ITEM, "context"])
    return rows


def _say_between(cohort: Cohort, table: pd.DataFrame) -> pd.Series:
    here, there = table["first_context"], table["last_context_earlier"]
    unknown = (here.isna() | there.isna()) & records_contexts(cohort)
    moved = here.notna() & there.notna() & (here != there)
    event = _had_event(cohort, table)
    undated = table["gap_days"].isna() & records_events(cohort)
    between = np.select(
        [table["place"] == 1, unknown, undated, event & moved, event,
         moved & table["is_new_context"], moved],
        [FIRST, NO_CONTEXT, UNDATED, BOTH, EVENT, NEW_CONTEXT, OTHER_CONTEXT],
        TIME_ONLY,
    )  # fmt: skip
    return pd.Series(between, index=table.index, dtype="str")


def _had_event(cohort: Cohort, table: pd.DataFrame) -> pd.Series:
    pairs = table[["patient_id", "date_earlier", "date", "first_exposure_id"]]
    pairs = pairs.reset_index(names="pair")
    own = cohort.adverse_events[["patient_id", "exposure_id", "onset"]]
    met = pairs.merge(own.assign(onset=own["onset"].dt.normalize()), on="patient_id")
    # an event that the later exposure brought about did not come before it
    earlier_than = met["onset"].between(met["date_earlier"], met["date"], inclusive="right")
    harmed = met.loc[earlier_than & (met["exposure_id"] != met["first_exposure_id"]), "pair"]
    flared = pairs.merge(_list_flares(cohort), on="patient_id")
    during = flared["flared_on"].between(flared["date_earlier"], flared["date"], inclusive="left")
    both = pd.concat([harmed, flared.loc[during, "pair"]])
    return pd.Series(table.index.isin(both), index=table.index)


def _list_flares(cohort: Cohort) -> pd.DataFrame:
    dated = number_exposures(cohort, same_context=False)[["patient_id", "date"]]
    flares = dated[cohort.exposures["flare"].fillna(value=False).to_numpy(dtype=bool)]
    return pd.DataFrame(
        {"patient_id": flares["patient_id"], "flared_on": flares["date"].dt.normalize()}
    )

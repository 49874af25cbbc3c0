"""What is the total of a form, from the answers to its items? One questionnaire at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.instruments import Instrument

INCOMPLETE = "items are missing: no total"
UNANSWERED = "no item was answered"
FORM = ["patient_id", "occasion"]


def sum_items(answers: pd.DataFrame, key: Instrument, numbers: tuple[int, ...]) -> pd.DataFrame:
    """Sum the answers of each form: reversed where the key says so, never prorated.

    ``numbers[k]`` is the number that the data give to item k + 1. A reversed answer is low + high
    minus the response. A missing answer counts as the key says, or there is no total.

    Returns
    -------
    DataFrame
        By ``patient_id`` and ``occasion``: ``total``, one column per subscale, ``n_missing``,
        ``reason`` ("" where there is a total) and the first ``item`` that is to blame for it.
    """
    wide = _spread(answers, key, numbers)
    n_missing = wide.isna().sum(axis=1)
    filled = wide.fillna(key.missing_counts_as)
    back = [item - 1 for item in key.reversed_items]
    filled[back] = key.response_low + key.response_high - filled[back]
    sums = pd.DataFrame({"total": filled.sum(axis=1, skipna=False), "n_missing": n_missing})
    for name, items in key.subscales.items():
        sums[name] = filled[[item - 1 for item in items]].sum(axis=1, skipna=False)
    sums["reason"] = np.select(
        [n_missing == key.n_items, sums["total"].isna()], [UNANSWERED, INCOMPLETE], ""
    )
    return _blame(sums, _find_faults(answers, key, numbers))


def _spread(answers: pd.DataFrame, key: Instrument, numbers: tuple[int, ...]) -> pd.DataFrame:
    """Return one row per form and one column per item, from 0."""
    places = {number: place for place, number in enumerate(numbers)}
    known = answers.assign(place=answers["item"].map(places)).dropna(subset="place")
    wide = known.pivot_table(index=FORM, columns="place", values="response", aggfunc="first")
    forms = pd.MultiIndex.from_frame(answers[FORM].drop_duplicates())
    return wide.reindex(index=forms, columns=range(key.n_items)).astype("float64")


def _find_faults(answers: pd.DataFrame, key: Instrument, numbers: tuple[int, ...]) -> pd.DataFrame:
    """Return the first answer of each form that the key cannot hold."""
    response = answers["response"]
    whole = response.between(key.response_low, key.response_high) & (response % 1 == 0)
    faults = {
        "an answer to an item that the questionnaire does not have": ~answers["item"].isin(numbers),
        f"an answer that is no whole number from {key.response_low:g} to {key.response_high:g}": (
            response.notna() & ~whole
        ),
    }
    found = [answers.loc[bad, [*FORM, "item"]].assign(reason=why) for why, bad in faults.items()]
    every = pd.concat(found).sort_values("item", kind="stable")
    return every.drop_duplicates(FORM).set_index(FORM)


def _blame(sums: pd.DataFrame, faults: pd.DataFrame) -> pd.DataFrame:
    at_fault = faults.reindex(sums.index)
    sums["item"] = at_fault["item"].astype("Int64")
    sums["reason"] = at_fault["reason"].fillna(sums["reason"])
    parts = sums.columns.difference(["item", "reason", "n_missing"])
    sums[parts] = sums[parts].where(sums["reason"] == "")
    return sums

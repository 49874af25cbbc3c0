"""What is the score of every questionnaire form? Once, for all questions.

A form is one questionnaire of one patient at one occasion. Answers to items are summed by the key;
a total made elsewhere is taken as given, within the questionnaire's range. Where a form has both,
the sum counts and the given total stands beside it. Nothing is prorated.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.instruments import Instrument
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.item_sums import FORM, INCOMPLETE, UNANSWERED, sum_items
from gradex_analysis.measures.occasions import order_occasions

UNIT = ["patient_id", "instrument", "occasion"]
ITEMS, TOTAL = "items", "total"  #: where a score comes from
NO_KEY = "no key of the questionnaire: its items cannot be summed"
#: with these, a total made elsewhere is taken all the same; with other faults the form is not
MENDED_BY_TOTAL = (INCOMPLETE, UNANSWERED, NO_KEY)

COLUMNS = [
    *("patient_id", "arm", "instrument", "version", "occasion", "day", "score"),
    *("low", "high", "better", "n_items", "n_missing", "source", "given"),
    *("key_version", "verified", "reason", "item"),
]

KEY_TYPES = dict.fromkeys(UNIT, "str")
SUM_TYPES = {
    **KEY_TYPES,
    **{"version": "str", "total": "float64", "n_missing": "Int64", "reason": "str"},
    "item": "Int64",
}
SUBSCALE_TYPES = {**KEY_TYPES, "subscale": "str", "score": "float64"}


def score_forms(
    cohort: Cohort, *, numbering: Mapping[str, str] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score every form of the cohort.

    Returns
    -------
    forms
        One row per form, by patient, questionnaire and occasion: its keys, ``arm, version, day``,
        ``score``; the scale's ends ``low, high`` and which is ``better``; ``n_items, n_missing,
        source, given``; ``key_version, verified``; ``reason`` ("" where there is a score) and
        ``item``, the first that is to blame.
    subscales
        One row per subscale of every form whose items were summed: the keys, ``subscale, score``.
    """
    sums, subscales = _sum_all(cohort, numbering or {})
    totals = cohort.assessments[[*UNIT, "version", "day", "score", "n_missing"]]
    if totals.empty and sums.empty:
        raise CannotAnswerError(
            "The cohort holds no questionnaires: scores need the table assessments (totals) or "
            "assessment_items (answers)."
        )
    totals = totals.rename(columns={"score": "given"})
    sums = sums.rename(columns={"reason": "fault"})
    forms = totals.merge(sums, on=UNIT, how="outer", suffixes=("", "_items"))
    forms["version"] = forms["version"].fillna(forms["version_items"])
    forms = _with_key(_choose(forms), cohort)
    forms["reason"] = _why_not(forms)
    forms["arm"] = forms["patient_id"].map(arm_of(cohort))
    return _in_order(forms, UNIT, order_occasions(cohort))[COLUMNS], subscales


def list_scores(cohort: Cohort) -> pd.DataFrame:
    """List the scores that can be used: ``patient_id, instrument, version, occasion, day, score``.

    Sums of items and given totals within their questionnaire's range; empty where there are none.
    Questionnaires stand in the order of the tables.
    """
    columns = [*UNIT, "version", "day", "score"]
    met = pd.concat([cohort.assessments["instrument"], cohort.assessment_items["instrument"]])
    if met.empty:
        return cohort.assessments[columns]
    forms, _ = score_forms(cohort)
    place = {name: at for at, name in enumerate(met.dropna().unique())}
    usable = forms.loc[forms["reason"] == "", columns]
    in_order = usable.sort_values("instrument", key=lambda n: n.map(place), kind="stable")
    return in_order.reset_index(drop=True)


def summarise_scores(forms: pd.DataFrame, occasions: list[str]) -> pd.DataFrame:
    """Summarise forms with a score by questionnaire, occasion (in this order) and arm.

    ``share_low`` and ``share_high`` are the shares of forms at either end of the scale; NaN where
    its ends are not known.
    """
    keys = ["instrument", "occasion", "arm"]
    ends = {
        f"share_{end}": (forms["score"] == forms[end]).astype("float64").where(forms[end].notna())
        for end in ("low", "high")
    }
    scale = ["low", "high", "better"]
    groups = forms.assign(**ends).groupby(keys, sort=False)
    summary = groups["score"].agg(
        n="size", mean="mean", sd="std", median="median", min="min", max="max"
    )
    summary = summary.join(groups[list(ends)].mean()).join(groups[scale].first()).reset_index()
    return _in_order(summary, keys, occasions)


def _sum_all(cohort: Cohort, numbering: Mapping[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    answers = cohort.assessment_items
    questionnaires = sorted(set(answers["instrument"]))
    if unknown := sorted(set(numbering) - set(questionnaires)):
        raise UnknownNameError("A questionnaire in numbering", unknown[0], questionnaires)
    sums, subscales = [], []
    for name in questionnaires:
        key = cohort.instrument(name)
        own = answers[answers["instrument"] == name]
        found = _sum_one(own, key, name, numbering.get(name)).assign(instrument=name)
        sums.append(found.drop(columns=list(key.subscales), errors="ignore"))
        subscales.append(_tall(found, [part for part in key.subscales if part in found]))
    return _stack(sums, SUM_TYPES), _stack(subscales, SUBSCALE_TYPES)


def _stack(parts: list[pd.DataFrame], types: dict[str, str]) -> pd.DataFrame:
    """Put parts below one another, be there none, with these columns and types."""
    whole = pd.concat([pd.DataFrame(columns=list(types), dtype="object"), *parts])
    return whole[list(types)].astype(types).reset_index(drop=True)


def _sum_one(own: pd.DataFrame, key: Instrument, name: str, said: str | None) -> pd.DataFrame:
    versions = own.groupby(FORM, sort=False)["version"].first()
    if not key.has_key:
        return versions.reset_index().assign(reason=NO_KEY)
    sums = sum_items(own, key, _choose_numbers(own, key, name, said))
    return sums.join(versions).reset_index()


def _choose_numbers(
    own: pd.DataFrame, key: Instrument, name: str, said: str | None
) -> tuple[int, ...]:
    """Return the number of each item in the data; where two numberings could be, it is asked."""
    by_itself = tuple(range(1, key.n_items + 1))
    offered = {key.name: by_itself, **key.numberings}
    if said is not None:
        if said not in offered:
            raise UnknownNameError(f"The numbering of {name}", said, offered)
        return offered[said]
    highest = own["item"].max()
    if key.numberings and highest > key.n_items:
        other = next(iter(key.numberings))
        raise CannotAnswerError(
            f"{name} has {key.n_items} items, but assessment_items numbers them up to {highest}. "
            f"If the numbers are those of {other}, say numbering = {{{name!r}: {other!r}}}; if "
            f"they count from 1 to {key.n_items} and others are slips, {{{name!r}: {key.name!r}}}."
        )
    return by_itself


def _tall(sums: pd.DataFrame, parts: list[str]) -> pd.DataFrame:
    tall = sums.melt(id_vars=UNIT, value_vars=parts, var_name="subscale", value_name="score")
    return tall.dropna(subset="score")


def _choose(forms: pd.DataFrame) -> pd.DataFrame:
    """Take the sum of the items where there is one, else the given total."""
    summed = forms["total"].notna()
    by_total = ~summed & (forms["fault"].isna() | forms["fault"].isin(MENDED_BY_TOTAL))
    forms["score"] = forms["total"].fillna(forms["given"].where(by_total))
    forms["source"] = np.select([summed, forms["score"].notna()], [ITEMS, TOTAL], "")
    forms["n_missing"] = forms["n_missing_items"].astype("Int64").fillna(forms["n_missing"])
    return forms


def _with_key(forms: pd.DataFrame, cohort: Cohort) -> pd.DataFrame:
    names = forms["instrument"].dropna().unique()
    keys = pd.DataFrame(
        [
            (key.low, key.high, key.better, key.n_items or pd.NA, key.version, key.verified)
            for key in map(cohort.instrument, names)
        ],
        columns=["low", "high", "better", "n_items", "key_version", "verified"],
        index=pd.Index(names, name="instrument"),
    )
    types = {"low": "float64", "high": "float64", "n_items": "Int64", "verified": "boolean"}
    return forms.join(keys.astype(types), on="instrument")


def _why_not(forms: pd.DataFrame) -> np.ndarray:
    score, low, high = forms["score"], forms["low"], forms["high"]
    ends = low.map("{:g}".format) + " to " + high.map("{:g}".format)
    no_total = np.where(forms["n_missing"].fillna(0) > 0, INCOMPLETE, "no total")
    return np.select(
        [
            score.isna() & (forms["fault"].fillna("") != ""),
            score.isna(),
            np.isinf(score),
            (score < low) | (score > high),
        ],
        [forms["fault"], no_total, "a total that is no number", "a total outside " + ends],
        "",
    )


def _in_order(frame: pd.DataFrame, keys: list[str], occasions: list[str]) -> pd.DataFrame:
    """Sort by the keys, occasions in the order given."""
    places = {occasion: place for place, occasion in enumerate(occasions)}
    by = frame[keys].assign(occasion=frame["occasion"].map(places)).sort_values(keys)
    return frame.loc[by.index].reset_index(drop=True)

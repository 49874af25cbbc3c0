"""Whose value is missing at which occasion, and why?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.measures.days import choose_origin, starts
from gradex_analysis.measures.flow import ASSESSED_STATES, NEVER_STARTED, follow_patients
from gradex_analysis.measures.item_sums import UNANSWERED
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.measures.scores import score_forms
from gradex_analysis.results import wording

Texts = npt.NDArray[np.object_]
Bools = npt.NDArray[np.bool_]

KEYS = ["patient_id", "occasion"]
COLUMNS = ["arm", "occasion", "reason", "n", "n_considered", "share"]
ASSESSED, LEFT, IN_STUDY, UNKNOWN = ASSESSED_STATES
NOT_THIS = "assessed at this occasion, without this value"
NOT_REACHED = "the data end before this occasion"
STOPPED, NOT_STARTED = "stopped treatment early", "did not start treatment"
#: what is said of a form that holds nothing, and so is none
EMPTY = ("", "no total", UNANSWERED)
#: reasons of episodes that only repeat that something ended
SILENT = ("", "left", "stopped", NEVER_STARTED)


def explain_missing(
    cohort: Cohort,
    seen: pd.DataFrame,
    arm: pd.Series,
    *,
    instrument: str | None = None,
    occasions: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Say of every patient and occasion why there is no value; "" where there is one.

    The first that applies: a form of this questionnaire without a usable score; assessed, but
    without this value; left the study; the data end before the occasion (where the study's end is
    not recorded, by the earliest day anybody had it); did not start treatment or stopped it; in
    the study, without a form; study end not recorded. Who has a later value had not left.

    Parameters
    ----------
    seen
        ``patient_id, occasion, value``: NaN, or no row, where there is no value.
    arm
        The arm of every patient considered, by ``patient_id``.
    instrument
        The questionnaire the values come from; None where they come from elsewhere.
    occasions
        Those to ask about; by default all of ``seen``, in time order.

    Returns
    -------
    DataFrame
        One row per patient of ``arm`` and occasion: ``patient_id, arm, occasion, reason``.
    """
    order = order_seen(cohort, seen)
    met = set(seen["occasion"].astype("str"))
    asked = [o for o in order if o in met] if occasions is None else list(occasions)
    if unknown := [occasion for occasion in asked if occasion not in order]:
        raise UnknownNameError("occasions", unknown[0], order)
    rows = pd.MultiIndex.from_product([arm.index.astype("str"), asked], names=KEYS)
    values = seen.dropna(subset="value")[KEYS].astype("str")
    is_open = ~rows.isin(pd.MultiIndex.from_frame(values))
    reason = np.where(is_open, UNKNOWN, "").astype("object")
    for why in _reasons(cohort, rows, values, order, instrument):
        told = is_open & (why != "")
        reason[told] = why[told]
        is_open &= ~told
    explained = rows.to_frame(index=False).assign(reason=reason.astype("str"))
    explained.insert(1, "arm", explained["patient_id"].map(arm))
    return explained


def order_seen(cohort: Cohort, seen: pd.DataFrame) -> list[str]:
    """Return the occasions in time order: the cohort's own where it has all of those seen.

    Otherwise as the categories of ``seen`` stand, or as they come.
    """
    met = seen["occasion"]
    named_so = met.cat.categories if isinstance(met.dtype, pd.CategoricalDtype) else met.unique()
    order, known = [str(occasion) for occasion in named_so], order_occasions(cohort)
    return known if set(order) <= set(known) else order


def count_missing(explained: pd.DataFrame) -> pd.DataFrame:
    """Count the missing values of ``explain_missing`` by arm, occasion and reason.

    Returns
    -------
    DataFrame
        ``arm, occasion, reason, n``, of ``n_considered`` patients of the arm, and their ``share``;
        the ``n`` of an arm and occasion and those with a value add up to ``n_considered``. By
        arm, occasions in their order, the most frequent reason first.
    """
    keys = ["arm", "occasion"]
    considered = explained.groupby(keys).size().rename("n_considered")
    missing = explained[explained["reason"] != ""]
    counts = missing.groupby([*keys, "reason"]).size().rename("n").reset_index()
    counts = counts.join(considered, on=keys)
    places = {name: at for at, name in enumerate(dict.fromkeys(explained["occasion"]))}
    counts = counts.assign(
        share=counts["n"] / counts["n_considered"], place=counts["occasion"].map(places)
    )
    by, rising = ["arm", "place", "n", "reason"], [True, True, False, True]
    return counts.sort_values(by, ascending=rising)[COLUMNS].reset_index(drop=True)


def say_missing(missing: pd.DataFrame) -> str:
    """Say how many values are missing at each occasion, by arm; the reasons stay in the table."""
    if missing.empty:
        return "No value is missing."
    keys = ["occasion", "arm"]
    sums = missing.groupby(keys, sort=False).agg(n=("n", "sum"), of=("n_considered", "first"))
    places = list(dict.fromkeys(missing["occasion"]))
    told = [
        (f"at {named(occasion)} " if occasion else "")
        + ", ".join(
            f"{n:,} of {wording.count(of, 'patient')} in {named(arm)}"
            for arm, n, of in sums.loc[occasion].itertuples()
        )
        for occasion in places
    ]
    return f"Without a value: {'; '.join(told)}."


def _reasons(
    cohort: Cohort,
    rows: pd.MultiIndex,
    values: pd.DataFrame,
    order: list[str],
    instrument: str | None,
) -> Iterator[Texts]:
    """Yield a reason per row, "" where it does not apply, in the order in which they count."""
    if instrument is not None:
        yield _to_array(_unusable_forms(cohort, instrument).reindex(rows, fill_value=""))
    flow = follow_patients(cohort, order).set_index("patient_id")
    state = _states(flow, rows, order)
    state[np.isin(state, [LEFT, UNKNOWN]) & _had_later(values, rows, order)] = IN_STUDY
    own = flow.loc[rows.get_level_values("patient_id")]
    yield np.where(state == ASSESSED, NOT_THIS, "")
    yield np.where(state == LEFT, _with_reason("left the study", own["study_reason"]), "")
    yield np.where((state == UNKNOWN) & _is_not_reached(cohort, rows), NOT_REACHED, "")
    yield np.where(own["started"] == "not started", NOT_STARTED, "")
    stopped = _with_reason(STOPPED, own["treatment_reason"])
    yield np.where(own["treatment"] == "stopped early", stopped, "")
    word = "form" if instrument is not None else "value"
    yield np.array([text.replace("form", word) for text in state], dtype="object")


def _states(flow: pd.DataFrame, rows: pd.MultiIndex, order: list[str]) -> Texts:
    """Return each row's state, as ``follow_patients`` has it."""
    columns = [flow[f"assessed_{occasion}"] for occasion in order]
    keys = pd.MultiIndex.from_product([order, flow.index])
    return _to_array(pd.Series(pd.concat(columns).to_numpy(), keys).reindex(rows.swaplevel()))


def _to_array(texts: pd.Series) -> Texts:
    return texts.to_numpy(dtype="object", copy=True)


def _with_reason(what: str, codes: pd.Series) -> list[str]:
    return [what if code in SILENT else f"{what}: {named(code)}" for code in codes]


def _unusable_forms(cohort: Cohort, instrument: str) -> pd.Series:
    """Return what is wrong with each form of the questionnaire that holds something."""
    forms, _ = score_forms(cohort)
    own = forms[(forms["instrument"] == instrument) & ~forms["reason"].isin(EMPTY)]
    return "a form, but " + own.set_index(KEYS)["reason"]


def _had_later(values: pd.DataFrame, rows: pd.MultiIndex, order: list[str]) -> Bools:
    """Mark the rows of patients with a value at a later occasion."""
    places = {occasion: at for at, occasion in enumerate(order)}
    latest = values["occasion"].map(places).groupby(values["patient_id"]).max()
    last = latest.reindex(rows.get_level_values("patient_id")).to_numpy(dtype="float64")
    return np.asarray(last > rows.get_level_values("occasion").map(places), dtype=np.bool_)


def _is_not_reached(cohort: Cohort, rows: pd.MultiIndex) -> Bools:
    """Mark the rows whose occasion lies, at its earliest, after the last day of all data."""
    patients, occasions = (rows.get_level_values(key) for key in KEYS)
    _, start = choose_origin(starts(cohort), cohort.participants["patient_id"])
    forms = cohort.assessments.dropna(subset="day")
    ends = forms["patient_id"].map(start) + pd.to_timedelta(forms["day"], unit="D")
    dates = [
        frame[column]
        for frame in cohort.tables.values()
        for column in frame.select_dtypes("datetime").columns
    ]
    last_day = pd.to_datetime(pd.concat([ends, *dates])).max()
    if pd.isna(last_day):  # no date anywhere: nobody can be told to be not yet due
        return np.zeros(len(rows), dtype=np.bool_)
    earliest = pd.to_timedelta(forms.groupby("occasion")["day"].min().reindex(occasions), unit="D")
    due = start.reindex(patients).to_numpy() + earliest.to_numpy()
    return np.asarray(due > np.datetime64(last_day), dtype=np.bool_)

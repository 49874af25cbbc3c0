"""How feared was each item before treatment, after it and at follow-up: re-rated, or tested?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.carried_out import state_exposures
from gradex_analysis.measures.exposures import summarise_exposures
from gradex_analysis.measures.occasions import BASELINE, order_occasions
from gradex_analysis.measures.repeated_items import number_exposures

ITEM = ["patient_id", "item_id"]
MOMENTS = ("pre", "post", "follow_up")


def list_rerated(cohort: Cohort, occasions: Sequence[str]) -> pd.DataFrame:
    """List the items that were rated apart from exposures, with their fear on each occasion.

    Returns
    -------
    DataFrame
        One row per patient and item: ``pre, post`` and, with three occasions, ``follow_up`` (the
        fear expected of it, 0 to 100), and ``is_exposed``: whether an exposure to it was carried
        out.
    """
    ratings = cohort.item_ratings
    table = ratings[ITEM].drop_duplicates().set_index(ITEM)
    for name, occasion in zip(MOMENTS, occasions, strict=False):
        own = ratings[ratings["occasion"] == occasion].set_index(ITEM)
        table[name] = own["expected_fear"]
    table = table.reset_index()
    exposures = state_exposures(cohort)
    done = exposures[exposures["carried_out"] & exposures["item_id"].notna()]
    exposed = pd.MultiIndex.from_frame(done[ITEM])
    return table.assign(is_exposed=pd.MultiIndex.from_frame(table[ITEM]).isin(exposed))


def list_tested(cohort: Cohort, kind: str) -> pd.DataFrame:
    """List the items that were carried out, with their peaks in treatment and at follow-up.

    Sessions of the phase ``followup`` are follow-up, every other exposure is treatment.

    Returns
    -------
    DataFrame
        One row per patient and item: ``pre`` (peak of the first exposure), ``post`` (of the last
        in treatment), ``follow_up`` (of the first at follow-up), each with its ``_source`` (rated
        or recalled), ``is_tested``: whether there was any exposure at follow-up.
    """
    rows = number_exposures(cohort, same_context=False)
    rows = rows.join(summarise_exposures(cohort, kind)[["peak", "peak_source"]])
    sessions = cohort.sessions[["patient_id", "session_id", "phase"]]
    own = cohort.exposures[["patient_id", "session_id"]].merge(sessions, how="left")
    rows["is_follow_up"] = (own["phase"] == "followup").to_numpy(dtype=bool)
    rows = rows[rows["number"].notna()].sort_values([*ITEM, "number"], ignore_index=True)
    treated, later = rows[~rows["is_follow_up"]], rows[rows["is_follow_up"]]
    ends = {
        "pre": treated.drop_duplicates(ITEM),
        "post": treated.drop_duplicates(ITEM, keep="last"),
        "follow_up": later.drop_duplicates(ITEM),
    }
    table = rows[ITEM].drop_duplicates().set_index(ITEM)
    for name, end in ends.items():
        table[[name, f"{name}_source"]] = end.set_index(ITEM)[["peak", "peak_source"]]
    table["is_tested"] = table.index.isin(ends["follow_up"].set_index(ITEM).index)
    return table.reset_index()


def choose_occasions(
    cohort: Cohort, occasions: tuple[str, str, str] | None
) -> tuple[str, str, str]:
    """Return the occasions of re-rated items before treatment, after it, and at follow-up.

    Without them named: ``baseline``, the next and the last. Raises ``CannotAnswerError`` where
    items were not rated on three occasions, or not on those named.
    """
    if occasions is not None:
        _refuse_unknown(cohort, occasions)
        return occasions
    ordered = order_rerated(cohort)
    if len(ordered) < len(MOMENTS):
        raise CannotAnswerError(
            f"Items were rated on {len(ordered)} occasions: before treatment, after it and at "
            "follow-up are needed (item_ratings.occasion). rof_abs_peak compares exposures instead."
        )
    return ordered[0], ordered[1], ordered[-1]


def choose_before_after(cohort: Cohort, occasions: tuple[str, str] | None) -> tuple[str, str]:
    """Return the occasions of re-rated items before treatment and after it.

    Without them named: ``baseline`` and the next. Raises ``CannotAnswerError`` where items were
    not rated on two occasions, or not on those named.
    """
    if occasions is not None:
        _refuse_unknown(cohort, occasions)
        return occasions
    ordered = order_rerated(cohort)
    if len(ordered) < 2:
        raise CannotAnswerError(
            f"Items were rated apart from exposures on {len(ordered)} occasions: one before "
            "treatment and one after it are needed (item_ratings.occasion, expected_fear)."
        )
    return ordered[0], ordered[1]


def _refuse_unknown(cohort: Cohort, occasions: Sequence[str]) -> None:
    there = set(cohort.item_ratings["occasion"])
    if missing := [name for name in occasions if name not in there]:
        raise CannotAnswerError(
            f"Items were not rated on the occasion {missing[0]!r}; they were on "
            f"{', '.join(sorted(there)) or 'none'} (item_ratings.occasion)."
        )


def order_rerated(cohort: Cohort) -> list[str]:
    """Order the occasions: the baseline, by day, as questionnaires are, as they stand."""
    ratings = cohort.item_ratings
    known = order_occasions(cohort)
    names = list(dict.fromkeys(ratings["occasion"]))
    days = ratings.groupby("occasion")["rated_on"].min()

    def place(name: str) -> tuple[bool, float, int]:
        day = days[name].timestamp() if days.notna().all() else 0.0
        return (name != BASELINE, day, known.index(name) if name in known else len(known))

    return sorted(names, key=place)

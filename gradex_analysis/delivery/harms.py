"""Which safety behaviours were used, and was anyone harmed?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.carried_out import EXPOSURE, KEYS, NOT_RECORDED, say_yes_no
from gradex_analysis.measures.groups import arm_of
from gradex_analysis.measures.safety import FULLY, any_safety

ANY = "any"
USED = ("used", "none", NOT_RECORDED)
YES_NO = ("yes", "no", NOT_RECORDED)
#: what is counted of adverse events, with the levels that are said even where there are none
EVENT_LEVELS: dict[str, tuple[str, ...]] = {
    "event": (ANY,),
    "severity": ("mild", "moderate", "severe"),
    "serious": ("yes", "no"),
    "related": ("yes", "no"),
}


def count_safety(
    exposures: pd.DataFrame, behaviours: pd.DataFrame, *, recorded: bool
) -> pd.DataFrame:
    """Count how far safety behaviours were used in the exposures to an item carried out.

    Of each code those exposures are counted that list it. The code ``any`` counts every exposure
    once: ``used`` where any was, in part or in full; ``none`` where all that it lists were
    answered with none; ``not_recorded`` where it lists none or an answer lacks. Where the study
    has not ``recorded`` any, the other counts are missing.

    Returns
    -------
    DataFrame
        ``arm, code, level`` (``none, some, full, not_recorded``), ``n, n_patients``.
    """
    done = exposures[exposures["carried_out"] & (exposures["what"] == EXPOSURE)]
    listed = behaviours.merge(done[[*KEYS, "arm"]], on=KEYS)
    listed["level"] = listed["used"].fillna(NOT_RECORDED)
    arms = sorted(done["arm"].unique())
    counted = [
        _count_levels(own, arms, FULLY).assign(code=code) for code, own in listed.groupby("code")
    ]
    overall = done.assign(level=any_safety(done, behaviours))
    table = pd.concat(
        [*counted, _count_levels(overall, arms, USED).assign(code=ANY)], ignore_index=True
    )
    if not recorded:
        table = _silence(table, table["level"] != NOT_RECORDED)
    return table[["arm", "code", "level", "n", "n_patients"]]


def count_harms(cohort: Cohort, exposures: pd.DataFrame) -> pd.DataFrame:
    """Count adverse events of all patients, and flares after what was carried out.

    A flare is not an adverse event. ``n`` is 0 where the study recorded adverse events and there
    were none; it is missing where it has no such table, or where nothing in the arm says whether
    there was a flare. Each exposure or activity carried out is in one level of ``flare``.

    Returns
    -------
    DataFrame
        ``arm, harm, by`` (``event``, ``severity``, ``serious``, ``related``; ``exposure``),
        ``level, n, n_patients``.
    """
    adverse = _count_adverse(cohort)
    if not cohort.has_table("adverse_events"):
        adverse = _silence(adverse, adverse["level"].notna())
    done = exposures[exposures["carried_out"]]
    done = done.assign(level=say_yes_no(done["flare"]))
    flares = _count_levels(done, sorted(done["arm"].unique()), YES_NO)
    told = done.loc[done["flare"].notna(), "arm"].unique()
    unknown = ~flares["arm"].isin(told) & (flares["level"] != NOT_RECORDED)
    flares = _silence(flares, unknown).assign(harm="flare", by="exposure")
    table = pd.concat([adverse, flares], ignore_index=True)
    return table[["arm", "harm", "by", "level", "n", "n_patients"]]


def _count_adverse(cohort: Cohort) -> pd.DataFrame:
    arms = arm_of(cohort)
    events = cohort.adverse_events
    events = events.assign(
        arm=events["patient_id"].map(arms), event=ANY, serious=say_yes_no(events["serious"])
    )
    counted = []
    for by, expected in EVENT_LEVELS.items():
        levels = events[by].fillna(NOT_RECORDED)
        others = sorted(set(levels) - {*expected, NOT_RECORDED})
        known = (*expected, *others) if by == "event" else (*expected, *others, NOT_RECORDED)
        table = _count_levels(events.assign(level=levels), sorted(arms.unique()), known)
        counted.append(table.assign(harm="adverse event", by=by))
    return pd.concat(counted, ignore_index=True)


def _count_levels(rows: pd.DataFrame, arms: Sequence[str], levels: Sequence[str]) -> pd.DataFrame:
    """Count rows and patients of ``arm, patient_id, level``; 0 where there are none."""
    cells = pd.MultiIndex.from_product([arms, levels], names=["arm", "level"])
    groups = rows.groupby(["arm", "level"])["patient_id"]
    counts = pd.DataFrame({"n": groups.size(), "n_patients": groups.nunique()})
    return counts.reindex(cells, fill_value=0).astype("Int64").reset_index()


def _silence(table: pd.DataFrame, unknown: pd.Series) -> pd.DataFrame:
    """Take away the counts that nobody recorded: they are not 0."""
    return table.assign(n=table["n"].mask(unknown), n_patients=table["n_patients"].mask(unknown))

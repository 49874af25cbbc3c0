"""How many patients of each arm are in which state of each stage?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from gradex_analysis.measures.flow import ASSESSED_STATES, NOT_RECORDED, STATES
from gradex_analysis.measures.occasions import BASELINE

ASSESSED = "assessed_"
#: the states that have a reason, and the column of the patients that holds it
REASONS = {
    "not started": "treatment_reason",
    "stopped early": "treatment_reason",
    "left": "study_reason",
}
COUNTED = {
    "n": ("enrolled", "enrolled"),
    "n_started": ("started", "started"),
    "n_not_started": ("started", "not started"),
    "n_stopped_early": ("treatment", "stopped early"),
    "n_left": ("study", "left"),
}
#: of those without a form nobody can tell who has left where the end of the study is not recorded
NEEDS_STUDY_END = ASSESSED_STATES[1:3]


def order_stages(columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the states of each stage that the patients have a column for, in reading order."""
    assessed = [name for name in columns if name.startswith(ASSESSED)]
    first = [name for name in assessed if name == ASSESSED + BASELINE]
    later = [name for name in assessed if name not in first]
    order = ["enrolled", "allocated", *first, "started", "treatment", *later, "study"]
    return {stage: STATES.get(stage, ASSESSED_STATES) for stage in order if stage in columns}


def count_stages(patients: pd.DataFrame) -> pd.DataFrame:
    """Count the patients of ``follow_patients`` by arm, stage, state and reason.

    Returns
    -------
    DataFrame
        ``arm, stage, state, reason, n, n_of``. The ``n`` of a stage add up to ``n_of``: all of the
        arm, in ``treatment`` those not known never to have started. ``n`` is 0 where there is
        nobody and missing where it is not recorded.
    """
    counted = [
        _count_stage(patients, stage, states)
        for stage, states in order_stages(list(patients.columns)).items()
    ]
    return pd.concat(counted, ignore_index=True)


def count_by_arm(table: pd.DataFrame) -> pd.DataFrame:
    """Return one row per arm with the states of ``count_stages`` that papers count."""
    assessed = {
        f"n_{s}": (s, "assessed") for s in table["stage"].unique() if s.startswith(ASSESSED)
    }
    sums = table.groupby(["arm", "stage", "state"])["n"].sum(min_count=1)
    columns = {
        name: sums.xs(state, level=("stage", "state"))
        for name, state in (COUNTED | assessed).items()
    }
    return pd.DataFrame(columns).reset_index()


def _count_stage(patients: pd.DataFrame, stage: str, states: Sequence[str]) -> pd.DataFrame:
    concerned = pd.DataFrame({"arm": patients["arm"], "state": patients[stage], "reason": ""})
    for state, column in REASONS.items():
        concerned["reason"] = concerned["reason"].mask(
            concerned["state"] == state, patients[column]
        )
    concerned = concerned.dropna(subset="state")
    counts = concerned.groupby(["arm", "state", "reason"]).size()
    unknown = _without_a_record(patients, stage)
    rows = [
        (arm, stage, state, reason, counts.get((arm, state, reason), 0))
        for arm in sorted(patients["arm"].unique())
        for state, reason in _cells(concerned, states)
    ]
    table = pd.DataFrame(rows, columns=["arm", "stage", "state", "reason", "n"])
    silent = table["arm"].isin(unknown) & (table["n"] == 0)
    silent &= table["state"].isin(NEEDS_STUDY_END if stage not in STATES else states[:-1])
    of = concerned.groupby("arm").size()
    return table.assign(
        n=table["n"].astype("Int64").mask(silent),
        n_of=table["arm"].map(of).fillna(0).astype("Int64"),
    )


def _cells(concerned: pd.DataFrame, states: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each state with its reasons, of any arm, so that all arms have the same rows."""
    for state in states:
        reasons = concerned.loc[concerned["state"] == state, "reason"]
        for reason in sorted(reasons.unique()) or [""]:
            yield state, reason


def _without_a_record(patients: pd.DataFrame, stage: str) -> list[str]:
    """Return the arms for which nothing is recorded about a stage."""
    if stage in ("enrolled", "allocated"):
        return []
    column = stage if stage in STATES else "study"
    is_silent = (patients[column] == NOT_RECORDED) | patients[column].isna()
    silent = is_silent.groupby(patients["arm"]).all()
    return list(silent[silent].index)

"""Which exposures tell how much of an error is learned from?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.expectancy import AFTER, BEFORE, DEFINITIONS, OCCURRED
from gradex_analysis.measures.expected import (
    list_expected,
    list_left_out,
    refuse_unrecorded,
    shown_columns,
    why_no_value,
)
from gradex_analysis.measures.groups import EVERYBODY

#: points of 100 that are rounding and no residual
NOTHING = 1e-9
#: patients that tell how learning rates differ
ENOUGH = 3
REMEDY = "gx.measure_expectancy(definition='expectancy_change') describes the change."


def list_updates(cohort: Cohort) -> tuple[pd.DataFrame, pd.DataFrame]:
    """List the exposures with expectancy before and after and what occurred as numbers.

    An exposure in which what occurred was expected counts: it has an error of 0.

    Returns
    -------
    tuple
        One row per exposure used: keys, ``group``, description, ``error`` (occurred - before) and
        ``change`` (after - before); and the others, with their ``reason``.
    """
    rows = list_expected(cohort, "fear")
    ratio = DEFINITIONS["learning_ratio"]
    refuse_unrecorded(rows, ratio, "A learning rate")
    reason = why_no_value(rows, ratio).replace(ratio.no_value, "")
    used = rows[reason == ""]
    table = used[[*shown_columns(used), BEFORE, OCCURRED, AFTER]].assign(
        error=used[OCCURRED] - used[BEFORE], change=used[AFTER] - used[BEFORE]
    )
    return table.reset_index(drop=True), list_left_out(rows, reason)


def refuse_unlearnable(table: pd.DataFrame) -> None:
    """Refuse exposures that cannot tell a learning rate."""
    erred = table[table["error"] != 0]
    n_patients = erred["patient_id"].nunique()
    if n_patients < ENOUGH:
        raise CannotAnswerError(
            f"A learning rate that differs by patient needs {ENOUGH} patients with an exposure in "
            "which something else occurred than was expected, and an expectancy before and after "
            f"it; there are {n_patients}. {REMEDY}"
        )
    if _is_exact(table) or len(table["change"].unique()) == 1:
        raise CannotAnswerError(
            f"In all {len(table)} exposures the change of expectancy is the same, or the same "
            f"share of the error for each patient: no error is left to judge a rate by. {REMEDY}"
        )


def _is_exact(table: pd.DataFrame) -> bool:
    """Say whether each patient's own rate (with one exposure each: one rate) leaves no residual."""
    several = bool(table["patient_id"].duplicated().any())
    whose = table["patient_id"] if several else pd.Series("all", index=table.index)
    products = (table["error"] * table["change"]).groupby(whose).transform("sum")
    squares = (table["error"] ** 2).groupby(whose).transform("sum")
    own = (products / squares.where(squares > 0)).fillna(0.0)
    return bool(((table["change"] - own * table["error"]).abs() < NOTHING).all())


def name_groups(table: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Return the group that each exposure counts to in the model, and what has to be said of it.

    Groups are told apart only where each of them has enough patients.
    """
    groups = table.groupby("group")["patient_id"].nunique()
    small = groups[groups < ENOUGH]
    if len(groups) > 1 and len(small):
        said = f"Groups are not told apart: {len(small)} of them have fewer than {ENOUGH} patients."
        return pd.Series(EVERYBODY, index=table.index), [said]
    return table["group"], []

"""Which values does a model of courses see, and which not?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.groups import WITHOUT_ARM
from gradex_analysis.measures.observations import Observations
from gradex_analysis.trajectories.basis import Basis

#: patients of an arm below which it has no model course of its own
FEWEST = 3
RECALLED = "recalled"  #: the share of a row's values that are recalled on a form


@dataclass(frozen=True)
class ModelRows:
    """Values of courses at their times, and those that are left out.

    ``rows`` has one per course and time: ``patient_id, series, arm, axis`` (its time in the table),
    ``place`` (of a form: its own day), ``value, n, recalled`` and the columns of the model's time;
    ``left_out`` the others with a ``reason``.
    """

    basis: Basis
    rows: pd.DataFrame
    left_out: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def arms(self) -> list[str]:
        """Return the arms that are in the model."""
        return sorted(self.rows["arm"].unique())

    @property
    def is_nested(self) -> bool:
        """Whether a patient has several courses."""
        return bool(self.rows.groupby("patient_id")["series"].nunique().max() > 1)


def choose_rows(used: pd.DataFrame, seen: Observations, basis: Basis) -> ModelRows:
    """Average the values of one course at one time, and leave out what no model can use.

    An arm is left out whole where it has fewer than three patients, or too few times.
    """
    if basis.time == "days" and not seen.time_words.startswith("Days"):
        raise CannotAnswerError(
            "A model over days needs days: at least one occasion of this questionnaire has none. "
            "They would come from the column day of the table assessments."
        )
    rows = _by_course(used, seen).rename(columns={"time": "axis"})
    rows = pd.concat([rows, basis.columns_at(rows["place"])], axis=1)
    reason = _say_why_not(rows, basis)
    if (reason != "").all():
        reasons = ", ".join(f"{why}: {n:,}" for why, n in reason.value_counts().items())
        raise CannotAnswerError(
            f"None of the {len(rows):,} values can be in the model ({reasons})."
        )
    left_out = rows.assign(reason=reason)[reason != ""]
    keys = [*seen.series, "arm", "axis", "value", "reason"]
    return ModelRows(
        basis=basis,
        rows=rows[reason == ""].reset_index(drop=True),
        left_out=left_out[keys].rename(columns={"axis": "time"}).reset_index(drop=True),
        notes=tuple(_note(rows[reason == ""], basis)),
    )


def _by_course(used: pd.DataFrame, seen: Observations) -> pd.DataFrame:
    by = [*seen.series, "arm", "place", "time"]
    used = used.assign(
        place=used["time"],
        has_no_day=False,
        recalled=(used["way"] == "recalled").astype("float64"),
    )
    if "occasion" in used:  # a form has a day of its own, beside the mean day of its occasion
        by.append("occasion")
        used = used.assign(place=used["day"].fillna(used["time"]), has_no_day=used["day"].isna())
    found = used.groupby(by, sort=True, dropna=False).agg(
        value=("value", "mean"), n=("value", "size"), recalled=(RECALLED, "mean"),
        has_no_day=("has_no_day", "sum"),
    ).reset_index()  # fmt: skip
    # one text for a course: its parts may hold any sign, so that they are counted, not joined
    return found.assign(series=found.groupby(list(seen.series), dropna=False).ngroup().astype(str))


def _say_why_not(rows: pd.DataFrame, basis: Basis) -> pd.Series:
    """Return the reason why a row is not in the model, "" where it is."""
    reason = pd.Series("", index=rows.index)
    for arm, own in rows.groupby("arm"):
        if arm == WITHOUT_ARM:
            reason[own.index] = WITHOUT_ARM
        elif own["patient_id"].nunique() < FEWEST:
            reason[own.index] = f"fewer than {FEWEST} patients"
        elif not _can_tell(own, basis):
            both = " on both sides of the knot" if basis.knot is not None else ""
            reason[own.index] = f"too few times{both}"
    return reason


def _can_tell(own: pd.DataFrame, basis: Basis) -> bool:
    """Whether the arm's times settle a level and every slope.

    Of forms the occasions count, not the few days by which patients are early or late.
    """
    columns = basis.columns_at(own["axis"].unique())
    design = np.column_stack([np.ones(len(columns)), columns])
    return bool(np.linalg.matrix_rank(design) == design.shape[1])


def _note(rows: pd.DataFrame, basis: Basis) -> list[str]:
    notes = []
    if n := int(rows["has_no_day"].sum()):
        forms = f"{n:,} assessments without a day stand at the mean day of their occasion."
        alone = "1 assessment without a day stands at the mean day of its occasion."
        notes.append(alone if n == 1 else forms)
    early = int((basis.scale(rows["place"]) < 0).sum())
    if basis.model == "log_time" and early:
        notes.append(f"Values before the start count as at the start: {early:,} do.")
    return notes

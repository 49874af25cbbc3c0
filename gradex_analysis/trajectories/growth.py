"""Which mixed model describes the courses, and can the times tell its parts apart?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model
from gradex_analysis.trajectories.basis import Basis
from gradex_analysis.trajectories.model_rows import RECALLED, ModelRows

#: share of the patients who need more times than they have deviations of their own
ENOUGH = 0.5
#: the model's columns as a reader knows them
IN_WORDS = {
    "patient_id": "patients",
    "series": "items",
    "(Intercept)": "levels",
    **dict.fromkeys(["time", "log_time", "whole_time"], "slopes"),
    "time_before": "slopes before the knot",
    "time_after": "slopes after the knot",
}


@dataclass(frozen=True, eq=False)
class Growth:
    """A fitted model, and the weights of its coefficients that say the arms' levels and slopes.

    ``level`` (arms x terms) is the level where every column of time is 0; ``slopes`` has, for each
    column of time, what one unit of it adds. ``random`` names each patient's own deviations.
    """

    fit: MixedFit
    basis: Basis
    random: str
    notes: tuple[str, ...]
    level: pd.DataFrame
    slopes: Mapping[str, pd.DataFrame]

    @property
    def arms(self) -> list[str]:
        """Return the arms in the order of every table."""
        return sorted(self.level.index)


def fit_growth(given: ModelRows, *, reference: str | None, df: str) -> Growth:
    """Fit ``value ~ arm * time`` with an intercept and slopes of each patient's own.

    Where a patient has several courses, one an item, each has an intercept of its own within the
    patient. Deviations of patients that their times cannot tell apart, or with which the model
    does not converge, are left out, and it is said.
    """
    basis, arms = given.basis, _order(given.arms, reference)
    rows = given.rows.assign(arm=pd.Categorical(given.rows["arm"], categories=arms))
    time = " + ".join(basis.segments)
    fixed = f"arm * ({time})" if len(arms) > 1 else time
    notes = list(given.notes)
    if (rows[RECALLED] != rows[RECALLED].iloc[0]).any():
        fixed, more = _add_recalled(rows, basis, fixed)
        notes += more
    fit, random, more = _fit_first(rows, basis, fixed, nested=given.is_nested, df=df)
    level, slopes = _weigh(fit, basis, arms)
    said = [re.sub(r"\(Intercept\)|\w+", _in_words, note) for note in fit.notes]
    return Growth(fit, basis, random, (*notes, *more, *said), level, slopes)


def _in_words(name: re.Match[str]) -> str:
    return IN_WORDS.get(name[0], name[0])


def _order(arms: list[str], reference: str | None) -> list[str]:
    if reference is None:
        return arms
    if reference not in arms:
        raise UnknownNameError("reference", reference, arms)
    return [reference, *(arm for arm in arms if arm != reference)]


def _add_recalled(rows: pd.DataFrame, basis: Basis, fixed: str) -> tuple[str, list[str]]:
    """Give peaks recalled on a form a level of their own, if time does not say the same."""
    levels = pd.get_dummies(rows["arm"]).to_numpy("float64")
    slopes = [levels * rows[[name]].to_numpy() for name in basis.segments]
    design = np.column_stack([levels, *slopes, rows[RECALLED]])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return fixed, ["Whether a peak was rated or recalled on a form cannot be told from time."]
    return f"{fixed} + {RECALLED}", [
        "Peaks recalled on a form have a level of their own; the course is that of rated ones."
    ]


def _deviations(rows: pd.DataFrame, basis: Basis) -> Iterator[tuple[str | None, bool]]:
    """Yield what may deviate by patient, richest first, and whether the times can tell it."""
    n_times = rows.groupby("patient_id")["place"].nunique()
    columns = list(basis.segments)
    ladder: list[tuple[str | None, int]] = [(" + ".join(columns), 1 + len(columns))]
    if len(columns) > 1:
        ladder.append(("whole_time", 2))
    for random, n in [*ladder, (None, 1)]:
        yield random, bool((n_times > n).mean() >= ENOUGH) or random is None


def _fit_first(
    rows: pd.DataFrame, basis: Basis, fixed: str, *, nested: bool, df: str
) -> tuple[MixedFit, str, list[str]]:
    """Fit with the richest deviations that the times can tell apart and that converge."""
    rows = rows.assign(whole_time=basis.scale(rows["place"]))
    notes: list[str] = []
    for random, can_tell in _deviations(rows, basis):
        name = "intercept" + (f" + {random}" if random else "")
        if not can_tell:
            notes.append(_say_left(random, "most patients have too few times"))
            continue
        try:
            fit = fit_mixed_model(
                rows, outcome="value", fixed=fixed, random=random, groups="patient_id",
                crossed="series" if nested else None, df=df,
            )  # fmt: skip
        except CannotAnswerError:
            if random is None:  # nothing plainer is left
                raise
            notes.append(_say_left(random, "the model cannot be fitted with it"))
        else:
            return fit, name, notes
    raise AssertionError("The plainest deviations are always tried.")


def _say_left(random: str | None, why: str) -> str:
    what = "Slopes by patient" if random and "+" not in random else "A slope by patient and segment"
    return f"{what} left out: {why}."


def _weigh(
    fit: MixedFit, basis: Basis, arms: list[str]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    terms = list(fit.coefficients["term"])
    zero = dict.fromkeys([*basis.segments, *({RECALLED} & set(terms))], 0.0)

    def weights(**at: float) -> pd.DataFrame:
        found = fit.grid(["arm"] if len(arms) > 1 else [], at={**zero, **at})
        return found[terms].set_axis(arms, axis=0)

    level = weights()
    return level, {name: weights(**{name: 1.0}) - level for name in basis.segments}

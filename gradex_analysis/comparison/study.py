"""Who is compared, with which values, and why is everybody else left out?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import analysis_sets, therapists
from gradex_analysis.comparison.options import CHANGE, GROWTH, Plan
from gradex_analysis.comparison.outcomes import Outcome, refuse_patients
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.groups import WITHOUT_ARM, arm_of
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.results import wording

FEWEST = 2
NO_COVARIATES = {"patient_id", "arm", "randomised_on", "value", BASELINE}
#: columns of the model's own frame, which a covariate must not be called
TAKEN = {"occasion", "day", "week", therapists.CLUSTER}


@dataclass(frozen=True, eq=False, kw_only=True)
class Study:
    """Everybody, whom the model holds, and their values.

    ``people`` has one row per patient of the cohort (``patient_id, arm``, ``baseline``,
    covariates), ``reason`` why each is left out ("" for the others). ``rows`` holds the values
    analysed, one row per patient and occasion, with the same columns; ``occasions`` those of the
    model, in order; ``arms`` the reference first.
    """

    people: pd.DataFrame
    reason: pd.Series
    rows: pd.DataFrame
    arms: tuple[str, ...]
    occasions: tuple[str, ...]
    outcome: Outcome
    plan: Plan
    in_set: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def used(self) -> pd.DataFrame:
        """The patients analysed, one row each."""
        return self.people[self.reason == ""].reset_index(drop=True)

    @property
    def adjusted_for(self) -> list[str]:
        """What the model takes into account beside the arms."""
        has = self.outcome.has_baseline and self.plan.method != CHANGE
        return [*([BASELINE] if has else []), *self.plan.covariates]

    @property
    def compared(self) -> str:
        """What is compared, in words."""
        name = self.outcome.name
        return f"change in {name}" if self.plan.method == CHANGE else name

    @property
    def declared(self) -> tuple[str, ...]:
        """The occasions whose contrasts are the answer."""
        return self.occasions if self.plan.at is None else (self.plan.at,)


def gather(cohort: Cohort, outcome: Outcome, plan: Plan, arms: Sequence[str]) -> Study:
    """Gather values and patients; raise where too few of an arm are left."""
    _refuse_without(outcome, plan)
    people = _gather_people(cohort, outcome, plan)
    seen = outcome.rows[["patient_id", "occasion", "value"]]
    in_set = analysis_sets.choose_set(cohort, plan.analysis_set, seen, at=plan.at)
    rows = _rows(people, outcome, plan)
    reason = pd.Series("", index=people.index, dtype="str")
    for where, why in _reasons(people, rows, in_set, outcome, plan):
        reason[(reason == "") & where] = why
    reason, occasions, notes = _settle(people, reason, rows, outcome, plan)
    left = _with_patients(arms, people, reason, outcome)
    _refuse_infinite(people[reason == ""], plan)
    used = people.loc[reason == "", "patient_id"]
    kept = rows[rows["patient_id"].isin(used) & rows["occasion"].isin([BASELINE, *occasions])]
    return Study(
        people=people,
        reason=reason,
        rows=kept.reset_index(drop=True),
        arms=tuple(left),
        occasions=occasions,
        outcome=outcome,
        plan=plan,
        in_set=in_set,
        notes=(*notes, *_undated(people, reason, outcome, plan)),
    )


def _refuse_without(outcome: Outcome, plan: Plan) -> None:
    """Refuse what the method cannot do without: a baseline, days."""
    if not outcome.has_baseline and (plan.is_constrained or plan.method == CHANGE):
        raise CannotAnswerError(
            f"Nobody has a baseline of {outcome.name}, which this comparison needs: values at the "
            "occasion 'baseline', or a column baseline; method 'ancova' or 'mmrm' goes without."
        )
    if plan.method == GROWTH and not outcome.rows["day"].notna().any():
        raise CannotAnswerError(
            f"Method 'growth' needs days, and no value of {outcome.name} has one: a column day "
            "(of the assessments, or of the frame) would say when; method 'mmrm' needs occasions "
            "only."
        )


def _refuse_infinite(used: pd.DataFrame, plan: Plan) -> None:
    for name in plan.covariates:
        if pd.api.types.is_numeric_dtype(used[name]):
            infinite = np.isinf(used[name].to_numpy("float64", na_value=np.nan))
            refuse_patients(used.loc[infinite, "patient_id"], f"with an infinite value of {name}")


def _gather_people(cohort: Cohort, outcome: Outcome, plan: Plan) -> pd.DataFrame:
    people = cohort.participants.set_index("patient_id")
    offered = [
        str(name)
        for name in people
        if name not in NO_COVARIATES and not pd.api.types.is_datetime64_any_dtype(people[name])
    ]
    for name in plan.covariates:
        if name not in offered:
            raise UnknownNameError("covariates", name, offered)
        if name in TAKEN:
            raise CannotAnswerError(f"A covariate cannot be called {name!r}: rename the column.")
    frame = arm_of(cohort).rename("arm").to_frame()
    if outcome.before is not None:
        frame = frame.join(outcome.before[["baseline"]])
    frame = frame.join(people[[*plan.covariates]])
    if plan.therapist:
        frame[therapists.THERAPIST] = therapists.therapist_of(cohort)
    return frame.reset_index()


def _rows(people: pd.DataFrame, outcome: Outcome, plan: Plan) -> pd.DataFrame:
    """Return the values, in the order of patients and occasions, with what is known of each."""
    rows = outcome.rows
    if plan.method == GROWTH:
        rows = rows.dropna(subset="day")
    if plan.is_constrained and outcome.before is not None:
        first = outcome.before.rename(columns={"baseline": "value"}).reset_index()
        rows = pd.concat([first.assign(occasion=BASELINE), rows], ignore_index=True)
    order = {patient: place for place, patient in enumerate(people["patient_id"])}
    times = {occasion: place for place, occasion in enumerate([BASELINE, *outcome.occasions])}
    place = np.lexsort([rows["occasion"].map(times), rows["patient_id"].map(order)])
    rows = rows.iloc[place].merge(people, on="patient_id", how="left", validate="m:1")
    if plan.method == CHANGE:
        rows["value"] = rows["value"] - rows["baseline"]
    return rows


def _reasons(
    people: pd.DataFrame, rows: pd.DataFrame, in_set: pd.DataFrame, outcome: Outcome, plan: Plan
) -> Iterator[tuple[pd.Series, str]]:
    yield people["arm"] == WITHOUT_ARM, WITHOUT_ARM
    out = in_set[~in_set["in_set"]].set_index("patient_id")["reason"]
    for why in out.unique():
        yield people["patient_id"].isin(out.index[out == why]), str(why)
    if plan.method == GROWTH:
        dated = people["patient_id"].isin(rows["patient_id"])
        valued = people["patient_id"].isin(outcome.rows["patient_id"])
        yield valued & ~dated, f"no day of any value of {outcome.name}"
    yield ~people["patient_id"].isin(rows["patient_id"]), _no_value(outcome, plan)
    if outcome.has_baseline and not plan.is_constrained:
        yield people[BASELINE].isna(), f"no value of {outcome.name} at baseline"
    for name in plan.covariates:
        yield people[name].isna(), f"no {name}"


def _no_value(outcome: Outcome, plan: Plan) -> str:
    if plan.is_constrained:
        return f"no value of {outcome.name}"
    if plan.is_longitudinal:
        return f"no value of {outcome.name} after baseline"
    return f"no value of {outcome.name}{f' at {named(outcome.at)}' if outcome.at else ''}"


def _settle(
    people: pd.DataFrame, reason: pd.Series, rows: pd.DataFrame, outcome: Outcome, plan: Plan
) -> tuple[pd.Series, tuple[str, ...], list[str]]:
    """Leave out arms and occasions of which too little is left, until nothing changes."""
    occasions = list(outcome.occasions)
    notes: list[str] = []
    while True:
        reason = _without_small_arms(people, reason)
        thin = _find_thin(people[reason == ""], rows, occasions) if plan.is_longitudinal else {}
        for occasion, arm in thin.items():
            who = f"fewer than {FEWEST} patients of {arm} have" if arm else "nobody has"
            few = f"{who} a value of {outcome.name} then"
            if occasion == plan.at or len(thin) == len(occasions):
                raise CannotAnswerError(f"The arms cannot be compared at {named(occasion)}: {few}.")
            notes.append(f"{named(occasion).capitalize()} is not in the model: {few}.")
        if not thin:
            return reason, tuple(occasions), notes
        occasions = [name for name in occasions if name not in thin]
        kept = rows.loc[rows["occasion"].isin([BASELINE, *occasions]), "patient_id"]
        left = (reason == "") & ~people["patient_id"].isin(kept)
        reason[left] = f"no value of {outcome.name} at an occasion in the model"


def _find_thin(used: pd.DataFrame, rows: pd.DataFrame, occasions: list[str]) -> dict[str, str]:
    """Find the occasions of which an arm has too few values, and that arm; "" where nobody has."""
    own = rows[rows["patient_id"].isin(used["patient_id"])]
    n = pd.crosstab(own["occasion"], own["arm"])
    n = n.reindex(index=occasions, columns=sorted(set(used["arm"])), fill_value=0)
    few = (n < FEWEST).any(axis=1)
    return {
        str(occasion): named(own.idxmin()) if own.any() else ""
        for occasion, own in n[few].iterrows()
    }


def _without_small_arms(people: pd.DataFrame, reason: pd.Series) -> pd.Series:
    reason = reason.copy()
    for arm, n in (reason == "").groupby(people["arm"]).sum().items():
        if n < FEWEST:
            few = f"fewer than {FEWEST} patients of {named(arm)} have what the model needs"
            reason[(reason == "") & (people["arm"] == arm)] = few
    return reason


def _with_patients(
    arms: Sequence[str], people: pd.DataFrame, reason: pd.Series, outcome: Outcome
) -> list[str]:
    left = [arm for arm in arms if arm in set(people.loc[reason == "", "arm"])]
    if arms[0] not in left or len(left) == 1:
        few = [arm for arm in arms if arm not in left]
        counts = reason[people["arm"].isin(few)].value_counts()
        why = "; ".join(f"{n:,}: {named(lacks)}" for lacks, n in counts.items())
        raise CannotAnswerError(
            f"Too few patients can be analysed in {', '.join(few)}: two or more of them need "
            f"{outcome.name}{f' at {outcome.at}' if outcome.at else ''}"
            f"{', its baseline' if outcome.has_baseline else ''} and every covariate ({why})."
        )
    return left


def _undated(
    people: pd.DataFrame, reason: pd.Series, outcome: Outcome, plan: Plan
) -> Iterator[str]:
    if plan.method != GROWTH:
        return
    used = outcome.rows["patient_id"].isin(people.loc[reason == "", "patient_id"])
    if n := int(outcome.rows.loc[used, "day"].isna().sum()):
        yield f"{wording.count(n, 'value')} without a day {'is' if n == 1 else 'are'} left out."

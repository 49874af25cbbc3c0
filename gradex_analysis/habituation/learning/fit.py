"""What do within-session fall, between-session fall and return of fear amount to, in one fit?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.learning.basis import WEEK, Bases
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

WITHIN, BETWEEN, RETURN = "within-session fall", "between-session fall", "return over a gap"
DEEPER = "change of the within-session fall"
#: exposures of one item that the between-session fall compares, where there are as many
FIRST, THIRD = 1, 3
#: patients that tell how patients differ in a slope
ENOUGH = 3
COLUMNS = ("fall", "number", "gap", "difficulty")
NUMBERS = ["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"]
#: patients from which on standard errors are robust: courses are not as alike as the model has it
#: (patients differ in more than it lets them, the rate of decay is one for all)
ENOUGH_ROBUST = 10
MODEL_BASED = "Patients are too few for robust standard errors: they are the model's."
ONE_PATIENT = "There is one patient: the intervals speak of this patient's exposures only."
NO_REPEAT = (
    "No patient has two exposures to one item with ratings during the exercise: what is learned "
    "from one to the next cannot be told. fit_habituation_curves follows each exposure alone."
)
NO_MINUTES = (
    "No exposure has ratings at two times: how far fear falls within it cannot be told. "
    "measure_between_sessions compares exposures by one rating each."
)
#: what varies between patients and exposures, from the richest to the plainest
LADDER = (
    ("fall", ("fall", "number"), ""),
    ("fall", ("fall",), "Patients do not differ in the fall between exposures in the model"),
    ("fall", (), "Patients differ in level only in the model"),
    (None, ("fall", "number"), "Exposures differ in level only in the model"),
    (None, ("fall",), "Exposures differ in level, patients in level and fall only in the model"),
    (None, (), "Exposures and patients differ in level only in the model"),
)


@dataclass(frozen=True)
class Asked:
    """What shapes the model: see ``fit_learning``; ``end`` is the usual end of an exposure."""

    end: float
    has_gap: bool
    is_common: bool
    interaction: bool


@dataclass(frozen=True)
class Learned:
    """The fit and what it says: see ``LearningModel``."""

    fit: MixedFit
    table: pd.DataFrame
    differences: pd.DataFrame
    fixed: str
    random: str
    notes: list[str]


def refuse(exposures: pd.DataFrame, ratings: pd.DataFrame) -> None:
    """Refuse what holds no repetition, no minutes or no difference of ratings."""
    if not exposures.duplicated(["patient_id", "item"]).any():
        raise CannotAnswerError(NO_REPEAT)
    if ratings.groupby("exposure")["time"].nunique().max() < 2:
        raise CannotAnswerError(NO_MINUTES)
    if np.ptp(ratings["value"]) == 0:
        raise CannotAnswerError(
            f"All {len(ratings):,} ratings are {ratings['value'].iloc[0]:g}: nothing changed."
        )


def fixed_terms(exposures: pd.DataFrame, times: str, *, hard: str) -> str:
    """Return the fixed part: by group the times, and the difficulty of items alike for all."""
    several = len(exposures["group"].unique()) > 1
    differ = exposures["difficulty"].notna().all() and np.ptp(exposures["difficulty"]) > 0
    return f"{f'group * ({times})' if several else times}{f' + {hard}' if differ else ''}"


def learn(exposures: pd.DataFrame, ratings: pd.DataFrame, bases: Bases, asked: Asked) -> Learned:
    """Fit the ratings with the richest random part that can be estimated; say what had to go."""
    fit, fixed, random, notes = _fit(exposures, ratings, asked)
    tables = _measure(fit, exposures, bases, asked)
    return Learned(fit, *tables, fixed, random, notes)


def _fit(
    exposures: pd.DataFrame, ratings: pd.DataFrame, asked: Asked
) -> tuple[MixedFit, str, str, list[str]]:
    between = "(number + gap)" if asked.has_gap else "number"
    hard = "fall * difficulty" if asked.interaction else "difficulty"
    fixed = fixed_terms(exposures, f"fall {'*' if asked.interaction else '+'} {between}", hard=hard)
    n_patients = exposures["patient_id"].nunique()
    levels, listed = settle_levels(exposures, is_common=asked.is_common)
    fixed, levels["groups"] = fixed + listed, "exposure"
    notes = [] if n_patients > 1 else [ONE_PATIENT]
    if n_patients > 1:
        levels["nested"] = "patient"
        notes += [] if "robust" in levels else [MODEL_BASED]
    why = ""
    for random, slopes, said in _steps(exposures, ratings, n_patients):
        own = {**levels, "random": random}
        if slopes:
            own["slopes"] = {"patient": list(slopes)}
        try:
            fit = fit_mixed_model(ratings, outcome="value", fixed=fixed, **own)
        except CannotAnswerError as error:
            why = str(error)
            continue
        notes += [f"{said}: more cannot be estimated."] if said else []
        return fit, fixed, _say_random(random, slopes, levels), [*notes, *fit.notes]
    raise CannotAnswerError(f"The model of learning cannot be fitted. {why}")


def settle_levels(exposures: pd.DataFrame, *, is_common: bool) -> tuple[dict[str, Any], str]:
    """Return how items and standard errors enter a fit, and the fixed term of a shared list.

    Patients who share a list are independent, as robust standard errors need, where each of its
    items has a mean of its own. Items of one's own, and those of few patients, are random.
    """
    robust = exposures["patient_id"].nunique() >= ENOUGH_ROBUST
    levels: dict[str, Any] = {"robust": "CR2", "clusters": "patient"} if robust else {}
    several = len(exposures["item"].unique()) > 1
    if several and is_common and robust:
        return levels, " + listed"
    return levels | ({"crossed": "item"} if several else {}), ""


def _steps(
    exposures: pd.DataFrame, ratings: pd.DataFrame, n_patients: int
) -> list[tuple[str | None, tuple[str, ...], str]]:
    """Return the steps of the ladder that these data may tell anything of."""
    numbers = exposures.groupby("patient_id")["exposure_number"].nunique()
    tells_number = int((numbers > 1).sum()) >= ENOUGH
    # a line through two ratings of an exposure leaves nothing over: three or more are needed
    tells_fall = int((ratings.groupby("exposure")["time"].nunique() > 2).sum()) >= ENOUGH
    steps: list[tuple[str | None, tuple[str, ...], str]] = []
    for random, slopes, said in LADDER:
        if random and not tells_fall:
            continue
        if slopes and (n_patients < ENOUGH or ("number" in slopes and not tells_number)):
            continue
        steps.append((random, slopes, said))
    return steps


def _say_random(random: str | None, slopes: tuple[str, ...], levels: Mapping[str, Any]) -> str:
    parts = [f"(1{' + ' + random if random else ''} | exposure)"]
    if "crossed" in levels:
        parts.append("(1 | item)")
    if "nested" in levels:
        parts += ["(1 | patient)", *[f"(0 + {name} | patient)" for name in slopes]]
    return " + ".join(parts)


def _measure(
    fit: MixedFit, exposures: pd.DataFrame, bases: Bases, asked_for: Asked
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the quantities from the fit, by group, and their differences between groups."""
    end = asked_for.end
    last = min(THIRD, int(exposures["exposure_number"].max()))
    step = float(np.diff(bases.number([FIRST, last]))[0])
    asked: list[tuple[str, str, float, float, float]] = [
        (WITHIN, "fall", -float(bases.fall(end)), 0.0, end),
        (BETWEEN, "number", -step, FIRST, last),
    ]
    if "gap" in fit.design.means:
        asked.append((RETURN, "gap", float(np.diff(bases.gap([0.0, WEEK]))[0]), 0.0, WEEK))
    several = len(exposures["group"].unique()) > 1
    by = ["group"] if several else []
    tables, contrasts = [], []
    for name, along, factor, start, stop in asked:
        place: dict[str, Any] = {"quantity": name, "start": start, "end": stop}
        # at the onset, and at the usual number, gap and difficulty
        held = {other: 0.0 for other in COLUMNS if other in fit.design.means and other != along}
        tables.append(_times(fit.slopes(along, by=by, at=held), factor).assign(**place))
        if several:
            own = fit.slope_contrasts(along, "group", at=held)
            contrasts.append(_times(own, factor).assign(**place))
    if asked_for.interaction:
        tables.append(_deeper(fit, exposures, -float(bases.fall(end)) * step, last))
    table = pd.concat(tables, ignore_index=True)
    if not several:
        table["group"] = exposures["group"].iloc[0]
    return _count(table, exposures), _order(pd.concat(contrasts)) if contrasts else pd.DataFrame()


def _times(lines: pd.DataFrame, factor: float) -> pd.DataFrame:
    """Multiply estimates by a number, the ends of intervals in order; df and p stay."""
    ends = np.sort(factor * lines[["ci_low", "ci_high"]].to_numpy(), axis=1)
    return lines.assign(
        estimate=factor * lines["estimate"],
        std_error=abs(factor) * lines["std_error"],
        statistic=np.sign(factor) * lines["statistic"],
        ci_low=ends[:, 0],
        ci_high=ends[:, 1],
    )


def _deeper(fit: MixedFit, exposures: pd.DataFrame, factor: float, last: int) -> pd.DataFrame:
    """Return how much deeper the fall is at the last number than at the first, by group."""
    name = "fall:number"
    groups = sorted(exposures["group"].unique())
    weights = {
        group: {
            term: 1.0
            for term in fit.design.names
            if term == name or (term.endswith(name) and f"[T.{group}]" in term)
        }
        for group in groups
    }
    found = fit.combine(weights).rename(columns={"contrast": "group"})
    place: dict[str, Any] = {"quantity": DEEPER, "start": float(FIRST), "end": float(last)}
    return _times(found, factor).assign(**place)


def _count(table: pd.DataFrame, exposures: pd.DataFrame) -> pd.DataFrame:
    own = exposures.groupby("group")
    counts = pd.DataFrame({
        "n": own.size(), "n_items": own["item"].nunique(), "n_patients": own["patient_id"].nunique()
    })  # fmt: skip
    return _order(table).merge(counts, left_on="group", right_index=True, how="left")


def _order(table: pd.DataFrame) -> pd.DataFrame:
    first = [
        name for name in ("quantity", "group", "contrast", "level", "reference") if name in table
    ]
    return table[[*first, "start", "end", *NUMBERS]].reset_index(drop=True)


def correlate(exposures: pd.DataFrame) -> float:
    """Return the correlation of exposure number and difficulty within patients; NaN without one."""
    own = exposures[["number", "difficulty"]].dropna()
    if len(own) < 2 or (own.std() == 0).any():
        return float("nan")
    return float(own["number"].corr(own["difficulty"]))

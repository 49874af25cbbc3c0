"""Where does one rating of an exposure stand at the first, second, third exposure to its item?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.habituation.learning.basis import Bases
from gradex_analysis.habituation.learning.fit import (
    FIRST,
    NUMBERS,
    THIRD,
    fixed_terms,
    settle_levels,
)
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

#: exposures to one item that the figure shows
SHOWN = 6
#: fewer than this share of the items still exposed: the mean is drawn dashed
THIN_SHARE = 0.2
RATINGS = {"peak": "at its peak", "initial": "at the first rating"}
MEANS = ["group", "number", "estimate", "std_error", "df", "ci_low", "ci_high"]
COUNTS = ["n", "n_patients", "is_thin"]
NO_CURVE = "The means by exposure number cannot be modelled ({why})."


@dataclass(frozen=True)
class Curve:
    """Means by exposure number, the change from the first to the third, and what was fitted.

    ``lacking`` says why there is none, ``notes`` what a reader must know of the fit.
    """

    means: pd.DataFrame
    change: pd.DataFrame
    model: str = ""
    notes: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)


def fit_curve(
    exposures: pd.DataFrame, bases: Bases, shown: str, *, has_gap: bool, is_common: bool
) -> Curve:
    """Fit the exposures' peak, or first rating, on the number of the exposure to the same item.

    The model of the ratings without minutes: number, gap and difficulty, and random intercepts and
    slopes of patients and intercepts of items. Means stand at the mean item and the usual gap.
    """
    rows = exposures[exposures[shown].notna()].rename(columns={shown: "rating"})
    fixed = fixed_terms(exposures, f"number{' + gap' if has_gap else ''}", hard="difficulty")
    fit, model, said = _fit(rows, fixed, is_common=is_common)
    if fit is None:
        none = pd.DataFrame(columns=["group", *NUMBERS])
        return Curve(_no_means(), none, lacking=[NO_CURVE.format(why=said)])
    last = int(min(SHOWN, rows["exposure_number"].max()))
    numbers = np.arange(FIRST, last + 1)
    several = len(rows["group"].unique()) > 1
    by = ["group"] if several else []
    usual = _find_usual(rows)
    parts = [
        fit.marginal_means(by, at=_hold(fit, usual, place)).assign(number=float(number))
        for number, place in zip(numbers, bases.number(numbers), strict=True)
    ]
    means = pd.concat(parts, ignore_index=True)
    step = float(np.diff(bases.number([FIRST, min(THIRD, last)]))[0])
    change = fit.slopes("number", by=by)
    change[["estimate", "std_error", "ci_low", "ci_high"]] *= step
    change = change.assign(start=FIRST, end=min(THIRD, last))
    if not several:
        means["group"] = change["group"] = rows["group"].iloc[0]
    return Curve(_with_counts(means, rows), change, model, list(fit.notes))


def _find_usual(rows: pd.DataFrame) -> dict[str, float]:
    """Return, of the patients' means, what numbers are counted less, and the usual difficulty.

    The usual item is the mean of a patient's items, however often each was exposed: what was
    expected of the items is averaged alike.
    """
    taken = (rows["number_basis"] - rows["number"]).groupby(rows["patient_id"]).mean()
    items = rows.drop_duplicates(["patient_id", "item_id"])
    hard = items["difficulty"].groupby(items["patient_id"]).mean()
    return {"number": float(taken.mean()), "difficulty": float(hard.mean())}


def _hold(fit: MixedFit, usual: dict[str, float], number: float) -> dict[str, float]:
    held = {**usual, "number": number - usual["number"], "gap": 0.0}
    return {name: value for name, value in held.items() if name in fit.design.means}


def _fit(rows: pd.DataFrame, fixed: str, *, is_common: bool) -> tuple[MixedFit | None, str, str]:
    """Return the fit with its model, or none with the reason."""
    several = len(rows["patient_id"].unique()) > 1
    levels, listed = settle_levels(rows, is_common=is_common)
    fixed += listed
    steps = [("patient", "number"), ("patient", None)] if several else [(None, None)]
    why = ""
    for groups, random in steps:
        try:
            fit = fit_mixed_model(
                rows, outcome="rating", fixed=fixed, random=random, groups=groups, **levels
            )
        except CannotAnswerError as error:
            why = str(error).rstrip(".")
            continue
        own = f" + (1{' + number' if random else ''} | patient)" if groups else ""
        return fit, f"{fixed}{own}{' + (1 | item)' if 'crossed' in levels else ''}", ""
    return None, "", why


def _no_means() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="float64") for name in [*MEANS, *COUNTS]})


def _with_counts(means: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add the items of patients, and the patients, that were exposed so many times."""
    own = rows.groupby(["group", "exposure_number"])["patient_id"].agg(["size", "nunique"])
    at = pd.MultiIndex.from_frame(means[["group", "number"]])
    counts = own.reindex(at, fill_value=0).reset_index(drop=True)
    most = own["size"].groupby("group").max().reindex(means["group"]).to_numpy()
    table = means.assign(n=counts["size"], n_patients=counts["nunique"])
    return table.assign(is_thin=table["n"] < THIN_SHARE * most)[[*MEANS, *COUNTS]]


def average_expected(exposures: pd.DataFrame) -> pd.DataFrame:
    """Average the fear expected of the items exposed: patients' means, by group."""
    items = exposures.drop_duplicates(["patient_id", "item_id"]).dropna(subset=["expected_fear"])
    own = items.groupby(["group", "patient_id"])["expected_fear"].agg(["mean", "size"])
    by_group = own.groupby("group").agg(
        estimate=("mean", "mean"), n=("size", "sum"), n_patients=("mean", "size")
    )
    return by_group.reset_index()

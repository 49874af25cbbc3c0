"""Which arms are compared, and by which linear model?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.linear_model import LinearFit, first_collinear, fit_linear

INTERCEPT = "(Intercept)"


def choose_arms(cohort: Cohort, reference: str) -> list[str]:
    """Return the arms, the reference first."""
    if not cohort.has_arms:
        raise CannotAnswerError(
            "The cohort has no arms, so that there is nothing to compare: a column arm of the "
            "participants' table would say who belonged to which."
        )
    arms = sorted(cohort.participants["arm"].dropna().unique())
    if reference not in arms:
        raise UnknownNameError("reference", reference, arms)
    if len(arms) == 1:
        raise CannotAnswerError(f"Every patient belongs to one arm, {reference}: none to compare.")
    return [reference, *[arm for arm in arms if arm != reference]]


def make_design(
    used: pd.DataFrame, arms: Sequence[str], covariates: Sequence[str], *, has_baseline: bool
) -> pd.DataFrame:
    """Make the columns of the model: intercept, arms, baseline, covariates (words as 0 and 1)."""
    columns = {INTERCEPT: pd.Series(1.0, index=used.index)}
    columns |= {arm_term(arm): (used["arm"] == arm) * 1.0 for arm in arms[1:]}
    if has_baseline:
        columns[BASELINE] = used[BASELINE]
    for name in covariates:
        if pd.api.types.is_numeric_dtype(used[name]):
            columns[name] = used[name].astype("float64")
        else:
            for level in sorted(used[name].unique())[1:]:
                columns[f"{name} = {level}"] = (used[name] == level) * 1.0
    return pd.DataFrame(columns)


def arm_term(arm: str) -> str:
    """Return the name of an arm's column in the model."""
    return f"arm = {arm}"


def fit_design(design: pd.DataFrame, used: pd.DataFrame, outcome: str) -> LinearFit:
    """Fit the model, or say why it cannot be."""
    n, n_terms = design.shape
    if n <= n_terms:
        raise CannotAnswerError(
            f"{n} patients can be analysed, and the model has {n_terms} coefficients: more "
            "patients, or fewer covariates."
        )
    if (used["value"] == used["value"].iloc[0]).all():
        raise CannotAnswerError(f"{outcome} is the same in all {n} patients analysed.")
    if term := first_collinear(design):
        before = ", ".join(design.loc[:, :term].columns[:-1])
        raise CannotAnswerError(
            f"{term!r} says nothing that {before} do not say together, in the patients analysed. "
            "Leave it out."
        )
    fit = fit_linear(design, used["value"])
    if fit.is_perfect:
        raise CannotAnswerError(
            f"Baseline and arms tell {outcome} without error in all {n} patients analysed: "
            "nothing is left to judge a difference by. Was the baseline given as the outcome?"
        )
    return fit


def fit_with_slopes(
    design: pd.DataFrame, used: pd.DataFrame, arms: Sequence[str]
) -> LinearFit | None:
    """Fit the model in which every arm has its own slope of the baseline; None where it cannot."""
    centred = used[BASELINE] - used[BASELINE].mean()
    products = {
        f"{arm_term(arm)} x {BASELINE}": design[arm_term(arm)] * centred for arm in arms[1:]
    }
    larger = design.assign(**products)
    if len(larger) <= larger.shape[1] or first_collinear(larger):
        return None
    return fit_linear(larger, used["value"])

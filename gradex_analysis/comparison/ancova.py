"""How far are the arms apart, once the baseline is taken into account? The numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gradex_analysis.comparison.design import BASELINE, INTERCEPT, arm_term, fit_with_slopes
from gradex_analysis.stats.linear_model import LinearFit, compare_nested, estimate
from gradex_analysis.stats.standardised_differences import hedges_g, pooled_sd

CHECKS = ["check", "arm", "estimate", "statistic", "df_between", "df", "p_value"]
SLOPES = "equal slopes of the baseline"


def contrast(
    everyone: pd.DataFrame, used: pd.DataFrame, fit: LinearFit, arms: Sequence[str]
) -> pd.DataFrame:
    """Contrast each arm with the first, positive where the arm is higher.

    Hedges' g stands on the SD of the baseline, pooled over all patients of the two arms who have
    one; without a baseline, on that of the outcome.
    """
    reference, *others = arms
    standard = BASELINE if BASELINE in everyone else "value"
    groups = {arm: everyone.loc[everyone["arm"] == arm, standard].dropna() for arm in arms}
    n_used, n_all = used["arm"].value_counts(), everyone["arm"].value_counts()
    rows: list[dict[str, Any]] = []
    for arm in others:
        numbers = estimate(fit, {arm_term(arm): 1.0})
        sd, df = pooled_sd(groups[arm], groups[reference])
        rows.append(
            {
                "arm": arm,
                "reference": reference,
                **numbers,
                "n": n_used[arm] + n_used[reference],
                "n_considered": n_all[arm] + n_all[reference],
                **hedges_g(numbers["estimate"], numbers["std_error"], sd=sd, df=df),
                "standardiser": sd,
            }
        )
    return pd.DataFrame(rows)


def adjust_means(
    everyone: pd.DataFrame, used: pd.DataFrame, fit: LinearFit, design: pd.DataFrame
) -> pd.DataFrame:
    """Estimate each arm's mean at the means of baseline and covariates of the patients analysed."""
    arms = {arm_term(str(arm)) for arm in used["arm"]}
    at_means = {str(c): float(design[c].mean()) for c in design if c not in {INTERCEPT, *arms}}
    n_all = everyone["arm"].value_counts()
    rows = []
    for arm, own in used.groupby("arm"):
        weights = {INTERCEPT: 1.0, arm_term(str(arm)): 1.0, **at_means}
        numbers = estimate(fit, weights)
        del numbers["statistic"], numbers["p_value"]  # that a mean is 0 is nobody's question
        rows.append(
            {
                "arm": arm,
                **numbers,
                "n": len(own),
                "n_missing": n_all[arm] - len(own),
                "observed_mean": own["value"].mean(),
                "observed_sd": own["value"].std(),
                "baseline_mean": own[BASELINE].mean() if BASELINE in own else float("nan"),
                "baseline_sd": own[BASELINE].std() if BASELINE in own else float("nan"),
            }
        )
    return pd.DataFrame(rows)


def list_coefficients(fit: LinearFit) -> pd.DataFrame:
    """List every coefficient of the model."""
    return pd.DataFrame([{"term": term, **estimate(fit, {term: 1.0})} for term in fit.names])


def check_assumptions(
    used: pd.DataFrame, fit: LinearFit, design: pd.DataFrame, arms: Sequence[str]
) -> pd.DataFrame:
    """Check whether arms have the same slope (F), and what HC3 makes of unequal variances.

    NaN where the check cannot be made.
    """
    rows: list[dict[str, Any]] = [{"check": "residual SD", "estimate": fit.residual_sd}]
    if BASELINE in design:
        larger = fit_with_slopes(design, used, arms)
        rows.append({"check": SLOPES} | (compare_nested(larger, fit) if larger else {}))
    for arm in arms[1:]:
        robust = estimate(fit, {arm_term(arm): 1.0}, robust=True)
        rows.append(
            {
                "check": "HC3 standard error of the difference",
                "arm": arm,
                "estimate": robust["std_error"],
                **{name: robust[name] for name in ("statistic", "df", "p_value")},
            }
        )
    return pd.DataFrame(rows).reindex(columns=CHECKS).fillna({"arm": ""})

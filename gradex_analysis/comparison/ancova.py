"""How far are the arms apart at one occasion? The numbers, by least squares.

ANCOVA: ``value = b0 + arms + b baseline + covariates``. Change score: ``value - baseline = b0 +
arms + covariates``, which is ANCOVA with ``b`` set to 1 instead of estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gradex_analysis.comparison.design import (
    INTERCEPT,
    arm_term,
    fit_design,
    fit_with_slopes,
    make_design,
)
from gradex_analysis.comparison.fitted import CHECKS, Fitted
from gradex_analysis.comparison.study import Study
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.linear_model import LinearFit, compare_nested, estimate

SLOPES = "equal slopes of the baseline"


def fit_plain(study: Study) -> Fitted:
    """Fit the values at one occasion by least squares, one model over all arms."""
    used, arms, plan = study.rows, study.arms, study.plan
    has_baseline = BASELINE in study.adjusted_for
    design = make_design(used, arms, plan.covariates, has_baseline=has_baseline)
    fit = fit_design(design, used, study.compared)
    return Fitted(
        contrasts=_contrast(fit, arms).assign(occasion=study.occasions[0]),
        means=_adjust_means(used, fit, design).assign(occasion=study.occasions[0]),
        coefficients=pd.DataFrame(
            [{"term": term, **estimate(fit, {term: 1.0})} for term in fit.names]
        ),
        assumptions=_check_assumptions(used, fit, design, arms),
        residuals=used["value"] - design.to_numpy() @ fit.coefficients,
    )


def _contrast(fit: LinearFit, arms: Sequence[str]) -> pd.DataFrame:
    """Contrast each arm with the first, positive where the arm is higher."""
    reference, *others = arms
    return pd.DataFrame(
        [
            {"arm": arm, "reference": reference, **estimate(fit, {arm_term(arm): 1.0})}
            for arm in others
        ]
    )


def _adjust_means(used: pd.DataFrame, fit: LinearFit, design: pd.DataFrame) -> pd.DataFrame:
    """Estimate each arm's mean at the means of baseline and covariates of the patients analysed."""
    arms = sorted(used["arm"].unique())
    terms = {INTERCEPT, *map(arm_term, arms)}
    at_means = {str(name): float(design[name].mean()) for name in design if name not in terms}
    return pd.DataFrame(
        [
            {"arm": arm, **estimate(fit, {INTERCEPT: 1.0, arm_term(arm): 1.0, **at_means})}
            for arm in arms
        ]
    )


def _check_assumptions(
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

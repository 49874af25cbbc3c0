"""How far are the arms apart along straight courses over real weeks?"""

from __future__ import annotations

from typing import Any

import pandas as pd

from gradex_analysis.comparison.fitted import (
    NUMBERS,
    TESTED,
    Fitted,
    as_contrasts,
    check_engine,
    lay_rows,
    list_terms,
    say_notes,
    state_inference,
    take_clusters,
)
from gradex_analysis.comparison.study import Study
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

DAYS_OF_A_WEEK = 7


def fit_growth(study: Study) -> Fitted:
    """Fit ``value ~ baseline + arm*week + covariates`` with a line of its own for each patient.

    ``week`` is the assessment's own day over 7. Arms are compared at the median day of each
    occasion, and in their slope (points per week).

    References
    ----------
    Laird & Ware (1982), doi:10.2307/2529876
    """
    rows = lay_rows(study).assign(week=lambda frame: frame["day"] / DAYS_OF_A_WEEK)
    _refuse_single_times(rows)
    adjusted = ["baseline"] if "baseline" in study.adjusted_for else []
    fit = fit_mixed_model(
        rows,
        outcome="value",
        fixed=" + ".join([*adjusted, "arm*week", *list_terms(study.plan)]),
        random="week",
        groups="patient_id",
        df=study.plan.df,
        **take_clusters(study.plan),
    )
    weeks = rows.groupby("occasion", observed=True)["week"].median()
    contrasts, means = _at_occasions(fit, study, weeks)
    return Fitted(
        contrasts=contrasts,
        means=means,
        coefficients=fit.coefficients,
        assumptions=check_engine(fit, study.arms),
        slopes=_slopes(fit, study),
        notes=say_notes(fit, study.arms),
        facts=_facts(fit, weeks),
    )


def _refuse_single_times(rows: pd.DataFrame) -> None:
    if rows.groupby("patient_id")["week"].nunique().max() < 2:
        raise CannotAnswerError(
            "No patient has values on two days after the baseline, so that there is no course: "
            "method 'mmrm' needs occasions only, 'ancova' one of them."
        )
    if len(set(rows["week"])) < 3:
        raise CannotAnswerError(
            "All values are of the same two days, from which a level and a slope of each patient "
            "cannot be told apart from chance: method 'mmrm' asks for no straight course."
        )


def _at_occasions(
    fit: MixedFit, study: Study, weeks: pd.Series
) -> tuple[pd.DataFrame, pd.DataFrame]:
    contrasts, means = [], []
    for occasion in study.occasions:
        at = {"week": float(weeks[occasion])}
        found = fit.contrasts("arm", reference=study.arms[0], at=at)
        contrasts.append(as_contrasts(found, occasion))
        mean = fit.marginal_means(["arm"], at=at).assign(occasion=occasion)
        means.append(mean[["arm", "occasion", *NUMBERS]].astype({"arm": "str"}))
    return pd.concat(contrasts, ignore_index=True), pd.concat(means, ignore_index=True)


def _slopes(fit: MixedFit, study: Study) -> pd.DataFrame:
    """List each arm's slope (no reference) and its differences from the reference."""
    own = fit.slopes("week", by="arm").assign(reference="")
    apart = fit.slope_contrasts("week", "arm", reference=study.arms[0])
    both = pd.concat([own, apart.rename(columns={"level": "arm"})], ignore_index=True)
    keys = ["arm", "reference"]
    return both.astype(dict.fromkeys(keys, "str")).reindex(columns=[*keys, *TESTED])


def _facts(fit: MixedFit, weeks: pd.Series) -> dict[str, Any]:
    return {
        **state_inference(fit),
        "converged": fit.converged,
        "weeks": {str(occasion): float(week) for occasion, week in weeks.items()},
    }

"""How far are the arms apart at each occasion, all occasions in one model?

The mixed model for repeated measures (MMRM). With one occasion it is the analysis of covariance,
in which patients may be clustered by therapist and arms may have variances of their own.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from gradex_analysis.comparison.fitted import (
    NUMBERS,
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
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.mixed_models import MixedFit, fit_mmrm


def fit_repeated(study: Study) -> Fitted:
    """Fit ``value ~ baseline*occasion + arm*occasion + covariates``, patients' values correlated.

    The constrained model has the baseline among its occasions and no arms then: ``value ~ occasion
    + arm:(later occasions) + covariates``, which is what randomisation promises.

    References
    ----------
    Mallinckrodt et al. (2008), doi:10.1177/009286150804200402; Liang & Zeger (2000), Sankhya B
    62:134 (constrained)
    """
    plan = study.plan
    rows = lay_rows(study)
    links = _link(study) if plan.is_constrained else {}
    for name, (arm, occasion) in links.items():
        rows[name] = 1.0 * ((rows["arm"] == arm) & (rows["occasion"] == occasion))
    fit = fit_mmrm(
        rows,
        outcome="value",
        fixed=_formula(study, list(links)),
        visit="occasion",
        subject="patient_id",
        covariance=plan.covariance if plan.is_longitudinal else "unstructured",
        by_group="arm" if plan.variances_by_arm else None,
        df=plan.df,
        **take_clusters(plan),
    )
    contrasts, means = _constrained(fit, study, links) if links else _by_occasion(fit, study)
    return Fitted(
        contrasts=contrasts,
        means=means,
        coefficients=_name_links(fit.coefficients, links),
        assumptions=check_engine(fit, study.arms),
        notes=say_notes(fit, study.arms),
        facts=_facts(fit) if plan.is_longitudinal else state_inference(fit),
        residuals=fit.residuals,
        covariances=fit.residual_covariance or {},
    )


def _formula(study: Study, links: list[str]) -> str:
    several = len(study.occasions) > 1
    adjusted = "baseline" in study.adjusted_for
    if links:
        terms = ["occasion", *links]
    elif several:
        terms = [*(["baseline*occasion"] if adjusted else []), "arm*occasion"]
    else:
        terms = [*(["baseline"] if adjusted else []), "arm"]
    return " + ".join([*terms, *list_terms(study.plan)])


def _by_occasion(fit: MixedFit, study: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    reference = study.arms[0]
    if len(study.occasions) == 1:
        only = study.occasions[0]
        contrasts = as_contrasts(fit.contrasts("arm", reference=reference), only)
        means = fit.marginal_means(["arm"]).assign(occasion=only)
    else:
        contrasts = as_contrasts(fit.contrasts("arm", by="occasion", reference=reference))
        means = fit.marginal_means(["arm", "occasion"])
    return contrasts, means[["arm", "occasion", *NUMBERS]].astype({"arm": "str", "occasion": "str"})


def _link(study: Study) -> dict[str, tuple[str, str]]:
    """Name the column of each arm but the reference at each occasion after the baseline."""
    return {
        f"arm{i}_at{j}": (arm, occasion)
        for j, occasion in enumerate(study.occasions, 1)
        for i, arm in enumerate(study.arms[1:], 1)
    }


def _constrained(
    fit: MixedFit, study: Study, links: dict[str, tuple[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = fit.combine({name: {name: 1.0} for name in links})
    keys = pd.DataFrame(
        [(arm, study.arms[0], occasion) for arm, occasion in links.values()],
        columns=["level", "reference", "occasion"],
        index=list(links),
    )
    contrasts = as_contrasts(found.join(keys, on="contrast"))
    means = []
    for arm in study.arms:
        for occasion in (BASELINE, *study.occasions):
            at = {name: float((arm, occasion) == where) for name, where in links.items()}
            mean = fit.marginal_means(["occasion"], at=at)
            means.append(mean[mean["occasion"] == occasion].assign(arm=arm))
    return contrasts, pd.concat(means, ignore_index=True)[["arm", "occasion", *NUMBERS]].astype(
        {"occasion": "str"}
    )


def _name_links(found: pd.DataFrame, links: dict[str, tuple[str, str]]) -> pd.DataFrame:
    called = {name: f"arm = {arm} at {occasion}" for name, (arm, occasion) in links.items()}
    return found.assign(term=found["term"].replace(called))


def _facts(fit: MixedFit) -> dict[str, Any]:
    return {
        "covariance": fit.settings["covariance"],
        **state_inference(fit),
        "converged": fit.converged,
        "attempts": fit.attempts.to_dict("records"),
    }

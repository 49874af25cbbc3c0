"""What does a comparison hold, once the model is fitted?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import (
    analysis_sets,
    effects,
    estimand,
    figures,
    missingness,
    say,
    therapists,
)
from gradex_analysis.comparison.ancova import fit_plain
from gradex_analysis.comparison.fitted import Fitted
from gradex_analysis.comparison.growth import fit_growth
from gradex_analysis.comparison.options import CHANGE, GROWTH
from gradex_analysis.comparison.repeated import fit_repeated
from gradex_analysis.comparison.study import Study
from gradex_analysis.measures.groups import WITHOUT_ARM, arm_of, list_arms
from gradex_analysis.measures.occasions import BASELINE


def give(cohort: Cohort, study: Study, instrument: str | None) -> dict[str, Any]:
    """Fit the model and return the fields of the comparison."""
    fitted = _choose_model(study)(study)
    table = effects.add_sizes(study, fitted)
    settings = _settle(cohort, study, fitted, table, instrument)
    left_out = study.people[["patient_id"]].assign(reason=study.reason)
    arm = arm_of(cohort)
    return {
        "table": table,
        "display": say.lay_out(table, settings, say.digits_for(settings["outcome_sd"])),
        "means": effects.add_counts(study, fitted),
        "coefficients": fitted.coefficients,
        "assumptions": fitted.assumptions,
        "slopes": fitted.slopes,
        "analysed": _first(study.rows, ["patient_id", "arm"], study),
        "courses": _courses(study),
        "missing": _missing(cohort, study, instrument),
        "tipping": effects.tip(study, fitted, table),
        "sets": analysis_sets.count_set(study.in_set, arm),
        "unit": ("patient_id",),
        "n_considered": len(study.people),
        "n_used": len(study.used),
        "excluded": left_out[left_out["reason"] != ""].reset_index(drop=True),
        "settings": settings,
    }


def _choose_model(study: Study) -> Callable[[Study], Fitted]:
    if study.plan.method == GROWTH:
        return fit_growth
    return fit_plain if study.plan.is_plain else fit_repeated


def _settle(
    cohort: Cohort, study: Study, fitted: Fitted, table: pd.DataFrame, instrument: str | None
) -> dict[str, Any]:
    """Return everything that shaped the numbers or is needed to say them."""
    outcome, plan = study.outcome, study.plan
    is_change, word = plan.method == CHANGE, "arm" if cohort.is_randomised else "group"
    declared = study.rows[study.rows["occasion"].isin(study.declared)]
    settings: dict[str, Any] = {
        "outcome": study.compared,
        "at": outcome.at,
        **plan.settings(),
        "therapist": plan.therapist,
        "reference": study.arms[0],
        "adjusted_for": study.adjusted_for,
        "standardised_by": _unit_of_g(study),
        "outcome_sd": float(declared["value"].std()),
        "baseline_mean": _baseline_mean(study),
        "occasions": [one for one in study.occasions if one],
        "unit": outcome.unit,
        "better": outcome.better,
        "low": None if is_change or pd.isna(outcome.low) else outcome.low,
        "high": None if is_change or pd.isna(outcome.high) else outcome.high,
        "arms": list_arms(cohort),
        "randomised": cohort.is_randomised,
        "word": word,
        "confidence": 0.95,
        "n_with_arm": int((study.people["arm"] != WITHOUT_ARM).sum()),
        "n_in_model": len(study.used),
        "analysis_set_is": analysis_sets.say_rule(
            plan.analysis_set, at=plan.at, randomised=cohort.is_randomised
        ),
        "notes": [*study.notes, *fitted.notes, *_say_therapists(cohort, study, word)],
        "n_contrasts": len(table),
        **fitted.facts,
        **figures.known_changes(cohort, instrument or ""),
    }
    return settings | {"estimand": estimand.state(settings)}


def _unit_of_g(study: Study) -> str:
    if effects.stands_on_baseline(study):
        return "baseline"
    return "outcome at that occasion" if study.plan.is_longitudinal else "outcome"


def _baseline_mean(study: Study) -> float | None:
    """Return the baseline at which means are adjusted: its mean over the rows of the model."""
    if BASELINE not in study.adjusted_for or study.plan.is_constrained:
        return None
    return float(study.rows[BASELINE].mean())


def _say_therapists(cohort: Cohort, study: Study, word: str) -> list[str]:
    if study.plan.therapist is None:
        return []
    n_sites = therapists.count_sites(cohort, study.used["patient_id"])
    return [
        therapists.say_therapists(study.used, study.arms, study.plan, word=word, n_sites=n_sites)
    ]


def _first(rows: pd.DataFrame, keys: list[str], study: Study) -> pd.DataFrame:
    """Return the rows with their keys first, without occasions where there are none."""
    at = ["occasion", "day"] if study.occasions != ("",) else []
    names = [*keys, *at, "value"]
    rest = [str(name) for name in rows if name not in (*names, "occasion", "day")]
    return rows[[*names, *rest]].reset_index(drop=True)


def _courses(study: Study) -> pd.DataFrame:
    """Return the values analysed, the baseline before them."""
    columns = ["patient_id", "arm", "occasion", "day", "value"]
    rows = study.rows[columns]
    if study.outcome.before is None or study.plan.is_constrained or study.plan.method == CHANGE:
        return rows.reset_index(drop=True)
    first = study.used[["patient_id", "arm"]].join(study.outcome.before, on="patient_id")
    first = first.rename(columns={BASELINE: "value"}).assign(occasion=BASELINE)
    return pd.concat([first[columns], rows], ignore_index=True)


def _missing(cohort: Cohort, study: Study, instrument: str | None) -> pd.DataFrame:
    """Count who has no value at which occasion, and why."""
    seen = study.outcome.rows[["patient_id", "occasion", "value"]]
    explained = missingness.explain_missing(
        cohort, seen, arm_of(cohort), instrument=instrument,
        occasions=list(study.outcome.occasions),
    )  # fmt: skip
    return missingness.count_missing(explained)

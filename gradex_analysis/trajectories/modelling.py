"""How does an answer about courses get its model?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.measures.observations import Observations
from gradex_analysis.measures.outcomes import Outcome
from gradex_analysis.trajectories.answers import ModelledTrajectories, Trajectories
from gradex_analysis.trajectories.basis import Basis
from gradex_analysis.trajectories.growth import Growth, fit_growth
from gradex_analysis.trajectories.growth_frames import compare_slopes, draw_curves, list_slopes
from gradex_analysis.trajectories.knots import choose_knot
from gradex_analysis.trajectories.model_rows import ModelRows, choose_rows
from gradex_analysis.trajectories.options import How


def add_model(
    plain: Trajectories,
    cohort: Cohort,
    chosen: Outcome,
    seen: Observations,
    used: pd.DataFrame,
    how: How,
) -> ModelledTrajectories:
    """Model the values of the courses, one per course and time, and add what the model says."""
    time, knot, source = plain.settings["time"], None, None
    if how.model == "piecewise":
        knot, source = choose_knot(cohort, chosen, seen, knot=how.knot, time=time)
    given = choose_rows(used, seen, Basis(how.model, time, knot))
    growth = fit_growth(given, reference=how.reference, df=how.df)
    seed = plain.settings["seed"]
    curve, critical = draw_curves(growth, plain.mean, seed=seed, n_draws=how.n_draws)
    band = {"method": "sup-t", "n_draws": how.n_draws, "arms": critical}
    kept = {field.name: getattr(plain, field.name) for field in fields(plain)}
    kept["settings"] = {
        **plain.settings,
        **_describe(growth, given),
        **{"reference": how.reference, "knot_source": source, "band": band},
        "notes": [*growth.notes, *_leave_scale(curve, chosen)],
    }
    return ModelledTrajectories(
        **kept,
        slopes=_count(list_slopes(growth), given.rows),
        slope_contrasts=compare_slopes(growth, how.reference),
        curve=curve,
        variance_components=growth.fit.variance_components,
        not_in_model=given.left_out,
    )


def _count(slopes: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    by_arm = rows.groupby("arm")
    n, n_patients = by_arm.size(), by_arm["patient_id"].nunique()
    return slopes.assign(n=slopes["arm"].map(n), n_patients=slopes["arm"].map(n_patients))


def _describe(growth: Growth, given: ModelRows) -> dict[str, Any]:
    fit = growth.fit
    return {
        "model": given.basis.model,
        "knot": given.basis.knot,
        "per": given.basis.per,
        "fixed": fit.settings["fixed"],
        "random": growth.random,
        "is_nested": given.is_nested,
        "df": fit.settings["df"],
        "method": fit.settings["method"],
        "information": fit.settings["information"],
        "deviance": fit.deviance,
        "n_values_in_model": len(given.rows),
        "n_patients_in_model": int(given.rows["patient_id"].nunique()),
    }


def _leave_scale(curve: pd.DataFrame, chosen: Outcome) -> Iterator[str]:
    """Say where a modelled mean is beyond the ends of the scale; unknown ends are NaN."""
    beyond = (curve["estimate"] < chosen.low) | (curve["estimate"] > chosen.high)
    for arm in curve.loc[beyond, "arm"].unique():
        where = "" if arm == EVERYBODY else f" of {named(arm)}"
        yield f"The modelled mean{where} leaves the scale: this course does not fit there."

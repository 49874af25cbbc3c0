"""What share of an error is learned, by how much do patients differ, and what would noise do?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model
from gradex_analysis.stats.report_error import correct_slope

NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df"]
AS_REPORTED, WITH_INTERCEPT = "as reported", "with an intercept"
NOT_FITTED = "not fitted"


@dataclass(frozen=True)
class Learned:
    """The frames of a learning rate, and what a reader must know of the fit."""

    table: pd.DataFrame
    contrasts: pd.DataFrame
    patients: pd.DataFrame
    variances: pd.DataFrame
    sensitivity: pd.DataFrame
    notes: list[str]


def fit_updates(rows: pd.DataFrame, report_sd: Sequence[float]) -> Learned:
    """Fit ``change = (rate of the group + patient's own) error + e``, by REML, without intercept.

    ``rows`` has ``patient_id, group, error, change``.
    """
    groups = sorted(rows["group"].unique())
    several = len(groups) > 1
    fit = _fit(rows, "0 + error:group" if several else "0 + error")
    table = _rates(fit, rows, groups)
    between, residual = fit.variance_components["estimate"].iloc[[0, -1]]
    variances = pd.DataFrame(
        {"component": ["learning rate, between patients", "change, residual"],
         "sd": np.sqrt([between, residual]),
         "at_boundary": fit.variance_components["at_boundary"].iloc[[0, -1]].to_numpy()}
    )  # fmt: skip
    return Learned(
        table=table,
        contrasts=fit.slope_contrasts("error", "group") if several else pd.DataFrame(),
        patients=_patients(rows, table, float(between), float(residual)),
        variances=variances,
        sensitivity=_sensitivity(rows, table, report_sd, float(between), float(residual)),
        # a boundary is a column of the variances, and is said by the sentence
        notes=[note for note in fit.notes if "boundary" not in note],
    )


def _fit(rows: pd.DataFrame, fixed: str) -> MixedFit:
    return fit_mixed_model(rows, outcome="change", fixed=fixed, random="0 + error")


def _rates(fit: MixedFit, rows: pd.DataFrame, groups: list[str]) -> pd.DataFrame:
    by = ["group"] if len(groups) > 1 else []
    slopes = fit.slopes("error", by=by)
    if not by:
        slopes.insert(0, "group", groups[0])
    sizes = rows.groupby("group")["patient_id"].agg(n="size", n_patients="nunique")
    return slopes[["group", *NUMBERS]].merge(sizes.reset_index(), on="group")


def _patients(
    rows: pd.DataFrame, table: pd.DataFrame, between: float, residual: float
) -> pd.DataFrame:
    """Return each patient's rate: from own exposures alone (``own``), and drawn to the group's.

    ``weight`` is the share of the patient's own rate in ``estimate``.
    """
    sums = rows.assign(xx=rows["error"] ** 2, xy=rows["error"] * rows["change"])
    by_patient = sums.groupby("patient_id", sort=True)
    own = by_patient.agg(group=("group", "first"), xx=("xx", "sum"), xy=("xy", "sum"))
    own["n"] = by_patient.size()
    rate = own["group"].map(table.set_index("group")["estimate"])
    alone = own["xy"] / own["xx"].where(own["xx"] > 0)
    weight = between * own["xx"] / (residual + between * own["xx"])
    # the prediction of a random slope (BLUP); who never erred is taken for the group's
    estimate = rate + weight * (alone - rate).fillna(0.0)
    numbers = {"own": alone, "estimate": estimate, "weight": weight, "n": own["n"]}
    return own[["group"]].assign(**numbers).reset_index()


def _sensitivity(
    rows: pd.DataFrame,
    table: pd.DataFrame,
    report_sd: Sequence[float],
    between: float,
    residual: float,
) -> pd.DataFrame:
    """Return each group's rate as reported, with an intercept, and under assumed report errors."""
    parts = [table[["group", *NUMBERS]].assign(how=AS_REPORTED)]
    for group, own in rows.groupby("group", sort=True):
        corrected = correct_slope(
            own["patient_id"], own["error"], own["change"], residual=residual, between=between,
            report_sd=report_sd,
        )  # fmt: skip
        how = [f"report error of SD {sd:g}" for sd in corrected["report_sd"]]
        parts.append(corrected.assign(group=group, how=how))
    parts.append(_with_intercept(rows))
    columns = ["group", "how", "report_sd", *NUMBERS, "left_of_errors", "intercept"]
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def _with_intercept(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rates beside an intercept per group: change where what occurred was expected."""
    several = len(rows["group"].unique()) > 1
    try:
        fit = _fit(rows, "0 + group + error:group" if several else "error")
    except CannotAnswerError:  # every error alike: the intercept cannot be told from the rate
        return pd.DataFrame({"group": sorted(rows["group"].unique()), "how": WITH_INTERCEPT})
    if several:
        rates = fit.slopes("error", by=["group"])
        start = fit.marginal_means(["group"], at={"error": 0.0})["estimate"]
    else:
        rates = fit.slopes("error").assign(group=rows["group"].iloc[0])
        start = fit.marginal_means([], at={"error": 0.0})["estimate"]
    return rates[["group", *NUMBERS]].assign(how=WITH_INTERCEPT, intercept=start.to_numpy())

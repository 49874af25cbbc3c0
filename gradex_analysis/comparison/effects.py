"""In how many patients, how large in standard deviations, and how far missing values matter?"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from gradex_analysis.comparison import tipping
from gradex_analysis.comparison.fitted import NUMBERS, TESTED, Fitted
from gradex_analysis.comparison.study import Study
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.multiplicity import adjust
from gradex_analysis.stats.standardised_differences import hedges_g, pooled_sd

SIZES = ["hedges_g", "g_std_error", "g_ci_low", "g_ci_high", "standardiser"]


def add_sizes(study: Study, fitted: Fitted) -> pd.DataFrame:
    """Return the declared contrasts with counts, Hedges' g and, if asked for, adjusted p values.

    Hedges' g stands on the SD of the baseline, pooled over all patients of the two arms who have
    one; without a baseline, or if the plan says so, on that of the outcome at the occasion.
    """
    table = fitted.contrasts[fitted.contrasts["occasion"].isin(study.declared)]
    table = table.reset_index(drop=True)
    seen = study.rows.groupby(["arm", "occasion"]).size()
    everyone, used = study.people["arm"].value_counts(), study.used["arm"].value_counts()
    pairs = [(row["arm"], row["reference"], row["occasion"]) for _, row in table.iterrows()]
    if study.plan.multiplicity:
        table["p_adjusted"] = adjust(table["p_value"], study.plan.multiplicity)
    table["n"] = [int(seen[arm, at] + seen[reference, at]) for arm, reference, at in pairs]
    table["n_considered"] = [int(everyone[arm] + everyone[other]) for arm, other, _ in pairs]
    table["n_in_model"] = [int(used[arm] + used[other]) for arm, other, _ in pairs]
    sizes = [_standardise(study, row) for _, row in table.iterrows()]
    table = table.join(pd.DataFrame(sizes, columns=SIZES))
    at = ["occasion"] if study.occasions != ("",) else []
    family = ["p_adjusted"] if study.plan.multiplicity else []
    counts = ["n", "n_considered", "n_in_model"]
    return table[["arm", "reference", *at, *TESTED, *family, *counts, *SIZES]]


def stands_on_baseline(study: Study) -> bool:
    """Whether Hedges' g is in SD of the baseline."""
    return study.outcome.has_baseline and study.plan.standardise_by == BASELINE


def _standardise(study: Study, row: pd.Series) -> dict[str, float]:
    groups = (_spread_of(study, row[side], row["occasion"]) for side in ("arm", "reference"))
    sd, df = pooled_sd(*groups)
    g = hedges_g(row["estimate"], row["std_error"], sd=sd, df=df)
    return {**g, "standardiser": sd}


def _spread_of(study: Study, arm: str, occasion: str) -> pd.Series:
    """Return the values of an arm whose SD is the unit: never a change, never residuals."""
    if stands_on_baseline(study):
        return study.people.loc[study.people["arm"] == arm, BASELINE].dropna()
    rows = study.outcome.rows
    own = study.used.loc[study.used["arm"] == arm, "patient_id"]
    return rows.loc[(rows["occasion"] == occasion) & rows["patient_id"].isin(own), "value"]


def add_counts(study: Study, fitted: Fitted) -> pd.DataFrame:
    """Return the adjusted means with the day, who was seen and who not, and what was observed."""
    rows, everyone = study.rows, study.people["arm"].value_counts()
    seen = rows.groupby(["arm", "occasion"])
    observed = seen.agg(
        n=("value", "size"), observed_mean=("value", "mean"), observed_sd=("value", "std")
    )
    if BASELINE in rows:
        observed["baseline_mean"] = seen[BASELINE].mean()
        observed["baseline_sd"] = seen[BASELINE].std()
    else:
        observed[["baseline_mean", "baseline_sd"]] = float("nan")
    means = fitted.means.merge(observed.reset_index(), on=["arm", "occasion"], how="left")
    means["n"] = means["n"].fillna(0).astype("int64")
    means["n_missing"] = means["arm"].map(everyone).astype("int64") - means["n"]
    means["day"] = means["occasion"].map(rows.groupby("occasion")["day"].median())
    at = ["occasion", "day"] if study.occasions != ("",) else []
    return means[
        ["arm", *at, *NUMBERS, "n", "n_missing", "observed_mean", "observed_sd", "baseline_mean",
         "baseline_sd"]
    ]  # fmt: skip


def tip(study: Study, fitted: Fitted, table: pd.DataFrame) -> pd.DataFrame:
    """Add points to what is missing, under missing at random otherwise."""
    contrasts = table if "occasion" in table else table.assign(occasion="")
    sds: Mapping[tuple[str, str], float] = {
        (row["arm"], row["occasion"]): row["standardiser"] for _, row in contrasts.iterrows()
    }
    return tipping.adjust(
        contrasts,
        _missing_design(study, fitted),
        better=study.outcome.better,
        sd=sds,
        deltas=study.plan.delta,
        adjusted_for=[name for name in study.adjusted_for if not _is_outcome(study, name)],
    )


def _is_outcome(study: Study, name: str) -> bool:
    return study.plan.is_constrained and name == BASELINE


def _missing_design(study: Study, fitted: Fitted) -> pd.DataFrame:
    """Return a row per patient and declared occasion: everybody whom the model could have held."""
    in_set = study.in_set.set_index("patient_id")["in_set"]
    needed = [name for name in study.adjusted_for if not _is_outcome(study, name)]
    people = study.people[study.people["patient_id"].map(in_set).astype("bool")]
    people = people[people["arm"].isin(study.arms)].dropna(subset=needed)
    residuals = _expect(study, fitted)
    parts = []
    for occasion in study.declared:
        here = study.rows.loc[study.rows["occasion"] == occasion, "patient_id"]
        part = people.assign(occasion=occasion, is_missing=~people["patient_id"].isin(here))
        if residuals is not None:
            part["residual"] = part["patient_id"].map(residuals[occasion]).fillna(0.0)
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _expect(study: Study, fitted: Fitted) -> pd.DataFrame | None:
    """Return what the model expects of every patient's residual at every occasion."""
    if fitted.residuals is None:
        return None
    rows = study.rows.assign(residual=fitted.residuals)
    wide = rows.pivot_table("residual", "patient_id", "occasion", dropna=False)
    if not fitted.covariances:
        return wide
    arm = study.used.set_index("patient_id")["arm"].reindex(wide.index)
    shared = next(iter(fitted.covariances.values()))
    parts = [
        tipping.expect_residuals(own, fitted.covariances.get(str(name), shared))
        for name, own in wide.groupby(arm)
    ]
    return pd.concat(parts)

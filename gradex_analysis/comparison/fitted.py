"""What does every model of a comparison hand back, and how does it meet the engine?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.comparison import therapists
from gradex_analysis.comparison.options import CR2, RANDOM, Plan
from gradex_analysis.comparison.study import Study
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.mixed_models import MixedFit

NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df"]
TESTED = [*NUMBERS, "statistic", "p_value"]
CHECKS = ["check", "arm", "estimate", "statistic", "df_between", "df", "p_value"]


def no_slopes() -> pd.DataFrame:
    """Return the slopes of a model that has none."""
    return pd.DataFrame(columns=["arm", "reference", *TESTED])


@dataclass(frozen=True, eq=False, kw_only=True)
class Fitted:
    """The numbers of one model.

    ``contrasts`` has ``arm, reference, occasion`` and the numbers, arm minus reference; ``means``
    ``arm, occasion`` and the numbers; ``facts`` goes into the settings; ``engine`` is the fit of
    the mixed-model engine, None where least squares answered.
    """

    contrasts: pd.DataFrame
    means: pd.DataFrame
    coefficients: pd.DataFrame
    assumptions: pd.DataFrame
    slopes: pd.DataFrame = field(default_factory=no_slopes)
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    residuals: pd.Series | None = None
    covariances: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def lay_rows(study: Study) -> pd.DataFrame:
    """Return the rows as the engine takes them: arms and words as factors, clusters beside."""
    rows = study.rows.copy()
    rows["arm"] = pd.Categorical(rows["arm"], categories=list(study.arms))
    first = [BASELINE] if study.plan.is_constrained else []
    rows["occasion"] = pd.Categorical(rows["occasion"], categories=[*first, *study.occasions])
    for name in study.plan.covariates:
        if pd.api.types.is_numeric_dtype(rows[name]):
            rows[name] = rows[name].astype("float64")
        else:
            rows[name] = pd.Categorical(rows[name], categories=sorted(rows[name].unique()))
    if study.plan.therapist:
        owner = therapists.cluster(study.used, study.arms, study.plan).set_index("patient_id")
        rows[therapists.CLUSTER] = rows["patient_id"].map(owner[therapists.CLUSTER])
        if study.plan.therapist == RANDOM:  # nobody was treated yet at the baseline
            before = rows["occasion"] == BASELINE
            rows[therapists.CLUSTER] = rows[therapists.CLUSTER].mask(before)
    _refuse_constant(rows, study)
    return rows


def _refuse_constant(rows: pd.DataFrame, study: Study) -> None:
    if (rows["value"] == rows["value"].iloc[0]).all():
        raise CannotAnswerError(
            f"{study.compared} is the same in all {len(study.used)} patients analysed."
        )


def list_terms(plan: Plan) -> list[str]:
    """Return the covariates as a formula names them."""
    return [f"`{name}`" for name in plan.covariates]


def take_clusters(plan: Plan) -> dict[str, Any]:
    """Return what the engine must know of therapists."""
    if plan.therapist == CR2:
        return {"robust": "CR2", "clusters": therapists.CLUSTER}
    return {"nested": {therapists.CLUSTER: "arm"}} if plan.therapist else {}


def state_inference(fit: MixedFit) -> dict[str, str]:
    """Return by which method, and from which information, the degrees of freedom were found."""
    df = "bell-mccaffrey" if fit.settings["robust"] == CR2 else str(fit.settings["df"])
    return {"df": df, "information": str(fit.settings["information"])}


def as_contrasts(found: pd.DataFrame, occasion: str | None = None) -> pd.DataFrame:
    """Return the engine's contrasts with our names."""
    frame = found.rename(columns={"level": "arm"})
    if occasion is not None:
        frame = frame.assign(occasion=occasion)
    frame = frame[["arm", "reference", "occasion", *TESTED]]
    return frame.astype({"arm": "str", "reference": "str", "occasion": "str"})


def check_engine(fit: MixedFit, arms: Sequence[str]) -> pd.DataFrame:
    """List the spread and the likelihood that the model found."""
    rows: list[dict[str, Any]] = [*_residuals(fit, arms), *_components(fit, arms)]
    rows.append({"check": "-2 log likelihood (REML)", "estimate": fit.deviance})
    rows.append({"check": "AIC", "estimate": fit.aic})
    return pd.DataFrame(rows).reindex(columns=CHECKS).fillna({"arm": ""})


def _residuals(fit: MixedFit, arms: Sequence[str]) -> Iterator[dict[str, Any]]:
    for group, frame in (fit.residual_covariance or {}).items():
        arm = str(group) if str(group) in arms else ""
        spread = np.sqrt(np.diag(frame))
        shared = frame.to_numpy() / np.outer(spread, spread)
        names = [named(name) for name in frame.columns]
        for i, name in enumerate(names):
            yield {"check": f"residual SD at {name}", "arm": arm, "estimate": spread[i]}
        for i, j in combinations(range(len(names)), 2):
            check = f"residual correlation of {names[i]} and {names[j]}"
            yield {"check": check, "arm": arm, "estimate": shared[i, j]}


def _components(fit: MixedFit, arms: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the variances of random terms; those of the residuals are told as SD above."""
    shown = fit.residual_covariance or {}
    for _, row in fit.variance_components.iterrows():
        group = str(row["group"])
        if group in shown:
            continue
        arm = next((one for one in arms if group.endswith(f"({one})")), "")
        yield {"check": _name_component(group, row), "arm": arm, "estimate": row["estimate"]}


def _name_component(group: str, row: pd.Series) -> str:
    if group == "Residual":
        return "variance of residuals"
    among = "therapists" if group.startswith(therapists.CLUSTER) else "patients"
    names = {"(Intercept)": "level", "week": "slope per week"}
    first, second = (names.get(str(row[name]), str(row[name])) for name in ("term", "other"))
    if second:
        return f"covariance of {first} and {second} among {among}"
    return f"variance of {first} among {among}"


def say_notes(fit: MixedFit, arms: Sequence[str]) -> tuple[str, ...]:
    """Return what the engine says of the fit, arms as a reader knows them."""
    terms = {"of (Intercept)": "of the level", "of week": "of the slope per week"}
    words = {"patient_id": "patients", **terms, **{arm: named(arm) for arm in arms}}
    return tuple(
        reduce(lambda said, word: said.replace(word, words[word]), words, note)
        for note in fit.notes
    )

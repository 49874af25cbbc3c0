"""What does the fitted population say of each group, and what can it not say?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.population_curve.rows import Covariates, Rated
from gradex_analysis.progress import Progress
from gradex_analysis.stats.population_curve import (
    PARTS,
    Parts,
    PopulationFit,
    fit_population_decay,
    tells_rate,
)

#: what patients may differ in; exposures of a patient always differ in their start
RANDOM = ("asymptote", "rate", "start")
#: fewer than this share still in the exercise: the course is drawn dashed
THIN_SHARE = 0.2
#: less than this share of the way to the lowest level seen: that level is extrapolated
SEEN = 0.5
PLACES = 61
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high"]
LOW, HIGH = 0.0, 100.0
WHY = {
    "not_identified": "the ratings cannot tell it",
    "no_fall": (
        "start and the level it tends to do not differ beyond chance, so that there is nothing "
        "whose rate could be told"
    ),
    "extrapolated": (
        "less than half of the way from the start to that level lies within the minutes that "
        "a fifth of the exposures reach"
    ),
    "outside_scale": "the estimate lies outside 0 to 100",
    "no_end": "the search for the likeliest curve did not end",
    "ok": "",
}


@dataclass(frozen=True)
class Told:
    """The fit and the frames made of it."""

    fit: PopulationFit
    table: pd.DataFrame
    course: pd.DataFrame
    patients: pd.DataFrame
    components: pd.DataFrame
    random: list[str]


def fit_rated(
    rated: Rated, random: Sequence[str], covariates: Covariates, method: str, progress: Progress
) -> Told:
    """Fit the population and describe it by group."""
    for name in random:
        if name not in RANDOM:
            raise UnknownNameError("random", name, RANDOM)
    effects = choose_effects(rated.ratings, random)
    fit = fit_population_decay(
        rated.ratings, value="value", time="time", exposure="exposure", patient="patient_id",
        parts=_make_parts(rated.groups, covariates), random=effects, method=method,
        progress=progress,
    )  # fmt: skip
    if len(fit.excluded):  # every rating listed has all that is needed
        raise CannotAnswerError(f"{len(fit.excluded)} ratings lack what the model needs.")
    frame = pd.DataFrame({"group": rated.groups, **dict.fromkeys(rated.means, 0.0)})
    ends = rated.ratings.groupby(["group", "exposure"], sort=False)["time"].max()
    table = _judge(fit, fit.parts(frame), ends)
    untold = set(table.loc[table["status"] == "not_identified", "group"])
    return Told(
        fit=fit,
        table=_count(table, rated),
        course=_draw(fit, frame, ends),
        patients=_describe_patients(fit.patients, rated, untold),
        components=_describe_components(fit.variance_components, is_told=not untold),
        random=effects,
    )


def choose_effects(ratings: pd.DataFrame, random: Sequence[str]) -> list[str]:
    """Add the exposures' own starts, unless patients' starts cannot be told from them."""
    single = ratings.groupby("patient_id")["exposure"].nunique().max() == 1
    effects = list(dict.fromkeys(random))
    return effects if single and "start" in effects else [*effects, "exposure_start"]


def _describe_patients(own: pd.DataFrame, rated: Rated, untold: set[str]) -> pd.DataFrame:
    """Add the patients' groups; where a group's rate cannot be told, neither can a patient's."""
    groups = rated.ratings.drop_duplicates("patient_id").set_index("patient_id")["group"]
    patients = own.assign(group=own["patient_id"].map(groups))
    of_rate = patients.columns.str.startswith(("log_rate", "rate", "half_life", "asymptote"))
    patients.loc[patients["group"].isin(untold), of_rate] = np.nan
    first = ["patient_id", "group"]
    return patients[[*first, *[name for name in patients if name not in first]]]


def _describe_components(components: pd.DataFrame, *, is_told: bool) -> pd.DataFrame:
    """Leave only what can be told where a rate cannot: the spreads of starts and of ratings."""
    if is_told:
        return components
    of_rate = components[["effect", "other"]].isin(["rate", "asymptote"]).any(axis=1)
    components.loc[of_rate, NUMBERS] = np.nan
    return components


def _make_parts(groups: Sequence[str], covariates: Covariates) -> Parts:
    base = "1 + group" if len(groups) > 1 else "1"
    own = {part: [base, *dict.fromkeys(covariates.get(part, ()))] for part in PARTS}
    return Parts(**{part: " + ".join(terms) for part, terms in own.items()})


def _judge(fit: PopulationFit, parts: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    """Say of every quantity of a group whether the ratings tell it; what they do not has none."""
    table = parts.rename(columns={"part": "quantity"})[["group", "quantity", *NUMBERS]]
    rate = table[table["quantity"] == "rate"].set_index("group")
    far = ends.groupby(level="group").quantile(1 - THIN_SHARE).reindex(rate.index)
    is_told = tells_rate(rate["estimate"], rate["std_error"], far)
    if fit.statuses["status"].eq("not_identified").any():
        is_told[:] = False
    seen = pd.Series(1.0 - np.exp(-rate["estimate"] * far), index=rate.index)
    is_end = table["quantity"].isin(["asymptote", "fall", "half_life"])
    is_level = table["quantity"].isin(["start", "asymptote"])
    untold = table["quantity"].ne("start") & ~table["group"].map(is_told)
    fall = table[table["quantity"] == "fall"].set_index("group")
    is_level_course = (fall["ci_low"] <= 0) & (fall["ci_high"] >= 0)
    of_rate = table["quantity"].isin(["rate", "half_life"])
    no_fall = of_rate & table["group"].map(is_level_course)
    # from the last to the first, so that the first that holds stays
    status = pd.Series("ok", index=table.index)
    status[is_level & ~table["estimate"].between(LOW, HIGH)] = "outside_scale"
    status[is_end & (table["group"].map(seen) < SEEN)] = "extrapolated"
    if not fit.converged and is_told.all():
        status[:] = "no_end"
    status[no_fall] = "no_fall"
    status[untold] = "not_identified"
    table.loc[untold | no_fall, NUMBERS] = np.nan
    return table.assign(status=status)


def _count(table: pd.DataFrame, rated: Rated) -> pd.DataFrame:
    by_group = rated.ratings.groupby("group")
    table = table.join(by_group["patient_id"].nunique().rename("n_patients"), on="group")
    table = table.join(by_group["exposure"].nunique().rename("n_exposures"), on="group")
    table = table.join(by_group.size().rename("n"), on="group")
    first = ["group", "quantity"]
    table = table[[*first, *[n for n in table if n not in [*first, "status"]], "status"]]
    return table.sort_values("group", kind="stable", ignore_index=True)


def _draw(fit: PopulationFit, frame: pd.DataFrame, ends: pd.Series) -> pd.DataFrame:
    """Predict each group's typical and mean course over the minutes that its exposures reach."""
    parts = []
    for row in range(len(frame)):
        group = str(frame["group"].iloc[row])
        own = ends.loc[group].to_numpy()
        times = np.linspace(0.0, own.max(), PLACES)
        n = (own[:, None] >= times).sum(axis=0)
        for level in ("typical", "mean"):
            course = fit.predict(frame.iloc[[row]], times, level=level)
            share = n / len(own)
            parts.append(
                course.assign(level=level, n=n, share_remaining=share, is_thin=share < THIN_SHARE)
            )
    both = pd.concat(parts, ignore_index=True)
    return both[["group", "level", "time", *NUMBERS, "n", "share_remaining", "is_thin"]]

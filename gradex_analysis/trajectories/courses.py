"""How does an outcome change over exposures to the same item, over sessions, over days?"""

from __future__ import annotations

import math
from typing import Any, Unpack

import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.groups import arm_of, list_arms
from gradex_analysis.measures.observations import Observations, observe
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.measures.outcomes import Outcome, choose_outcome
from gradex_analysis.trajectories import summaries
from gradex_analysis.trajectories.answers import Trajectories
from gradex_analysis.trajectories.complete_cases import average_complete
from gradex_analysis.trajectories.modelling import add_model
from gradex_analysis.trajectories.options import Options, read_options

#: said wherever exposures to different items stand in one course
NOT_LEARNING = "not a measure of learning: the items change as the ladder is climbed"


def fit_trajectories(
    cohort: Cohort,
    *,
    outcome: str,
    time: str,
    seed: int,
    same_context: bool = True,
    n_boot: int = 2000,
    model: str | None = None,
    **options: Unpack[Options],
) -> Trajectories:
    """Follow an outcome over time: each course, the mean of the patients' means, or a model.

    Parameters
    ----------
    outcome
        For example ``"peak_fear"`` (on 0 to 100), ``"TSK-11"``, ``"diary_pain"``; a name that is
        not on offer is answered with those that are.
    time
        ``"exposure_number"`` with the same item, ``"session_number"`` or ``"days"``. Over sessions
        and days the items change: ratings of exposures then do not measure learning.
    seed
        Of the bootstrap over patients (95 % percentile intervals) and of the model's band.
    same_context
        Whether the same item in another context is another series, where contexts are recorded.
    model
        ``"linear"``, ``"piecewise"`` or ``"log_time"``: a mixed model, its slopes compared between
        arms; ``options`` are those of ``trajectories.options.How``. Without it nothing is modelled.

    Returns
    -------
    Trajectories
        Every exposure, assessment or diary rating is in a course or, with its reason, in
        ``excluded``. With a model: ``ModelledTrajectories``.
    """
    how = read_options(model, options)
    chosen = choose_outcome(cohort, outcome)
    seen = observe(cohort, chosen, time, same_context=same_context)
    used = seen.frame[seen.frame["reason"] == ""]
    if used.empty:
        reasons = ", ".join(seen.frame["reason"].unique())
        raise CannotAnswerError(f"No value of {outcome} can be placed in time: {reasons}.")
    used = used.assign(arm=used["patient_id"].map(arm_of(cohort)))
    table = _by_series(used, seen)
    within_person, incomplete = average_complete(table, list(seen.series))
    pairs = _pair(cohort, chosen, seen, used)
    left_out = seen.frame[seen.frame["reason"] != ""]
    found = Trajectories(
        table=table,
        mean=_name_occasions(summaries.average(table, seed=seed, n_boot=n_boot), table),
        change=summaries.measure_change(pairs, seed=seed, n_boot=n_boot),
        expected=_expected(cohort, chosen, seen, used),
        within_person=within_person,
        incomplete=incomplete,
        unit=seen.unit,
        n_considered=len(seen.frame),
        n_used=len(used),
        excluded=left_out[[*seen.unit, "reason"]].reset_index(drop=True),
        settings={
            **_describe(cohort, chosen, seen),
            **{"time": time, "seed": seed, "n_boot": n_boot, "confidence": 0.95},
            "same_context": same_context,
            "n_recalled": int((used["way"] == "recalled").sum()),
        },
    )
    return add_model(found, cohort, chosen, seen, used, how) if how else found


def _pair(cohort: Cohort, chosen: Outcome, seen: Observations, used: pd.DataFrame) -> pd.DataFrame:
    if chosen.source == "assessments":
        return summaries.pair_occasions(used, order_occasions(cohort))
    if chosen.source == "exposures" and not seen.across_items:
        return summaries.pair_numbers(used, list(seen.series))
    return summaries.no_pairs()


def _expected(
    cohort: Cohort, chosen: Outcome, seen: Observations, used: pd.DataFrame
) -> pd.DataFrame:
    # what was expected is a peak of fear: it stands beside nothing else
    if chosen.name != "peak_fear" or seen.across_items:
        return pd.DataFrame(columns=summaries.EXPECTED_COLUMNS)
    return summaries.average_expected(cohort, used)


def _by_series(used: pd.DataFrame, seen: Observations) -> pd.DataFrame:
    """Average each series' values at one time: a session's exposures, a week's entries."""
    by = [*seen.series, "arm", *(["occasion", "day"] if "occasion" in used else []), "time"]
    values = used.groupby(by, sort=True, dropna=False)["value"].agg(["mean", "size"])
    table = values.rename(columns={"mean": "value", "size": "n"}).reset_index()
    return table.sort_values([*seen.series, "time"], ignore_index=True)


def _name_occasions(mean: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    if "occasion" not in table:
        return mean
    names = table.drop_duplicates("time").set_index("time")["occasion"]
    mean.insert(1, "occasion", mean["time"].map(names))
    return mean


def _describe(cohort: Cohort, chosen: Outcome, seen: Observations) -> dict[str, Any]:
    ends = [end if math.isfinite(end) else None for end in (chosen.low, chosen.high)]
    return {
        "outcome": chosen.name,
        "source": chosen.source,
        "label": chosen.label,
        "low": ends[0],
        "high": ends[1],
        "better": chosen.better,
        "series": list(seen.series),
        "time_words": seen.time_words,
        "has_days": seen.time_words.startswith("Days"),
        "across_items": seen.across_items,
        "warning": NOT_LEARNING if seen.across_items else "",
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
    }

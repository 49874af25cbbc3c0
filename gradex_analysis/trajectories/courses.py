"""How does an outcome change over exposures to the same item, over sessions, over days?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.measures.groups import arm_of, list_arms
from gradex_analysis.measures.observations import Observations, observe
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.measures.outcomes import Outcome, choose_outcome
from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.trajectories import figures, sentences, summaries

#: said wherever exposures to different items stand in one course
NOT_LEARNING = "not a measure of learning: the items change as the ladder is climbed"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trajectories(Result):
    """Each course of an outcome over time, and the mean course.

    ``table`` has one row per series and time: the keys of the series (``settings["series"]``),
    ``arm, time, value`` and ``n`` values behind it. ``mean`` has one row per arm and time: the mean
    of the patients' means with a bootstrap interval over patients, ``n`` series, ``n_patients``,
    ``is_thin`` where few remain. ``change`` compares within the same series (later - earlier, so
    negative when it falls); ``expected`` is the fear expected of the items beforehand. Both are
    empty where they have no meaning.
    """

    mean: pd.DataFrame
    change: pd.DataFrame
    expected: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (90 * style.MILLIMETRE, 80 * style.MILLIMETRE)
    headline: ClassVar[str] = "mean"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw single courses thin, each arm's mean strong with its interval, n under the axis."""
        with style.context():
            ax = style.given_or_new(ax)
            series = self.settings["series"]
            table = self.table.assign(series=self.table.groupby(series).ngroup())
            return figures.draw(
                ax,
                table,
                self.mean,
                self.change,
                self.expected,
                looks=self.looks(),
                settings=self.settings,
            )

    def sentence(self) -> str:
        """Say the mean course, the change within the same series, and who was left out."""
        said = sentences.say(self.mean, self.change, self.settings)
        all_of_them = wording.count(self.n_considered, self.noun())
        used = f"{self.n_used:,} of {all_of_them} are used."
        return " ".join([*said, used, self.say_left_out()])

    def noun(self) -> str:
        """Return exposure, assessment or diary rating."""
        return sentences.noun(self.settings)

    def alt_text(self) -> str:
        """Describe the courses and their mean."""
        n_series = self.table.groupby(self.settings["series"]).ngroups
        return (
            f"Line plot of {n_series:,} courses of {self.settings['label']} with the mean of each "
            f"group and its {wording.LEVEL} interval, by {self.settings['time_words'].lower()}. "
            f"{self.sentence()}"
        )


def fit_trajectories(
    cohort: Cohort,
    *,
    outcome: str,
    time: str,
    seed: int,
    same_context: bool = True,
    n_boot: int = 2000,
) -> Trajectories:
    """Follow an outcome over time: each course, and the mean of the patients' means.

    Intervals are 95 % percentile bootstrap intervals over patients; no model is fitted.

    Parameters
    ----------
    cohort
        Exposures with ratings, questionnaires or a diary.
    outcome
        For example ``"peak_fear"``, ``"initial_fear"``, ``"TSK-11"``, ``"diary_pain"``; a name
        that is not on offer is answered with those that are. Fear is on 0 to 100.
    time
        ``"exposure_number"`` with the same item, ``"session_number"`` or ``"days"``. Over sessions
        and days the items change: ratings of exposures then do not measure learning.
    seed
        Of the bootstrap; the same seed gives the same intervals.
    same_context
        Whether the same item in another context is another series, where contexts are recorded.

    Returns
    -------
    Trajectories
        Every exposure, assessment or diary rating is in a course or, with its reason, in
        ``excluded``.
    """
    chosen = choose_outcome(cohort, outcome)
    seen = observe(cohort, chosen, time, same_context=same_context)
    used = seen.frame[seen.frame["reason"] == ""]
    if used.empty:
        reasons = ", ".join(seen.frame["reason"].unique())
        raise CannotAnswerError(f"No value of {outcome} can be placed in time: {reasons}.")
    used = used.assign(arm=used["patient_id"].map(arm_of(cohort)))
    table = _by_series(used, seen)
    pairs = _pair(cohort, chosen, seen, used)
    left_out = seen.frame[seen.frame["reason"] != ""]
    return Trajectories(
        table=table,
        mean=_name_occasions(summaries.average(table, seed=seed, n_boot=n_boot), table),
        change=summaries.measure_change(pairs, seed=seed, n_boot=n_boot),
        expected=_expected(cohort, chosen, seen, used),
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

"""What does an answer about courses hold, show and say?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.plots import style
from gradex_analysis.results import wording
from gradex_analysis.results.result import Result
from gradex_analysis.trajectories import figures, model_sentences, sentences

STATISTICS = ["estimate", "std_error", "df", "statistic", "p_value", "ci_low", "ci_high"]


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Trajectories(Result):
    """Each course of an outcome over time, and the mean course.

    ``table`` has one row per series and time: the keys of the series (``settings["series"]``),
    ``arm, time, value`` and ``n`` values behind it. ``mean`` has one row per arm and time: the mean
    of the patients' means with a bootstrap interval over patients, ``n`` series, ``n_patients``,
    ``is_thin`` where few remain. ``change`` compares within the same series (later - earlier, so
    negative when it falls); ``expected`` is the fear expected of the items beforehand. Both are
    empty where they have no meaning. ``within_person`` has the means of those who have a value at
    all times that half of the arm's courses have, with intervals for looking at changes
    (Cousineau-Morey); ``incomplete`` counts the other patients by ``arm`` and ``reason``.
    """

    mean: pd.DataFrame
    change: pd.DataFrame
    expected: pd.DataFrame
    within_person: pd.DataFrame
    incomplete: pd.DataFrame

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


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class ModelledTrajectories(Trajectories):
    """Courses with the mixed model of them: slopes, their differences, the mean course.

    ``slopes`` has one row per arm and segment: ``arm, segment, per`` (the unit of its denominator),
    ``estimate``, statistics, ``n`` values and ``n_patients``; ``slope_contrasts`` their differences
    between arms (``arm`` - ``reference``), empty with one arm. ``curve`` is the mean course by
    ``arm`` and ``time``, with an interval for each point (``ci_low, ci_high``) and a band for the
    whole course (``band_low, band_high``). ``variance_components`` say how patients differ, as a
    variance each (``other``: a covariance). ``not_in_model`` lists the rows of courses that the
    model does not see. What was left out of the model, and why, is in ``settings["notes"]``.
    """

    slopes: pd.DataFrame
    slope_contrasts: pd.DataFrame
    curve: pd.DataFrame
    variance_components: pd.DataFrame
    not_in_model: pd.DataFrame

    headline: ClassVar[str] = "shown"

    @property
    def shown(self) -> pd.DataFrame:
        """Slopes and, below them, their differences, for display."""
        slopes = self.slopes.assign(slope_of=self.slopes["arm"])
        differences = self.slope_contrasts.rename(columns={"contrast": "slope_of"})
        both = pd.concat([own for own in (slopes, differences) if len(own)], ignore_index=True)
        return both[["slope_of", "segment", "per", *STATISTICS]]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw single courses thin, each arm's modelled mean strong with its simultaneous band."""
        with style.context():
            ax = style.given_or_new(ax)
            series = self.settings["series"]
            table = self.table.assign(series=self.table.groupby(series).ngroup())
            return figures.draw_model(
                ax, table, self.mean, self.curve, looks=self.looks(), settings=self.settings
            )

    def sentence(self) -> str:
        """Say each slope, the differences between arms, the model, and who was left out."""
        said = model_sentences.say(
            self.slopes, self.slope_contrasts, self.not_in_model, self.settings
        )
        all_of_them = wording.count(self.n_considered, self.noun())
        used = f"{self.n_used:,} of {all_of_them} are used."
        return " ".join([*said, used, self.say_left_out()])

    def alt_text(self) -> str:
        """Describe the courses, the modelled mean and its band."""
        n_series = self.table.groupby(self.settings["series"]).ngroups
        ends = model_sentences.say_ends(self.curve, self.settings)
        return (
            f"Line plot of {n_series:,} courses of {self.settings['label']} with the mean course "
            f"that a mixed model gives each group, its simultaneous {wording.LEVEL} band and the "
            f"observed means as hollow markers, by "
            f"{self.settings['time_words'].lower()}: {ends}. {self.sentence()}"
        )

"""Did the arms differ in several outcomes, taken together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Unpack

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.comparison import estimand, figures, missingness, say_together
from gradex_analysis.comparison.compare import ArmComparison, compare_arms
from gradex_analysis.comparison.options import Options, choose
from gradex_analysis.comparison.tipping import find_tipping
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.scores import list_scores
from gradex_analysis.plots import style
from gradex_analysis.results.result import Result
from gradex_analysis.stats.multiplicity import adjust

#: frames of each comparison that are put below one another
STACKED = (
    "table", "means", "coefficients", "assumptions", "courses", "missing", "tipping", "excluded",
)  # fmt: skip
Refusal = CannotAnswerError | UnknownNameError
NOT_COMPARED = "the outcome could not be compared"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class OutcomeComparison(Result):
    """How far each arm is from the reference in each of several outcomes.

    What is counted is a patient and an outcome. ``table`` has one row per outcome, arm and occasion
    as ``ArmComparison`` has them, and ``p_adjusted`` over all of its rows where that was asked for;
    ``display`` is the same as a paper prints it. ``means``, ``coefficients``, ``assumptions``,
    ``courses``, ``missing`` and ``tipping`` are those of every comparison; ``tipping_points`` has
    the first delta that changes each finding; ``unanswered`` lists the outcomes that could not be
    compared, and why.
    """

    display: pd.DataFrame
    means: pd.DataFrame
    coefficients: pd.DataFrame
    assumptions: pd.DataFrame
    courses: pd.DataFrame
    missing: pd.DataFrame
    tipping: pd.DataFrame
    tipping_points: pd.DataFrame
    unanswered: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 130 * style.MILLIMETRE)
    headline: ClassVar[str] = "display"
    perhaps: ClassVar[tuple[str, ...]] = (
        "courses",
        "missing",
        "tipping",
        "tipping_points",
        "unanswered",
    )

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw a panel per outcome, each with its contrasts below.

        Where ``ax`` stands alone in its figure, the figure becomes as tall as that needs.
        """
        with style.context():
            return figures.draw_many(style.given_or_new(ax), self._compared(), self.looks())

    def sentence(self) -> str:
        """Say the differences in each outcome, and what a reader must know of all of them."""
        said = [
            say_together.say_all(self.table, self._by_outcome()),
            say_together.say_unanswered(self.unanswered),
            self.say_left_out(),
        ]
        return " ".join(filter(None, said))

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return what is estimated, who is missing, and what assumptions about them do."""
        return {
            "What is estimated (ICH E9(R1))": (self.say_estimand(), pd.DataFrame()),
            "Values that are missing, and why": (self.say_missing(), self.missing),
            "If what is missing were worse": (self.say_tipping(), self.tipping_points),
            "Assumptions": ("", self.assumptions),
        }

    def say_left_out(self) -> str:
        """Say of each outcome how many patients were left out."""
        outcomes, unanswered = self.settings["outcomes"], self.settings["unanswered"]
        n_patients = self.n_considered // (len(outcomes) + len(unanswered))
        return say_together.say_left_out(self.excluded, outcomes, n_patients)

    def say_estimand(self) -> str:
        """Say what exactly is estimated (ICH E9(R1))."""
        return estimand.say(self.settings["estimand"])

    def say_missing(self) -> str:
        """Say of each outcome how many values are missing, by arm and occasion."""
        own = dict(list(self.missing.groupby("outcome")))
        none = self.missing.head(0)
        return " ".join(
            f"{name}: {missingness.say_missing(own.get(name, none))}"
            for name in self.settings["outcomes"]
        )

    def say_tipping(self) -> str:
        """Say how much must be added to what is missing before a finding changes."""
        return say_together.say_tipping(self.tipping_points, self._by_outcome())

    def alt_text(self) -> str:
        """Describe every panel with its numbers."""
        panels = " ".join(figures.describe(one) for one in self._compared())
        return (
            "A panel for each outcome, in which single patients are pale and the means of the "
            f"{self.settings['word']}s strong, over time; below it the differences from the "
            f"reference with a line at 0. {panels}"
        )

    def noun(self) -> str:
        """Return what a patient's place in one outcome is called."""
        return "patient-outcome pair"

    def _by_outcome(self) -> dict[str, dict[str, Any]]:
        settings = dict(self.settings)
        own = settings.pop("by_outcome")
        return {name: {**settings, **own[name]} for name in settings["outcomes"]}

    def _compared(self) -> list[figures.Compared]:
        frames = {"table": self.table, "means": self.means, "observed": self.courses}
        return [
            figures.Compared(
                settings=settings,
                **{key: frame[frame["outcome"] == name] for key, frame in frames.items()},
            )
            for name, settings in self._by_outcome().items()
        ]


def compare_outcomes(
    cohort: Cohort,
    outcomes: Sequence[str],
    *,
    method: str,
    reference: str,
    at: str | None = None,
    covariates: Sequence[str] = (),
    **options: Unpack[Options],
) -> OutcomeComparison:
    """Compare each arm with the reference in several outcomes, as ``compare_arms`` does in one.

    All contrasts of all outcomes are one family: ``multiplicity`` adjusts their p values over all
    of them. An outcome that cannot be compared is listed in ``unanswered`` with its reason; only
    where none can, an error says why.

    Parameters
    ----------
    outcomes
        Questionnaires, in the order in which they are shown; a name that the cohort does not know
        is refused.
    method, reference, at, covariates, **options
        As in ``compare_arms``, the same for every outcome.
    """
    choose(method, at, covariates, options)  # a slip in a choice is no outcome's fault
    multiplicity = options.pop("multiplicity", None)
    answers: dict[str, ArmComparison] = {}
    names = _check_names(cohort, outcomes)
    refused = _without_scores(cohort, names)
    for name in [name for name in names if name not in refused]:
        try:
            answers[name] = compare_arms(
                cohort, name, method=method, reference=reference, at=at, covariates=covariates,
                **options,
            )  # fmt: skip
        except (CannotAnswerError, UnknownNameError) as error:
            refused[name] = error
    if not answers:
        raise _why_none(refused)
    return _together(cohort, answers, refused, multiplicity)


def _check_names(cohort: Cohort, outcomes: Sequence[str]) -> list[str]:
    if isinstance(outcomes, str):
        raise CannotAnswerError(f"outcomes is a list of questionnaires: say [{outcomes!r}].")
    names = list(outcomes)
    if not names:
        raise CannotAnswerError("outcomes is an empty list: say which questionnaires to compare.")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CannotAnswerError(f"outcomes holds {twice[0]!r} more than once.")
    tables = (cohort.assessments, cohort.assessment_items)
    asked = sorted({str(name) for table in tables for name in table["instrument"].dropna()})
    for name in names if asked else ():
        if name not in asked:
            raise UnknownNameError("outcomes", name, asked)
    return names


def _without_scores(cohort: Cohort, names: Sequence[str]) -> dict[str, Refusal]:
    """Return the questionnaires that were asked, but of which no form has a score."""
    scored = set(list_scores(cohort)["instrument"])
    return {
        name: CannotAnswerError(f"No form of {name} has a score that can be used.")
        for name in names
        if scored and name not in scored
    }


def _why_none(refused: Mapping[str, Refusal]) -> Refusal:
    """Return the one error, or all of them in one."""
    errors = list(refused.values())
    if len({str(error) for error in errors}) == 1:
        return errors[0]
    return CannotAnswerError(" ".join(f"{name}: {error}" for name, error in refused.items()))


def _together(
    cohort: Cohort,
    answers: Mapping[str, ArmComparison],
    refused: Mapping[str, Refusal],
    multiplicity: str | None,
) -> OutcomeComparison:
    frames = {
        name: _stack({outcome: getattr(answer, name) for outcome, answer in answers.items()})
        for name in STACKED
    }
    table, tipping = frames.pop("table"), {name: one.tipping for name, one in answers.items()}
    excluded = pd.concat([frames.pop("excluded"), _nobody(cohort, list(refused))])
    if multiplicity:
        table.insert(
            list(table.columns).index("p_value") + 1,
            "p_adjusted",
            adjust(table["p_value"], multiplicity),
        )
    family = {"multiplicity": multiplicity, "n_contrasts": len(table)}
    by_outcome = {name: {**answer.settings, **family} for name, answer in answers.items()}
    return OutcomeComparison(
        table=table,
        display=say_together.lay_out(table, by_outcome),
        tipping_points=_stack(
            {name: find_tipping(own) if len(own) else own for name, own in tipping.items()}
        ),
        unanswered=pd.DataFrame(
            [(name, str(error)) for name, error in refused.items()],
            columns=["outcome", "reason"],
        ).astype("str"),
        unit=("patient_id", "outcome"),
        n_considered=len(cohort.participants) * (len(answers) + len(refused)),
        n_used=sum(one.n_used for one in answers.values()),
        excluded=excluded.reset_index(drop=True),
        settings={
            **_share(by_outcome),
            "estimand": say_together.state_estimand(by_outcome),
            "unanswered": list(refused),
        },
        **frames,
    )


def _stack(parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the frames of the outcomes below one another, the outcome first."""
    filled = {outcome: part for outcome, part in parts.items() if len(part)} or parts
    whole = pd.concat(filled, names=["outcome", "row"]).reset_index("outcome")
    stacked: pd.DataFrame = whole.astype({"outcome": "str"}).reset_index(drop=True)
    return stacked


def _nobody(cohort: Cohort, outcomes: Sequence[str]) -> pd.DataFrame:
    """List every patient as left out of outcomes that could not be compared."""
    patients = list(cohort.participants["patient_id"])
    rows = [(name, patient, NOT_COMPARED) for name in outcomes for patient in patients]
    return pd.DataFrame(rows, columns=["outcome", "patient_id", "reason"], dtype="str")


def _share(by_outcome: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return what is the same for every outcome once, and the rest by outcome."""
    first, *others = by_outcome.values()
    same = {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }
    rest = {
        name: {key: value for key, value in own.items() if key not in (*same, "estimand")}
        for name, own in by_outcome.items()
    }
    return {**same, "outcomes": list(by_outcome), "by_outcome": rest}

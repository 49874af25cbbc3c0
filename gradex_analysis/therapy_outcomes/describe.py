"""What became of the therapy's four outcomes, on one page?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.measures.groups import arm_of, list_arms
from gradex_analysis.measures.occasions import order_occasions
from gradex_analysis.plots import style
from gradex_analysis.plots.therapy_outcomes import draw_page
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients
from gradex_analysis.therapy_outcomes import words
from gradex_analysis.therapy_outcomes.components import COMPONENTS, NUMBERS, Measured

FIRST = ["outcome", "component", "group", "positive_means", "better", "unit"]
NONE_RECORDED = "none of the components was recorded"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class TherapyOutcomes(Result):
    """Habituation, extinction, self-efficacy and emotional processing, each as its components.

    ``table`` has one row per outcome, component and group: what a number above 0 means, which is
    ``better`` ("" where the theory does not ask for more), the mean of the patients' means with
    its t interval in ``unit``, ``n`` units of ``n_patients``, and ``also_in``: the other outcome
    that the same numbers stand for. ``unanswered`` lists the components that cannot be measured,
    with the reason. No outcome has a score of its own, and none is said to have been reached.
    """

    unanswered: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 150 * style.MILLIMETRE)
    perhaps: ClassVar[tuple[str, ...]] = ("unanswered",)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the page: a block per outcome, a row per component, points of 100 on one axis."""
        with style.context():
            ax = style.given_or_new(ax)
            draw_page(ax, words.say_rows(self.table, self.settings), self.looks())
        return ax

    def sentence(self) -> str:
        """Say every component with its interval and direction, and which numbers stand twice."""
        said = words.say_page(self.table, self.settings)
        return " ".join([*said, words.say_unanswered(self.unanswered), self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return the components without an answer."""
        return {"Components that cannot be measured": ("", self.unanswered)}

    def alt_text(self) -> str:
        """Describe the page with its numbers."""
        return (
            "Four blocks of rows, one per outcome of the therapy; each row is a component with its "
            f"mean and interval in points of 100. {self.sentence()}"
        )


def describe_outcomes(
    cohort: Cohort, *, kind: str | None = None, at: str | None = None
) -> TherapyOutcomes:
    """Describe the therapy's four outcomes by their components, on one page.

    Habituation and extinction are theories of why ratings fall; emotional processing (Foa & Kozak
    1986, doi:10.1037/0033-2909.99.1.20) points to activation and to both falls, and has no score.
    Each component is a number with its own question (``gx.measure_within_session`` and others);
    where two theories point to the same number the page says so. Means are over patients.

    Parameters
    ----------
    cohort
        Any cohort; components that were not recorded are in ``unanswered``.
    kind
        What was rated; by default fear, or the only kind that is not pain.
    at
        The occasion at which questionnaires are compared with the baseline; by default the last.

    Returns
    -------
    TherapyOutcomes
        One row per outcome, component and group; patients without any are in ``excluded``.

    Raises
    ------
    CannotAnswerError, UnknownNameError
        Where no component can be measured; for an occasion that the cohort does not have.
    """
    if at is not None and at not in order_occasions(cohort):
        raise UnknownNameError("at", at, order_occasions(cohort))
    found, refused = _measure_all(cohort, kind, at)
    if not found:
        raise CannotAnswerError(
            f"No component of any outcome can be measured. The first says: {refused[0]['reason']}"
        )
    patients = cohort.participants["patient_id"]
    has_any = patients.isin({one for m in found.values() for one in m.frame["patient_id"]})
    left_out = patients[~has_any].to_frame().assign(reason=NONE_RECORDED)
    return TherapyOutcomes(
        table=_table(found, cohort),
        unanswered=pd.DataFrame(refused, columns=["component", "reason"]),
        unit=("patient_id",),
        n_considered=len(patients),
        n_used=int(has_any.sum()),
        excluded=left_out.reset_index(drop=True),
        settings=_settings(cohort, found, kind, at),
    )


def _measure_all(
    cohort: Cohort, kind: str | None, at: str | None
) -> tuple[dict[str, Measured], list[dict[str, str]]]:
    """Measure every number once; those that cannot be are returned with the reason."""
    found: dict[str, Measured] = {}
    refused = []
    chosen = _choose_kind(cohort, kind)
    for name, number in NUMBERS.items():
        try:
            found[name] = number.measure(cohort, chosen, at)
        except CannotAnswerError as problem:
            refused.append({"component": name, "reason": str(problem)})
    return found, refused


def _choose_kind(cohort: Cohort, kind: str | None) -> str | None:
    """Return the kind of rating; None where nothing was rated."""
    if kind is None and not cohort.kinds:
        return None
    return cohort.choose_kind(kind)


def _table(found: Mapping[str, Measured], cohort: Cohort) -> pd.DataFrame:
    arms = arm_of(cohort)
    means = {name: _means(one, arms) for name, one in found.items()}
    parts = [
        means[name].assign(outcome=outcome, component=name, also_in=_also_in(name, outcome))
        for outcome, names in COMPONENTS.items()
        for name in names
        if name in means
    ]
    table = pd.concat(parts, ignore_index=True)
    for column in ("positive_means", "better"):
        table[column] = [getattr(NUMBERS[name], column) for name in table["component"]]
    return table[[*FIRST, *[name for name in table if name not in FIRST]]]


def _means(measured: Measured, arms: pd.Series) -> pd.DataFrame:
    values = measured.frame
    group = values["patient_id"].map(arms)
    means = mean_over_patients(group, values["patient_id"], values["estimate"])
    return means.sort_values("group").assign(unit=measured.unit)


def _also_in(name: str, outcome: str) -> str:
    others = [one for one, names in COMPONENTS.items() if name in names and one != outcome]
    return ", ".join(others)


def _settings(
    cohort: Cohort, found: Mapping[str, Measured], kind: str | None, at: str | None
) -> dict[str, Any]:
    chosen = _choose_kind(cohort, kind)
    return {
        "kind": chosen,
        "subject": cohort.word(chosen) if chosen else "",
        "at": at,
        "components": {
            name: {"version": one.version, "counted": one.counted, "detail": one.detail,
                   "per_100": one.per_100}
            for name, one in found.items()
        },
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }  # fmt: skip

"""What if another definition had been used?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.habituation.definitions.pairs import compare_pairs
from gradex_analysis.habituation.definitions.values import KINDS, Values, ask_all, by_patient
from gradex_analysis.habituation.definitions.words import ENOUGH, say_all, say_means
from gradex_analysis.measures.groups import EVERYBODY, arm_of, list_arms
from gradex_analysis.plots import style
from gradex_analysis.plots.definitions import draw_agreement
from gradex_analysis.results.result import Result
from gradex_analysis.stats.intervals import mean_over_patients

PRIMARY, SENSITIVITY = "primary", "sensitivity"


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class DefinitionsCompared(Result):
    """All definitions of one kind on the same data, side by side.

    ``table`` has one row per definition and group: its ``role``, ``unit`` and ``sign``, the mean
    of the patients' means with its t interval, ``n`` units of ``n_patients``, ``n_left_out``, and
    the ``reason`` where it cannot be asked at all. ``agreement`` has one row per pair: rank
    agreement over patients' means (slopes turned round, so that higher is a greater fall or
    return) and how many patients they classify differently. ``classified`` has one row per patient
    and definition: ``fell`` (mean above 0; for return of fear: came back) and ``halved``.
    """

    agreement: pd.DataFrame
    classified: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (180 * style.MILLIMETRE, 110 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the matrix: agreement below the diagonal, patients classified differently above."""
        with style.context():
            ax = style.given_or_new(ax)
            table = self.table[self.table["n"] > 0]
            if table.empty:
                return style.say_instead(ax, self.sentence())
            several = len(table["group"].unique()) > 1
            said = {
                str(name): say_means(own, name_groups=several)
                for name, own in table.groupby("definition", sort=False)
            }
            pairs = self.agreement
            pairs["spearman"] = pairs["spearman"].where(pairs["n_patients"] >= ENOUGH)
            classes = self.settings["classified_by"]
            draw_agreement(ax, table, said, pairs, what=classes)
        return ax

    def sentence(self) -> str:
        """Say how the definitions agree, whom they classify differently, and who is left out."""
        said = say_all(self.table, self.agreement, self.classified, self.settings)
        return " ".join([*said, self.say_left_out()])

    def alt_text(self) -> str:
        """Describe the matrix."""
        return (
            "Matrix of definitions: below the diagonal Spearman's rank correlation of patients' "
            "means, above it the patients classified differently, at the right each mean. "
            f"{self.sentence()}"
        )


def compare_definitions(
    cohort: Cohort,
    *,
    of: str = "within_session",
    primary: str | None = None,
    kind: str | None = None,
) -> DefinitionsCompared:
    """Compare all definitions of one kind on this cohort: what if another had been used?

    Means, their intervals, who is left out; rank agreement of patients' means (Spearman with an
    interval, Kendall) and the patients classified differently: by sign (fell or not) and by half
    (fell by half of where it began, for definitions from one level to another).

    Parameters
    ----------
    cohort
        Exposures with their ratings.
    of
        ``"within_session"``, ``"between_sessions"`` or ``"return_of_fear"``; ``"activation"`` or
        ``"variability"``, which are no falls, so that nobody is classified.
    primary
        The definition named beforehand; the others are sensitivity. None says that none was.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    DefinitionsCompared
        Patients for whom no definition has a value are in ``excluded``.
    """
    if of not in KINDS:
        raise UnknownNameError("of", of, KINDS)
    names = list(KINDS[of].names)
    if primary is not None:
        if primary not in names:
            raise UnknownNameError("primary", primary, names)
        names = [primary, *[name for name in names if name != primary]]
    found, refused = ask_all(cohort, of, names, kind)
    considered, used = _patients(found)
    left_out = [patient for patient in considered if patient not in used]
    why = f"no value by any of {len(found)} definitions"
    return DefinitionsCompared(
        table=_means(found, refused, primary, cohort),
        agreement=compare_pairs(found, of),
        classified=_classify(found),
        unit=("patient_id",),
        n_considered=len(considered),
        n_used=len(used),
        excluded=pd.DataFrame({"patient_id": left_out, "reason": [why] * len(left_out)}),
        settings=_settings(cohort, found, of, primary),
    )


def _patients(found: list[Values]) -> tuple[list[str], set[str]]:
    used = {patient for values in found for patient in values.frame["patient_id"]}
    left_out = {patient for values in found for patient in values.result.excluded["patient_id"]}
    return sorted(used | left_out), used


def _means(
    found: list[Values], refused: dict[str, str], primary: str | None, cohort: Cohort
) -> pd.DataFrame:
    arms = arm_of(cohort)
    parts = []
    for values in found:
        frame, settings = values.frame, values.result.settings
        group = frame["patient_id"].map(arms)
        means = mean_over_patients(group, frame["patient_id"], frame["estimate"])
        means = means.sort_values("group") if len(means) else _no_mean()
        parts.append(
            means.assign(
                definition=values.name, unit=settings["unit"], sign=settings["sign"],
                n_left_out=values.result.n_considered - values.result.n_used, reason="",
            )
        )  # fmt: skip
    for name, why in refused.items():
        parts.append(_no_mean().assign(definition=name, unit="", sign="", n_left_out=0, reason=why))
    table = pd.concat(parts, ignore_index=True)
    role = {primary: PRIMARY} if primary else {}
    table["role"] = [role.get(name, SENSITIVITY if primary else "") for name in table["definition"]]
    first = ["definition", "group", "role", "unit", "sign"]
    return table[[*first, *[name for name in table if name not in first]]]


def _no_mean() -> pd.DataFrame:
    numbers = ["estimate", "std_error", "ci_low", "ci_high", "df"]
    row = {"group": EVERYBODY, **dict.fromkeys(numbers, float("nan")), "n_patients": 0, "n": 0}
    return pd.DataFrame([row])


def _classify(found: list[Values]) -> pd.DataFrame:
    parts = [
        by_patient(values, values.frame).reset_index().assign(definition=values.name)
        for values in found
    ]
    table = pd.concat(parts, ignore_index=True)
    return table[["patient_id", "definition", "estimate", "n", "fell", "halved"]]


def _settings(cohort: Cohort, found: list[Values], of: str, primary: str | None) -> dict[str, Any]:
    kind = str(found[0].result.settings["kind"])
    return {
        "of": of,
        "of_in_words": KINDS[of].in_words,
        "primary": primary,
        "definitions": [
            {"name": values.name, "version": values.result.settings["version"]} for values in found
        ],
        "classified_by": KINDS[of].classes,
        "kind": kind,
        "subject": cohort.word(kind),
        "arms": list_arms(cohort),
        "is_randomised": cohort.is_randomised,
        "confidence": 0.95,
    }

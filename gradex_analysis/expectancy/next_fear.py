"""With what does the fear at the next exposure to the same item go along?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import UnknownNameError
from gradex_analysis.expectancy import next_fear_words as words
from gradex_analysis.expectancy.next_fear_fit import fit_association
from gradex_analysis.expectancy.next_fear_predictors import ALONE, PREDICTORS
from gradex_analysis.expectancy.next_fear_rows import FOLLOWED_BY, RATINGS, list_pairs
from gradex_analysis.measures.exposures import KEYS
from gradex_analysis.measures.groups import list_arms
from gradex_analysis.plots import style
from gradex_analysis.plots.next_fear import part_rows
from gradex_analysis.results.result import Result


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class NextFear(Result):
    """What goes with the rating at the next exposure to the same item: an association.

    ``table`` has a row ``within patients`` and one ``between patients``: points of 100 that the
    next rating is higher for one step of the predictor (10 points, or yes against no), negative
    when it is lower. ``coefficients`` has all terms of the model, ``variances`` its variances,
    ``rows`` the exposures used.
    """

    coefficients: pd.DataFrame
    variances: pd.DataFrame
    rows: pd.DataFrame

    figure_size: ClassVar[tuple[float, float]] = (110 * style.MILLIMETRE, 55 * style.MILLIMETRE)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw both parts with their intervals against 0."""
        with style.context():
            ax = style.given_or_new(ax)
            part_rows(ax, self.table, words.say_numbers(self.table), words.axis_of(self.settings))
        return ax

    def sentence(self) -> str:
        """Say both parts, that they are associations, and who was left out."""
        said = words.say_parts(self.table, self.settings)
        return " ".join([*said, *self.settings["notes"], self.say_left_out()])

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return all coefficients and the variances."""
        return {
            "All coefficients": (f"Of {self.settings['model']}.", self.coefficients),
            "Variance components": ("Of patients, their items, and what is left.", self.variances),
        }

    def alt_text(self) -> str:
        """Describe the figure."""
        return f"Two estimates with their intervals around a line at 0. {self.sentence()}"


def fit_next_fear(
    cohort: Cohort,
    *,
    predictor: str,
    rating: str = "initial",
    followed_by: str = "exposure",
    kind: str | None = None,
) -> NextFear:
    """Fit what goes with the rating at the next exposure to the same item.

    ``next ~ current + (x - patient's mean) + patient's mean + weeks between + log(exposure
    number) + (1 | patient) + (1 | item of the patient)``, robust standard errors (CR2 by patient).
    Nobody was assigned to use a safety behaviour: these are associations. A patient's level is part
    of the current rating, whose own coefficient is therefore held and not read.

    Parameters
    ----------
    predictor
        ``"expectancy_violation"``, ``"expectancy_change"``, ``"surprise"`` (per 10 points),
        ``"safety_behaviour"`` (any used against none) or ``"companion"`` (any word but no, none,
        alone, nobody). Not recorded is not none.
    rating
        ``"initial"``, ``"before"`` or ``"peak"``, of this exposure and of the next.
    followed_by
        ``"exposure"``: by any next one; ``"sitting"``: by one in another session or on another day.
    kind
        What was rated; by default fear, or the only kind that is not pain.

    Returns
    -------
    NextFear
        Exposures that nothing follows, and others left out, are in ``excluded``.
    """
    for what, given, offered in (
        ("predictor", predictor, PREDICTORS), ("rating", rating, RATINGS),
        ("followed_by", followed_by, FOLLOWED_BY),
    ):  # fmt: skip
        if given not in offered:
            raise UnknownNameError(what, given, offered)
    kind = cohort.choose_kind(kind)
    chosen = PREDICTORS[predictor]
    listed = list_pairs(cohort, chosen, kind, rating=rating, followed_by=followed_by)
    used = listed[listed["reason"] == ""].drop(columns="reason").reset_index(drop=True)
    found = fit_association(used, predictor)
    settings: dict[str, Any] = {
        "predictor": predictor,
        "step": chosen.step,
        "rating": rating,
        "compared": RATINGS[rating],
        "followed_by": followed_by,
        "model": f"next {rating} ~ {found.fixed} + (1 | patient) + (1 | item of the patient)",
        "robust": "CR2",
        "alone_words": sorted(ALONE) if predictor == "companion" else [],
        "sign": "positive when the next rating is higher",
        "kind": kind,
        "subject": cohort.word(kind),
        "notes": found.notes,
        "arms": list_arms(cohort),
        "confidence": 0.95,
    }
    return NextFear(
        table=found.table,
        coefficients=found.coefficients,
        variances=found.variances,
        rows=used,
        unit=tuple(KEYS),
        n_considered=len(listed),
        n_used=len(used),
        excluded=listed.loc[listed["reason"] != "", [*KEYS, "reason"]].reset_index(drop=True),
        settings=settings,
    )

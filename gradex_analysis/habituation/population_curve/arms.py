"""May the arms' rates be compared, and by how much do they differ?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.errors import CannotAnswerError, UnknownNameError
from gradex_analysis.habituation.population_curve.rows import Rated
from gradex_analysis.measures.groups import WITHOUT_ARM
from gradex_analysis.stats.population_curve import PopulationFit

DESIGNS = ("two_exposures",)
COLUMNS = ["arm", "reference", "quantity", "estimate", "ci_low", "ci_high", "p_value"]


def check_design(cohort: Cohort, by: str | None, design: str | None) -> None:
    """Refuse a design that nobody knows, or that is said of no arms."""
    if design is not None and design not in DESIGNS:
        raise UnknownNameError("design", design, DESIGNS)
    if design is not None and by != "arm":
        raise CannotAnswerError(
            f'design is "{design}", which says that all arms expose; pass by="arm" to compare them.'
        )


def why_no_contrast(cohort: Cohort, by: str | None, design: str | None, rated: Rated) -> str:
    """Say why rates are not compared; "" where they are, and where nothing could be."""
    if by is None:
        return ""
    others = [*rated.without, *[group for group in rated.groups if group == WITHOUT_ARM]]
    reasons = {
        f"only {named(rated.groups[0])} rated exposures, so that there is no other rate": (
            len(rated.groups) < 2
        ),
        f"patients were not randomised to {named(by)}": by != "arm",
        "patients were not randomised to the groups": not cohort.is_randomised,
        'it was not said that all arms expose alike (design="two_exposures"); where one exposes '
        "only by the way, those who rate are not those who were randomised": design is None,
        f"not everybody was randomised to an arm that exposes ({named(', '.join(others))})": bool(
            others
        ),
    }
    return next((why for why, holds in reasons.items() if holds), "")


def compare_rates(fit: PopulationFit, arms: list[str], why: str) -> pd.DataFrame:
    """Return the ratio of each arm's rate to the first's; none where ``why`` says so."""
    if why or len(arms) < 2:
        return pd.DataFrame(columns=COLUMNS)
    reference = arms[0]
    found = fit.combine({arm: {("rate", f"group[T.{arm}]"): 1.0} for arm in arms[1:]})
    numbers = ["estimate", "ci_low", "ci_high"]
    ratios = np.exp(found[numbers])
    return pd.DataFrame(
        {
            "arm": found["contrast"],
            "reference": reference,
            "quantity": "ratio of rates",
            **{name: ratios[name] for name in numbers},
            "p_value": found["p_value"],
        }
    )[COLUMNS]

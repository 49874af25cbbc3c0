"""What goes with the fear at the next exposure, within a patient and between patients?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from gradex_analysis.errors import CannotAnswerError
from gradex_analysis.stats.linear_model import first_collinear
from gradex_analysis.stats.mixed_models import MixedFit, fit_mixed_model

WITHIN, BETWEEN = "within patients", "between patients"
NUMBERS = ["estimate", "std_error", "ci_low", "ci_high", "df", "p_value"]
#: patients whose own exposures differ in what is asked about
ENOUGH = 3
WEEK = 7.0
RECALLED = "recalled"
#: the terms of the model, and what is said where one does not vary or is told by those before it
TERMS = {
    "within": "",
    "patient_mean": "Patients do not differ in their means: there is no part between patients.",
    "current": "The current rating does not vary, and is not held.",
    "weeks": "The time between exposures is the same, or told by the rest: it is not held.",
    "log_place": "The exposure number is the same, or told by the rest: it is not held.",
    RECALLED: "Recalled peaks cannot be told apart from the rest.",
}
#: the column of clusters, named as a note of the fit says it
ITEMS = "items of a patient"


@dataclass(frozen=True)
class Association:
    """Both parts, all coefficients, the model in words, and what a reader must know."""

    table: pd.DataFrame
    coefficients: pd.DataFrame
    variances: pd.DataFrame
    fixed: str
    notes: list[str]


def fit_association(pairs: pd.DataFrame, name: str) -> Association:
    """Fit ``following ~ current + within + mean of the patient + weeks + log(place)``.

    Patients and their items have random intercepts; standard errors are robust (CR2 by patient,
    Satterthwaite df). A term that does not vary, or that the others tell, is not in the model.
    """
    rows = _make_terms(pairs)
    _refuse(rows, name)
    terms, notes = _keep_terms(rows)
    fixed = " + ".join(terms)
    fit = _fit(rows, fixed)
    coefficients = fit.coefficients
    parts = coefficients.set_index("term").reindex(["within", "patient_mean"]).dropna(how="all")
    table = parts[NUMBERS].reset_index(names="part")
    table["part"] = table["part"].map({"within": WITHIN, "patient_mean": BETWEEN})
    return Association(
        table=table.assign(n=fit.n_rows, n_patients=fit.n_subjects),
        coefficients=coefficients,
        variances=fit.variance_components,
        fixed=fixed,
        notes=[*fit.notes, *notes],
    )


def _make_terms(pairs: pd.DataFrame) -> pd.DataFrame:
    mean = pairs.groupby("patient_id")["x"].transform("mean")
    return pairs.assign(
        # what is left of equal values is rounding, and would pass for variation
        within=(pairs["x"] - mean).round(12),
        patient_mean=mean.round(12),
        weeks=pairs["gap_days"] / WEEK,
        log_place=np.log(pairs["place"]),
        **{ITEMS: pairs.groupby(["patient_id", "item_id"]).ngroup().astype("str")},
    )


def _keep_terms(rows: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the terms of the model, and what has to be said of those that are not in it.

    What is asked about comes first, so that a term that cannot be told apart from it gives way.
    """
    columns = pd.get_dummies(rows["group"], prefix="group", drop_first=True, dtype="float64")
    columns.insert(0, "Intercept", 1.0)
    terms = ["group"] if columns.shape[1] > 1 else []
    notes = []
    for term, said in TERMS.items():
        own = columns.assign(**{term: rows[term]})
        if rows[term].isna().all():
            notes.append("Exposures are not dated: the time between them is not held.")
        elif first_collinear(own) is None:
            columns = own
            terms.append(term)
        elif said and (term != RECALLED or rows[term].any()):
            notes.append(said)
    return terms, notes


def _refuse(rows: pd.DataFrame, name: str) -> None:
    varied = rows.loc[rows["within"] != 0, "patient_id"].nunique()
    if varied < ENOUGH:
        raise CannotAnswerError(
            f"{name} differs between the exposures of {varied} patients, among "
            f"{len(rows)} exposures that are followed by another with the same item and have all "
            f"that is needed: within patients it takes {ENOUGH} patients. Is another rating "
            "recorded (rating='before')?"
        )


def _fit(rows: pd.DataFrame, fixed: str) -> MixedFit:
    crossed = ITEMS if rows[ITEMS].duplicated().any() else None
    try:
        return _fit_with(rows, fixed, crossed)
    except CannotAnswerError:
        if crossed is None:  # nothing plainer is left
            raise
        return _fit_with(rows, fixed, None)


def _fit_with(rows: pd.DataFrame, fixed: str, crossed: str | None) -> MixedFit:
    return fit_mixed_model(
        rows, outcome="following", fixed=fixed, random=None, crossed=crossed,
        df="satterthwaite", robust="CR2",
    )  # fmt: skip

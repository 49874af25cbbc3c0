"""How sure is a mean when each patient gives several values?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special


def mean_over_patients(
    group: npt.ArrayLike, patient: npt.ArrayLike, value: npt.ArrayLike, *, confidence: float = 0.95
) -> pd.DataFrame:
    """Average the patients' own means, with a t interval over patients.

    Ratings of one patient are alike, so that the patient is the unit: ``estimate`` is the mean of
    the patient means, ``std_error`` their standard deviation over the root of their number, ``df``
    that number less 1. Patients count alike, however many values they give.

    Returns
    -------
    DataFrame
        One row per group, in order of first appearance: ``group, estimate, std_error, ci_low,
        ci_high, df, n_patients, n``. With one patient there is no interval (NaN).
    """
    frame = pd.DataFrame({"group": group, "patient": patient, "value": value})
    if frame.empty:
        columns = ["group", "estimate", "std_error", "ci_low", "ci_high", "df", "n_patients", "n"]
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in columns})
    own = frame.groupby(["group", "patient"], sort=False, dropna=False)["value"]
    means = own.agg(["mean", "size"]).reset_index(level="group")
    by_group = means.groupby("group", sort=False, dropna=False)
    table = by_group["mean"].agg(["mean", "std", "size"])
    n_patients = table["size"].to_numpy()
    std_error = (table["std"] / np.sqrt(n_patients)).to_numpy()
    df = n_patients - 1.0
    half = np.full(len(df), np.nan)
    several = df > 0
    half[several] = special.stdtrit(df[several], (1 + confidence) / 2) * std_error[several]
    estimate = table["mean"].to_numpy()
    return pd.DataFrame(
        {
            "group": table.index,
            "estimate": estimate,
            "std_error": std_error,
            "ci_low": estimate - half,
            "ci_high": estimate + half,
            "df": df,
            "n_patients": n_patients,
            "n": by_group["size"].sum().to_numpy(),
        }
    )

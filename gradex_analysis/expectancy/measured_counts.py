"""What is typical of a definition, and how often did what word follow what expectancy?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.measures.expectancy import Definition
from gradex_analysis.measures.expected import BANDS, WORDS, band_of, name_band
from gradex_analysis.stats.intervals import mean_over_patients


def average(
    used: pd.DataFrame, rows: pd.DataFrame, reason: pd.Series, chosen: Definition
) -> pd.DataFrame:
    """Return one row per group: the mean of the patients' means with its t interval.

    ``sd`` is the standard deviation over exposures, ``share_positive`` the share of exposures whose
    value is above 0.
    """
    own = used[used["estimate"].notna()]
    table = mean_over_patients(own["group"], own["patient_id"], own["estimate"])
    by_group = own.assign(is_positive=own["estimate"] > 0).groupby("group")
    table["sd"] = table["group"].map(by_group["estimate"].std())
    table["share_positive"] = table["group"].map(by_group["is_positive"].mean())
    return table.sort_values("group", ignore_index=True)


def typical(
    used: pd.DataFrame, rows: pd.DataFrame, reason: pd.Series, chosen: Definition
) -> pd.DataFrame:
    """Return one row per group: median and quartiles over exposures, and the share undefined.

    A ratio whose denominator may be near 0 has no usable mean, nor an interval of one.
    """
    undefined = rows[reason == chosen.no_value]
    parts = []
    for group in sorted({*used["group"], *undefined["group"]}):
        own = used[used["group"] == group]
        none = int((undefined["group"] == group).sum())
        low, middle, high = own["estimate"].quantile([0.25, 0.5, 0.75])
        parts.append(
            {"group": group, "median": middle, "q1": low, "q3": high,
             "n_undefined": none, "share_undefined": none / (len(own) + none),
             "n_patients": own["patient_id"].nunique(), "n": len(own)}
        )  # fmt: skip
    return pd.DataFrame(parts)


def count_words(used: pd.DataFrame) -> pd.DataFrame:
    """Count exposures by what was expected, in fifths of the scale, and the word of what occurred.

    Returns
    -------
    DataFrame
        ``group, expected, expected_low, occurrence, n, n_patients``, every cell of the grid; no
        rows where nobody used words.
    """
    own = used[used["estimate"].isna()]
    if own.empty:
        return pd.DataFrame()
    own = own.assign(expected_low=band_of(own["expectancy_before"]))
    keys = ["group", "expected_low", "occurrence"]
    levels = [sorted(own["group"].unique()), BANDS, WORDS]
    counted = own.groupby(keys)["patient_id"].agg(n="size", n_patients="nunique")
    cells = pd.MultiIndex.from_product(levels, names=keys)
    table = counted.reindex(cells, fill_value=0).reset_index()
    table.insert(1, "expected", [name_band(int(low)) for low in table["expected_low"]])
    return table

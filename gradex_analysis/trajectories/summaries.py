"""What are the mean course, the change within the same series and the fear expected before?

Patients count alike: each patient's values are averaged first, and intervals come from a bootstrap
over patients.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.measures.occasions import BASELINE
from gradex_analysis.stats.bootstrap import bootstrap_means

#: fewer than this share of the most series: the mean is drawn dashed
THIN_SHARE = 0.2
#: the contrast of the figure to print, and the one that uses every repeated item
FROM, TO = 1, 3
CHANGE_COLUMNS = [
    *("contrast", "arm", "estimate", "ci_low", "ci_high", "n", "n_patients", "n_not_compared")
]
PAIRS = ["contrast", "arm", "patient_id", "from_value", "to_value", "same_way"]
EXPECTED_COLUMNS = ["arm", "estimate", "n", "n_patients", "source"]


def average(table: pd.DataFrame, *, seed: int, n_boot: int) -> pd.DataFrame:
    """Average ``patient_id, arm, time, value`` by arm and time.

    Returns
    -------
    DataFrame
        ``arm, time, estimate`` (mean of the patients' means), ``ci_low, ci_high`` (percentile
        bootstrap over the arm's patients; NaN with one), ``n`` series, ``n_patients``, ``is_thin``.
    """
    mean = _by_arm(table, "time", "value", seed=seed, n_boot=n_boot)
    most = mean.groupby("arm")["n"].transform("max")
    mean["is_thin"] = mean["n"] < THIN_SHARE * most
    return mean.sort_values(["arm", "time"], ignore_index=True)


def measure_change(pairs: pd.DataFrame, *, seed: int, n_boot: int) -> pd.DataFrame:
    """Average the changes ``to_value - from_value`` of the pairs by contrast and arm.

    A rated peak and one recalled on a form are not compared: ``n_not_compared`` counts the pairs
    left out for it. The sign is the scale's: negative when the value falls.
    """
    if pairs.empty:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in CHANGE_COLUMNS})
    pairs = pairs.assign(change=pairs["to_value"] - pairs["from_value"])
    same_way = pairs["same_way"].astype("bool")
    change = _by_arm(pairs[same_way], "contrast", "change", seed=seed, n_boot=n_boot)
    by = ["contrast", "arm"]
    apart = (~same_way).groupby([pairs[name] for name in by]).sum()
    apart = apart.reindex(pairs["contrast"].unique(), level="contrast")
    change = change.set_index(by).reindex(apart.index).assign(n_not_compared=apart)
    counts = dict.fromkeys(["n", "n_patients", "n_not_compared"], "int64")
    return change.fillna({"n": 0, "n_patients": 0}).astype(counts).reset_index()


def pair_numbers(table: pd.DataFrame, series: list[str]) -> pd.DataFrame:
    """Pair, within each series, the first exposure with the third and with the last."""
    rated = table.sort_values("time")
    first = rated[rated["time"] == FROM]
    later = rated[rated["time"] > FROM]
    ends = (
        (f"{FROM} to {TO}", rated[rated["time"] == TO]),
        (f"{FROM} to last", later.drop_duplicates(series, keep="last")),
    )
    return _pair(first, ends, series)


def pair_occasions(table: pd.DataFrame, occasions: list[str]) -> pd.DataFrame:
    """Pair, within each patient, the baseline with every other occasion."""
    first = table[table["occasion"] == BASELINE]
    later = [name for name in occasions if name != BASELINE]
    ends = [(f"{BASELINE} to {name}", table[table["occasion"] == name]) for name in later]
    return _pair(first, ends, ["patient_id"])


def no_pairs() -> pd.DataFrame:
    """Return no pair: a change across different items or of unlike weeks is not measured."""
    return pd.DataFrame({name: pd.Series(dtype="object") for name in PAIRS})


def average_expected(cohort: Cohort, table: pd.DataFrame) -> pd.DataFrame:
    """Average the fear expected of the items that were then exposed, on 0 to 100.

    As rated at baseline; where nobody rated items then, as expected just before the first exposure
    to each. Returns ``arm, estimate, n`` (items), ``n_patients, source``.
    """
    item = ["patient_id", "item_id"]
    ratings = cohort.item_ratings
    asked = ratings[ratings["occasion"] == BASELINE].rename(columns={"expected_fear": "expected"})
    source = "item ratings at baseline"
    if not asked["expected"].notna().any():
        before = cohort.exposures[["patient_id", "exposure_id", "expected_peak_fear"]]
        asked = table[table["time"] == FROM].merge(before, on=["patient_id", "exposure_id"])
        asked = asked.rename(columns={"expected_peak_fear": "expected"})
        source = "expected before the first exposure"
    own = asked[asked["expected"].notna()].groupby(item)["expected"].mean().reset_index()
    known = table[[*item, "arm"]].drop_duplicates().merge(own, on=item)
    by_patient = known.groupby(["arm", "patient_id"])["expected"].agg(["mean", "size"])
    by_arm = by_patient.groupby("arm").agg(
        estimate=("mean", "mean"), n=("size", "sum"), n_patients=("mean", "size")
    )
    return by_arm.reset_index().assign(source=source)[EXPECTED_COLUMNS]


def _pair(
    first: pd.DataFrame, ends: Iterable[tuple[str, pd.DataFrame]], keys: list[str]
) -> pd.DataFrame:
    names = list(dict.fromkeys([*keys, "patient_id", "arm", "value", "way"]))
    pairs = [
        first[names]
        .merge(end[[*keys, "value", "way"]], on=keys, suffixes=("_from", "_to"))
        .assign(contrast=contrast)
        for contrast, end in ends
    ]
    both = pd.concat(pairs, ignore_index=True) if pairs else no_pairs()
    if both.empty:
        return no_pairs()
    both["same_way"] = both["way_from"] == both["way_to"]
    return both.rename(columns={"value_from": "from_value", "value_to": "to_value"})[PAIRS]


def _by_arm(rows: pd.DataFrame, column: str, value: str, *, seed: int, n_boot: int) -> pd.DataFrame:
    """Average the patients' means of each column, by arm, with bootstrap intervals."""
    arms = sorted(rows["arm"].unique())
    seeds = np.random.SeedSequence(seed).spawn(len(arms))
    parts = []
    for arm, own_seed in zip(arms, seeds, strict=True):
        own = rows[rows["arm"] == arm]
        means = own.pivot_table(index="patient_id", columns=column, values=value, aggfunc="mean")
        low, high = bootstrap_means(means.to_numpy(), seed=own_seed, n_boot=n_boot)
        columns = {"arm": arm, "estimate": means.mean(), "ci_low": low, "ci_high": high}
        part = pd.DataFrame(columns, index=means.columns)
        part["n"] = own.groupby(column).size()
        parts.append(part.assign(n_patients=means.notna().sum()).reset_index())
    names = ["arm", column, "estimate", "ci_low", "ci_high", "n", "n_patients"]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype="float64") for name in names})
    return pd.concat(parts, ignore_index=True)[names]

"""Who are the patients of each arm, and how alike are the arms?"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pandas as pd

from gradex_analysis.results import wording
from gradex_analysis.stats.standardised_differences import smd_of_numbers, smd_of_shares

OVERALL = "overall"
COLUMNS = [
    "variable", "level", "arm", "kind", "n", "n_missing", "mean", "sd", "median", "q1", "q3",
    "minimum", "maximum", "count", "percent",
]  # fmt: skip
Groups = dict[str, pd.Index]


def group_patients(arm: pd.Series) -> Groups:
    """Return the patients of each arm, by name, and of all arms where there are several."""
    groups = {str(name): own.index for name, own in arm.groupby(arm)}
    return groups | ({OVERALL: arm.index} if len(groups) > 1 else {})


def describe_variables(
    variables: pd.DataFrame, values: pd.DataFrame, groups: Groups
) -> pd.DataFrame:
    """Describe each variable in each group; categorical ones by level, of those not missing."""
    rows = [
        row
        for _, variable in variables.iterrows()
        for name, ids in groups.items()
        for row in _describe(values[variable["variable"]], variable, name, ids)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype({"n": "int64", "n_missing": "int64", "count": "Int64"})


def measure_balance(variables: pd.DataFrame, values: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Measure how far apart every pair of arms is in every variable, in standard deviations.

    ``smd`` is ``arm`` minus ``reference`` for numbers; that of categories has no sign.
    """
    rows = []
    for name, kind in zip(variables["variable"], variables["kind"], strict=True):
        for arm, reference in combinations([group for group in groups if group != OVERALL], 2):
            first, second = (values.loc[groups[group], name].dropna() for group in (arm, reference))
            if kind == "continuous":
                smd = smd_of_numbers(first, second)
            else:
                levels = sorted(values[name].dropna().unique())
                smd = smd_of_shares(*(_counts(own, levels) for own in (first, second)))
            rows.append((name, kind, arm, reference, smd, len(first), len(second)))
    columns = ["variable", "kind", "arm", "reference", "smd", "n_arm", "n_reference"]
    return pd.DataFrame(rows, columns=columns).astype({"smd": "float64"})


def lay_out(variables: pd.DataFrame, table: pd.DataFrame, groups: Groups) -> pd.DataFrame:
    """Lay the description out as a paper prints it: text, one column per group.

    The missing are counted by arm, in the order of the columns.
    """
    heads = {name: f"{name} (n = {len(ids):,})" for name, ids in groups.items()}
    arms = [name for name in groups if name != OVERALL]
    rows = []
    for _, variable in variables.iterrows():
        own = table[table["variable"] == variable["variable"]]
        missing = own.drop_duplicates("arm").set_index("arm")["n_missing"]
        for place, (level, part) in enumerate(own.groupby("level", sort=False)):
            cells = part.set_index("arm")
            rows.append(
                {
                    "characteristic": _head(variable) if place == 0 else "",
                    "level": level,
                    **{heads[name]: _cell(cells.loc[name], variable["shown"]) for name in groups},
                    "missing": " / ".join(f"{missing[a]:,}" for a in arms) if place == 0 else "",
                }
            )
    columns = ["characteristic", "level", *heads.values(), "missing"]
    return pd.DataFrame(rows, columns=columns).astype("str")


def _describe(
    own: pd.Series, variable: pd.Series, group: str, ids: pd.Index
) -> Iterator[dict[str, Any]]:
    of_group = own.loc[ids]
    given = of_group.dropna()
    row = {"variable": variable["variable"], "level": "", "arm": group, "kind": variable["kind"],
           "n": len(given), "n_missing": len(of_group) - len(given)}  # fmt: skip
    if variable["kind"] == "continuous":
        quartiles = given.quantile([0, 0.25, 0.5, 0.75, 1]).to_numpy()
        names = ["minimum", "q1", "median", "q3", "maximum"]
        numbers = dict(zip(names, quartiles, strict=True))
        yield {**row, "mean": given.mean(), "sd": given.std(), **numbers}
        return
    levels = sorted(own.dropna().unique())
    for level, count in zip(levels, _counts(given, levels), strict=True):
        share = 100 * count / len(given) if len(given) else float("nan")
        yield {**row, "level": level, "count": count, "percent": share}


def _counts(given: pd.Series, levels: list[str]) -> list[int]:
    return [int((given == level).sum()) for level in levels]


def _head(variable: pd.Series) -> str:
    how = {"mean": "mean (SD)", "median": "median (quartiles)", "count": "n (%)"}
    return f"{variable['label']}, {how[variable['shown']]}"


def _cell(row: pd.Series, shown: str) -> str:
    if shown == "count":
        return wording.count_percent(int(row["count"]), int(row["n"]))
    if shown == "median":
        return wording.median_range(row["median"], row["q1"], row["q3"])
    return wording.mean_sd(row["mean"], row["sd"])

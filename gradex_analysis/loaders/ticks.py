"""Does an empty box mean no?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.schema import TABLES
from gradex_analysis.loaders.columns import Columns
from gradex_analysis.loaders.mapping import FileMapping
from gradex_analysis.loaders.parse import YES
from gradex_analysis.loaders.questions import Question

YES_NO = {
    name
    for table in TABLES.values()
    for name, column in table.columns.items()
    if column.kind == "yes_no"
}


def ask_about_empty_boxes(
    ours: dict[str, pd.Series], mapping: FileMapping, columns: Columns
) -> None:
    """Ask where a column of yes and no holds ticks only: blank may be no, or not recorded."""
    for name in YES_NO & set(ours) & {*columns.ours, *mapping.columns}:
        theirs = str(columns.ours.get(name) or mapping.columns[name])
        if "" in mapping.translations.get(theirs, {}):
            continue
        given = ours[name][ours[name] != ""].str.lower()
        n_empty = len(ours[name]) - len(given)
        if n_empty and len(given) and given.isin(YES).all():
            columns.questions.append(
                Question(
                    "empty_boxes", columns.file, theirs, 0,
                    f"{columns.file}: {theirs!r} holds ticks only. Do its {n_empty} empty cells "
                    "mean no? Until that is said they are not recorded.",
                    f'[[file]]\npath = "{columns.file}"\n'
                    f'[file.values."{theirs}"]\n"" = "no"   # or keep them as they are: "" = ""',
                )
            )  # fmt: skip

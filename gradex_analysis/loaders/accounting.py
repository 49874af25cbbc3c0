"""Did every row and every value end in exactly one place?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.errors import GradexError
from gradex_analysis.loaders.shape import Shaped

COLUMNS = ["file", "unit", "raw", "kept", "rejected", "waiting"]


def account(
    files: list[Shaped], cells: pd.DataFrame, problems: pd.DataFrame, waiting: pd.DataFrame
) -> pd.DataFrame:
    """Count rows and values per file: ``raw = kept + rejected + waiting``.

    A row is rejected when it was set aside itself or when none of its values was kept or waits;
    it waits when none was kept and one waits. ``values`` are the rating and score cells that are
    not empty. Raises ``GradexError`` where the law does not hold: a fault of this package.
    """
    lines = [
        line
        for file in files
        for line in (_count_rows(file, cells, problems, waiting), _count_values(file, cells))
        if line["raw"] or line["unit"] == "rows"
    ]
    table = pd.DataFrame(lines, columns=COLUMNS)
    lost = table[table["raw"] != table[["kept", "rejected", "waiting"]].sum(axis=1)]
    if len(lost):
        raise GradexError(f"Rows were lost on the way in:\n{lost}\nPlease report this.")
    return table


def _count_rows(
    file: Shaped, cells: pd.DataFrame, problems: pd.DataFrame, waits_whole: pd.DataFrame
) -> dict[str, object]:
    set_aside = (problems["file"] == file.name) & (problems["fate"] == "row")
    rejected = set(problems.loc[set_aside, "row"])
    own = cells[cells["file"] == file.name]
    rows_with = {state: set(rows) for state, rows in own.groupby("state")["row"]}
    kept, waits = rows_with.get("kept", set()), rows_with.get("waiting", set())
    waits |= set(waits_whole.loc[waits_whole["file"] == file.name, "row"])
    waiting = waits - kept - rejected
    rejected |= rows_with.get("rejected", set()) - kept - waits
    # counted from the rows that came through, so that a lost row shows
    through = set(file.rows.index) - rejected - waiting
    return {
        "file": file.name, "unit": "rows", "raw": file.n_rows, "kept": len(through),
        "rejected": len(rejected), "waiting": len(waiting),
    }  # fmt: skip


def _count_values(file: Shaped, cells: pd.DataFrame) -> dict[str, object]:
    states = cells.loc[cells["file"] == file.name, "state"].value_counts()
    counts = {state: int(states.get(state, 0)) for state in ("kept", "rejected", "waiting")}
    return {"file": file.name, "unit": "values", "raw": len(file.cells), **counts}

"""What was met on the way: problems with their places, questions, and the state of every row."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from gradex_analysis.cohort.rules import RULES, list_problems, no_problems
from gradex_analysis.loaders.questions import Question


class Findings:
    """Collects while files are checked; nothing is set aside without passing through here."""

    def __init__(self, present: Iterable[str] = ()) -> None:
        #: the tables that came as files of their own: they declare their things
        self.present = frozenset(present)
        self.problems: list[pd.DataFrame] = [no_problems()]
        self.questions: list[Question] = []
        self.waiting: list[pd.DataFrame] = []

    def report(self, rule: str, table: str, places: pd.DataFrame) -> None:
        """List a problem per place; ``places`` has ``file, row`` and, if known, ``column, raw``."""
        if len(places):
            unknown = {name: "" for name in ("column", "raw") if name not in places}
            self.problems.append(list_problems(rule, table, places.assign(**unknown)))

    def reject_rows(
        self, rows: pd.DataFrame, bad: pd.Series, rule: str, column: str, table: str = ""
    ) -> pd.DataFrame:
        """List the rows of the mask under the rule and return the others."""
        assert RULES[rule].fate == "row"
        places = rows.loc[bad, ["file", "row"]].assign(column=column)
        places["raw"] = rows.loc[bad, column].fillna("").astype("str") if column in rows else ""
        self.report(rule, table, places)
        return rows[~bad]

    def let_wait(self, rows: pd.DataFrame, waits: pd.Series) -> pd.DataFrame:
        """Note the rows of the mask as waiting for an answer and return the others."""
        self.waiting.append(rows.loc[waits, ["file", "row"]])
        return rows[~waits]

    def waiting_rows(self) -> pd.DataFrame:
        """Return ``file, row`` of every row that waits as a whole."""
        none = pd.DataFrame({"file": pd.Series(dtype="str"), "row": pd.Series(dtype="int64")})
        return pd.concat([none, *self.waiting], ignore_index=True)

    def all_problems(self) -> pd.DataFrame:
        """Return every problem met, in the order of files and rows."""
        frame = pd.concat(self.problems, ignore_index=True)
        return frame.sort_values(["file", "row", "column"], kind="stable", ignore_index=True)

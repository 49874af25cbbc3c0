"""How does a terminal show progress, and what a cohort's files were found to hold?

Progress goes to the error stream: a bar on a terminal, plain lines elsewhere. Tables have at most
100 columns; colour is never the message.
"""

from __future__ import annotations

import sys
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
from rich.progress import Progress as Bar
from rich.table import Table
from rich.text import Text

from gradex_analysis.cohort.codes import named
from gradex_analysis.progress import Progress

if TYPE_CHECKING:
    import pandas as pd

    from gradex_analysis.cohort.cohort import Cohort

WIDEST = 100


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Show progress while the block runs."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _PlainLines()
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Bar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=None)

        def draw(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        yield draw


class _PlainLines:
    """One line for each new step, and none for each percent of it."""

    def __init__(self) -> None:
        self._last = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        if what != self._last:
            print(what, file=sys.stderr, flush=True)
        self._last = what


def has_findings(cohort: Cohort) -> bool:
    """Say whether a rule was broken or a question is open."""
    return bool(cohort.problems["severity"].eq("breach").any()) or len(cohort.questions) > 0


def show_check(cohort: Cohort) -> None:
    """Print what was read, kept, set aside and waits, and what has to be answered."""
    console = Console()
    console.width = min(console.width, WIDEST) if console.is_terminal else WIDEST
    for line in cohort.accounting.to_dict("records"):
        console.print(Text(_count(line), no_wrap=True, overflow="ignore"))
    set_aside = _first_of_each_rule(cohort)
    if len(set_aside):
        console.print(Padding(_set_aside_table(set_aside), (1, 0, 0, 2)))
    if len(cohort.dropped_columns):
        console.print(Text(_dropped(cohort.dropped_columns)))
    if cohort.unread:
        console.print(Padding(Text(_unread(cohort.unread)), (1, 0, 0, 2)))
    _show_questions(console, cohort.questions)


def _count(line: Mapping[Hashable, Any]) -> str:
    return (
        f"  {line['file']}: {line['raw']:,} {line['unit']} read   {line['kept']:,} kept   "
        f"{line['rejected']:,} set aside   {line['waiting']:,} waiting for an answer"
    )


def _first_of_each_rule(cohort: Cohort) -> pd.DataFrame:
    counts = cohort.rejected["rule"].value_counts()
    first = cohort.problems.drop_duplicates("rule").set_index("rule")["message"]
    table = counts.rename("n").to_frame().join(first, how="left")
    return table.rename_axis("rule").reset_index()


def _set_aside_table(set_aside: pd.DataFrame) -> Table:
    table = Table(box=box.SQUARE, show_lines=False)
    table.add_column("set aside")
    table.add_column("n", justify="right")
    table.add_column("first place, and what to do", overflow="fold")
    for row in set_aside.itertuples():
        words = named(row.rule)
        table.add_row(Text(words), f"{row.n:,}", Text(str(row.message)))
    return table


def _dropped(columns: pd.DataFrame) -> str:
    listed = ", ".join(f"{c.column} in {c.file} ({c.reason})" for c in columns.itertuples())
    return f"\n  Columns left at the door: {listed}"


def _unread(files: Mapping[str, pd.DataFrame]) -> str:
    listed = (
        f"{name}: kept as text, not read: {', '.join(map(str, unread))}"
        for name, unread in files.items()
    )
    return "\n".join(listed)


def _show_questions(console: Console, questions: pd.DataFrame) -> None:
    if not len(questions):
        return
    noun = "question" if len(questions) == 1 else "questions"
    console.print(f"\n  {len(questions)} {noun} only you can answer:")
    for number, asked in enumerate(questions.itertuples(), start=1):
        console.print(Padding(Text(f"{number}. {asked.question}"), (0, 0, 0, 4), expand=False))
        console.print(Padding(Text(str(asked.answer)), (0, 0, 0, 7), expand=False))
    console.print(
        "  → answer in a mapping file (--draft FILE writes one to start from), then run again."
    )

"""What can go wrong, as a tree.

GradexError                  everything this package raises on purpose
├── UnreadableFileError      a file cannot be read as a table: empty, encoding, delimiter, header
├── MappingError             the mapping says something that does not exist or cannot be
├── InvalidCohortError       rows break the data model and would corrupt an answer
├── CannotAnswerError        the data are fine but lack what this question needs
├── UnknownNameError         a definition, kind or column name that is not on offer
└── IncompleteResultError    a result lost rows without a reason (a fault of this package)

Messages say what, where (file, row, column) and the remedy. They carry ids and row numbers,
never names or free text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class GradexError(Exception):
    """Every error this package raises on purpose."""


class UnreadableFileError(GradexError, ValueError):
    """A file cannot be read as a table."""


class MappingError(GradexError, ValueError):
    """A mapping file says something that does not exist or contradicts itself."""


class InvalidCohortError(GradexError, ValueError):
    """Rows break the data model; ``problems`` lists every breach."""

    def __init__(self, message: str, problems: pd.DataFrame) -> None:
        super().__init__(message)
        self.problems = problems


class CannotAnswerError(GradexError, ValueError):
    """The data lack what the question needs; the message says what and where it would come from."""


class UnknownNameError(GradexError, ValueError):
    """A name that is not on offer; the message lists those that are."""

    def __init__(self, what: str, name: object, offered: Iterable[str]) -> None:
        super().__init__(f"{what} must be one of {', '.join(map(repr, offered))}; not {name!r}.")


class IncompleteResultError(GradexError):
    """A result lost rows without a reason: used + left out is not what was considered."""

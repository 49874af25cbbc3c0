"""What does every answer offer?

A table, how many were considered and used, who was left out and why, the settings that shaped the
numbers, a picture and a sentence.
"""

from __future__ import annotations

import copy
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from matplotlib.axes import Axes

from gradex_analysis.cohort.codes import named
from gradex_analysis.errors import IncompleteResultError
from gradex_analysis.measures.groups import EVERYBODY
from gradex_analysis.plots import style
from gradex_analysis.results import page, wording


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class Result(ABC):
    """Numbers, who was left out, a picture and a sentence.

    ``table`` is tidy and never rounded; ``unit`` names the key columns of what is counted;
    ``excluded`` holds those keys and a ``reason``. The constructor refuses unless
    ``n_used`` + distinct units in ``excluded`` = ``n_considered``, so that rows cannot vanish.
    Frames are handed out as shallow copies: writing to them does not change the result.
    """

    table: pd.DataFrame
    unit: tuple[str, ...]
    n_considered: int
    n_used: int
    excluded: pd.DataFrame
    settings: Mapping[str, Any]

    #: width and height of the figure in inches at printed size
    figure_size: ClassVar[tuple[float, float]] = style.SINGLE_COLUMN
    #: the frame a page shows first; where it is not ``table``, that one is folded below it
    headline: ClassVar[str] = "table"
    #: frames that are not kept where an answer has nothing of the kind
    perhaps: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        settings = json.loads(json.dumps(dict(self.settings)))  # JSON values only, and a copy
        object.__setattr__(self, "settings", settings)
        missing = {*self.unit, "reason"} - set(self.excluded.columns)
        if missing:
            raise IncompleteResultError(f"excluded lacks the columns {sorted(missing)}.")
        n_left_out = len(self.excluded[list(self.unit)].drop_duplicates())
        if self.n_used + n_left_out != self.n_considered:
            raise IncompleteResultError(
                f"{self.n_considered} considered, but {self.n_used} used and {n_left_out} left out."
            )

    def __getattribute__(self, name: str) -> Any:
        # pandas copies on write, so this is free and makes ``frozen`` true for the frames as well
        value = super().__getattribute__(name)
        if isinstance(value, pd.DataFrame):
            return value.copy(deep=False)
        return copy.copy(value) if isinstance(value, dict) else value

    @abstractmethod
    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the answer; on new axes of the current pyplot figure where ``ax`` is None."""

    @abstractmethod
    def sentence(self) -> str:
        """Say the answer as a paper would."""

    @abstractmethod
    def alt_text(self) -> str:
        """Say what the figure shows, with its numbers, to those who cannot see it."""

    def noun(self) -> str:
        """Return what one unit is called."""
        return named(self.unit[-1].removesuffix("_id"))

    def looks(self) -> style.Looks:
        """Return how each arm is drawn: alike in all answers about a cohort.

        ``settings["arms"]`` lists all arms of the cohort, none where it has none.
        """
        return style.arm_styles(self.settings["arms"] or [EVERYBODY])

    def say_left_out(self) -> str:
        """Say how many were left out, and why."""
        counts = self.excluded.drop_duplicates([*self.unit, "reason"])["reason"].value_counts()
        if counts.empty:
            return f"No {self.noun()} was left out."
        reasons = "; ".join(f"{n:,}: {named(reason)}" for reason, n in counts.items())
        all_of_them = wording.count(self.n_considered, self.noun())
        return f"{self.n_considered - self.n_used:,} of {all_of_them} left out ({reasons})."

    def details(self) -> dict[str, tuple[str, pd.DataFrame]]:
        """Return what a page shows folded: by title, a sentence and a table (either may be empty).

        Everything that a referee asks for and the first sentence has no room for.
        """
        return {}

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return every frame this result holds, by field name."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {
            name: value
            for name, value in values.items()
            if isinstance(value, pd.DataFrame) and (len(value) or name not in self.perhaps)
        }

    def save(self, stem: Path | str) -> list[Path]:
        """Write the frames (CSV), sentence (TXT), settings (JSON) and figure (SVG, PDF, PNG).

        ``stem`` is a path without ending; the folder is made. Returns the files written.
        """
        return page.save(self, Path(stem))

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.sentence()}"

    def _repr_html_(self) -> str:
        return page.as_html(self)

"""What is a checked cohort? Tables, what was set aside, what waits, and where each value stood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort import page
from gradex_analysis.cohort.checks import check_tables
from gradex_analysis.cohort.rules import no_problems
from gradex_analysis.cohort.scales import scale_ends, scale_frame
from gradex_analysis.cohort.schema import TABLES, empty_table
from gradex_analysis.errors import CannotAnswerError, GradexError, UnknownNameError

#: why a gap hides less than others: nobody gave a rating there
GAP_MISSING = "is missing"
GAP_COLUMNS = ["patient_id", "exposure_id", "kind", "minute", "repetition", "reason"]


def _no_gaps() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in GAP_COLUMNS})
    return frame.astype({"minute": "float64", "repetition": "Int64"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Origin:
    """Where a cohort came from and what became of every row and value on the way in.

    ``accounting`` has one row per file and unit (``rows``, ``values``): ``raw = kept + rejected +
    waiting``, always. ``provenance[table]`` lies beside the table, row by row: integer codes of
    ``source`` (position in ``sources``), ``column`` (position in ``columns``) and the physical
    ``row``; 8 bytes a row.
    """

    sources: pd.DataFrame
    columns: tuple[str, ...]
    provenance: Mapping[str, pd.DataFrame]
    problems: pd.DataFrame
    questions: pd.DataFrame
    accounting: pd.DataFrame
    dropped_columns: pd.DataFrame
    mapping_text: str = ""
    draft: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohort:
    """A study's tables after the gate; read-only.

    ``tables`` holds the typed tables of the data model (empty where the study has none);
    ``unread`` the columns and tables that no question reads yet, as text, by file;
    ``words`` the user's own word for each kind of rating; ``answers`` what the user decided;
    ``gaps`` the moments of exercises whose rating was set aside, waits or is missing.
    """

    tables: Mapping[str, pd.DataFrame]
    origin: Origin
    unread: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    gaps: pd.DataFrame = field(default_factory=_no_gaps)

    @classmethod
    def from_tables(cls, tables: Mapping[str, pd.DataFrame], *, simulated: bool = False) -> Cohort:
        """Make a cohort from tables in memory that follow the data model.

        Columns that no question reads are kept as text in ``unread``. Raises
        ``InvalidCohortError`` listing every breach, and ``UnknownNameError`` for a table that the
        data model does not have.
        """
        typed, unread = check_tables(tables)
        provenance = {
            name: pd.DataFrame(
                {
                    "source": np.int16(0),
                    "column": np.int16(0),
                    "row": np.arange(1, len(frame) + 1, dtype=np.int32),
                }
            )
            for name, frame in typed.items()
        }
        return cls(
            tables=typed,
            unread=unread,
            simulated=simulated,
            origin=Origin(
                sources=pd.DataFrame({"file": ["(memory)"], "sha256": [""]}),
                columns=("",),
                provenance=provenance,
                problems=no_problems(),
                questions=pd.DataFrame(),
                accounting=_count_rows(tables),
                dropped_columns=pd.DataFrame(columns=["file", "column", "n_values", "reason"]),
            ),
        )

    def __post_init__(self) -> None:
        complete = {name: self.tables.get(name, empty_table(name)) for name in TABLES}
        complete["ratings"] = _finish_ratings(complete["ratings"], complete["exposures"])
        object.__setattr__(self, "tables", complete)

    def _frame(self, name: str) -> pd.DataFrame:
        return self.tables[name].copy(deep=False)

    @property
    def participants(self) -> pd.DataFrame:
        """One row per patient: ``patient_id, site_id, therapist_id, arm``."""
        return self._frame("participants")

    @property
    def episodes(self) -> pd.DataFrame:
        """One row per patient and treatment episode: a cross-over has several."""
        return self._frame("episodes")

    @property
    def sessions(self) -> pd.DataFrame:
        """One row per appointment."""
        return self._frame("sessions")

    @property
    def exposures(self) -> pd.DataFrame:
        """One row per exercise with one item, planned or done."""
        return self._frame("exposures")

    @property
    def ratings(self) -> pd.DataFrame:
        """One row per rating; ``value`` on its own scale, ``value_100`` on 0 to 100.

        ``exposure`` is the row's position in ``exposures``; a coded missing rating has no value
        and its code (``missing``, ``not_asked``, ``refused``, ``not_done``) in ``code``.
        """
        return self._frame("ratings")

    @property
    def exposure_breaks(self) -> pd.DataFrame:
        """One row per break within an exposure."""
        return self._frame("exposure_breaks")

    @property
    def assessments(self) -> pd.DataFrame:
        """One row per patient, instrument and occasion."""
        return self._frame("assessments")

    @property
    def scales(self) -> pd.DataFrame:
        """The scales in use: ``scale_id, min, max``."""
        return scale_frame(self.tables["ratings"]["scale_id"])

    @property
    def problems(self) -> pd.DataFrame:
        """One row per breach or note, with its place and remedy."""
        return self.origin.problems.copy(deep=False)

    @property
    def rejected(self) -> pd.DataFrame:
        """The problems whose row, value or cell was set aside."""
        problems = self.origin.problems
        return problems[problems["fate"] != "kept"].reset_index(drop=True)

    @property
    def questions(self) -> pd.DataFrame:
        """What only the user can answer, and how many values wait for it."""
        return self.origin.questions.copy(deep=False)

    @property
    def accounting(self) -> pd.DataFrame:
        """Per file and unit: ``raw = kept + rejected + waiting``."""
        return self.origin.accounting.copy(deep=False)

    @property
    def dropped_columns(self) -> pd.DataFrame:
        """Columns that were not let in because they hold free text or direct identifiers."""
        return self.origin.dropped_columns.copy(deep=False)

    @property
    def sources(self) -> pd.DataFrame:
        """The files read, with their SHA-256."""
        return self.origin.sources.copy(deep=False)

    @property
    def settings(self) -> dict[str, Any]:
        """What was decided when the cohort was loaded, as JSON values."""
        return {"answers": dict(self.answers), "words": dict(self.words)}

    @property
    def has_arms(self) -> bool:
        """Whether any patient belongs to an arm."""
        return bool(self.tables["participants"]["arm"].notna().any())

    @property
    def kinds(self) -> list[str]:
        """The kinds of rating there are (fear, pain, ...), by number of ratings."""
        counts = self.tables["ratings"]["kind"].value_counts()
        return [str(kind) for kind in counts.index]

    def choose_kind(self, kind: str | None) -> str:
        """Return the kind asked for; without one, fear, else the only kind that is not pain.

        Raises ``UnknownNameError`` for a kind without ratings and ``CannotAnswerError`` where
        there is nothing to choose or more than one candidate.
        """
        if kind is not None:
            if kind not in self.kinds:
                raise UnknownNameError("kind", kind, self.kinds)
            return kind
        candidates = [name for name in self.kinds if name != "pain"] or self.kinds
        if "fear" in candidates:
            return "fear"
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            raise CannotAnswerError(
                "The cohort holds no exposure ratings (or all of them wait for an answer: see "
                "cohort.questions)."
            )
        raise CannotAnswerError(
            f"The cohort rates {', '.join(candidates)}. Say which with kind = ..."
        )

    def word(self, kind: str) -> str:
        """Return the user's own word for a kind of rating."""
        return self.words.get(kind, kind)

    def draft_mapping(self) -> str:
        """Return a mapping file (TOML) with every open question and a draft of its answer."""
        return self.origin.draft

    def describe(self) -> pd.DataFrame:
        """Count what there is: ``what, n``."""
        return page.describe(self.tables, self.origin)

    def __repr__(self) -> str:
        counts = self.describe()
        lines = [f"{n:>9,}  {what}" for what, n in zip(counts["what"], counts["n"], strict=True)]
        return "\n".join(["Cohort, simulated" if self.simulated else "Cohort", *lines])

    def _repr_html_(self) -> str:
        return page.as_html(self.describe(), self.origin, simulated=self.simulated)


def _count_rows(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    counts = [(name, "rows", len(frame), len(frame), 0, 0) for name, frame in tables.items()]
    return pd.DataFrame(counts, columns=["file", "unit", "raw", "kept", "rejected", "waiting"])


def _finish_ratings(ratings: pd.DataFrame, exposures: pd.DataFrame) -> pd.DataFrame:
    """Add each rating's position in ``exposures`` and its value on 0 to 100."""
    keys = pd.MultiIndex.from_frame(exposures[["patient_id", "exposure_id"]])
    own = pd.MultiIndex.from_frame(ratings[["patient_id", "exposure_id"]])
    ratings = ratings.assign(exposure=keys.get_indexer(own).astype(np.int32))
    if (ratings["exposure"] < 0).any():
        raise GradexError(
            "A rating belongs to no exposure: a fault of this package, please report."
        )
    if "code" not in ratings:
        ratings["code"] = pd.Series("", index=ratings.index, dtype="str")
    low, high = scale_ends(ratings["scale_id"])
    ratings["value_100"] = 100 * (ratings["value"].to_numpy() - low) / (high - low)
    return ratings

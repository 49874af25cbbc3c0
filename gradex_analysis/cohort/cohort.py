"""What is a checked cohort? Tables, what was set aside, what waits, and where each value stood."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from gradex_analysis.cohort import page
from gradex_analysis.cohort.checks import check_tables
from gradex_analysis.cohort.instruments import Instrument, find_instrument
from gradex_analysis.cohort.origin import Origin, of_memory
from gradex_analysis.cohort.ratings import finish_ratings
from gradex_analysis.cohort.scales import scale_frame
from gradex_analysis.cohort.schema import TABLES, empty_table
from gradex_analysis.errors import CannotAnswerError, UnknownNameError

#: why a gap hides less than others: nobody gave a rating there
GAP_MISSING = "is missing"
GAP_COLUMNS = ["patient_id", "exposure_id", "kind", "minute", "repetition", "reason"]


CODED_COLUMNS = ["patient_id", "session_id", "exposure_id", "column", "code"]


def _nothing_coded() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in CODED_COLUMNS})


def _no_gaps() -> pd.DataFrame:
    frame = pd.DataFrame({name: pd.Series(dtype="str") for name in GAP_COLUMNS})
    return frame.astype({"minute": "float64", "repetition": "Int64"})


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohort:
    """A study's tables after the gate; read-only.

    ``tables`` holds the typed tables of the data model (empty where the study has none);
    ``unread`` the columns and tables that no question reads yet, as text, by file;
    ``words`` the user's own word for each kind of rating; ``answers`` what the user decided;
    ``gaps`` the moments of exercises whose rating was set aside, waits or is missing;
    ``coded_missing`` the cells that hold a missing code instead of a value, with the code;
    ``instruments`` the questionnaires that the user described; ``item_labels`` the words that an
    item's code stands for (on this machine only); ``present`` the tables that came.
    """

    tables: Mapping[str, pd.DataFrame]
    origin: Origin
    unread: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    words: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    simulated: bool = False
    gaps: pd.DataFrame = field(default_factory=_no_gaps)
    coded_missing: pd.DataFrame = field(default_factory=_nothing_coded)
    instruments: Mapping[str, Instrument] = field(default_factory=dict)
    item_labels: Mapping[str, str] = field(default_factory=dict)
    present: frozenset[str] = frozenset()

    @classmethod
    def from_tables(cls, tables: Mapping[str, pd.DataFrame], *, simulated: bool = False) -> Cohort:
        """Make a cohort from tables in memory that follow the data model.

        Columns that no question reads are kept as text in ``unread``. Raises
        ``InvalidCohortError`` listing every breach, and ``UnknownNameError`` for a table that the
        data model does not have.
        """
        typed, unread = check_tables(tables)
        return cls(
            tables=typed,
            unread=unread,
            simulated=simulated,
            present=frozenset(tables),
            origin=of_memory(tables, typed),
        )

    def __post_init__(self) -> None:
        complete = {name: self.tables.get(name, empty_table(name)) for name in TABLES}
        complete["ratings"] = finish_ratings(complete["ratings"], complete["exposures"])
        object.__setattr__(self, "tables", complete)

    def _frame(self, name: str) -> pd.DataFrame:
        return self.tables[name].copy(deep=False)

    @property
    def participants(self) -> pd.DataFrame:
        """One row per patient; columns beyond those of the data model are covariates."""
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
    def items(self) -> pd.DataFrame:
        """One row per feared situation; without a patient where all share the list."""
        return self._frame("items")

    @property
    def item_ratings(self) -> pd.DataFrame:
        """One row per item and occasion: the fear expected of it, 0 to 100."""
        return self._frame("item_ratings")

    @property
    def safety_behaviours(self) -> pd.DataFrame:
        """One row per exposure and behaviour: none, some, full or not recorded."""
        return self._frame("safety_behaviours")

    @property
    def diary(self) -> pd.DataFrame:
        """One row per answered prompt: fear 0 to 100, pain 0 to 10."""
        return self._frame("diary")

    @property
    def adverse_events(self) -> pd.DataFrame:
        """One row per adverse event; ``has_table`` tells none from not recorded."""
        return self._frame("adverse_events")

    @property
    def assessments(self) -> pd.DataFrame:
        """One row per patient, instrument and occasion."""
        return self._frame("assessments")

    @property
    def assessment_items(self) -> pd.DataFrame:
        """One row per answer to an item of a questionnaire."""
        return self._frame("assessment_items")

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
    def is_randomised(self) -> bool:
        """Whether patients came to their arms at random: by their dates, or because the user said.

        Without either it is not assumed.
        """
        if "arms" in self.answers:
            return bool(self.answers["arms"] == "randomised")
        people = self.tables["participants"]
        dated = people.loc[people["arm"].notna(), "randomised_on"].notna()
        return self.has_arms and bool(dated.all())

    def has_table(self, name: str) -> bool:
        """Whether the study came with this table, be it empty."""
        return name in self.present or len(self.tables[name]) > 0

    def instrument(self, name: str) -> Instrument:
        """Return what is known of a questionnaire: what the user said, else our own entry."""
        return self.instruments.get(name) or find_instrument(name)

    def select_patients(self, ids: Iterable[str]) -> Cohort:
        """Return the part of the cohort that belongs to these patients.

        What was asked, set aside and counted when the files were read stays as it was. Raises
        ``UnknownNameError`` for a patient who is not in the cohort.
        """
        wanted = set(ids)
        known = set(self.tables["participants"]["patient_id"])
        if unknown := sorted(wanted - known):
            raise UnknownNameError("patient_id", unknown[0], sorted(known))
        kept = {name: _belongs(frame, wanted) for name, frame in self.tables.items()}
        return replace(
            self,
            tables={
                name: frame[kept[name]].reset_index(drop=True)
                for name, frame in self.tables.items()
            },
            gaps=self.gaps[_belongs(self.gaps, wanted)],
            coded_missing=self.coded_missing[_belongs(self.coded_missing, wanted)],
            origin=self.origin.keep(kept),
        )

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


def _belongs(frame: pd.DataFrame, patients: set[str]) -> np.ndarray:
    """Mark the rows of these patients, and those that belong to nobody: an item all share."""
    owner = frame["patient_id"]
    return (owner.isin(patients) | owner.isna()).to_numpy()

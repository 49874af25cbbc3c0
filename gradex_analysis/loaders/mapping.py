"""How is a foreign file described, so that it loads without programming?

A mapping is a small TOML file: one ``[[file]]`` block per file (or glob) and ``[answers]`` to what
had to be asked. Column names are the file's own on the right, ours on the left.
"""

from __future__ import annotations

import difflib
import fnmatch
import math
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from gradex_analysis.cohort.scales import parse_scale
from gradex_analysis.cohort.schema import MISSING_CODES, MOMENTS, TABLES, UNREAD_TABLES
from gradex_analysis.errors import MappingError
from gradex_analysis.loaders.records import Dialect

SCHEMA_VERSION = 1


class Part(BaseModel):
    """A block of the mapping: unknown keys are errors, values are read-only."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ScaleBy(BaseModel):
    """A scale that depends on another column: ``{by = "therapist", MK = "0-10", ...}``."""

    model_config = ConfigDict(extra="allow", frozen=True)
    by: str
    default: str | None = None

    @property
    def levels(self) -> dict[str, str]:
        """Return the scale of each value of the other column."""
        return {str(key): str(value) for key, value in (self.model_extra or {}).items()}


class Split(Part):
    """A cell that holds several moments: ``5/7`` at ``before`` and ``end``."""

    separator: str
    moments: list[str]


def _check_scale(scale: str | ScaleBy | None) -> None:
    said = [scale] if isinstance(scale, str) else []
    if isinstance(scale, ScaleBy):
        said = [*scale.levels.values(), *([scale.default] if scale.default else [])]
    for text in said:
        parse_scale(text)


class RatingColumn(Part):
    """One column of ratings: what it measures, on which scale, at which moment."""

    column: str
    kind: str
    word: str | None = None
    scale: str | ScaleBy | None = None
    moment: str | None = None
    split: Split | None = None

    @field_validator("scale")
    @classmethod
    def _scales_can_be_read(cls, scale: str | ScaleBy | None) -> str | ScaleBy | None:
        _check_scale(scale)
        return scale

    @field_validator("moment")
    @classmethod
    def _moment_is_known(cls, moment: str | None) -> str | None:
        if moment is not None and moment not in MOMENTS:
            raise MappingError(f"moment must be one of {', '.join(MOMENTS)}; not {moment!r}.")
        return moment


class ScoreColumn(Part):
    """One column of questionnaire scores: a wide file has one per instrument and occasion.

    Without ``occasion`` the row's own column of that name says it.
    """

    column: str
    instrument: str
    occasion: str | None = None


class Questionnaire(Part):
    """The columns that hold a questionnaire's items, in the order of its form.

    Without ``occasion`` the row's own column of that name says it.
    """

    instrument: str
    items: list[str] = Field(min_length=1)
    occasion: str | None = None
    version: str | None = None


class SafetyBoxes(Part):
    """Boxes to tick, one a behaviour, and the box for none: ``{boxes = {sb___1 = "bracing"}}``.

    All boxes empty means not recorded, never none.
    """

    boxes: dict[str, str] = Field(min_length=1)
    none: str | None = None
    ticked: list[str] = ["1", "x", "yes"]

    @property
    def columns(self) -> list[str]:
        """Return the boxes' columns."""
        return [*self.boxes, *([self.none] if self.none else [])]


class InstrumentSaid(Part):
    """What the user says of a questionnaire: the ends of its score, and which is better."""

    label: str = ""
    low: float = math.nan
    high: float = math.nan
    better: Literal["lower", "higher", ""] = ""


class Events(Part):
    """A column whose values say what a row is: break, stop, end of the exercise."""

    column: str
    before: list[str] = []
    end: list[str] = []
    break_start: list[str] = []
    break_end: list[str] = []
    stopped_by: dict[str, str] = {}


class FileMapping(Part):
    """How one file is written and what its columns mean."""

    path: str = "*"
    ignore: bool = False
    table: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    decimal: Literal[".", ","] = "."
    skip_lines: int = Field(0, ge=0)
    columns: dict[str, str | list[str]] = {}
    constants: dict[str, str] = {}
    numbered: dict[str, list[str]] = {}
    fill_down: list[str] = []
    drop_rows: dict[str, list[str]] = {}
    no_exposure: dict[str, list[str]] = {}
    translations: dict[str, dict[str, str]] = Field({}, alias="values")
    missing: dict[str, str] = {}
    dates: dict[str, str | list[str]] = {}
    ratings: list[RatingColumn] = []
    scores: list[ScoreColumn] = []
    questionnaires: list[Questionnaire] = []
    scales: dict[str, str | ScaleBy] = {}
    covariates: dict[str, Literal["number", "category"]] = {}
    safety_behaviours: SafetyBoxes | None = None
    events: Events | None = None
    keep: list[str] = []

    @field_validator("table")
    @classmethod
    def _table_is_known(cls, table: str | None) -> str | None:
        offered = ["log", *TABLES, *UNREAD_TABLES]
        if table is not None and table not in offered:
            raise MappingError(f"table must be one of {', '.join(offered)}; not {table!r}.")
        return table

    @field_validator("scales")
    @classmethod
    def _scales_can_be_read(cls, scales: dict[str, str | ScaleBy]) -> dict[str, str | ScaleBy]:
        for scale in scales.values():
            _check_scale(scale)
        return scales

    @field_validator("missing")
    @classmethod
    def _codes_are_known(cls, missing: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(missing.values()) - set(MISSING_CODES))
        if unknown:
            raise MappingError(
                f"missing codes must be one of {', '.join(MISSING_CODES)}; not {unknown[0]!r}."
            )
        return missing

    @property
    def dialect(self) -> Dialect:
        """Return how the file is written."""
        return Dialect(self.encoding, self.delimiter, self.skip_lines)


class Answers(Part):
    """What only the user can say of the whole study."""

    restart: Literal["new_exposure", "fault"] | None = None
    last_before_stop: Literal["end", "last"] | None = None
    clock: Literal["local"] | None = None
    same_id: Literal["distinct"] | None = None
    same_item: Literal["distinct"] | None = None
    homework_session: Literal["assigned_in", "held_in"] | None = None
    arms: Literal["randomised", "groups"] | None = None
    reference_arm: str | None = None
    peak_includes: list[Literal["before", "after"]] | None = None


class Mapping(Part):
    """The whole mapping file."""

    schema_version: int = Field(SCHEMA_VERSION, alias="schema")
    simulated: bool = False
    file: list[FileMapping] = []
    answers: Answers = Answers()
    instruments: dict[str, InstrumentSaid] = {}

    def for_file(self, name: str) -> FileMapping:
        """Return what all blocks whose path matches say together; a later block adds to it."""
        merged: dict[str, Any] = {}
        for block in self.file:
            if fnmatch.fnmatch(name, block.path):
                for key, value in block.model_dump(exclude_unset=True, by_alias=True).items():
                    merged[key] = _join(merged.get(key), value)
        return FileMapping.model_validate(merged)

    def scale_column(self, name: str, column: str) -> str:
        """Return the column on which the scale of a rating column depends; "" where on none."""
        scales = [r.scale for r in self.for_file(name).ratings if r.column == column]
        return next((scale.by for scale in scales if isinstance(scale, ScaleBy)), "")


def _join(earlier: Any, later: Any) -> Any:
    """Add what a later block says: tables key by key, lists entry by entry of one column."""
    if isinstance(earlier, dict) and isinstance(later, dict):
        added = {key: _join(earlier.get(key), value) for key, value in later.items()}
        return earlier | added
    if isinstance(earlier, list) and isinstance(later, list):
        entries: dict[Any, Any] = {}
        for entry in [*earlier, *later]:
            key = entry.get("column", str(entry)) if isinstance(entry, dict) else entry
            entries[key] = _join(entries.get(key), entry)
        return list(entries.values())
    return later


def read_mapping(path: Path) -> Mapping:
    """Read a mapping file; raise ``MappingError`` naming each key that cannot be used."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise MappingError(f"{path.name}: not readable as TOML: {error}.") from error
    version = content.get("schema", SCHEMA_VERSION)
    if version != SCHEMA_VERSION:
        raise MappingError(
            f"{path.name}: schema = {version!r}; this version reads {SCHEMA_VERSION}. "
            "Install a newer gradex_analysis, or correct the number."
        )
    try:
        return Mapping.model_validate(content)
    except ValidationError as error:
        faults = "\n".join(f"  {_say(fault)}" for fault in error.errors())
        raise MappingError(f"{path.name} cannot be used:\n{faults}") from error


def _say(fault: Any) -> str:
    place = _place(fault["loc"])
    if fault["type"] != "extra_forbidden":
        said = fault["msg"].removeprefix("Value error, ").removesuffix(".")
        return f"{place}: {said}."
    parts = (FileMapping, RatingColumn, Answers, Events, SafetyBoxes, Questionnaire, Mapping)
    known = ["schema", *(name for part in parts for name in part.model_fields)]
    close = difflib.get_close_matches(str(fault["loc"][-1]), known, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    return f"{place}: there is no such key.{hint}"


def _place(location: tuple[str | int, ...]) -> str:
    """Name a place as its reader counts it: ``[[file]] 1, ratings 2, scale``."""
    steps: list[str] = []
    for step in location:
        if isinstance(step, int):
            steps[-1] += f" {step + 1}"
        else:
            steps.append("[[file]]" if step == "file" and not steps else step)
    return ", ".join(steps)

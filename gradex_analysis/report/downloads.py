"""How are the files that a cell saved offered? One line per result.

By what they hold and not by their names, which all begin alike: "table, excluded (CSV); figure
(SVG, PDF, PNG); sentence, settings". The whole name stays in the link's target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from gradex_analysis.cohort.codes import named

PICTURES = (".svg", ".pdf", ".png")
ORDER = (".csv", ".txt", ".json", *PICTURES)
HELD = {
    ("", ".csv"): "table",
    ("", ".txt"): "sentence",
    ("alt", ".txt"): "figure in words",
    ("", ".json"): "settings",
}


@dataclass(frozen=True)
class Group:
    """Links of one kind as (text, target), with what stands before and after them."""

    links: tuple[tuple[str, str], ...]
    before: str = ""
    after: str = ""


@dataclass(frozen=True)
class Saved:
    """The files of one result: the name they begin with, and their links."""

    name: str
    groups: tuple[Group, ...]


def group_downloads(files: Sequence[str]) -> list[Saved]:
    """Group the files that one cell saved by result, in the order in which they were saved."""
    paths = [PurePosixPath(file) for file in files]
    # every result leaves its settings, under no more than its name
    names = [path.stem for path in paths if path.suffix == ".json"]
    results: dict[str, list[PurePosixPath]] = {}
    for path in paths:
        results.setdefault(_result_of(path.stem, names), []).append(path)
    return [Saved(name, _group(own, name)) for name, own in results.items()]


def _result_of(stem: str, names: Sequence[str]) -> str:
    """Return the result whose file this is: "fall_peak" rather than "fall", where both are."""
    begin = (name for name in names if stem == name or stem.startswith(f"{name}_"))
    return max(begin, key=len, default=stem)


def _group(files: Sequence[PurePosixPath], name: str) -> tuple[Group, ...]:
    """Group the files of one result: tables, figures, the rest."""
    paths = sorted(files, key=_place)
    tables = _links([path for path in paths if path.suffix == ".csv"], name)
    figures = _links([path for path in paths if path.suffix in PICTURES], name)
    rest = _links([path for path in paths if path.suffix not in (".csv", *PICTURES)], name)
    groups = (Group(tables, "", " (CSV)"), Group(figures, "figure (", ")"), Group(rest))
    return tuple(group for group in groups if group.links)


def _place(path: PurePosixPath) -> tuple[int, int, str]:
    at = ORDER.index(path.suffix) if path.suffix in ORDER else len(ORDER)
    return len(path.stem), at, path.name


def _links(paths: Sequence[PurePosixPath], name: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(path, name), str(path)) for path in paths)


def _text(path: PurePosixPath, name: str) -> str:
    part = path.stem.removeprefix(name).removeprefix("_")
    if path.suffix in PICTURES:
        return named(f"{part} {path.suffix[1:].upper()}").strip()
    return HELD.get((part, path.suffix), named(part) or path.name)

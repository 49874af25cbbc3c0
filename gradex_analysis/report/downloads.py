"""How are the files of one result offered on one line?

By what they hold and not by their names, which all begin alike: "table, excluded (CSV); figure
(SVG, PDF, PNG); sentence, settings". The whole name stays in the link's target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

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


def group_downloads(files: Sequence[str]) -> list[Group]:
    """Group the files that one cell saved: tables, figures, the rest."""
    paths = sorted(map(PurePosixPath, files), key=_place)
    stem = _common_stem(paths)
    tables = _links([path for path in paths if path.suffix == ".csv"], stem)
    figures = _links([path for path in paths if path.suffix in PICTURES], stem)
    rest = _links([path for path in paths if path.suffix not in (".csv", *PICTURES)], stem)
    groups = [Group(tables, "", " (CSV)"), Group(figures, "figure (", ")"), Group(rest)]
    return [group for group in groups if group.links]


def _place(path: PurePosixPath) -> tuple[int, int, str]:
    at = ORDER.index(path.suffix) if path.suffix in ORDER else len(ORDER)
    return len(path.stem), at, path.name


def _common_stem(paths: Sequence[PurePosixPath]) -> str:
    """Return the stem that all names begin with; "" where several results were saved."""
    shortest = min((path.stem for path in paths), key=len)
    alike = all(path.stem == shortest or path.stem.startswith(f"{shortest}_") for path in paths)
    return shortest if alike else ""


def _links(paths: Sequence[PurePosixPath], stem: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(path, stem), str(path)) for path in paths)


def _text(path: PurePosixPath, stem: str) -> str:
    if not stem:
        return path.name
    part = path.stem.removeprefix(stem).removeprefix("_")
    if path.suffix in PICTURES:
        return f"{part} {path.suffix[1:].upper()}".replace("_", " ").strip()
    return HELD.get((part, path.suffix), part.replace("_", " ") or path.name)

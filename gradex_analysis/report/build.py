"""How does a cohort become a folder with a page, figures, tables and a manifest?

The report is made in a private folder beside its place and moved when it is whole; files that are
not the program's are never touched.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradex_analysis.errors import GradexError, UnknownNameError
from gradex_analysis.loaders import load_cohort
from gradex_analysis.loaders.load import MAPPING_FILE
from gradex_analysis.progress import Progress, silent
from gradex_analysis.report import manifest
from gradex_analysis.report.notebooks import run_notebooks
from gradex_analysis.report.pages import render_page
from gradex_analysis.report.resources import notebooks_folder
from gradex_analysis.report.sections import Section, make_section

if TYPE_CHECKING:
    from gradex_analysis.cohort.cohort import Cohort

PAGE = "index.html"


@dataclass(frozen=True)
class Made:
    """Where the page is, and the notebooks that an error stopped."""

    index: Path
    failed: tuple[str, ...]


def make_report(
    path: Path,
    *,
    mapping: Path | None = None,
    out: Path,
    strict: bool = True,
    only: Sequence[str] = (),
    progress: Progress = silent,
) -> Made:
    """Run every notebook on the data and write the page, its files and the manifest to ``out``.

    ``only`` names the notebooks to run, by their name or its beginning: ``"06"``. The cohort is
    loaded first: data that break a rule stop here, before any notebook runs, unless ``strict`` is
    False, which goes on without the rows concerned and says so.
    """
    _refuse_unsafe(out, path)
    notebooks = choose_notebooks(only)
    cohort = load_cohort(path, mapping=mapping, strict=strict, progress=progress)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent, prefix=".gradex-") as private:
        folder = Path(private).resolve()
        said = {"path": path, "mapping": mapping, "strict": strict}
        sections = _run(notebooks, folder, said, progress=progress)
        settings = {"set_aside": not strict, "mapping": _describe_mapping(path, mapping)}
        _write(folder, cohort, sections, title=path.resolve().stem, settings=settings)
        _publish(folder, out)
    return Made(out / PAGE, tuple(section.name for section in sections if section.fault))


def choose_notebooks(only: Sequence[str] = ()) -> list[Path]:
    """Return the notebooks in order; those whose names begin with one of ``only``, if any is given.

    Raises ``UnknownNameError`` for a beginning that no notebook has.
    """
    every = sorted(notebooks_folder().glob("*.ipynb"))
    for wanted in only:
        if not any(notebook.stem.startswith(wanted) for notebook in every):
            raise UnknownNameError("notebook", wanted, [notebook.stem for notebook in every])
    return [notebook for notebook in every if not only or notebook.stem.startswith(tuple(only))]


def _run(
    notebooks: Sequence[Path], folder: Path, said: Mapping[str, Any], *, progress: Progress
) -> list[Section]:
    parameters = {
        name: str(value.resolve()) if isinstance(value, Path) else value
        for name, value in said.items()
    }
    executed = run_notebooks(notebooks, parameters, out=folder / "results", progress=progress)
    return [make_section(notebook, beside=folder) for notebook in executed]


def _describe_mapping(path: Path, mapping: Path | None) -> dict[str, str] | None:
    used = mapping or path / MAPPING_FILE  # load_cohort takes a folder's own unasked
    if not used.is_file():
        return None
    return {"file": used.name, "sha256": hashlib.sha256(used.read_bytes()).hexdigest()}


def _write(
    folder: Path,
    cohort: Cohort,
    sections: Sequence[Section],
    *,
    title: str,
    settings: Mapping[str, Any],
) -> None:
    provenance = manifest.describe_provenance(cohort, settings)
    page = render_page(cohort, sections, title=title, provenance=provenance)
    (folder / PAGE).write_text(page, encoding="utf-8")
    finished = {section.name: "stopped" if section.fault else "complete" for section in sections}
    whole = {**provenance, "notebooks": finished, "outputs": manifest.hash_files(folder)}
    text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)
    (folder / manifest.NAME).write_text(f"{text}\n", encoding="utf-8")


def _refuse_unsafe(out: Path, path: Path) -> None:
    place, data = out.resolve(), path.resolve()
    if data in (place, *place.parents):
        raise GradexError(f"{out} lies in the data folder: name one outside it with --out.")
    if place.exists() and not place.is_dir():
        raise GradexError(f"{out} is a file: name a folder with --out.")
    if place.is_dir() and any(place.iterdir()) and not (place / manifest.NAME).is_file():
        raise GradexError(f"{out} holds files that are no report: name another folder with --out.")


def _publish(folder: Path, out: Path) -> None:
    """Move the report into place, the page last, and remove the former report's files only."""
    former = _files_of_report(out)
    present = [*_files_of_report(folder), manifest.NAME]
    out.mkdir(mode=0o700, exist_ok=True)
    for name in set(former) - set(present):
        (out / name).unlink(missing_ok=True)
    for name in sorted(present, key=lambda name: name == PAGE):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).replace(out / name)


def _files_of_report(folder: Path) -> list[str]:
    record = folder / manifest.NAME
    if not record.is_file():
        return []
    try:
        names = [str(output["path"]) for output in json.loads(record.read_text())["outputs"]]
    except (ValueError, KeyError, TypeError) as error:
        raise GradexError(
            f"{record} is not the manifest of a report: name another folder."
        ) from error
    root = folder.resolve()
    return [name for name in names if (root / name).resolve().is_relative_to(root)]

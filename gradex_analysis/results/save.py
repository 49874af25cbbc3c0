"""Where do many results go, and how are they found again?"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from gradex_analysis.errors import GradexError
from gradex_analysis.results import page
from gradex_analysis.results.result import Result

INDEX = "results.csv"
COLUMNS = ["name", "type", "n_used", "n_considered", "unit", "sentence", "sha256", "files"]
#: letters, digits, hyphens, full stops; no blank, no separator, nothing that hides a file
NAME = re.compile(r"\w[\w.-]*")


def save_results(results: Mapping[str, Result], folder: Path | str) -> list[Path]:
    """Save each result under its name in one folder, with an index ``results.csv``.

    Everything is written or nothing: the files come into place only when all of them are done. A
    file of the same name is replaced if the folder's index says that it is one of ours, and
    refused otherwise. Results saved there before under other names stay, in the index as well.

    Parameters
    ----------
    results
        Results by name; a name becomes the stem of its files.
    folder
        Made if it is not there.

    Returns
    -------
    list of Path
        The files written, the index last. It holds each result's sentence, ``n_used`` of
        ``n_considered`` units, its files, and the SHA-256 of its table's CSV.
    """
    _check(results)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    former = _read_index(folder / INDEX)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".unfinished-") as room:
        saved = {name: result.save(Path(room) / name) for name, result in results.items()}
        index = pd.DataFrame([_entry(name, results[name], saved[name]) for name in saved])
        files = [path for paths in saved.values() for path in paths]
        _refuse_clashes([*(path.name for path in files), INDEX])
        _refuse_foreign(files, folder, former)
        written = [path.replace(folder / path.name) for path in files]
    kept = former[~former["name"].isin(index["name"])]
    whole = pd.concat([kept, index], ignore_index=True).sort_values("name", ignore_index=True)
    page.write_whole(folder / INDEX, page.as_csv(whole))
    return [*written, folder / INDEX]


def _check(results: Mapping[str, Result]) -> None:
    if not results:
        raise GradexError("There is nothing to save: the results are empty.")
    for name, result in results.items():
        if not NAME.fullmatch(name):
            raise GradexError(
                f"{name!r} cannot be a file's name: take letters, digits, _ and -, no separator, "
                "and no full stop in front."
            )
        if not isinstance(result, Result):
            raise GradexError(
                f"{name} is of type {type(result).__name__}, not a result: save what a question "
                "answered, for example what measure_within_session returned."
            )


def _entry(name: str, result: Result, files: list[Path]) -> dict[str, object]:
    table = next(path for path in files if path.name == f"{name}.csv")
    return {
        "name": name,
        "type": type(result).__name__,
        "n_used": result.n_used,
        "n_considered": result.n_considered,
        "unit": " ".join(result.unit),
        "sentence": result.sentence(),
        "sha256": hashlib.sha256(table.read_bytes()).hexdigest(),
        "files": " ".join(path.name for path in files),
    }


def _read_index(path: Path) -> pd.DataFrame:
    if not path.exists():
        return pd.DataFrame(columns=COLUMNS)
    index = pd.read_csv(path, dtype={"name": "str"}, keep_default_na=False)
    if list(index.columns) != COLUMNS:
        raise GradexError(
            f"{path.name} in this folder is no index of results: take another folder."
        )
    return index


def _refuse_clashes(names: list[str]) -> None:
    """Refuse two results that would write the same file, also where case does not tell."""
    counts = Counter(name.casefold() for name in names)
    if twice := [name for name, n in counts.items() if n > 1]:
        raise GradexError(f"Two results would write {twice[0]}: give one of them another name.")


def _refuse_foreign(files: list[Path], folder: Path, former: pd.DataFrame) -> None:
    ours = set(" ".join(former["files"]).split())
    foreign = [
        path.name for path in files if path.name not in ours and (folder / path.name).exists()
    ]
    if foreign:
        raise GradexError(
            f"{foreign[0]} is in the folder already and not in its {INDEX}: nothing was written. "
            "Take another name or folder, or move that file."
        )

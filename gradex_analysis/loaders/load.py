"""Which files make a study, and what is each of them?"""

from __future__ import annotations

import fnmatch
from pathlib import Path

from gradex_analysis.cohort.cohort import Cohort
from gradex_analysis.cohort.names import ALIASES, normalise
from gradex_analysis.cohort.schema import TABLES, UNREAD_TABLES
from gradex_analysis.errors import MappingError, UnreadableFileError
from gradex_analysis.loaders.assemble import assemble
from gradex_analysis.loaders.mapping import FileMapping, Mapping, read_mapping
from gradex_analysis.loaders.records import Records, read_records
from gradex_analysis.loaders.shape import shape
from gradex_analysis.progress import Progress, silent

ENDINGS = (".csv", ".tsv", ".parquet")
#: data that people keep beside their tables; to pass over them in silence would be to lose them
FOREIGN_ENDINGS = (".xlsx", ".xls", ".ods", ".sav", ".dta", ".rds", ".json")
MAPPING_FILE = "mapping.toml"


def load_cohort(
    path: Path | str,
    *,
    mapping: Path | str | None = None,
    strict: bool = True,
    progress: Progress = silent,
) -> Cohort:
    """Load a study: a flat log, or a folder of CSV, TSV or Parquet tables.

    Parameters
    ----------
    path
        The file, or the folder; a file named after a table of the data model is that table,
        any other is a log whose rows may describe patients, sessions, exposures and ratings.
    mapping
        A TOML file that describes foreign files. A folder's own ``mapping.toml`` is used unasked.
    strict
        Raise ``InvalidCohortError`` listing every breach; if False, set them aside and list them.
    progress
        Told how many files are read.

    Returns
    -------
    Cohort
        With ``problems``, ``rejected``, ``questions`` and ``accounting``: for every file
        raw = kept + rejected + waiting, in rows and in values.

    Raises
    ------
    UnreadableFileError, MappingError, InvalidCohortError
        Each says what is wrong, where, and the remedy.
    """
    folder = Path(path)
    paths = _study_files(folder)
    if mapping is None and folder.is_dir() and (folder / MAPPING_FILE).exists():
        mapping = folder / MAPPING_FILE
    said = Mapping.model_validate({}) if mapping is None else read_mapping(Path(mapping))
    text = "" if mapping is None else Path(mapping).read_text(encoding="utf-8")
    names = {
        file: file.relative_to(folder if folder.is_dir() else folder.parent).as_posix()
        for file in paths
    }
    _check_paths(said, _neighbours(folder) or list(names.values()), folder)
    wanted = [file for file in paths if not said.for_file(names[file]).ignore]
    records, tables = [], []
    for done, file in enumerate(wanted):
        progress(done, len(wanted), names[file])
        block = said.for_file(names[file])
        records.append(read_records(file, names[file], block.dialect))
        tables.append(block.table or _table_of(file, records[-1], block))
    several_logs = sum(_has_items(t, r, said) for t, r in zip(tables, records, strict=True)) > 1
    shaped = [
        shape(record, said.for_file(record.name), table, f"{file.stem}:" if several_logs else "")
        for file, record, table in zip(wanted, records, tables, strict=True)
    ]
    progress(len(wanted), len(wanted), "checking")
    return assemble(shaped, records, said, text, strict=strict)


def _neighbours(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    endings = (*ENDINGS, *FOREIGN_ENDINGS)
    return sorted(file.name for file in folder.iterdir() if file.suffix.lower() in endings)


def _check_paths(mapping: Mapping, names: list[str], folder: Path) -> None:
    """Refuse blocks that describe no file: a misspelt path would leave a file undescribed."""
    idle = [block.path for block in mapping.file if not fnmatch.filter(names, block.path)]
    # the mapping of a whole study may be used for one of its files
    if idle and (folder.is_dir() or len(idle) == len(mapping.file)):
        raise MappingError(
            f"The mapping describes {idle[0]!r}, and there is no such file. "
            f"There are {', '.join(map(repr, names))}."
        )
    for name in names:
        if name.lower().endswith(FOREIGN_ENDINGS) and not mapping.for_file(name).ignore:
            raise UnreadableFileError(
                f"{name} is not read: only {', '.join(ENDINGS)} files are. Export it as CSV, or "
                f'say [[file]] path = "{name}" ignore = true.'
            )


def _study_files(path: Path) -> list[Path]:
    if path.is_file():
        if path.suffix not in ENDINGS:
            raise UnreadableFileError(
                f"{path.name}: only {', '.join(ENDINGS)} files are read. Export it as CSV."
            )
        return [path]
    if not path.is_dir():
        raise UnreadableFileError(f"There is no file or folder {path}.")
    files = sorted(file for file in path.iterdir() if file.suffix in ENDINGS)
    if not files:
        raise UnreadableFileError(
            f"The folder {path.name} holds no {', '.join(ENDINGS)} file. Export the data as CSV."
        )
    return files


def _has_items(table: str, record: Records, mapping: Mapping) -> bool:
    """Tell whether a file is a log of exposures: several number theirs from one on."""
    ours = {ALIASES.get(name, name) for name in map(normalise, map(str, record.frame))}
    return table == "log" and "item_id" in ours | set(mapping.for_file(record.name).columns)


def _table_of(file: Path, record: Records, mapping: FileMapping) -> str:
    name = normalise(file.stem)
    columns = {normalise(str(column)) for column in record.frame} | set(mapping.columns)
    # many a tablet calls its log "ratings": ours is the table that has a column "value"
    if name == "ratings" and "value" not in columns:
        return "log"
    return name if name in TABLES or name in UNREAD_TABLES else "log"

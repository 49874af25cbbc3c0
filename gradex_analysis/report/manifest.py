"""From what, and with what, was a report made?

Names and hashes only: no user, no host, no absolute path. No clock either, so that the same data
and the same versions give the same manifest.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradex_analysis.cohort.cohort import Cohort

SCHEMA_VERSION = 1
NAME = "manifest.json"
PACKAGES = ("ipykernel", "matplotlib", "nbclient", "numpy", "pandas", "pyarrow", "scipy")


def describe_provenance(cohort: Cohort, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Say what was read, how many rows became what, and the versions and settings used."""
    return {
        "schema": SCHEMA_VERSION,
        "gradex_analysis": version("gradex-analysis"),
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": {name: version(name) for name in PACKAGES},
        "simulated": cohort.simulated,
        "settings": names_only({**settings, "cohort": dict(cohort.settings)}),
        "seed": cohort.settings.get("seed"),
        "inputs": names_only(json.loads(cohort.sources.to_json(orient="records"))),
        "accounting": json.loads(cohort.accounting.to_json(orient="records")),
    }


def hash_files(folder: Path) -> list[dict[str, Any]]:
    """Return path, size and SHA-256 of every file under the folder but the manifest."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [
        {
            "path": path.relative_to(folder).as_posix(),
            "bytes": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in paths
        if path != folder / NAME
    ]


def names_only(value: Any) -> Any:
    """Replace every absolute path in a JSON value by its last part."""
    if isinstance(value, Mapping):
        return {key: names_only(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [names_only(inner) for inner in value]
    if isinstance(value, str | Path):
        for path in (PurePosixPath(value), PureWindowsPath(value)):
            if path.is_absolute():
                return path.name
        return str(value)
    return value

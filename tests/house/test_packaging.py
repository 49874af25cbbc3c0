"""Does what is given away hold all that is needed, and nothing that was never committed?"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

CHECKOUT = Path(__file__).parents[2]
PYPROJECT: dict[str, Any] = tomllib.loads((CHECKOUT / "pyproject.toml").read_text("utf-8"))
LOCK = (CHECKOUT / "requirements.lock").read_text("utf-8")
EXAMPLES = ("notebooks", "data/example", "data/example_clinic")

#: beside what is tracked and allowed: at the root, in folders of their own, and among the code
STRAYS = (
    "patients.csv",
    "study/patients.csv",
    "data/raw/patients.csv",
    "data/mine/patients.csv",
    "reports/mine/patients.csv",
    "notebooks/mine.ipynb",
    "data/example/#1 [copy].csv",
    "gradex_analysis/patients.csv",
)


def git(folder: Path, *words: str) -> list[str]:
    command = ["git", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.split("\0")[:-1]


def build(kind: str, folder: Path, into: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(into)]
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    (built,) = into.iterdir()
    return built


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of this checkout as if all of it were committed, with strays beside it."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says what is tracked")
    folder = tmp_path_factory.mktemp("clone")
    for name in git(CHECKOUT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(CHECKOUT / name, folder / name)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    for name in STRAYS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("patient_id\nP001\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def archive(clone: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("sdist", clone, tmp_path_factory.mktemp("sdist"))


def members(archive: Path) -> set[str]:
    with tarfile.open(archive) as file:
        return {name.partition("/")[2] for name in file.getnames()}


def test_the_source_archive_holds_no_untracked_file(clone: Path, archive: Path) -> None:
    assert members(archive) - set(git(clone, "ls-files", "-z")) == {"PKG-INFO"}


def test_the_source_archive_holds_every_tracked_file(clone: Path, archive: Path) -> None:
    assert set(git(clone, "ls-files", "-z")) - members(archive) == set()


def test_a_wheel_of_the_source_archive_holds_the_notebooks_and_examples(
    clone: Path, archive: Path, tmp_path: Path
) -> None:
    with tarfile.open(archive) as file:
        file.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.iterdir()
    wheel = zipfile.ZipFile(build("wheel", unpacked, tmp_path / "dist")).namelist()
    wanted = {
        f"gradex_analysis/resources/{name.removeprefix('data/')}"
        for name in git(clone, "ls-files", "-z", "--", *EXAMPLES)
    }
    assert wanted
    assert wanted == {name for name in wheel if name.startswith("gradex_analysis/resources/")}


def locked() -> dict[str, set[str]]:
    """The versions of each package in the lock; there may be one for each Python."""
    versions: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", LOCK, re.MULTILINE):
        versions.setdefault(canonicalize_name(name), set()).add(version)
    return versions


def needed() -> list[str]:
    project = PYPROJECT["project"]
    extras = project["optional-dependencies"].values()
    groups = PYPROJECT["dependency-groups"].values()
    lists = [project["dependencies"], PYPROJECT["build-system"]["requires"], *extras, *groups]
    return sorted({requirement for one in lists for requirement in one})


@pytest.mark.parametrize("requirement", needed())
def test_the_lock_satisfies(requirement: str) -> None:
    wanted = Requirement(requirement)
    versions = locked().get(canonicalize_name(wanted.name))
    assert versions, "missing from requirements.lock; run: make lock"
    assert all(wanted.specifier.contains(version) for version in versions)


def test_every_locked_package_has_a_hash() -> None:
    entries = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_lock_names_no_address() -> None:
    assert "://" not in LOCK
    assert re.findall(r"^\s*-(?!-hash)\S*", LOCK, re.MULTILINE) == []


def test_the_citation_names_this_version() -> None:
    citation = (CHECKOUT / "CITATION.cff").read_text("utf-8")
    assert f"\nversion: {PYPROJECT['project']['version']}\n" in citation

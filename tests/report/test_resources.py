"""Are the notebooks and examples found, installed or not, and is it said when they are not?"""

from __future__ import annotations

from pathlib import Path

import pytest

from gradex_analysis.errors import GradexError, UnknownNameError
from gradex_analysis.report import resources


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package in an empty checkout."""
    package = tmp_path / "gradex_analysis"
    package.mkdir()
    monkeypatch.setattr(resources, "_PACKAGE", package)
    return package


def test_this_checkouts_notebooks_are_found() -> None:
    assert list(resources.notebooks_folder().glob("*.ipynb"))


def test_a_checkouts_folders_are_found_beside_the_package(package: Path) -> None:
    folders = [package.parent / "notebooks", package.parent / "data" / "example_clinic"]
    for folder in folders:
        folder.mkdir(parents=True)
    found = [resources.notebooks_folder(), resources.example_folder("example_clinic")]
    assert found == folders


def test_a_wheels_folders_are_found_in_the_package_whatever_lies_beside_it(package: Path) -> None:
    (package.parent / "data" / "example").mkdir(parents=True)
    (package / "resources" / "example").mkdir(parents=True)
    assert resources.example_folder("example") == package / "resources" / "example"


def test_missing_folders_are_named_with_the_remedy(package: Path) -> None:
    with pytest.raises(GradexError, match=r"notebooks is missing.*Install gradex_analysis again"):
        resources.notebooks_folder()


def test_an_unknown_example_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="'example', 'example_clinic'; not 'study'"):
        resources.example_folder("study")

"""Is every file and docstring small enough to be read? (ruff holds functions and signatures.)"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]
FILES = sorted(
    file
    for folder in ("gradex_analysis", "tests", "benchmarks")
    for file in (CHECKOUT / folder).rglob("*.py")
)
MODULES = [file for file in FILES if file.is_relative_to(CHECKOUT / "gradex_analysis")]
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def name(file: Path) -> str:
    return str(file.relative_to(CHECKOUT))


@pytest.mark.parametrize("file", FILES, ids=name)
def test_a_file_has_300_lines_at_most(file: Path) -> None:
    lines = len(file.read_text("utf-8").splitlines())
    assert lines <= 300


@pytest.mark.parametrize("file", MODULES, ids=name)
def test_a_docstring_has_25_lines_at_most(file: Path) -> None:
    documented = (
        n for n in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(n, Documented)
    )
    lengths = {
        getattr(node, "name", "the module"): len((ast.get_docstring(node) or "").splitlines())
        for node in documented
    }
    assert {where: lines for where, lines in lengths.items() if lines > 25} == {}

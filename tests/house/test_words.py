"""Is there anything in the repository that must never be in it?"""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).parents[2]
PACKAGE = sorted((CHECKOUT / "gradex_analysis").rglob("*.py"))
NOTEBOOKS = sorted((CHECKOUT / "notebooks").glob("*.ipynb"))

# in pieces, so that this file does not hold what it forbids
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.~-])/(?:wo[r]k|ro[o]t|fa[r]m)/",
    "the address of a registry": r"py[p]i\.|pythonho[s]ted|anacon[d]a\.org|//(?:registr|de)[yb]\.",
}

#: the lazy names stand in the root itself; two modules speak to the terminal
ALLOWED = {
    "__init__.py": {"imports the package root"},
    "cli.py": {"prints"},
    "report/terminal.py": {"prints"},
}

PICKLES = {"pick" + "le", "cPickle", "dill", "cloudpickle", "job" + "lib", "shelve"}


def kept_files() -> list[Path]:
    """What is tracked, or would be."""
    if not (CHECKOUT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says what is tracked")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    files = (CHECKOUT / name for name in done.stdout.split("\0")[:-1])
    return [file for file in files if file.is_file()]


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{file.relative_to(CHECKOUT)}:{number}"
        for file in kept_files()
        for number, line in enumerate(file.read_text("utf-8", errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of one machine", "DATA = '/" + "work/shared'"),
        ("a path of one machine", "cd /" + "root/x"),
        ("the address of a registry", "https:/" + "/files.python" + "hosted.org/x"),
        ("the address of a registry", "index-url = https://py" + "pi.example.org/simple"),
    ],
)
def test_what_is_forbidden_is_recognised(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def imported(node: ast.AST) -> list[str]:
    """The modules a statement imports; a submodule taken from the root is that submodule."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module == "gradex_analysis":
        submodules = {path.stem for path in (CHECKOUT / "gradex_analysis").iterdir()}
        inside = [f"{node.module}.{a.name}" for a in node.names if a.name in submodules]
        return inside if len(inside) == len(node.names) else [node.module]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def faults(source: str) -> Iterator[str]:
    """What no module of the package may do."""
    for node in ast.walk(ast.parse(source)):
        for name in imported(node):
            if name == "gradex_analysis":
                yield "imports the package root"
            if name.partition(".")[0] in PICKLES:
                yield "imports a pickler"
        if isinstance(node, ast.Attribute) and node.attr in {"read_pickle", "to_pickle"}:
            yield "pickles a frame"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
            yield "prints"


@pytest.mark.parametrize("file", PACKAGE, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_a_module_neither_prints_nor_pickles_nor_imports_the_root(file: Path) -> None:
    allowed = ALLOWED.get(str(file.relative_to(CHECKOUT / "gradex_analysis")), set())
    assert set(faults(file.read_text("utf-8"))) - allowed == set()


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("import gradex_analysis as gx", "imports the package root"),
        ("from gradex_analysis import load_cohort", "imports the package root"),
        ("from gradex_analysis import errors", None),
        ("from pick" + "le import loads", "imports a pickler"),
        ("pd.read_pickle(path)", "pickles a frame"),
        ("def f():\n    print(1)", "prints"),
        ("console.print(1)", None),
    ],
)
def test_a_fault_is_recognised(source: str, fault: str | None) -> None:
    assert list(faults(source)) == ([fault] if fault else [])


def code_cells(notebook: Path) -> list[dict[str, Any]]:
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_carries_no_output(file: Path) -> None:
    cells = code_cells(file)
    assert [cell["source"] for cell in cells if cell["outputs"] or cell["execution_count"]] == []


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_defines_nothing(file: Path) -> None:
    source = "\n".join("".join(cell["source"]) for cell in code_cells(file))
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    assert [n.name for n in ast.walk(ast.parse(source)) if isinstance(n, defined)] == []

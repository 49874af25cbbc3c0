import ast

import nbformat
import pytest

from gradex_analysis.report.notebooks import has_tag
from gradex_analysis.report.resources import notebooks_folder

NOTEBOOKS = sorted(notebooks_folder().glob("*.ipynb"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def cells(request):
    return nbformat.read(request.param, as_version=4).cells


def parse(cells):
    return [ast.parse(cell.source) for cell in cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert [path.stem[:2] for path in NOTEBOOKS][:2] == ["00", "01"]


def test_a_notebook_begins_with_its_question(cells):
    assert cells[0].cell_type == "markdown"
    assert cells[0].source.startswith("# ")
    assert "?" in cells[0].source.splitlines()[0]


def test_the_parameters_can_be_set_from_outside(cells):
    (parameters,) = [cell for cell in cells if has_tag(cell, "parameters")]
    names = [node.targets[0].id for node in ast.parse(parameters.source).body]
    assert names == ["path", "mapping", "out", "strict"]


def test_a_notebook_defines_nothing(cells):
    definitions = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.AsyncFunctionDef)
    found = [node for tree in parse(cells) for node in ast.walk(tree)]
    assert not [node for node in found if isinstance(node, definitions)]


def test_results_are_saved_only_where_a_folder_is_named(cells):
    for tree in parse(cells):
        for node in tree.body:
            saves = [call for call in ast.walk(node) if getattr(call, "attr", "") == "save"]
            assert not saves or ast.unparse(node).startswith("if out:")

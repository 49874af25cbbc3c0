from pathlib import Path

import nbformat
import pytest

from gradex_analysis.report.notebooks import Executed
from gradex_analysis.report.sections import make_section

HOSTILE = "<script>alert(1)</script>"
nodes = nbformat.v4


def executed(*cells, failure=None, files=None):
    notebook = nodes.new_notebook(cells=list(cells))
    return Executed("03_x", notebook, files or {}, failure)


def code(source, *outputs, count=1, tags=()):
    cell = nodes.new_code_cell(source, outputs=list(outputs), execution_count=count)
    cell.metadata["tags"] = list(tags)
    return cell


def fault(name, message):
    return nodes.new_output("error", ename=name, evalue=message, traceback=["File /home/x"])


def test_headings_go_one_level_down_and_make_the_outline():
    section = make_section(
        executed(nodes.new_markdown_cell("# How `far`?\n\nText.\n\n## By item")), beside=Path()
    )
    assert section.title == "How far?"
    assert section.outline == ((2, "03_x-0", "How far?"), (3, "03_x-1", "By item"))
    assert '<h2 id="03_x-0">' in section.steps[0].prose
    assert '<h3 id="03_x-1">' in section.steps[0].prose


def test_prose_cannot_bring_html_or_images():
    prose = (
        make_section(
            executed(nodes.new_markdown_cell(f"{HOSTILE} ![a](http://evil.example/x.png)")),
            beside=Path(),
        )
        .steps[0]
        .prose
    )
    assert "<script" not in prose
    assert "<img" not in prose


@pytest.mark.parametrize(
    "output",
    [
        nodes.new_output("stream", name="stdout", text=HOSTILE),
        nodes.new_output("execute_result", data={"text/plain": HOSTILE}, execution_count=1),
        nodes.new_output("display_data", data={"image/png": "AAAA", "text/plain": f'"{HOSTILE}'}),
    ],
)
def test_plain_outputs_are_escaped(output):
    (shown,) = make_section(executed(code("x", output)), beside=Path()).steps[0].outputs
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown


def test_html_of_results_is_kept():
    output = nodes.new_output("display_data", data={"text/html": "<table>", "text/plain": "no"})
    (shown,) = make_section(executed(code("x", output)), beside=Path()).steps[0].outputs
    assert shown == "<table>"


def test_the_error_stream_is_mentioned_and_not_shown():
    output = nodes.new_output("stream", name="stderr", text="/home/somebody/x.py: warning")
    (step,) = make_section(executed(code("x", output)), beside=Path()).steps
    assert step.outputs == ()
    assert step.wrote_to_error_stream


def test_cells_with_the_users_paths_are_not_shown():
    cells = [
        code("path = '/home/x'", tags=["parameters"]),
        code("path = '/home/y'", tags=["injected-parameters"]),
        code("1"),
    ]
    (step,) = make_section(executed(*cells), beside=Path()).steps
    assert step.code == "1"


def test_what_the_data_cannot_answer_is_said_calmly_and_the_rest_follows():
    calm = [code("a", fault("CannotAnswerError", "No minutes.")) for _ in range(2)]
    saved = {2: [Path("/r/results/03_x/fall.csv")]}
    section = make_section(executed(*calm, code("b", count=2), files=saved), beside=Path("/r"))
    first, again, last = section.steps
    assert first.cannot_answer == "No minutes."
    assert first.outputs == ()
    assert again.cannot_answer == "for the reason above."
    assert last.cannot_answer == ""
    assert section.fault == ""


def test_of_a_section_without_any_answer_the_heading_and_the_reason_are_left():
    calm = [code("a", fault("CannotAnswerError", "No <minutes>.")) for _ in range(2)]
    prose = [nodes.new_markdown_cell(text) for text in ("# How far?\n\nProse.", "## More")]
    section = make_section(executed(prose[0], calm[0], prose[1], calm[1]), beside=Path())
    heading, reason = section.steps
    assert heading.prose == '<h2 id="03_x-0">How far?</h2>'
    assert reason.cannot_answer == "No <minutes>."
    assert [text for _, _, text in section.outline] == ["How far?"]


def test_an_error_of_ours_is_quoted_and_ends_the_section():
    cells = [code("a", fault("UnknownNameError", "kind must be ...")), code("b", count=None)]
    section = make_section(executed(*cells, failure="UnknownNameError"), beside=Path())
    assert section.fault == "UnknownNameError: kind must be ..."
    assert [step.code for step in section.steps] == ["a"]


def test_a_foreign_error_is_named_without_its_message():
    cells = [code("a", fault("KeyError", "'Jane Doe'"))]
    section = make_section(executed(*cells, failure="KeyError"), beside=Path())
    assert section.fault.startswith("KeyError. Run 03_x.ipynb")
    assert "Jane" not in section.fault


def test_a_section_whose_python_died_ends_there():
    cells = [code("a"), code("b", count=None), nodes.new_markdown_cell("later")]
    section = make_section(executed(*cells, failure="its Python stopped"), beside=Path())
    assert [step.code for step in section.steps] == ["a", "b"]
    assert section.fault.startswith("its Python stopped")


def test_files_are_linked_from_the_page_s_own_folder():
    saved = {0: [Path("/r/results/03_x/fall.csv")]}
    (step,) = make_section(executed(code("a"), files=saved), beside=Path("/r")).steps
    assert step.files == ("results/03_x/fall.csv",)


def test_a_notebook_says_in_its_metadata_whether_it_leads_without_arms():
    plain, leading = executed(), executed()
    leading.notebook.metadata["gradex"] = {"leads_without_arms": True}
    assert not make_section(plain, beside=Path()).leads_without_arms
    assert make_section(leading, beside=Path()).leads_without_arms

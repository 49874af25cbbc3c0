"""What does an executed notebook have to say on a page?

Prose, outputs, files to download and, folded, the code; up to the error where one stopped it.
HTML comes from our own results and from pandas, which escape; everything else is escaped here.
"""

from __future__ import annotations

import base64
import inspect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from nbformat import NotebookNode

from gradex_analysis import errors
from gradex_analysis.report.frames import align_numbers
from gradex_analysis.report.notebooks import CANNOT_ANSWER, INJECTED, Executed, has_tag

OUR_ERRORS = frozenset(
    name
    for name, value in inspect.getmembers(errors, inspect.isclass)
    if issubclass(value, errors.GradexError)
)


@dataclass(frozen=True)
class Step:
    """One cell: prose, or outputs with the files they left and the code that made them."""

    prose: str = ""
    outputs: tuple[Markup, ...] = ()
    cannot_answer: str = ""
    wrote_to_error_stream: bool = False
    files: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class Section:
    """One notebook; ``outline`` lists its headings as (level, id, text).

    ``leads_without_arms``: it stands first in the report on a cohort without arms.
    """

    name: str
    steps: tuple[Step, ...]
    outline: tuple[tuple[int, str, str], ...]
    fault: str = ""
    leads_without_arms: bool = False

    @property
    def title(self) -> str:
        """Return the first heading, or the notebook's name."""
        return self.outline[0][2] if self.outline else self.name


def make_section(executed: Executed, *, beside: Path) -> Section:
    """Turn an executed notebook into a section of the page that stands in folder ``beside``."""
    outline: list[tuple[int, str, str]] = []
    steps = []
    for number, cell in enumerate(_cells_reached(executed)):
        if cell.cell_type == "markdown":
            steps.append(Step(prose=_prose(cell.source, executed.name, outline)))
        elif cell.cell_type == "code" and not (
            has_tag(cell, "parameters") or has_tag(cell, INJECTED)  # they hold the user's paths
        ):
            steps.append(_code_step(cell, executed.files.get(number, ()), beside))
    leads = bool(executed.notebook.metadata.get("gradex", {}).get("leads_without_arms"))
    fault = _fault(executed)
    if _is_silent(steps) and not fault:
        return _condense(executed.name, steps, outline, leads=leads)
    return Section(executed.name, _say_once(steps), tuple(outline), fault, leads)


def _is_silent(steps: Sequence[Step]) -> bool:
    """Tell whether the data answered nothing: no step saved a result, and some could not."""
    return any(step.cannot_answer for step in steps) and not any(step.files for step in steps)


def _condense(
    name: str, steps: Sequence[Step], outline: Sequence[tuple[int, str, str]], *, leads: bool
) -> Section:
    """Leave of a section without an answer its heading, and why there is none."""
    level, anchor, text = outline[0] if outline else (2, f"{name}-0", name)
    heading = Markup('<h{0} id="{1}">{2}</h{0}>').format(level, anchor, text)
    reasons = dict.fromkeys(step.cannot_answer for step in steps if step.cannot_answer)
    short = (Step(prose=heading), Step(cannot_answer=" ".join(reasons)))
    return Section(name, short, tuple(outline[:1]), leads_without_arms=leads)


def _say_once(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give each reason once; where it holds again, say that it is the one above."""
    said: set[str] = set()
    told = []
    for step in steps:
        again = step.cannot_answer in said and bool(step.cannot_answer)
        told.append(replace(step, cannot_answer="for the reason above.") if again else step)
        said.add(step.cannot_answer)
    return tuple(told)


def _cells_reached(executed: Executed) -> Iterator[NotebookNode]:
    for cell in executed.notebook.cells:
        yield cell
        stopped = cell.cell_type == "code" and cell.source and cell.execution_count is None
        if executed.failure and (stopped or _faults(cell)):
            return


def _faults(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in _errors(cell) if output.ename != CANNOT_ANSWER]


def _errors(cell: NotebookNode) -> list[NotebookNode]:
    return [output for output in cell.get("outputs", []) if output.output_type == "error"]


def _fault(executed: Executed) -> str:
    if not executed.failure:
        return ""
    found = [fault for cell in executed.notebook.cells for fault in _faults(cell)]
    if found and found[0].ename in OUR_ERRORS:
        return f"{found[0].ename}: {found[0].evalue}"
    # a foreign message may quote a cell of somebody's data
    return f"{executed.failure}. Run {executed.name}.ipynb on these data to read the whole message."


def _code_step(cell: NotebookNode, files: Sequence[Path], beside: Path) -> Step:
    streams = [o.name for o in cell.outputs if o.output_type == "stream"]
    calm = [error.evalue for error in _errors(cell) if error.ename == CANNOT_ANSWER]
    return Step(
        outputs=tuple(_shown(output) for output in cell.outputs if _is_shown(output)),
        cannot_answer=" ".join(calm),
        wrote_to_error_stream="stderr" in streams,
        files=tuple(file.relative_to(beside).as_posix() for file in files),
        code=cell.source,
    )


def _is_shown(output: NotebookNode) -> bool:
    # the error stream may name folders of this machine
    return bool(output.output_type != "error" and output.get("name") != "stderr")


def _shown(output: NotebookNode) -> Markup:
    if output.output_type == "stream":
        return Markup("<pre>{}</pre>").format(output.text)
    data = output.data
    if "text/html" in data:
        return Markup(align_numbers(data["text/html"]))  # our own results and pandas escape
    if "image/svg+xml" in data:
        encoded = base64.b64encode(data["image/svg+xml"].encode()).decode()
        return _image("image/svg+xml", encoded, data)
    if "image/png" in data:
        return _image("image/png", data["image/png"].strip(), data)
    return Markup("<pre>{}</pre>").format(data.get("text/plain", ""))


def _image(kind: str, encoded: str, data: NotebookNode) -> Markup:
    alt = data.get("text/plain", "A figure.")
    return Markup('<figure><img src="data:{};base64,{}" alt="{}"></figure>').format(
        kind, encoded, alt
    )


def _prose(source: str, name: str, outline: list[tuple[int, str, str]]) -> Markup:
    """Render Markdown one heading level down, noting the headings in ``outline``."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    tokens = markdown.parse(source)
    for token, following in zip(tokens, [*tokens[1:], Token("", "", 0)], strict=True):
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 6)}"
        if token.type == "heading_open":
            anchor = f"{name}-{len(outline)}"
            token.attrSet("id", anchor)
            text = "".join(child.content for child in following.children or [])
            outline.append((int(token.tag[1]), anchor, text))
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))

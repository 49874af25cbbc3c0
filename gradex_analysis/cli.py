"""Which commands does ``gradex`` have, and what do they ask for?

Arguments only: each command imports what it needs when it runs, so that ``gradex --help`` and a
mistyped option answer at once.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradex_analysis.errors import (
    GradexError,
    InvalidCohortError,
    MappingError,
    UnreadableFileError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradex_analysis.cohort.cohort import Cohort

FOUND_SOMETHING = 1
CANNOT_GO_ON = 2

app = typer.Typer(
    help="Graded exposure therapy: from session logs to checked cohorts and reports.",
    rich_markup_mode=None,  # drawing the help with rich would cost more than all else
    pretty_exceptions_enable=False,
    add_completion=False,
    no_args_is_help=True,
)

Study = Annotated[
    Path, typer.Argument(metavar="PATH", exists=True, help="A file, or a folder of files.")
]
MappingFile = Annotated[
    Path | None,
    typer.Option(
        "--mapping", exists=True, dir_okay=False, help="What the columns mean (TOML); else PATH's."
    ),
]
OutFolder = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="The report's folder; else reports/NAME in the current one."
    ),
]


class Design(StrEnum):
    """The studies that can be simulated."""

    TRIAL = "trial"
    TWO_EXPOSURES = "two_exposures"
    CLINIC = "clinic"


def main() -> None:
    """Run the command; an error of ours is a message without a traceback."""
    try:
        app(prog_name="gradex")
    except GradexError as error:
        typer.echo(f"gradex: {error}", err=True)
        raise SystemExit(CANNOT_GO_ON) from None


def _say_version(wanted: bool) -> None:  # noqa: FBT001 - typer's callbacks are called by position
    if wanted:
        from importlib.metadata import version

        typer.echo(f"gradex {version('gradex-analysis')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Read graded exposure therapy logs, check them and write reports. Research use."""


@app.command()
def demo(
    *,
    clinic: Annotated[
        bool, typer.Option("--clinic", help="The clinic without arms, not the trial.")
    ] = False,
    out: OutFolder = None,
) -> None:
    """Write the report on simulated example data."""
    from gradex_analysis.report.resources import example_folder

    folder = example_folder("example_clinic" if clinic else "example")
    _write_report(folder, None, out or Path("reports", folder.name), strict=True)


@app.command()
def report(
    path: Study,
    *,
    mapping: MappingFile = None,
    out: OutFolder = None,
    set_aside: Annotated[
        bool, typer.Option("--set-aside", help="Go on without the rows that break a rule.")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="One notebook, such as 06; may be repeated."),
    ] = None,
) -> None:
    """Write the report on your data."""
    place = out or Path("reports", path.resolve().stem)
    _write_report(path, mapping, place, strict=not set_aside, only=only or ())


@app.command()
def check(
    path: Study,
    *,
    mapping: MappingFile = None,
    draft: Annotated[
        Path | None,
        typer.Option("--draft", metavar="FILE", help="Write a draft mapping to this new file."),
    ] = None,
) -> None:
    """Say what can be read, and what cannot."""
    from gradex_analysis.report import terminal

    cohort = _load_or_offer_draft(path, mapping, draft)
    terminal.show_check(cohort)
    if draft is not None:
        _write_draft(cohort.draft_mapping(), draft)
    if terminal.has_findings(cohort):
        raise typer.Exit(FOUND_SOMETHING)


@app.command()
def simulate(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")],
    *,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same patients.")],
    design: Annotated[Design, typer.Option("--design")] = Design.TRIAL,
    n: Annotated[int | None, typer.Option("--n", min=1, help="Patients; 90, clinic 25.")] = None,
) -> None:
    """Write a simulated study whose truth is known."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise GradexError(f"{folder} exists and is not an empty folder: name a new one.")
    from gradex_analysis.simulation import simulate_cohort

    size = n or (25 if design is Design.CLINIC else 90)
    simulate_cohort(size, seed=seed, design=design.value).save(folder)
    typer.echo(f"Simulated {size} patients: {folder}")


def _write_report(
    path: Path, mapping: Path | None, out: Path, *, strict: bool, only: Sequence[str] = ()
) -> None:
    from gradex_analysis.report import terminal
    from gradex_analysis.report.build import make_report

    try:
        with terminal.shown_progress() as progress:
            made = make_report(
                path, mapping=mapping, out=out, strict=strict, only=only, progress=progress
            )
    except InvalidCohortError as error:
        raise GradexError(f"{error}\nHere that is the same command with --set-aside.") from error
    for name in made.failed:
        typer.echo(f"gradex: {name} stopped at an error; the page says where.", err=True)
    typer.echo(f"Report: {made.index}")
    if made.failed:
        raise typer.Exit(FOUND_SOMETHING)


def _load_or_offer_draft(path: Path, mapping: Path | None, draft: Path | None) -> Cohort:
    from gradex_analysis.loaders import load_cohort
    from gradex_analysis.loaders.skeleton import draft_skeleton, find_files
    from gradex_analysis.report import terminal

    try:
        with terminal.shown_progress() as progress:
            return load_cohort(path, mapping=mapping, strict=False, progress=progress)
    except (UnreadableFileError, MappingError) as error:
        if not find_files(path):
            raise
        if draft is None:
            offer = f"gradex check {path} --draft mapping.toml"
            raise GradexError(f"{error}\nA draft to describe the files: {offer}") from error
        typer.echo(f"gradex: {error}", err=True)
        _write_draft(draft_skeleton(path), draft)
        raise typer.Exit(CANNOT_GO_ON) from error


def _write_draft(text: str, draft: Path) -> None:
    if draft.exists():
        raise GradexError(f"{draft} exists and may hold your answers: name another file.")
    if not draft.parent.is_dir():
        raise GradexError(f"There is no folder {draft.parent} for the draft: make it first.")
    draft.write_text(text, encoding="utf-8")
    typer.echo(f"→ a draft is in {draft}: answer there, then run again with --mapping {draft}")

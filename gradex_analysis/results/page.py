"""How does one result look on a page, and which files does it leave?

Display rounds; files never do. The order is that of every page: the sentence, the figure, the
table, who was left out, how it was done.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from matplotlib.figure import Figure

from gradex_analysis.plots import style

if TYPE_CHECKING:  # result.py imports this module
    from gradex_analysis.results.result import Result

ROWS_SHOWN = 12
ROWS_OF_HEADLINE = 60  # where a result says which table answers, it is shown whole
PIXELS_PER_INCH = 130  # figure text of 8 pt at about the size of the page's own
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def as_html(result: Result) -> str:
    """Return the result as a fragment of HTML in which every text is escaped.

    The figure is an image with alternative text; numbers are rounded to three significant digits
    for display only; who was left out and the settings are folded.
    """
    alt = result.alt_text()
    excluded = result.excluded
    return _template().render(
        sentence=result.sentence(),
        figure=style.as_data_uri(_draw(result), alt) if result.n_used else None,
        alt=alt,
        width=round(result.figure_size[0] * PIXELS_PER_INCH),
        headline=_Shown(getattr(result, result.headline), _most(result)),
        table=_Shown(result.table) if result.headline != "table" else None,
        n_considered=result.n_considered,
        n_used=result.n_used,
        noun=result.noun(),
        reasons=excluded.drop_duplicates([*result.unit, "reason"])["reason"].value_counts(),
        details={
            title: (said, _Shown(frame, ROWS_OF_HEADLINE))
            for title, (said, frame) in result.details().items()
        },
        excluded=_Shown(excluded),
        settings=result.settings,
    )


def save(result: Result, stem: Path) -> list[Path]:
    """Write ``stem.csv``, ``stem_<frame>.csv``, ``.txt``, ``_alt.txt``, ``.json`` and the figure.

    The ``.txt`` holds the sentence and, below it, what the details say. Each file is written under
    a temporary name beside its place and then moved, so that no half file is left. In the CSV a
    text that starts with ``= + - @``, a tab or a carriage return gets a leading ``'``, lest a
    spreadsheet run it as a formula; numbers are written in full.
    """
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for ending, content in _contents(result):
        path = stem.with_name(stem.name + ending)
        write_whole(path, content)
        written.append(path)
    return written


def write_whole(path: Path, content: bytes) -> None:
    """Write a file under a temporary name in its own folder, then move it into place."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def as_csv(frame: pd.DataFrame) -> bytes:
    """Return the frame as CSV (UTF-8) with its numbers in full and no cell a formula."""
    guarded = frame.copy(deep=False)
    for name in guarded.columns:
        if not pd.api.types.is_numeric_dtype(guarded[name].dtype):
            guarded[name] = guarded[name].astype("object").map(_not_a_formula)
    guarded.columns = [_not_a_formula(name) for name in guarded.columns]
    # RFC 4180's line end: with any other, a carriage return within a cell would go unquoted
    return guarded.to_csv(index=False, lineterminator="\r\n").encode()


def show(value: Any) -> str:
    """Return a cell for display: three significant digits, whole numbers whole, none as a dash."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "–"
    if isinstance(value, pd.Timestamp) and value == value.normalize():
        return value.date().isoformat()
    if pd.api.types.is_float(value):
        return _show_number(float(value))
    return str(value)


def _most(result: Result) -> int:
    return ROWS_SHOWN if result.headline == "table" else ROWS_OF_HEADLINE


class _Shown:
    """The first rows of a frame, each cell as text, with the columns that hold numbers."""

    def __init__(self, frame: pd.DataFrame, most: int = ROWS_SHOWN) -> None:
        self.columns = [str(name) for name in frame.columns]
        self.is_number = [
            pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
            for kind in frame.dtypes
        ]
        first = frame.head(most).astype("object")
        self.rows = [[show(value) for value in row] for row in first.itertuples(index=False)]
        self.n_rows = len(frame)


def _show_number(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value.is_integer():
        return f"{value:.0f}".replace("-", "−")
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.2e}" if decimals > 6 else f"{value:.{decimals}f}"
    return text.replace("-", "−")


def _contents(result: Result) -> Iterator[tuple[str, bytes]]:
    for name, frame in result.frames().items():
        yield (".csv" if name == "table" else f"_{name}.csv"), as_csv(frame)
    alt = result.alt_text()
    yield ".txt", f"{_say_all(result)}\n".encode()
    yield "_alt.txt", f"{alt}\n".encode()
    yield ".json", f"{json.dumps(result.settings, indent=2, ensure_ascii=False)}\n".encode()
    figure = _draw(result)
    for kind in ("svg", "pdf", "png"):
        yield f".{kind}", style.encode(figure, kind, alt)


def _say_all(result: Result) -> str:
    """Return the sentence and, below it, what the page says folded: one paragraph a title."""
    more = [f"{title}\n{said}" for title, (said, _) in result.details().items() if said]
    return "\n\n".join([result.sentence(), *more])


def _draw(result: Result) -> Figure:
    with style.context():
        axes = style.new_axes(result.figure_size)
        result.plot(axes)
    return cast("Figure", axes.get_figure(root=True))


def _not_a_formula(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("gradex_analysis.results"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    return environment.get_template("result.html")

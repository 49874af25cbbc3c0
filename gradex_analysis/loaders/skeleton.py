"""What can be proposed about files that could not be read?

A mapping in which every proposal is a comment. It holds the names of columns, never their cells.
"""

from __future__ import annotations

import csv
import glob
import io
import json
from collections import Counter
from itertools import islice
from pathlib import Path

import pyarrow.parquet

from gradex_analysis.loaders.load import ENDINGS, FOREIGN_ENDINGS
from gradex_analysis.loaders.mapping import SCHEMA_VERSION
from gradex_analysis.loaders.records import MARKS

DELIMITERS = ";\t|,"
LINES_SEEN = 20
NAMES_A_LINE = 6

HEAD = f"""\
# A draft: how the files are written and what their columns mean. Take the first mark # away where
# a line is needed, say in it what is true, and run again with --mapping. Names that are ours
# already need no line. MAPPING.md says what else can be said.
schema = {SCHEMA_VERSION}
"""

BLOCK = """
[[file]]
path = {path}
# ignore = true                     # where it holds no patients' data: a codebook, a list
{dialect}{names}
# Its columns, ours = theirs:
# columns.patient_id = "..."
# columns.item_id = "..."           # what was practised
# columns.session_number = "..."    # or columns.date, with dates."..." = "%d.%m.%Y"
# columns.minute = "..."            # or columns.second; a form of one row an exposure has none
#
# [[file.ratings]]                  # once for each column of ratings
# column = "..."
# kind = "fear"                     # or "pain", or a word of your own
# scale = "0-10"                    # or "0-100"
# moment = "before"                 # in a form only: before, start, peak_recalled, end or after
"""

FOREIGN = """
[[file]]
path = {path}
# ignore = true                     # it is not read: export it as CSV, or say this
"""

DIALECT = """\
# How it is written:
# encoding = {encoding}
# delimiter = {delimiter}
# skip_lines = {skip_lines}                    # lines above the names of the columns
# decimal = ","                     # where seven and a half is written 7,5
"""


def find_files(path: Path) -> list[Path]:
    """Return the files of a study that a mapping can describe."""
    found = sorted(path.iterdir()) if path.is_dir() else [path]
    return [file for file in found if file.is_file() and file.suffix in ENDINGS]


def draft_skeleton(path: Path) -> str:
    """Return a mapping file (TOML) that names each file and proposes the rest in comments.

    The encoding is UTF-8 where that fits, else cp1252; the delimiter is the mark on which
    the first lines agree; the names are those of the first line with two cells that hold something.
    """
    foreign = sorted(path.iterdir()) if path.is_dir() else []
    blocks = [_draft_block(file) for file in find_files(path)]
    blocks += [
        FOREIGN.format(path=_as_pattern(file))
        for file in foreign
        if file.suffix.lower() in FOREIGN_ENDINGS
    ]
    return HEAD + "".join(blocks)


def _draft_block(file: Path) -> str:
    if file.suffix == ".parquet":
        dialect, names = "", list(pyarrow.parquet.read_schema(file).names)
    else:
        dialect, names = _propose_dialect(file.read_bytes())
    return BLOCK.format(path=_as_pattern(file), dialect=dialect, names=_list(names))


def _as_pattern(file: Path) -> str:
    # a name may hold * or [, which are marks of a pattern
    return _quote(glob.escape(file.name))


def _propose_dialect(data: bytes) -> tuple[str, list[str]]:
    encoding = _fitting_encoding(data)
    text = data.decode(encoding, errors="replace")
    first = "".join(islice(io.StringIO(text, newline=""), LINES_SEEN))
    delimiter = _fitting_delimiter(first)
    skip_lines, names = _find_names(first, delimiter)
    said = DIALECT.format(
        encoding=_quote(encoding), delimiter=_quote(delimiter), skip_lines=skip_lines
    )
    return said, names


def _fitting_encoding(data: bytes) -> str:
    marked = next((codec for mark, codec in MARKS.items() if data.startswith(mark)), None)
    if marked:
        return marked
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _fitting_delimiter(first: str) -> str:
    """Return the mark that stands equally often in most lines, the names' among them.

    Not the most frequent mark: decimal commas can outnumber semicolons, but not among the names.
    """
    lines = first.splitlines()
    agreeing = {
        mark: max(Counter(line.count(mark) for line in lines if mark in line).values(), default=0)
        for mark in DELIMITERS
    }
    mark, n = max(agreeing.items(), key=lambda item: item[1])
    return mark if n else ","


def _find_names(first: str, delimiter: str) -> tuple[int, list[str]]:
    """Return how many lines stand above the names, and the names.

    Only lines with a single cell are passed over: any other would risk a patient's row as names.
    """
    reader = csv.reader(
        io.StringIO(first[: csv.field_size_limit()], newline=""), delimiter=delimiter
    )
    above = 0
    for row in reader:
        names = [cell.strip() for cell in row if cell.strip()]
        if len(names) > 1:
            return above, names
        above = reader.line_num
    return 0, []


def _list(names: list[str]) -> str:
    quoted = [_quote(name) for name in names]
    groups = [quoted[at : at + NAMES_A_LINE] for at in range(0, len(quoted), NAMES_A_LINE)]
    listed = ",\n#   ".join(", ".join(group) for group in groups)
    return f"# It has the columns\n#   {listed}" if names else "# It has no line of column names."


def _quote(text: str) -> str:
    """Return a string of TOML on one line; json leaves only the delete mark, which TOML refuses."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")

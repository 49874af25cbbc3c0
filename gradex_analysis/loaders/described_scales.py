"""On which scale are the numbers that describe an exposure: what was expected, what occurred?

Only our own names have a silent scale. Others have to be said under ``scales``, and are asked.
"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.names import normalise
from gradex_analysis.cohort.schema import scale_of, split_occurrence
from gradex_analysis.loaders.columns import Columns
from gradex_analysis.loaders.mapping import FileMapping
from gradex_analysis.loaders.questions import Question

#: numbers that stand for no, partly, yes in many a form
ORDINAL = frozenset("0 1 2 3".split())


def say_scales(
    ours: dict[str, pd.Series], frame: pd.DataFrame, mapping: FileMapping, columns: Columns
) -> None:
    """Add ``name@scale`` beside every number that has a scale, and ask where nobody said it.

    What occurred stands in words in ``occurrence`` and as a number in ``occurrence_100``.
    """
    theirs = {name: _theirs(name, mapping, columns) for name in ours}
    if "occurrence" in ours:
        said = ours["occurrence"]
        split = split_occurrence(said.mask(said.isin(list(mapping.missing)), ""))
        is_number = split["occurrence_100"].notna()
        ours["occurrence_100"] = said.where(is_number, "")
        ours["occurrence"] = said.mask(is_number, "")
        theirs["occurrence_100"] = theirs["occurrence"]
    for name in [name for name in ours if scale_of(name)]:
        column = theirs[name]
        scale = _scale(name, column, frame, mapping, columns)
        given = (ours[name] != "") & ~ours[name].isin(list(mapping.missing))
        if name == "occurrence_100" and column not in mapping.scales:
            scale = scale if not _looks_ordinal(ours[name][given]) else scale.mask(scale != "", "")
        ours[f"{name}@scale"] = scale
        n_open = int((given & (scale == "")).sum())
        if n_open:
            columns.questions.append(_question(name, column, n_open, columns.file))


def _looks_ordinal(cells: pd.Series) -> bool:
    """Tell whether numbers that should reach 100 are codes such as 0, 1, 2."""
    return len(cells) > 0 and set(cells) <= ORDINAL and set(cells) != {"0"}


def _theirs(name: str, mapping: FileMapping, columns: Columns) -> str:
    return str(mapping.columns.get(name) or columns.ours.get(name) or name)


def _scale(
    name: str, theirs: str, frame: pd.DataFrame, mapping: FileMapping, columns: Columns
) -> pd.Series:
    said = mapping.scales.get(theirs)
    if said is None:
        is_ours = normalise(theirs) in (name, name.removesuffix("_100"))
        said = scale_of(name) if is_ours else ""
    if isinstance(said, str):
        return pd.Series(said, index=frame.index, dtype="str")
    level = frame[said.by if said.by in frame else columns.ours[said.by]]
    scales = {value: said.levels.get(value, said.default or "") for value in level.unique()}
    return level.map(scales).astype("str")


def _question(name: str, theirs: str, n: int, file: str) -> Question:
    in_words = ""
    if name == "occurrence_100":
        in_words = (
            f'\n# or where numbers stand for words: [file.values."{theirs}"]\n'
            '# 0 = "no", 1 = "partly", 2 = "yes"'
        )
    return Question(
        "scale", file, theirs, n,
        f"{file}: on which scale are the {n} values of {theirs!r} that nobody said the scale of? "
        "They are left empty until that is said.",
        f'[[file]]\npath = "{file}"\nscales."{theirs}" = "0-100"   # or "0-10"{in_words}',
    )  # fmt: skip

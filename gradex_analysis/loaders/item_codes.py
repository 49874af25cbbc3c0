"""What stands for an item whose name is free text? A code; the words stay on this machine."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from gradex_analysis.loaders.columns import is_free_text
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.mapping import Answers
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.shape import Shaped

REASON = "free text: items are coded {first} to {last}; their words are in cohort.item_labels only"


def code_items(
    files: list[Shaped], answers: Answers, findings: Findings
) -> tuple[list[Shaped], dict[str, str]]:
    """Replace item names by codes in all files where one of them is free text.

    Returns the files and the label of each code, in order of first appearance. Names that are
    codes already stay as they are.
    """
    named = [file.rows["item_id"] for file in files if "item_id" in file.rows]
    if not any(is_free_text(names) for names in named):
        return files, {}
    labels = [label for label in pd.concat(named).unique() if label]
    width = max(2, len(str(len(labels))))
    code_of = {label: f"I{number:0{width}d}" for number, label in enumerate(labels, start=1)}
    for file in files:
        if "item_id" in file.rows:
            theirs = _name_of_items(file)
            codes = list(code_of.values())
            file.columns.dropped[theirs] = REASON.format(first=codes[0], last=codes[-1])
    coded = [
        replace(file, rows=file.rows.replace({"item_id": code_of}))
        if "item_id" in file.rows
        else file
        for file in files
    ]
    if answers.same_item is None:
        asked = [_ask_about_alike(file, code_of) for file in coded]
        findings.questions += [question for question in asked if question is not None]
    return coded, {code: label for label, code in code_of.items()}


def _name_of_items(file: Shaped) -> str:
    """Return what the file calls its items; our own name where the mapping gives a constant."""
    return str(file.columns.ours.get("item_id") or file.mapping.columns.get("item_id", "item_id"))


def _ask_about_alike(file: Shaped, code_of: dict[str, str]) -> Question | None:
    """Ask about items of one patient whose names begin with the same word."""
    if not {"item_id", "patient_id"} <= set(file.rows):
        return None
    first = {code: label.split()[0].lower() for label, code in code_of.items()}
    rows = file.rows[file.rows["item_id"] != ""].drop_duplicates(["patient_id", "item_id"])
    alike = rows[rows.assign(word=rows["item_id"].map(first)).duplicated(["patient_id", "word"])]
    if alike.empty:
        return None
    theirs = _name_of_items(file)
    listed = ", ".join(str(row) for row in alike.index[:5])
    return Question(
        "same_item", file.name, theirs, 0,
        f"{file.name}: {len(alike)} items begin with the word of another item of the same patient "
        f"(rows {listed}). Is any of them the same item, written in another way? They are read as "
        "different.",
        f'[[file]]\npath = "{file.name}"\n[file.values."{theirs}"]\n'
        '# "as written there" = "as written for the first"\n'
        '# where all are different: [answers] same_item = "distinct"',
    )  # fmt: skip

"""Do blank cells below a patient's day mean the same day?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.shape import Shaped

#: columns that forms with merged cells leave blank, as we call them
MERGED = ("patient_id", "date", "started_at", "session_number", "therapist_id")


def ask_about_blanks(rows: pd.DataFrame, shaped: Shaped, findings: Findings) -> pd.DataFrame:
    """Let rows wait that name neither patient, day nor session below one that does, and ask."""
    theirs = shaped.columns.ours.get("patient_id") or shaped.mapping.columns.get("patient_id")
    if shaped.table != "log" or theirs in shaped.mapping.fill_down:
        return rows
    patient = rows["patient_id"]
    blank = patient == ""
    places = [name for name in MERGED[1:] if name in rows]
    # a patient's name may be repeated where the day is not
    below = (blank | (bool(places) & (patient == patient.shift()))) & (~blank).cummax()
    for name in places:
        below &= _is_blank(rows[name])  # a row that names its session is no merged cell
    if not below.any():
        return rows
    columns = {
        name: str(shaped.columns.ours.get(name) or shaped.mapping.columns.get(name))
        for name in MERGED
        if name in shaped.columns.ours or name in shaped.mapping.columns
    }
    counts = {theirs: int(_is_blank(rows[name])[below].sum()) for name, theirs in columns.items()}
    said = ", ".join(f"{column!r} ({n})" for column, n in counts.items() if n)
    listed = ", ".join(f'"{column}"' for column in counts)
    findings.questions.append(
        Question(
            "blank_cells", shaped.name, str(theirs), int(below.sum()),
            f"{shaped.name}: {int(below.sum())} rows name no day or no patient. Are their blank "
            f"cells the same as above, in {said}? These rows wait until that is said.",
            f'[[file]]\npath = "{shaped.name}"\nfill_down = [{listed}]',
        )
    )  # fmt: skip
    return findings.let_wait(rows, below)


def _is_blank(cells: pd.Series) -> pd.Series:
    return cells.isna() | (cells.astype("str") == "")

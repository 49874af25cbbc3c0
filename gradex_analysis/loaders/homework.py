"""Where was homework done: in the session that its row names, or assigned there?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.loaders import parse
from gradex_analysis.loaders.findings import Findings
from gradex_analysis.loaders.mapping import Answers
from gradex_analysis.loaders.questions import Question
from gradex_analysis.loaders.shape import Shaped


def is_homework(rows: pd.DataFrame) -> pd.Series:
    """Mark the rows that are homework."""
    if "is_homework" not in rows:
        return pd.Series(data=False, index=rows.index)
    said, _ = parse.yes_no(rows["is_homework"])
    return said.fillna(value=False).astype(bool)


def place_homework(
    rows: pd.DataFrame, shaped: Shaped, answers: Answers, findings: Findings
) -> pd.DataFrame:
    """Take homework out of sessions that are none, and ask what a session's number means there.

    A day of homework makes no session. A session number beside it may be that of the session that
    assigned it; until that is said, it is the one it belongs to.
    """
    home = is_homework(rows)
    if not home.any():
        return rows
    numbered = home & _names_a_session(rows, shaped)
    session = rows["session_id"].mask(home & ~numbered, "")
    if answers.homework_session == "assigned_in":
        rows = rows.assign(assigned_in=session.where(numbered, ""))
        session = session.mask(numbered, "")
    elif answers.homework_session is None and numbered.any():
        findings.questions.append(_question(shaped, int(numbered.sum())))
    return rows.assign(session_id=session)


def _names_a_session(rows: pd.DataFrame, shaped: Shaped) -> pd.Series:
    """Mark the rows whose session the file itself names, by id or number; a day alone does not."""
    named = pd.Series(data=False, index=rows.index)
    if "session_id" in shaped.rows:
        named |= rows["row"].map(shaped.rows["session_id"]) != ""
    if "session_number" in rows:
        named |= rows["session_number"].notna()
    return named


def _question(shaped: Shaped, n: int) -> Question:
    column = shaped.mapping.columns.get("session_number") or shaped.columns.ours.get(
        "session_number", "session_id"
    )
    return Question(
        "homework_session", shaped.name, str(column), 0,
        f"{shaped.name}: {n} rows of homework name a session in {column!r}. Is it the session that "
        "assigned the homework? Until that is said they count as part of it.",
        '[answers]\nhomework_session = "assigned_in"   # or "held_in"',
    )  # fmt: skip

"""How does a cohort show itself in a notebook?"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from gradex_analysis.cohort.origin import Origin


def describe(tables: Mapping[str, pd.DataFrame], origin: Origin) -> pd.DataFrame:
    """Count patients (by arm, where there are arms), sessions, exposures, ratings, assessments."""
    participants, ratings = tables["participants"], tables["ratings"]
    counts: list[tuple[str, int]] = [("patients", len(participants))]
    arms = participants["arm"].value_counts().sort_index()
    counts += [(f"patients, {arm}", int(n)) for arm, n in arms.items()]
    if len(arms) and participants["arm"].isna().any():
        counts.append(("patients without an arm", int(participants["arm"].isna().sum())))
    rated = ratings["value"].notna()
    counts += [
        ("sessions", len(tables["sessions"])),
        ("exposures", len(tables["exposures"])),
        ("exposures with a rating", int(ratings.loc[rated, "exposure"].nunique())),
    ]
    kinds = ratings.loc[rated, "kind"].value_counts()
    counts += [(f"ratings of {kind}", int(n)) for kind, n in kinds.items()]
    counts += [
        ("ratings coded as missing", int((~rated).sum())),
        ("questionnaire scores", int(tables["assessments"]["score"].notna().sum())),
        ("rows, values or cells set aside", int((origin.problems["fate"] != "kept").sum())),
        ("open questions", len(origin.questions)),
    ]
    needed = {"patients", "rows, values or cells set aside", "open questions"}
    shown = [(what, n) for what, n in counts if n or what in needed]
    return pd.DataFrame(shown, columns=["what", "n"])


def as_html(description: pd.DataFrame, origin: Origin, *, simulated: bool) -> str:
    """Return the counts as a small table, with open questions below."""
    rows = "".join(
        f"<tr><th scope='row'>{escape(str(what))}</th><td class='number'>{n:,}</td></tr>"
        for what, n in zip(description["what"], description["n"], strict=True)
    )
    title = "Cohort, simulated example data" if simulated else "Cohort"
    questions = "".join(f"<li>{escape(q)}</li>" for q in origin.questions.get("question", []))
    asked = f"<p>Questions only you can answer:</p><ol>{questions}</ol>" if questions else ""
    return (
        f"<div class='gradex'><table class='gradex'><caption>{title}</caption>"
        f"<tbody>{rows}</tbody></table>{asked}</div>"
    )

"""How is the flow of patients said, in boxes and in sentences?"""

from __future__ import annotations

import pandas as pd

from gradex_analysis.cohort.codes import named
from gradex_analysis.delivery.stages import ASSESSED
from gradex_analysis.measures.flow import ASSESSED_STATES, NOT_RECORDED
from gradex_analysis.measures.groups import WITHOUT_ARM
from gradex_analysis.results import wording

#: what the first state of each stage is called in a box
HOPED_FOR = {
    "enrolled": "Enrolled",
    "started": "Started treatment",
    "treatment": "Treated as planned",
    "study": "Stayed in the study",
}
SILENT = {
    "started": "no session recorded",
    "treatment": "end of treatment not recorded",
    "study": "end of the study not recorded",
}
LOST = {
    "not started": "did not start",
    ASSESSED_STATES[1]: "had left",
    ASSESSED_STATES[2]: "without a form",
    ASSESSED_STATES[3]: "without a form, not recorded whether in the study",
}
#: reasons that only repeat the state
SAYS_NO_MORE = {"not started": "never_started", "stopped early": "stopped", "left": "left"}


def make_boxes(table: pd.DataFrame, allocated: str) -> pd.DataFrame:
    """Return one box per arm and stage: ``arm, stage, text, count, note, short, is_known``.

    The first stage is one box for all arms; ``allocated`` is how patients came to theirs;
    ``short`` is the note without reasons.
    """
    n = int(table.loc[table["stage"] == "enrolled", "n"].sum())
    boxes = [("", "enrolled", HOPED_FOR["enrolled"], f"{n:,}", "", "", True)]
    rest = table[table["stage"] != "enrolled"]
    for (stage, arm), rows in rest.groupby(["stage", "arm"], sort=False):
        boxes.append((str(arm), str(stage), *_box(rows, allocated)))
    names = ["arm", "stage", "text", "count", "note", "short", "is_known"]
    return pd.DataFrame(boxes, columns=names)


def say_losses(rows: pd.DataFrame, *, briefly: bool = False) -> str:
    """Say the states of one stage that were not hoped for, with their reasons; "" without any."""
    stage = str(rows["stage"].iloc[0])
    parts = []
    for state, own in rows.groupby("state", sort=False):
        n = int(own["n"].sum())
        if n and state != rows["state"].iloc[0]:
            parts.append(f"{n:,} {_say_state(stage, str(state), briefly=briefly)}")
            parts[-1] += "" if briefly else say_reasons(own)
    return "; ".join(parts)


def say_reasons(rows: pd.DataFrame) -> str:
    """Say the reasons with their counts, as ``: 3 pain, 1 lost to follow up``; "" without any."""
    counts = rows.groupby("reason")["n"].sum()
    silent = counts.index.isin(["", SAYS_NO_MORE.get(str(rows["state"].iloc[0]))])
    told = counts[(counts > 0) & ~silent]
    if len(told) == 1 and told.sum() == counts.sum():
        return f": {named(told.index[0])}"
    listed = [f"{n:,} {named(reason)}" for reason, n in told.items()]
    if listed and counts[silent].sum():
        listed.append(f"{counts[silent].sum():,} without a reason")
    return f": {', '.join(listed)}" if listed else ""


def say_occasion(stage: str) -> str:
    """Return the occasion's name from the stage's, as a reader is told it."""
    return named(stage.removeprefix(ASSESSED))


def of_arm(arm: str, *, alone: bool) -> str:
    """Return ``in <arm> ``, or nothing where there is one group only."""
    if alone:
        return ""
    return f"{arm} " if arm == WITHOUT_ARM else f"in {named(arm)} "


def say_stage(rows: pd.DataFrame, words: str) -> str:
    """Say ``24 of 30 <words> (6 stopped early)``, or what is not recorded."""
    n_of, hoped = int(rows["n_of"].iloc[0]), rows["n"].iloc[0]
    if pd.isna(hoped):
        stage = str(rows["stage"].iloc[0])
        return f"{SILENT[stage]} for {n_of:,} of {n_of:,}"
    losses = say_losses(rows)
    return f"{int(hoped):,} of {n_of:,} {words}" + (f" ({losses})" if losses else "")


def count_patients(n: int) -> str:
    """Return ``1 patient was`` or ``2 patients were``."""
    return f"{wording.count(n, 'patient')} {'was' if n == 1 else 'were'}"


def _say_state(stage: str, state: str, *, briefly: bool) -> str:
    if state == NOT_RECORDED:
        return NOT_RECORDED if briefly else f"with {SILENT[stage]}"
    said = LOST.get(state, state)
    return said.partition(",")[0] if briefly else said


def _box(rows: pd.DataFrame, allocated: str) -> tuple[str, str, str, str, bool]:
    stage, n_of, hoped = str(rows["stage"].iloc[0]), rows["n_of"].iloc[0], rows["n"].iloc[0]
    if pd.isna(hoped):
        return SILENT[stage].capitalize(), f"for {n_of:,}", "", "", False
    if stage == "allocated":
        count = f"{hoped:,} {allocated}" if hoped else f"{n_of:,} not {allocated}"
        return named(rows["arm"].iloc[0]), count, "", "", True
    name = HOPED_FOR.get(stage, f"Assessed: {say_occasion(stage)}")
    notes = say_losses(rows), say_losses(rows, briefly=True)
    return name, f"{hoped:,} of {n_of:,}", *notes, True

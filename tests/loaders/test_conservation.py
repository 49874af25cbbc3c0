"""Raw = kept + rejected + waiting, whatever is done to a file."""

from __future__ import annotations

import contextlib
import csv
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradex_analysis.errors import GradexError
from gradex_analysis.loaders import load_cohort

HEADER = ["patient_id", "therapist_id", "session_number", "exposure_id", "item_id", "minute",
          "fear", "pain"]  # fmt: skip
EXPOSURES = [("P1", "MK", "E1"), ("P2", "SB", "E2"), ("007", "SB", "E3")]
ROWS = [
    [patient, therapist, "1", exposure, "I1", str(2 * i), str(80 - 5 * i), str(6 - i)]
    for patient, therapist, exposure in EXPOSURES
    for i in range(5)
]  # fmt: skip
CELLS = st.sampled_from(
    ["", "forty", "120", "-1", "7", "7,5", "NA", "n.e.", "1e2", "70-80", "  8 ", "P2", "E1", "é"]
)
PLACE = st.tuples(st.integers(0, len(ROWS) - 1), st.integers(0, len(HEADER) - 1), CELLS)


def as_csv(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([HEADER, *rows])
    return text.getvalue()


@st.composite
def mutated_files(draw) -> list[list[str]]:
    """A clean log with some cells replaced, rows repeated, moved, dropped, cut or lengthened."""
    rows = [list(row) for row in ROWS]
    for row, column, cell in draw(st.lists(PLACE, max_size=6)):
        rows[row][column] = cell
    for row in draw(st.lists(st.integers(0, len(ROWS) - 1), max_size=3)):
        rows.insert(row, list(rows[row]))
    if draw(st.booleans()):
        rows = draw(st.permutations(rows))
    for row in draw(st.lists(st.integers(0, len(ROWS) - 1), max_size=2)):
        rows[row] = rows[row][: draw(st.integers(1, 6))] + draw(st.sampled_from([[], ["x"] * 5]))
    return rows


@given(mutated_files())
@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_every_row_and_every_value_ends_in_exactly_one_place(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_text(as_csv(rows), encoding="utf-8")
        cohort = load_cohort(path, strict=False)
    accounting = cohort.accounting.set_index("unit")
    assert accounting.loc["rows", "raw"] == len(rows)
    whole = [row for row in rows if len(row) == len(HEADER)]
    values = sum(bool(cell.strip()) for row in whole for cell in row[-2:])
    if values:
        assert accounting.loc["values", "raw"] == values
        assert accounting.loc["values", "kept"] == len(cohort.ratings)
    for unit in accounting.index:
        line = accounting.loc[unit]
        assert line["raw"] == line["kept"] + line["rejected"] + line["waiting"]
    set_aside = cohort.rejected.query("fate == 'value'")
    places = set_aside[["row", "column"]].drop_duplicates()
    assert len(places) == len(set_aside), "a value is set aside once, for one reason"
    rejected_rows = set(cohort.rejected.query("fate == 'row'")["row"])
    lost = sum(
        bool(cell.strip())
        for number, row in enumerate(rows, start=2)
        if number in rejected_rows and len(row) == len(HEADER)
        for cell in row[-2:]
    )
    if values:
        assert accounting.loc["values", "rejected"] == len(set_aside) + lost


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_any_text_at_all_loads_or_is_refused_with_a_reason(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_text(text, encoding="utf-8", newline="")
        with contextlib.suppress(GradexError):  # any other error is a fault
            load_cohort(path, strict=False)

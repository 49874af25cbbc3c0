from types import SimpleNamespace

import nbformat
import pandas as pd
import pytest


@pytest.fixture(scope="session")
def make_cohort():
    """Only what the report reads of a cohort."""

    def make(*, n_questions=0, breaches=(), simulated=True, has_arms=True):
        kept = 10 - len(breaches) - 3 * n_questions
        rules = [rule for rule, _ in breaches]
        places = [f"ratings.csv row {row}: {rule}. Correct it." for rule, row in breaches]
        return SimpleNamespace(
            simulated=simulated,
            has_arms=has_arms,
            sources=pd.DataFrame({"file": ["ratings.csv"], "sha256": ["ab" * 32]}),
            settings={"mapping": None},
            accounting=pd.DataFrame(
                {
                    "file": ["ratings.csv"],
                    "unit": ["rows"],
                    "raw": [10],
                    "kept": [kept],
                    "rejected": [len(breaches)],
                    "waiting": [3 * n_questions],
                }
            ),
            rejected=pd.DataFrame({"rule": pd.Series(rules, dtype="str")}),
            problems=pd.DataFrame(
                {"rule": pd.Series(rules, dtype="str"), "severity": "breach", "message": places}
            ),
            questions=pd.DataFrame(
                {
                    "question": ["Is the scale of <MK> 0-10?"] * n_questions,
                    "answer": ['scale = "0-10"'] * n_questions,
                }
            ),
            dropped_columns=pd.DataFrame({"file": [], "column": [], "n_values": [], "reason": []}),
            unread={},
            draft_mapping=lambda: "schema = 1\n",
        )

    return make


@pytest.fixture(scope="session")
def write_notebook():
    """Write a notebook from sources: texts starting with ``#`` and a blank are prose."""

    def write(path, *sources):
        notebook = nbformat.v4.new_notebook()
        tagged = nbformat.v4.new_code_cell("path = None", metadata={"tags": ["parameters"]})
        notebook.cells = [
            tagged,
            *(
                nbformat.v4.new_markdown_cell(source)
                if source.startswith("# ")
                else nbformat.v4.new_code_cell(source)
                for source in sources
            ),
        ]
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    return write

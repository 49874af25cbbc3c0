"""Every notebook goes through on data that answer little: no cell leans on one that could not."""

from __future__ import annotations

import builtins
import shutil
from contextlib import suppress
from pathlib import Path

import nbformat
import pytest

from gradex_analysis.errors import CannotAnswerError

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
STUDIES = {
    "questionnaires_only": {
        "assessments.csv": "patient_id,instrument,occasion,day,score\n"
        + "".join(
            f"P{i},TSK-11,{at},{day},{30 + i % 7 - day / 20:g}\n"
            for i in range(12)
            for at, day in (("baseline", 0), ("post", 84))
        ),
        "participants.csv": "patient_id,arm\n"
        + "".join(f"P{i},{'ab'[i % 2]}\n" for i in range(12)),
    },
    "one_exposure": {
        "log.csv": "patient,session,item,minute,fear\nP1,1,I1,0,80\nP1,1,I1,2,60\n",
    },
    "nobody_was_rated": {
        "sessions.csv": "patient_id,session_number,date,attended\nP1,1,2026-01-05,yes\n",
    },
}


@pytest.fixture(params=STUDIES)
def study(request, tmp_path):
    for name, text in STUDIES[request.param].items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_goes_through(study, notebook, tmp_path, monkeypatch):
    monkeypatch.setattr(builtins, "display", lambda *shown: None, raising=False)
    said = {"path": str(study), "mapping": None, "out": str(tmp_path / "out"), "strict": True}
    space: dict[str, object] = {}
    for cell in nbformat.read(notebook, as_version=4).cells:
        if cell.cell_type == "code":
            with suppress(CannotAnswerError):
                exec(cell.source, space)
            if "parameters" in cell.metadata.get("tags", []):
                space.update(said)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)

import hashlib
import json
import re

import pytest

from gradex_analysis.errors import GradexError
from gradex_analysis.report import build

SHOW = "# How far?\n\nProse."
SAVE = (
    "from pathlib import Path\nif out:\n    Path(out).mkdir(parents=True)\n"
    "    Path(out, 'fall of.csv').write_text('a')"
)
CANNOT = (
    "from gradex_analysis.errors import CannotAnswerError\nraise CannotAnswerError('No minutes.')"
)
OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["']?\s*(?:https?:)?//|url\(|@import""")


@pytest.fixture(scope="module")
def make_study(make_cohort, write_notebook):
    """Make a study whose cohort and notebooks are small fakes."""

    def make(place, patch):
        folder = place / "study"
        folder.mkdir()
        (folder / "mapping.toml").write_text("schema = 1\n")
        write_notebook(place / "n" / "01_first.ipynb", SHOW, SAVE, CANNOT)
        patch.setattr(build, "notebooks_folder", lambda: place / "n")
        patch.setattr(build, "load_cohort", lambda path, **said: make_cohort(n_questions=1))
        return folder

    return make


@pytest.fixture
def study(tmp_path, monkeypatch, make_study):
    return make_study(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_study):
    """One report for the tests that only read it."""
    place = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        yield build.make_report(make_study(place, patch), out=place / "report")


def test_a_report_says_first_what_was_read_and_asked(made):
    _, page = made.index.read_text(encoding="utf-8").split("<main")
    order = ["Simulated example data", "Research use; not for triage", "What was read",
             "Open questions", "How far?", "Versions"]  # fmt: skip
    places = [page.index(f">{words}<") for words in order]
    assert places == sorted(places)
    assert "Is the scale of &lt;MK&gt; 0-10?" in page
    assert made.failed == ()


def test_what_the_gate_did_is_called_set_aside(made):
    what_was_read = made.index.read_text().split('<section id="read">')[1].split("</section>")[0]
    assert ">set aside<" in what_was_read
    assert "left out" not in what_was_read


def test_the_page_asks_nothing_of_the_network(made):
    page = made.index.read_text(encoding="utf-8")
    assert not OUTSIDE.search(page)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_what_cannot_be_answered_is_in_a_calm_box(made):
    assert "These data cannot answer this:</strong> No minutes." in made.index.read_text()


def test_saved_files_are_linked_where_they_lie(made):
    page = made.index.read_text()
    assert 'href="results/01_first/fall%20of.csv"' in page
    assert 'title="fall of.csv" download>table</a> (CSV)' in page
    assert (made.index.parent / "results" / "01_first" / "fall of.csv").read_text() == "a"


def test_the_manifest_names_and_hashes_every_file(made):
    folder = made.index.parent
    record = json.loads((folder / "manifest.json").read_text())
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert {output["path"] for output in record["outputs"]} == files - {"manifest.json"}
    for output in record["outputs"]:
        content = (folder / output["path"]).read_bytes()
        assert output["sha256"] == hashlib.sha256(content).hexdigest()
    assert record["accounting"][0] == {
        "file": "ratings.csv", "unit": "rows", "raw": 10, "kept": 7, "rejected": 0, "waiting": 3,
    }  # fmt: skip
    assert record["settings"]["mapping"]["file"] == "mapping.toml"


def test_no_machine_is_named_in_what_is_written(made):
    here = str(made.index.parents[1])
    for path in made.index.parent.rglob("*"):
        if path.is_file():
            assert here not in path.read_text(encoding="utf-8", errors="replace")


def test_the_same_data_give_the_same_manifest(made, study, tmp_path):
    again = build.make_report(study, out=tmp_path / "again")
    first, second = (one.index.with_name("manifest.json").read_text() for one in (made, again))
    assert first == second


def test_a_crash_in_one_notebook_is_said_first_and_loses_no_other(study, tmp_path, write_notebook):
    write_notebook(tmp_path / "n" / "00_crash.ipynb", "# Crash", "raise KeyError('Jane ' 'Doe')")
    made = build.make_report(study, out=tmp_path / "report")
    page = made.index.read_text()
    assert made.failed == ("00_crash",)
    assert page.index("1 of 2 sections stopped") < page.index("What was read</h2>")
    assert "This section stopped here:</strong> KeyError." in page
    assert "Jane Doe" not in page
    assert "No minutes." in page


def test_the_banner_is_for_simulated_data_only(study, tmp_path, make_cohort, monkeypatch):
    monkeypatch.setattr(build, "load_cohort", lambda path, **said: make_cohort(simulated=False))
    page = build.make_report(study, out=tmp_path / "report").index.read_text()
    assert "Simulated" not in page
    assert "Open questions" not in page
    assert "Research use; not for triage" in page


def test_a_report_replaces_its_own_files_and_leaves_others_alone(study, tmp_path):
    folder = build.make_report(study, out=tmp_path / "report").index.parent
    (folder / "my notes.txt").write_text("mine")
    (tmp_path / "n" / "01_first.ipynb").rename(tmp_path / "n" / "02_second.ipynb")
    build.make_report(study, out=folder)
    assert (folder / "my notes.txt").read_text() == "mine"
    assert not (folder / "results" / "01_first" / "fall of.csv").exists()
    assert (folder / "results" / "02_second" / "fall of.csv").exists()


def test_a_folder_with_other_files_is_refused(study, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("mine")
    with pytest.raises(GradexError, match="holds files that are no report"):
        build.make_report(study, out=tmp_path / "thesis")


@pytest.mark.parametrize("place", [".", "reports/new"])
def test_a_report_is_not_written_among_the_data(study, place):
    with pytest.raises(GradexError, match="lies in the data folder"):
        build.make_report(study, out=study / place)


def test_a_manifest_cannot_make_the_program_delete_elsewhere(study, tmp_path):
    kept = tmp_path / "precious.csv"
    kept.write_text("mine")
    out = tmp_path / "report"
    out.mkdir()
    (out / "manifest.json").write_text('{"outputs": [{"path": "../precious.csv"}]}')
    build.make_report(study, out=out)
    assert kept.exists()


def test_a_load_that_fails_leaves_no_folder(study, tmp_path, monkeypatch):
    def refuse(path, **said):
        raise GradexError("broken")

    monkeypatch.setattr(build, "load_cohort", refuse)
    with pytest.raises(GradexError, match="broken"):
        build.make_report(study, out=tmp_path / "report")
    assert not (tmp_path / "report").exists()

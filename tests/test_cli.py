import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace

import pytest

from gradex_analysis.cli import main

GUIDE = Path(__file__).parents[1] / "MAPPING.md"
HEAVY = ("pandas", "numpy", "scipy", "matplotlib", "rich", "nbclient", "jinja2", "pydantic")
LOG = "patient,session,item,exposure,minute,fear\n"
GOOD = LOG + "".join(
    f"P{p},1,I{e},P{p}-E{e},{minute},{fear - e}\n"
    for p in range(3)
    for e in range(2)
    for minute, fear in [(0, 80), (2, 60), (4, 50), (6, 45), (8, 42)]
)


@pytest.fixture
def gradex(tmp_path, monkeypatch, capsys):
    """Run the command in this process; give its exit code and what it said."""

    def run(*arguments):
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["gradex", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return SimpleNamespace(code=ended.value.code, out=said.out, err=said.err)

    return run


@pytest.fixture
def write(tmp_path):
    def write_text(name, text):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write_text


def test_the_commands_are_named_in_the_help(gradex):
    shown = gradex("--help").out
    for name in ("demo", "report", "check", "simulate", "--version"):
        assert name in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_the_module_runs_as_the_command():
    command = [sys.executable, "-m", "gradex_analysis", "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("Usage: gradex ")


def test_the_version_is_the_package_s(gradex):
    assert gradex("--version").out == f"gradex {version('gradex-analysis')}\n"


def test_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom gradex_analysis.cli import app\n"
        "app(['--help'], standalone_mode=False)\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.endswith("LOADED []\n")


def test_check_of_good_data_ends_well(gradex, write):
    done = gradex("check", write("log.csv", GOOD))
    assert done.code == 0, done.err
    assert "30 rows read   30 kept   0 set aside" in done.out


def test_check_says_what_is_set_aside_and_ends_with_one(gradex, write):
    done = gradex("check", write("log.csv", GOOD + "P9,1,I1,P9-E1,0,120\n"))
    assert done.code == 1
    assert "outside scale" in done.out
    assert "log.csv row 32" in done.out


def test_a_draft_mapping_is_written_only_when_asked_and_never_over_a_file(gradex, write, tmp_path):
    log = write("study/log.csv", "patient,session,item,SUDS\nP1,1,I1,70\nP1,2,I1,7\n")
    before = set(tmp_path.rglob("*"))
    assert gradex("check", log.parent).code == 1
    assert set(tmp_path.rglob("*")) == before
    draft = tmp_path / "draft.toml"
    assert gradex("check", log.parent, "--draft", draft).code == 1
    drafted = draft.read_text(encoding="utf-8")
    assert "SUDS" in drafted
    again = gradex("check", log.parent, "--draft", draft)
    assert (again.code, "may hold your answers" in again.err) == (2, True)
    assert draft.read_text(encoding="utf-8") == drafted


SEMICOLONS = "Pat.;Sitzung;Übung;Min;Angst\n007;1;Bücken;0;80\n007;1;Bücken;2;60\n"


@pytest.mark.parametrize("mapping", [None, '[[file]]\ndelimiter = ";"\n'])
def test_what_cannot_be_read_yet_is_drafted_with_its_error(gradex, write, tmp_path, mapping):
    log = write("study/log.csv", SEMICOLONS)
    if mapping:
        write("study/mapping.toml", mapping)
    offered = gradex("check", log.parent)
    assert offered.code == 2
    assert offered.err.splitlines()[-1] == (
        f"A draft to describe the files: gradex check {log.parent} --draft mapping.toml"
    )
    draft = tmp_path / "draft.toml"
    done = gradex("check", log.parent, "--draft", draft)
    assert done.code == 2
    assert "gradex: log.csv: " in done.err
    assert f"a draft is in {draft}" in done.out
    assert '# delimiter = ";"' in draft.read_text(encoding="utf-8")
    again = gradex("check", log.parent, "--draft", draft)
    assert (again.code, "gradex: log.csv: " in again.err) == (2, True)
    assert "may hold your answers" in again.err


def test_a_draft_is_neither_offered_nor_written_where_no_file_can_be_described(
    gradex, write, tmp_path
):
    table = write("study/log.xlsx", "")
    done = gradex("check", table.parent, "--draft", tmp_path / "draft.toml")
    assert (done.code, "Export" in done.err) == (2, True)
    assert not (tmp_path / "draft.toml").exists()


def test_a_draft_goes_into_a_folder_that_is_there(gradex, write, tmp_path):
    done = gradex("check", write("log.csv", GOOD), "--draft", tmp_path / "no" / "draft.toml")
    assert (done.code, "There is no folder" in done.err) == (2, True)


def test_check_names_the_columns_it_keeps_as_text(gradex, write):
    log = write("log.csv", "patient,session,item,minute,fear,Wetter,Dauer\nP1,1,I1,0,70,3,9\n")
    assert "log.csv: kept as text, not read: Wetter, Dauer" in gradex("check", log).out


def test_the_example_of_the_guide_loads_as_it_stands(gradex, write):
    guide = GUIDE.read_text(encoding="utf-8").split("## Two complete examples")[1]
    _, log, _, mapping, *_ = guide.split("```")
    write("study/log.csv", "").write_bytes(log.lstrip().encode("cp1252"))
    write("study/mapping.toml", mapping.removeprefix("toml"))
    done = gradex("check", "study")
    assert done.code == 0, done.err
    assert "2 values read   2 kept" in done.out


@pytest.mark.parametrize("command", ["report", "demo"])
def test_the_help_says_where_a_report_goes(gradex, command):
    assert "reports/NAME" in gradex(command, "--help").out


def test_an_error_of_ours_is_a_message_without_a_traceback(gradex, write):
    done = gradex("report", write("empty.csv", ""))
    assert done.code == 2
    assert done.err.splitlines()[-1].startswith("gradex: empty.csv")
    assert "Traceback" not in done.err


def test_a_report_on_broken_data_stops_with_the_list_and_the_way_out(gradex, write, tmp_path):
    log = write("log.csv", GOOD + "P9,1,I1,P9-E1,0,120\n")
    done = gradex("report", log, "--out", tmp_path / "report")
    assert done.code == 2
    assert "log.csv row 32" in done.err
    assert "--set-aside" in done.err
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize("arguments", [["report", "nowhere"], ["check"], ["repport"], ["--x"]])
def test_a_mistyped_command_is_refused_with_its_usage(gradex, arguments):
    done = gradex(*arguments)
    assert done.code == 2
    assert "Usage: gradex" in done.err


def test_simulate_needs_a_seed_and_a_new_folder(gradex, write):
    assert "--seed" in gradex("simulate", "new", "--n", 2).err
    taken = write("taken/notes.txt", "mine").parent
    done = gradex("simulate", taken, "--n", 2, "--seed", 1)
    assert (done.code, "not an empty folder" in done.err) == (2, True)


@pytest.mark.slow
def test_the_notebooks_run_unchanged_on_a_log_and_leave_out_what_is_set_aside(
    gradex, write, tmp_path, monkeypatch
):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", os.fspath(home))
    log = write("log.csv", GOOD + "P9,1,I1,P9-E1,0,120\n")
    done = gradex("report", log, "--set-aside", "--out", tmp_path / "out" / "one")
    assert done.code == 0, done.err
    assert done.out.splitlines()[-1] == f"Report: {tmp_path / 'out' / 'one' / 'index.html'}"
    page = (tmp_path / "out" / "one" / "index.html").read_text(encoding="utf-8")
    assert "stopped at an error" not in page
    assert "Simulated" not in page
    sentences = " ".join(re.findall(r'<p class="sentence">(.*?)</p>', page))
    assert "fear fell" in sentences
    assert not re.search(r"\barms?\b", sentences)
    for ending in ("csv", "svg", "pdf", "png", "json", "txt"):
        saved = tmp_path / "out" / "one" / "results" / "03_habituation"
        assert (saved / f"fall_initial_to_end.{ending}").stat().st_size > 0


@pytest.mark.slow
def test_one_notebook_alone_can_be_asked_for(gradex, write, tmp_path):
    log = write("log.csv", "patient,session,item,minute,fear\nP1,1,I1,0,80\n")
    out = tmp_path / "out"
    done = gradex("report", log, "--only", "01", "--out", out)
    assert done.code == 0
    text = (out / "index.html").read_text()
    assert "What was read, and what was not?" in text
    assert "How far and how fast" not in text
    done = gradex("report", log, "--only", "team", "--out", out)
    assert done.code == 2
    assert "notebook must be one of '00_quickstart'" in done.err

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from gradex_analysis.report.notebooks import OwnKernel, inject, run_notebooks

RAISE = (
    "from gradex_analysis.errors import CannotAnswerError\nraise CannotAnswerError('no minutes')"
)
SAVE = (
    "from pathlib import Path\nPath(out).mkdir(parents=True)\nPath(out, 'a.csv').write_text(path)"
)


@pytest.fixture
def empty_home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    return home


def test_notebooks_run_with_their_parameters_in_the_order_given(
    tmp_path, write_notebook, empty_home
):
    paths = [
        write_notebook(tmp_path / "n" / "slow.ipynb", "import time; time.sleep(0.5); print(path)"),
        write_notebook(tmp_path / "n" / "quick.ipynb", SAVE),
    ]
    told = []
    slow, quick = run_notebooks(
        paths, {"path": "a'b"}, out=tmp_path / "out", progress=lambda *step: told.append(step)
    )
    assert (slow.name, slow.failure, quick.failure) == ("slow", None, None)
    assert slow.notebook.cells[-1].outputs[0].text == "a'b\n"
    (saved,) = quick.files.values()
    assert saved == [tmp_path / "out" / "quick" / "a.csv"]
    assert saved[0].read_text() == "a'b"
    assert told[-1] == (2, 2, "2 of 2 notebooks ready")


def test_the_files_of_a_cell_stand_in_the_order_in_which_they_were_saved(
    tmp_path, write_notebook, empty_home
):
    cell = """
import pathlib, time
pathlib.Path(out).mkdir(parents=True)
for name in "bac":
    pathlib.Path(out, name).write_text(name)
    time.sleep(0.02)
"""
    (executed,) = run_notebooks(
        [write_notebook(tmp_path / "n" / "saves.ipynb", cell)], {}, out=tmp_path / "out"
    )
    (saved,) = executed.files.values()
    assert [file.name for file in saved] == ["b", "a", "c"]


def test_what_cannot_be_answered_stops_nothing_and_errors_stop_one_notebook(
    tmp_path, write_notebook, empty_home
):
    paths = [
        write_notebook(tmp_path / "n" / "calm.ipynb", RAISE, "print('went on')"),
        write_notebook(tmp_path / "n" / "fault.ipynb", "1 / 0", "print('went on')"),
        write_notebook(tmp_path / "n" / "killed.ipynb", "import os; os._exit(1)", "print(1)"),
    ]
    calm, fault, killed = run_notebooks(paths, {}, out=tmp_path / "out")
    assert calm.failure is None
    assert calm.notebook.cells[-1].outputs[0].text == "went on\n"
    assert fault.failure == "ZeroDivisionError"
    assert fault.notebook.cells[-1].outputs == []
    assert killed.failure == "its Python stopped"


@pytest.mark.skipif(os.name != "posix", reason="signals are a thing of POSIX")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_who_is_told_to_end_takes_the_kernels_and_folders_along(
    tmp_path, write_notebook, empty_home, name
):
    tell = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))"
    tell += f"\nos.kill(os.getppid(), {int(getattr(signal, name))})\ntime.sleep(60)"
    path = write_notebook(tmp_path / "n" / "one.ipynb", tell)
    run = (
        "import signal, sys; from pathlib import Path; "
        "from gradex_analysis.report.notebooks import run_notebooks; "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "signal.signal(signal.SIGHUP, signal.SIG_DFL); "
        f"run_notebooks([Path({str(path)!r})], {{}}, out=Path({str(tmp_path / 'out')!r}))"
    )
    # sockets of kernels lie below it, and their path may have a hundred letters: not tmp_path
    with tempfile.TemporaryDirectory() as private:
        _end(run, Path(private), name)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def _end(run: str, private: Path, name: str) -> None:
    """Run until the notebook ends it by the signal; nothing is left in ``private``."""
    done = subprocess.run(
        [sys.executable, "-c", run], env={**os.environ, "TMPDIR": str(private)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ended = -signal.SIGINT if name == "SIGINT" else 128 + getattr(signal, name)
    assert done.returncode == ended, done.stderr
    assert "Parent appears to have exited" not in done.stderr
    assert list(private.iterdir()) == []


def test_the_kernel_is_this_python_whatever_is_installed():
    for name in ("python3", "ir"):
        assert OwnKernel().get_kernel_spec(name).argv[0] == sys.executable


@pytest.mark.skipif(os.name != "posix", reason="sockets in a folder are a thing of POSIX")
def test_kernels_open_no_port_and_leave_nothing_at_home(tmp_path, write_notebook, empty_home):
    show = "from ipykernel.kernelapp import IPKernelApp\nprint(IPKernelApp.instance().transport)"
    (one,) = run_notebooks([write_notebook(tmp_path / "one.ipynb", show)], {}, out=tmp_path / "out")
    assert one.notebook.cells[-1].outputs[-1].text == "ipc\n"
    assert not (empty_home / ".ipython").exists()
    assert not (empty_home / ".local").exists()


def test_parameters_go_after_the_tagged_cell():
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_markdown_cell("# T"),
        nbformat.v4.new_code_cell("path = 1", metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell("path"),
    ]
    sources = [cell.source for cell in inject(notebook, {"path": "x", "strict": False}).cells]
    assert sources == ["# T", "path = 1", "path = 'x'\nstrict = False", "path"]


def test_a_notebook_without_a_parameters_cell_is_refused():
    with pytest.raises(ValueError, match="one cell tagged 'parameters'; this has 0"):
        inject(nbformat.v4.new_notebook(), {})

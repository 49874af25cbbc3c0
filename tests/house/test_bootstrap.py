"""Does bootstrap.py set up any checkout, on any supported Python, with or without uv?

The checkout is a toy: an empty lock and a build backend in the tree, so that no network is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

BOOTSTRAP = Path(__file__).parents[2] / "bootstrap.py"

PYPROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "toy"
version = "1"
"""

# The smallest backend of an editable install: a path file and two commands. It can be made to fail.
BACKEND = """
import os, zipfile
FILES = {
    "toy.pth": os.getcwd(),
    "toy-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: toy\\nVersion: 1\\n",
    "toy-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nGenerator: toy\\nRoot-Is-Purelib: true\\n"
    "Tag: py3-none-any\\n",
    "toy-1.dist-info/entry_points.txt": "[console_scripts]\\n"
    "gradex = toy:main\\npytest = toy:main\\n",
}

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    if os.path.exists("broken"):
        raise SystemExit("this backend was told to fail")
    name = "toy-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(wheel_directory, name), "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
        record = "".join(path + ",,\\n" for path in [*FILES, "toy-1.dist-info/RECORD"])
        wheel.writestr("toy-1.dist-info/RECORD", record)
    return name
"""

TOY = """
import json, os, sys
def main():
    told = {"file": __file__, "argv": sys.argv[1:], "cwd": os.getcwd(), "python": sys.version}
    print(json.dumps(told))
    return 7 if "fail" in sys.argv else 0
"""


@dataclass(frozen=True)
class Checkout:
    """A toy checkout and the bare environment it is run in."""

    path: Path
    env: dict[str, str]

    def command(self, *words: str) -> list[str]:
        return [sys.executable, str(self.path / "bootstrap.py"), *words]

    def run(self, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = self.command(*words)
        return subprocess.run(
            command, env=self.env, cwd=cwd or self.path, capture_output=True, text=True, check=False
        )

    def told(self, *words: str) -> dict[str, Any]:
        """What the toy's command says of itself."""
        done = self.run(*words)
        assert done.returncode == 0, done.stderr
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return told

    @property
    def stamp(self) -> Path:
        return self.path / ".venv" / "gradex-stamp.json"


def folder_of_uv() -> str | None:
    """The folder of a uv that answers; one that is only a version manager's stand-in does not."""
    found = shutil.which("uv")
    if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode:
        return None
    return found and str(Path(found).parent)


def make_checkout(root: Path, *, uv: bool) -> Checkout:
    path, home = root / "checkout", root / "home"
    path.mkdir()
    home.mkdir()
    files = {"pyproject.toml": PYPROJECT, "backend.py": BACKEND, "toy.py": TOY}
    for name, text in files.items():
        (path / name).write_text(text, encoding="utf-8")
    (path / "requirements.lock").touch()
    shutil.copy(BOOTSTRAP, path)
    search = [folder_of_uv()] if uv else []
    return Checkout(
        path,
        {"PATH": os.pathsep.join([*filter(None, search), "/usr/bin", "/bin"]), "HOME": str(home)},
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return make_checkout(tmp_path, uv=True)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """One that is set up; a test that spoils it leaves it to be made again."""
    made = make_checkout(tmp_path_factory.mktemp("ready"), uv=True)
    made.told("demo")
    return made


@pytest.mark.parametrize("tool", [pytest.param("pip", marks=pytest.mark.slow), "uv"])
def test_a_bare_checkout_with_an_empty_home_runs(tool: str, tmp_path: Path) -> None:
    if tool == "uv" and folder_of_uv() is None:
        pytest.skip("there is no uv here")
    checkout = make_checkout(tmp_path, uv=tool == "uv")
    told = checkout.told("demo", "--clinic")
    assert told["argv"] == ["demo", "--clinic"]
    assert told["python"] == sys.version
    assert checkout.stamp.is_file()


@pytest.mark.slow
def test_a_stand_in_named_uv_is_not_taken_for_uv(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path, uv=False)
    stand_in = tmp_path / "shims"
    stand_in.mkdir()
    (stand_in / "uv").write_text("#!/bin/sh\nexit 127\n")
    (stand_in / "uv").chmod(0o755)
    checkout.env["PATH"] = f"{stand_in}{os.pathsep}{checkout.env['PATH']}"
    checkout.told("demo")


def test_a_second_run_does_not_make_it_again(ready: Checkout) -> None:
    before = ready.stamp.stat().st_mtime_ns
    assert "Setting up" not in ready.run("demo").stdout
    assert ready.stamp.stat().st_mtime_ns == before


def test_tests_run_in_the_checkout_and_the_demo_where_you_are(
    ready: Checkout, tmp_path: Path
) -> None:
    where = {
        word: json.loads(ready.run(word, "x", cwd=tmp_path).stdout)["cwd"]
        for word in ("test", "demo")
    }
    assert where == {"test": str(ready.path), "demo": str(tmp_path)}


def test_the_exit_code_is_the_commands(ready: Checkout) -> None:
    assert ready.run("test", "fail").returncode == 7


def test_another_pythons_paths_are_not_passed_on(ready: Checkout, tmp_path: Path) -> None:
    (tmp_path / "toy.py").write_text("raise SystemExit('not this one')")
    shadowed = Checkout(ready.path, {**ready.env, "PYTHONPATH": str(tmp_path)})
    assert shadowed.told("demo")["file"] == str(ready.path / "toy.py")


@pytest.mark.parametrize("words", [(), ("help",)])
def test_other_words_are_answered_with_the_two_commands(ready: Checkout, words: tuple[str]) -> None:
    done = ready.run(*words)
    assert done.returncode == 2
    assert "bootstrap.py demo" in done.stderr
    assert "bootstrap.py test" in done.stderr


def test_a_copied_checkout_runs_its_own_code(ready: Checkout, tmp_path: Path) -> None:
    path = tmp_path / "copy"
    shutil.copytree(ready.path, path, symlinks=True)
    assert Checkout(path, ready.env).told("demo")["file"] == str(path / "toy.py")


@pytest.mark.parametrize(
    ("file", "more", "again"),
    [
        ("requirements.lock", "# another\n", True),
        ("pyproject.toml", 'description = "another"\n', True),
        ("pyproject.toml", "[tool.ruff]\nline-length = 90\n", False),
    ],
)
def test_it_is_made_again_when_what_it_was_made_of_changes(
    ready: Checkout, file: str, more: str, again: bool
) -> None:
    ready.told("demo")
    saved = (ready.path / file).read_text(encoding="utf-8")
    (ready.path / file).write_text(saved + more, encoding="utf-8")
    try:
        assert ("Setting up" in ready.run("demo").stdout) is again
    finally:
        (ready.path / file).write_text(saved, encoding="utf-8")


def test_it_is_made_again_for_another_python(ready: Checkout) -> None:
    ready.told("demo")
    stamp = ready.stamp.read_text("utf-8").replace(json.dumps(sys.version), '"another"')
    ready.stamp.write_text(stamp, "utf-8")
    assert "Setting up" in ready.run("demo").stdout


def test_a_venv_without_a_stamp_is_made_again_from_nothing(checkout: Checkout) -> None:
    leftover = checkout.path / ".venv" / "lib" / "leftover"
    leftover.mkdir(parents=True)
    checkout.told("demo")
    assert not leftover.exists()


def test_a_failed_set_up_leaves_no_stamp_and_says_what_to_do(checkout: Checkout) -> None:
    (checkout.path / "broken").touch()
    done = checkout.run("demo")
    assert done.returncode == 1
    assert "stopped while installing gradex_analysis" in done.stderr
    assert not checkout.stamp.exists()
    (checkout.path / "broken").unlink()
    checkout.told("demo")


def test_a_rebuild_cut_short_does_not_leave_the_old_stamp(checkout: Checkout) -> None:
    checkout.told("demo")
    (checkout.path / "requirements.lock").write_text("# another\n")
    (checkout.path / "broken").touch()
    checkout.run("demo")
    (checkout.path / "requirements.lock").write_text("")
    (checkout.path / "broken").unlink()
    assert "Setting up" in checkout.run("demo").stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="kills a process group")
def test_a_killed_set_up_is_made_again(tmp_path: Path) -> None:
    checkout = make_checkout(tmp_path, uv=False)
    started = subprocess.Popen(
        checkout.command("demo"),
        env=checkout.env,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    while not (checkout.path / ".venv" / "pyvenv.cfg").exists():
        assert started.poll() is None
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert not checkout.stamp.exists()
    checkout.told("demo")


def test_a_linked_venv_is_replaced_and_what_it_links_to_is_left(
    ready: Checkout, checkout: Checkout
) -> None:
    ready.told("demo")
    (checkout.path / ".venv").symlink_to(ready.path / ".venv")
    assert checkout.told("demo")["file"] == str(checkout.path / "toy.py")
    assert "Setting up" not in ready.run("demo").stdout


@pytest.mark.parametrize("uv", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_the_python_of_the_venv_itself_can_make_it_again(tmp_path: Path, uv: bool) -> None:
    checkout = make_checkout(tmp_path, uv=uv)
    checkout.told("demo")
    (checkout.path / "requirements.lock").write_text("# another\n")
    inner = checkout.path / ".venv" / "bin" / "python"
    command = [str(inner), *checkout.command("demo")[1:]]
    done = subprocess.run(command, env=checkout.env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Setting up" in done.stdout

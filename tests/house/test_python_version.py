"""Does bootstrap.py tell a Python it cannot use what is needed, before it touches anything?"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[2]


def run_altered(folder: Path, change: str) -> subprocess.CompletedProcess[str]:
    """Run a copy of the bootstrap in a Python altered first, where there is no uv."""
    for name in ("bootstrap.py", "pyproject.toml", "requirements.lock"):
        shutil.copy(CHECKOUT / name, folder)
    run = "sys.argv[1:] = ['demo']; runpy.run_path('bootstrap.py', None, '__main__')"
    command = [sys.executable, "-c", f"import runpy, sys; {change}; {run}"]
    env = {"PATH": "", "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("version", [(2, 7), (3, 10), (3, 14)])
def test_another_python_is_told_what_is_needed(tmp_path: Path, version: tuple[int, int]) -> None:
    done = run_altered(tmp_path, f"sys.version_info = {(*version, 0, 'final', 0)}")
    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_python_without_ensurepip_names_the_package_and_keeps_what_there_is(
    tmp_path: Path,
) -> None:
    earlier = tmp_path / ".venv" / "earlier"
    earlier.mkdir(parents=True)
    done = run_altered(tmp_path, "sys.modules['ensurepip'] = None")
    assert done.returncode == 1
    assert "python{}.{}-venv".format(*sys.version_info[:2]) in done.stderr
    assert earlier.exists()


def answers(python: str) -> bool:
    """A version manager's stand-in may bear the name where there is no such Python."""
    return subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0


def older_pythons() -> list[str]:
    managed = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    names = ["2.7", *(f"3.{minor}" for minor in range(6, 11))]
    on_path = [found for name in names if (found := shutil.which(f"python{name}"))]
    by_pyenv = [str(found) for name in names for found in managed.glob(f"{name}.*/bin/python")]
    return [python for python in on_path + by_pyenv if answers(python)]


def test_every_older_python_here_parses_it_and_says_so() -> None:
    pythons = older_pythons()
    if not pythons:
        pytest.skip("there is no older Python here")
    for python in pythons:
        command = [python, str(CHECKOUT / "bootstrap.py"), "demo"]
        done = subprocess.run(command, capture_output=True, check=False)
        assert done.returncode == 1, python
        assert b"needs Python 3.11, 3.12 or 3.13; this is Python" in done.stderr, python

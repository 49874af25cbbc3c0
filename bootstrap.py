"""Set up gradex_analysis beside this file, then run it.

    python3 bootstrap.py demo [...]    write the report of the simulated example trial
    python3 bootstrap.py test [...]    run the tests

Needs Python 3.11, 3.12 or 3.13 and nothing else (on Windows write `py` for `python3`). Whatever
follows the word is passed on. The first run makes the folder .venv; later runs start at once.
"""

# Parses on every Python since 2.7, so that an old one is told what is needed.
from __future__ import print_function

import hashlib
import json
import os
import shutil
import subprocess
import sys

# realpath: one checkout, however it is reached, is one path in the stamp
HERE = os.path.dirname(os.path.realpath(__file__))
LOCK = os.path.join(HERE, "requirements.lock")
VENV = os.path.join(HERE, ".venv")
STAMP = os.path.join(VENV, "gradex-stamp.json")
SCRIPTS = os.path.join(VENV, "Scripts" if os.name == "nt" else "bin")
PYTHON = os.path.join(SCRIPTS, "python")

# what a cluster's modules set for another Python would reach into this one
ENVIRONMENT = {k: v for k, v in os.environ.items() if k not in ("PYTHONHOME", "PYTHONPATH")}


def main(words):
    version = sys.version_info[:2]
    if not (3, 11) <= version <= (3, 13):
        sys.exit(
            "gradex_analysis needs Python 3.11, 3.12 or 3.13; this is Python %d.%d. "
            "Run this file with one of those, for example: python3.12 bootstrap.py demo" % version
        )
    if not words or words[0] not in ("demo", "test"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    wanted = stamp()
    if read(STAMP) != wanted or not os.path.exists(PYTHON):
        build(wanted)
    if words[0] == "test":
        return call([os.path.join(SCRIPTS, "pytest")] + words[1:], cwd=HERE)
    return call([os.path.join(SCRIPTS, "gradex")] + words)


def stamp():
    """Describe the environment this checkout needs; the path, because a copy runs its own code."""
    import tomllib  # absent before Python 3.11

    with open(os.path.join(HERE, "pyproject.toml"), "rb") as file:
        pyproject = tomllib.load(file)
    return json.dumps(
        {
            "lock": hashlib.sha256(read(LOCK).encode("utf-8")).hexdigest(),
            "project": pyproject["project"],
            "build-system": pyproject["build-system"],
            "python": sys.version,
            "checkout": HERE,
        },
        indent=1,
        sort_keys=True,
    )


def build(wanted):
    make, install, offline = installer()
    clear()
    print("Setting up .venv, once; this takes one to three minutes.")
    run("making .venv", make + [VENV])
    locked = ["--require-hashes", "--only-binary", ":all:", "-r", LOCK]
    run("installing the packages of requirements.lock", install + locked)
    editable = ["--no-deps", "--no-build-isolation", "--editable", HERE]
    run("installing gradex_analysis", install + [offline] + editable)
    with open(STAMP, "w", encoding="utf-8") as file:
        file.write(wanted)


def clear():
    if os.path.islink(VENV):
        os.remove(VENV)  # the link only: what it points to belongs to another checkout
    elif os.path.isdir(VENV):
        if os.path.exists(STAMP):
            os.remove(STAMP)  # first of all: what is cut short must not look finished
        shutil.rmtree(VENV)


def installer():
    """Choose uv or, where there is none, venv and pip: how to make, install, stay offline."""
    # not sys.executable, which may be the one in the .venv just cleared
    python = getattr(sys, "_base_executable", None) or sys.executable
    if uv_answers():
        make = ["uv", "venv", "--quiet", "--no-project", "--python", python]
        return make, ["uv", "pip", "install", "--quiet", "--python", PYTHON], "--offline"
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        sys.exit(
            "This Python cannot make a virtual environment: its module ensurepip is missing. "
            "On Debian or Ubuntu install the package python%d.%d-venv, then run this again."
            % sys.version_info[:2]
        )
    make = [python, "-m", "venv"]
    return make, [PYTHON, "-m", "pip", "install", "--quiet"], "--no-index"


def uv_answers():
    """Ask uv itself: a version manager's stand-in may bear the name where no uv is."""
    try:
        return call(["uv", "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def run(step, command):
    print("  " + step)
    if call(command, cwd=HERE) != 0:
        sys.exit(
            "The set-up stopped while %s. Mend what is said above (often the network) "
            "and run this again: it starts afresh." % step
        )


def call(command, **options):
    sys.stdout.flush()
    return subprocess.call(command, env=ENVIRONMENT, **options)


def read(path):
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        return file.read()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)

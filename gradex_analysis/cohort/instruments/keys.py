"""Which questionnaires ship with the package? One TOML file each, beside this one."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

from gradex_analysis.cohort.instruments.instrument import Instrument


@cache
def known_instruments() -> tuple[Instrument, ...]:
    """Return the questionnaires whose keys ship with the package, by name."""
    folder = resources.files("gradex_analysis.cohort.instruments")
    keys = [one for one in folder.iterdir() if one.name.endswith(".toml")]
    found = [_as_instrument(tomllib.loads(key.read_text(encoding="utf-8"))) for key in keys]
    return tuple(sorted(found, key=lambda one: one.name))


def find_instrument(name: str) -> Instrument:
    """Return the questionnaire of this name; one of which nothing is known where none has it.

    Case, blanks and hyphens do not matter: ``TSK11`` is TSK-11.
    """
    by_name = {_fold(one.name): one for one in known_instruments()}
    return by_name.get(_fold(name), Instrument(name=name))


def _fold(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _as_instrument(key: dict[str, Any]) -> Instrument:
    """Make lists tuples, so that nobody can change a key."""
    key["reversed_items"] = tuple(key.get("reversed_items", ()))
    for name in ("subscales", "numberings"):
        key[name] = {part: tuple(items) for part, items in key.get(name, {}).items()}
    return Instrument(**key)

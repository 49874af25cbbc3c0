"""How is one of several rival definitions chosen, and how are all of them listed?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

import pandas as pd

from gradex_analysis.errors import UnknownNameError

FIELDS = ["kind", "name", "version", "formula", "unit", "sign", "source", "verified"]


class Named(Protocol):
    """What every definition says of itself."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def kind(self) -> str:
        """What kind of thing it defines."""


Rival = TypeVar("Rival", bound=Named)


def choose_definition(definitions: Mapping[str, Rival], name: str) -> Rival:
    """Return the definition of this name, or raise ``UnknownNameError`` listing all."""
    if name not in definitions:
        raise UnknownNameError("definition", name, definitions)
    return definitions[name]


def definition_frame(definitions: Mapping[str, Named]) -> pd.DataFrame:
    """List the definitions: kind, name, version, formula, unit, sign, source, verified."""
    rows = [[getattr(definition, field) for field in FIELDS] for definition in definitions.values()]
    frame = pd.DataFrame(rows, columns=FIELDS)
    unit = frame["unit"].str.replace("{time}", "minute or repetition", regex=False)
    return frame.assign(unit=unit)

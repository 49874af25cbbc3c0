"""What is known of a questionnaire once the user has spoken?"""

from __future__ import annotations

from dataclasses import replace

from gradex_analysis.cohort.instruments import Instrument, find_instrument
from gradex_analysis.loaders.mapping import Mapping


def describe_instrument(mapping: Mapping, name: str) -> Instrument:
    """Return our entry of this name with what the mapping says of it in its place."""
    said = mapping.instruments.get(name)
    known = find_instrument(name)
    return replace(known, name=name, **said.model_dump(exclude_unset=True)) if said else known

"""How does long work tell how far it is?

A callable ``progress(done, total, what)``: the library calls it, the command line draws it.
"""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told how much is done; ``what`` names the present step in a few words."""

    def __call__(self, done: int, total: int, what: str) -> None: ...


def silent(done: int, total: int, what: str) -> None:
    """Say nothing."""

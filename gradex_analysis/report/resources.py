"""Where are the notebooks and the example data?

In the package when it was installed from a wheel; beside the package when it runs in a checkout.
"""

from __future__ import annotations

from pathlib import Path

from gradex_analysis.errors import GradexError, UnknownNameError

EXAMPLES = ("example", "example_clinic")

_PACKAGE = Path(__file__).resolve().parents[1]


def notebooks_folder() -> Path:
    """Find the folder of the notebooks."""
    return _find("notebooks", "notebooks")


def example_folder(name: str) -> Path:
    """Find a folder of simulated data: a trial ("example") or a clinic ("example_clinic")."""
    if name not in EXAMPLES:
        raise UnknownNameError("The example", name, EXAMPLES)
    return _find(name, f"data/{name}")


def _find(in_wheel: str, in_checkout: str) -> Path:
    places = (_PACKAGE / "resources" / in_wheel, _PACKAGE.parent / in_checkout)
    for place in places:
        if place.is_dir():
            return place
    raise GradexError(
        f"{in_wheel} is missing: neither {places[0]} nor {places[1]} is a folder. "
        "Install gradex_analysis again, or run it from a complete checkout."
    )

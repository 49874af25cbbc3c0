"""Graded exposure therapy: from session logs to checked cohorts, habituation and reports.

The public names, loaded when first asked for: importing the package costs nothing.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Cohort",
    "Simulation",
    "__version__",
    "errors",
    "fit_habituation_curves",
    "list_definitions",
    "load_cohort",
    "measure_within_session",
    "simulate_cohort",
]

if TYPE_CHECKING:
    from gradex_analysis import errors
    from gradex_analysis.cohort.cohort import Cohort
    from gradex_analysis.habituation import (
        fit_habituation_curves,
        list_definitions,
        measure_within_session,
    )
    from gradex_analysis.loaders import load_cohort
    from gradex_analysis.simulation import Simulation, simulate_cohort

    __version__: str
else:  # unseen by type checkers, so that a misspelt name stays a type error
    _HOMES = {
        "Cohort": "gradex_analysis.cohort.cohort",
        "Simulation": "gradex_analysis.simulation",
        "fit_habituation_curves": "gradex_analysis.habituation",
        "list_definitions": "gradex_analysis.habituation",
        "load_cohort": "gradex_analysis.loaders",
        "measure_within_session": "gradex_analysis.habituation",
        "simulate_cohort": "gradex_analysis.simulation",
    }

    def __getattr__(name: str) -> object:
        if name == "__version__":
            from importlib.metadata import version

            return version("gradex-analysis")
        from importlib import import_module

        if name == "errors":
            return import_module("gradex_analysis.errors")
        if name not in _HOMES:
            raise AttributeError(f"module 'gradex_analysis' has no attribute {name!r}")
        return getattr(import_module(_HOMES[name]), name)

    def __dir__() -> list[str]:
        return __all__

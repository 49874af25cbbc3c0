"""Graded exposure therapy: from session logs to checked cohorts, habituation and reports.

The public names, loaded when first asked for: importing the package costs nothing.
"""

from typing import TYPE_CHECKING

__all__ = [
    "Cohort",
    "Simulation",
    "__version__",
    "audit_delivery",
    "audit_places",
    "compare_arms",
    "compare_definitions",
    "compare_outcomes",
    "describe_arms",
    "describe_exposures",
    "describe_flow",
    "describe_ladder",
    "describe_outcomes",
    "describe_patient",
    "errors",
    "fit_between_sessions",
    "fit_habituation_curves",
    "fit_learning",
    "fit_learning_rate",
    "fit_next_fear",
    "fit_noise_benchmark",
    "fit_population_curve",
    "fit_times",
    "fit_trajectories",
    "list_definitions",
    "list_instruments",
    "list_outcomes",
    "load_cohort",
    "measure_between_sessions",
    "measure_expectancy",
    "measure_generalisation",
    "measure_order",
    "measure_progress",
    "measure_return_of_fear",
    "measure_within_session",
    "save_results",
    "score_assessments",
    "simulate_cohort",
]

if TYPE_CHECKING:
    from gradex_analysis import errors
    from gradex_analysis.audit import audit_delivery, audit_places
    from gradex_analysis.cohort.cohort import Cohort
    from gradex_analysis.comparison import compare_arms, compare_outcomes, describe_arms
    from gradex_analysis.delivery import describe_exposures, describe_flow
    from gradex_analysis.expectancy import (
        fit_learning_rate,
        fit_next_fear,
        measure_expectancy,
    )
    from gradex_analysis.habituation import (
        compare_definitions,
        fit_between_sessions,
        fit_habituation_curves,
        fit_learning,
        fit_noise_benchmark,
        fit_population_curve,
        fit_times,
        list_definitions,
        measure_between_sessions,
        measure_return_of_fear,
        measure_within_session,
    )
    from gradex_analysis.hierarchy import (
        describe_ladder,
        measure_generalisation,
        measure_order,
        measure_progress,
    )
    from gradex_analysis.loaders import load_cohort
    from gradex_analysis.measures.outcomes import list_outcomes
    from gradex_analysis.patient import describe_patient
    from gradex_analysis.questionnaires import list_instruments, score_assessments
    from gradex_analysis.results.save import save_results
    from gradex_analysis.simulation import Simulation, simulate_cohort
    from gradex_analysis.therapy_outcomes import describe_outcomes
    from gradex_analysis.trajectories import fit_trajectories

    __version__: str
else:  # unseen by type checkers, so that a misspelt name stays a type error
    _HOMES = {
        "Cohort": "gradex_analysis.cohort.cohort",
        "Simulation": "gradex_analysis.simulation",
        "audit_delivery": "gradex_analysis.audit",
        "audit_places": "gradex_analysis.audit",
        "compare_arms": "gradex_analysis.comparison",
        "compare_definitions": "gradex_analysis.habituation",
        "compare_outcomes": "gradex_analysis.comparison",
        "describe_arms": "gradex_analysis.comparison",
        "describe_exposures": "gradex_analysis.delivery",
        "describe_flow": "gradex_analysis.delivery",
        "describe_ladder": "gradex_analysis.hierarchy",
        "describe_outcomes": "gradex_analysis.therapy_outcomes",
        "describe_patient": "gradex_analysis.patient",
        "fit_between_sessions": "gradex_analysis.habituation",
        "fit_habituation_curves": "gradex_analysis.habituation",
        "fit_learning": "gradex_analysis.habituation",
        "fit_learning_rate": "gradex_analysis.expectancy",
        "fit_next_fear": "gradex_analysis.expectancy",
        "fit_noise_benchmark": "gradex_analysis.habituation",
        "fit_population_curve": "gradex_analysis.habituation",
        "fit_times": "gradex_analysis.habituation",
        "fit_trajectories": "gradex_analysis.trajectories",
        "list_definitions": "gradex_analysis.habituation",
        "list_instruments": "gradex_analysis.questionnaires",
        "list_outcomes": "gradex_analysis.measures.outcomes",
        "load_cohort": "gradex_analysis.loaders",
        "measure_between_sessions": "gradex_analysis.habituation",
        "measure_expectancy": "gradex_analysis.expectancy",
        "measure_generalisation": "gradex_analysis.hierarchy",
        "measure_order": "gradex_analysis.hierarchy",
        "measure_progress": "gradex_analysis.hierarchy",
        "measure_return_of_fear": "gradex_analysis.habituation",
        "measure_within_session": "gradex_analysis.habituation",
        "save_results": "gradex_analysis.results.save",
        "score_assessments": "gradex_analysis.questionnaires",
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

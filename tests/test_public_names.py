import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import gradex_analysis as gx

PUBLIC = [
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


def imported_for_type_checkers():
    """Return name -> module of the imports that only type checkers see."""
    tree = ast.parse(Path(gx.__file__).read_text(encoding="utf-8"))
    (branch,) = [node for node in tree.body if isinstance(node, ast.If)]
    imports = [node for node in branch.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: node.module for node in imports for alias in node.names}


def test_the_public_names_are_these():
    assert gx.__all__ == PUBLIC
    assert dir(gx) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_can_be_had(name):
    assert getattr(gx, name) is not None


def test_type_checkers_and_python_see_the_same_names():
    seen = imported_for_type_checkers()
    assert set(seen) == set(PUBLIC) - {"__version__"}
    for name, module in seen.items():
        expected = import_module(f"{module}.{name}") if name == "errors" else None
        assert getattr(gx, name) is (expected or getattr(import_module(module), name))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'mesure_within_session'"):
        gx.mesure_within_session  # noqa: B018


def test_importing_the_package_loads_nothing_of_it():
    code = (
        "import sys, gradex_analysis\n"
        "print([name for name in sys.modules if name.startswith('gradex_analysis.')"
        " or name in ('numpy', 'pandas')])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "[]\n"

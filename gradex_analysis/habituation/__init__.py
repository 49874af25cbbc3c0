"""How far and how fast does fear fall, within an exposure and between exposures to an item?"""

from gradex_analysis.habituation.between_items.answer import (
    BetweenSessionModel,
    fit_between_sessions,
)
from gradex_analysis.habituation.between_sessions import (
    BetweenSessionChange,
    measure_between_sessions,
)
from gradex_analysis.habituation.curves.answer import HabituationCurves, fit_habituation_curves
from gradex_analysis.habituation.definitions.answer import DefinitionsCompared, compare_definitions
from gradex_analysis.habituation.definitions.catalogue import list_definitions
from gradex_analysis.habituation.learning.answer import LearningModel, fit_learning
from gradex_analysis.habituation.noise.answer import NoiseBenchmark, fit_noise_benchmark
from gradex_analysis.habituation.population_curve.answer import (
    PopulationCurve,
    fit_population_curve,
)
from gradex_analysis.habituation.return_of_fear.answer import ReturnOfFear, measure_return_of_fear
from gradex_analysis.habituation.times.answer import TimesToFall, fit_times
from gradex_analysis.habituation.within_session import (
    WithinSessionChange,
    measure_within_session,
)

__all__ = [
    "BetweenSessionChange",
    "BetweenSessionModel",
    "DefinitionsCompared",
    "HabituationCurves",
    "LearningModel",
    "NoiseBenchmark",
    "PopulationCurve",
    "ReturnOfFear",
    "TimesToFall",
    "WithinSessionChange",
    "compare_definitions",
    "fit_between_sessions",
    "fit_habituation_curves",
    "fit_learning",
    "fit_noise_benchmark",
    "fit_population_curve",
    "fit_times",
    "list_definitions",
    "measure_between_sessions",
    "measure_return_of_fear",
    "measure_within_session",
]

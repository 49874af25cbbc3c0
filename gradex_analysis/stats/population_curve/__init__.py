"""How does fear decay in a population of patients, each with a course of their own?

One nonlinear mixed model: ``y = A + (R - A) exp(-k t) + e``, where patients differ in asymptote
``A``, log rate ``log k`` and start ``R``, and exposures of one patient in their start.
"""

from gradex_analysis.stats.population_curve.decay import fit_population_decay
from gradex_analysis.stats.population_curve.fit import PopulationFit
from gradex_analysis.stats.population_curve.judge import tells_rate
from gradex_analysis.stats.population_curve.parameters import PARTS, RANDOM, Parts

__all__ = ["PARTS", "RANDOM", "Parts", "PopulationFit", "fit_population_decay", "tells_rate"]

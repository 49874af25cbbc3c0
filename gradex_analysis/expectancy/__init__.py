"""What did patients expect, what did they learn from what occurred, and what went with it?"""

from gradex_analysis.expectancy.learning_rate import LearningRate, fit_learning_rate
from gradex_analysis.expectancy.measured import ExpectancyMeasured, measure_expectancy
from gradex_analysis.expectancy.next_fear import NextFear, fit_next_fear

__all__ = [
    "ExpectancyMeasured",
    "LearningRate",
    "NextFear",
    "fit_learning_rate",
    "fit_next_fear",
    "measure_expectancy",
]

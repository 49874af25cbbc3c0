"""Who are the patients of each arm, and did the arms differ?"""

from gradex_analysis.comparison.compare import ArmComparison, compare_arms
from gradex_analysis.comparison.describe import ArmDescription, describe_arms
from gradex_analysis.comparison.outcomes_together import OutcomeComparison, compare_outcomes

__all__ = [
    "ArmComparison",
    "ArmDescription",
    "OutcomeComparison",
    "compare_arms",
    "compare_outcomes",
    "describe_arms",
]

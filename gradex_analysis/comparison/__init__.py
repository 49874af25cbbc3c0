"""Who are the patients of each arm, and did the arms differ?"""

from gradex_analysis.comparison.compare import ArmComparison, compare_arms
from gradex_analysis.comparison.describe import ArmDescription, describe_arms

__all__ = ["ArmComparison", "ArmDescription", "compare_arms", "describe_arms"]

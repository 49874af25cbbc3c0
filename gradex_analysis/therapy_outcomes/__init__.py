"""What became of habituation, extinction, self-efficacy and emotional processing?"""

from gradex_analysis.therapy_outcomes.describe import TherapyOutcomes, describe_outcomes

__all__ = ["TherapyOutcomes", "describe_outcomes"]

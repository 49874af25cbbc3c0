"""What was planned, what was done, who was there, and was anyone harmed?"""

from gradex_analysis.delivery.exposures import Delivery, describe_exposures
from gradex_analysis.delivery.flow import Flow, describe_flow

__all__ = ["Delivery", "Flow", "describe_exposures", "describe_flow"]
